import datetime as dt

import pytest

from tests.factories import create_staff, create_vendor
from tests.records import events
from tests.vendors.profiles import approved, approved_vendor, pair
from tests.vendors.verified import judged, standings, verification, verify
from vendors.documents.lifecycle import VerdictMissing
from vendors.evidence import standing
from vendors.evidence.verification import record_sample
from vendors.models import Document, Standing, Vendor, VendorState
from vendors.profile import approved_profile, outstanding
from vendors.qualification_claims import Claims, File
from vendors.qualifications import evidence_pieces, judging
from vendors.qualifications.companies import findings
from vendors.qualifications.findings import Checks, Lack, Missing

TODAY = dt.date(2026, 11, 25)
LIST = [
    {"initials": "A. B.", "pairs": ["de.pl"], "route": "translation_degree"},
    {"initials": "C. D.", "pairs": ["de.pl"], "route": "experience"},
]
PAIRS = [
    {"source": "de", "target": "pl", "services": ["translation", "revision", "subtitling"]},
    {"source": "fr", "target": "pl", "services": ["translation"]},
]
AGENCY = {
    "kind": "company",
    "company_legal_name": "Słowo",
    "native_languages": [],
    "pairs": [pair("de", "pl", "0.085")],
    "qualification": None,
}


def lacks(claims: Claims, checks: Checks) -> dict[str, tuple[str, list[Lack]]]:
    """By pair; translation and revision are judged alike, subtitling is not."""
    found = list(findings(claims, checks, today=TODAY))
    assert [(finding.pairs[0], finding.service) for finding in found] == [
        (("de", "pl"), "translation"),
        (("de", "pl"), "revision"),
        (("fr", "pl"), "translation"),
    ]
    return {
        ".".join(finding.pairs[0]): (finding.standing.value, [each.what for each in finding.missing])
        for finding in found
    }


CERTIFICATE = File(None, "iso_17100", expires_on=TODAY)
OF_CERTIFICATE, OF_LIST = evidence_pieces.of_file(CERTIFICATE), evidence_pieces.of_list(LIST)
CERTIFIED = {"files": {"iso_17100": CERTIFICATE}}
UNDERTAKES = {"undertakes": True, "linguists": LIST}


@pytest.mark.parametrize(
    ("shown", "verified", "samples", "de_pl", "fr_pl"),
    [
        ({}, [], {}, ("none", [Lack.BASIS]), ("none", [Lack.BASIS])),
        (CERTIFIED, [], {}, ("documented", [Lack.CERTIFICATE_CHECK]), ("documented", [Lack.CERTIFICATE_CHECK])),
        (CERTIFIED, [OF_CERTIFICATE], {}, ("verified", []), ("verified", [])),
        ({"linguists": LIST}, [], {OF_LIST: True}, ("none", [Lack.BASIS]), ("none", [Lack.BASIS])),
        (UNDERTAKES, [], {}, ("claimed", [Lack.SAMPLE]), ("none", [Lack.LINGUIST, Lack.SAMPLE])),
        (UNDERTAKES, [OF_LIST], {OF_LIST: True}, ("verified", []), ("none", [Lack.LINGUIST])),
        (
            UNDERTAKES,
            [],
            {OF_LIST: False},
            ("none", [Lack.LIST_THAT_HOLDS]),
            ("none", [Lack.LINGUIST, Lack.LIST_THAT_HOLDS]),
        ),
    ],
)
def test_company_rests_on_a_checked_certificate_or_a_sampled_list(shown, verified, samples, de_pl, fr_pl):
    checks = Checks({fingerprint: verification(fingerprint) for fingerprint in verified}, samples)

    assert lacks(Claims(is_company=True, pairs=PAIRS, **shown), checks) == {"de.pl": de_pl, "fr.pl": fr_pl}


def test_company_is_never_judged_as_one_translator():
    person = {
        "degrees": [{"subject": "translation"}],
        "experience": [{"since": "2000-01", "until": "", "share": 100, "kind": "both", "pairs": []}],
        "files": {slot: File(None, slot) for slot in ("cv", "degree")},
    }

    found = judging.findings(Claims(is_company=True, pairs=PAIRS, **person), today=TODAY)

    assert {finding.standing for finding in found} == {Standing.NONE}


def test_post_editing_of_a_company_rests_on_its_own_certificate():
    pairs = [{"source": "de", "target": "pl", "services": ["post_editing"]}]
    certificate = File(None, "iso_18587", expires_on=TODAY)
    checks = Checks(
        {print: verification(print) for print in (OF_CERTIFICATE, OF_LIST, evidence_pieces.of_file(certificate))}
    )

    [without] = findings(Claims(is_company=True, pairs=pairs, **CERTIFIED, **UNDERTAKES), checks, today=TODAY)
    [with_it] = findings(Claims(is_company=True, pairs=pairs, files={"iso_18587": certificate}), checks, today=TODAY)

    assert (without.standing, without.missing) == (Standing.NONE, (Missing(Lack.POST_EDITING_CERTIFICATE),))
    assert with_it.standing == Standing.VERIFIED


def company(**changed) -> approved_profile.ApprovedCompany:
    values = {
        "linguists_in_house": 2,
        "linguists_freelance": 30,
        "in_house_pairs": [],
        "in_house_services": [],
        "selection": ["test"],
        "revision": "always",
    }
    return approved_profile.ApprovedCompany(**values | changed)


def agency(primary_email: str = "lucja@example.com", **changed) -> Vendor:
    vendor = create_vendor(state=VendorState.APPROVED, primary_email=primary_email)
    approved_profile.adopt(vendor, approved(**AGENCY, company=company(**changed)))
    return vendor


def missing(vendor: Vendor) -> list[Lack]:
    (finding,) = judged(vendor, today=TODAY)
    return [each.what for each in finding.missing]


def certificate(vendor: Vendor, kind: str, **changed) -> None:
    values = {"expires_on": TODAY, "approved_at": dt.datetime.now(dt.UTC)}
    values |= {"kind": "certificate", "slot": kind, "certificate": kind, "name": f"{kind}.pdf", "size": 1} | changed
    Document.objects.create(vendor=vendor, **values)
    standing.refresh(vendor, today=TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "changed", "lacking"),
    [
        ("iso_17100", {}, [Lack.CERTIFICATE_CHECK]),
        ("iso_17100", {"state": Document.State.REFUSED}, [Lack.BASIS]),
        ("iso_17100", {"expires_on": TODAY - dt.timedelta(1)}, [Lack.BASIS]),
        ("iso_17100", {"approved_at": None}, [Lack.BASIS]),
        ("iso_18587", {}, [Lack.BASIS]),
        ("iso_9001", {}, [Lack.BASIS]),
    ],
)
def test_only_a_current_iso_17100_certificate_in_force_counts(kind, changed, lacking):
    vendor = agency()
    certificate(vendor, kind, **changed)

    assert missing(vendor) == lacking
    left = outstanding.of(has_payment=False, findings=judged(vendor, today=TODAY), documents=vendor.documents.all())
    assert (outstanding.ISO_17100 in left) == (lacking == [Lack.BASIS])


@pytest.mark.django_db
def test_certificate_that_vm_has_verified_is_enough():
    vendor = agency()
    certificate(vendor, "iso_17100")

    verify(vendor, "company_certificate", by=create_staff())

    assert missing(vendor) == []
    assert Document.objects.get().state == Document.State.VERIFIED


@pytest.mark.django_db
def test_sample_counts_for_the_list_it_was_taken_from():
    vera = create_staff()
    vendor = agency(undertakes_iso_17100=True, linguists=LIST)
    assert missing(vendor) == [Lack.SAMPLE]

    with pytest.raises(VerdictMissing):
        record_sample(vendor, LIST, holds=True, how=" ", by=vera)
    record_sample(vendor, LIST, holds=True, how="A. B.: diploma seen", by=vera)
    assert standings(vendor) == {"de.pl translation": "verified"}
    record_sample(vendor, LIST, holds=False, how="C. D. is unknown there", by=vera)
    assert standings(vendor) == {"de.pl translation": "none"}
    assert missing(vendor) == [Lack.LIST_THAT_HOLDS]
    assert events(vendor)[-3:] == ["linguists_sampled", "linguists_sampled", "verification_revoked"]

    record_sample(vendor, LIST, holds=True, how="C. D. shown", by=vera)
    shorter = company(undertakes_iso_17100=True, linguists=LIST[:1])
    approved_profile.adopt(vendor, approved(**AGENCY, company=shorter))
    assert missing(vendor) == [Lack.SAMPLE]


@pytest.mark.django_db
def test_sampling_from_the_queue_is_the_same_as_on_the_submission():
    vendor = agency(undertakes_iso_17100=True, linguists=LIST)

    with pytest.raises(VerdictMissing):
        verify(vendor, "linguists", by=create_staff())
    verify(vendor, "linguists", by=create_staff(), note="A. B.: diploma seen")

    sample = vendor.linguist_samples.get()
    assert (sample.holds, sample.how) == (True, "A. B.: diploma seen")
    assert standings(vendor) == {"de.pl translation": "verified"}


@pytest.mark.django_db
def test_person_who_becomes_a_company_is_no_longer_judged_as_a_person():
    vendor = approved_vendor()
    approved_profile.adopt(vendor, approved(**AGENCY, company=company()))

    assert missing(vendor) == [Lack.BASIS]
    assert not hasattr(Vendor.objects.get(pk=vendor.pk), "qualification")

import datetime as dt

import pytest

from tests.factories import create_staff, create_vendor
from tests.records import events
from tests.vendors.profiles import approved, approved_vendor, pair
from vendors.documents.lifecycle import VerdictMissing
from vendors.models import Document, Vendor, VendorState
from vendors.profile import approved_profile, outstanding
from vendors.qualifications import companies, wording
from vendors.qualifications.companies import Evidence, findings
from vendors.qualifications.iso_17100 import Lack

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


def lacks(evidence: Evidence) -> dict[str, list[Lack]]:
    """By pair; translation and revision are judged alike."""
    found = findings(evidence, pairs=PAIRS)
    assert [(finding.pairs[0], finding.service) for finding in found] == [
        (("de", "pl"), "translation"),
        (("de", "pl"), "revision"),
        (("fr", "pl"), "translation"),
    ]
    return {".".join(finding.pairs[0]): [each.what for each in finding.missing] for finding in found}


class Holds:
    holds = True


class DoesNotHold:
    holds = False


@pytest.mark.parametrize(
    ("evidence", "de_pl", "fr_pl"),
    [
        (Evidence(), [Lack.BASIS], [Lack.BASIS]),
        (Evidence(certificate=Document.State.SENT), [Lack.CERTIFICATE_CHECK], [Lack.CERTIFICATE_CHECK]),
        (Evidence(certificate=Document.State.VERIFIED), [], []),
        (Evidence(linguists=LIST, sample=Holds()), [Lack.BASIS], [Lack.BASIS]),
        (Evidence(undertakes=True), [Lack.LINGUIST, Lack.SAMPLE], [Lack.LINGUIST, Lack.SAMPLE]),
        (Evidence(undertakes=True, linguists=LIST), [Lack.SAMPLE], [Lack.LINGUIST, Lack.SAMPLE]),
        (Evidence(undertakes=True, linguists=LIST, sample=Holds()), [], [Lack.LINGUIST]),
        (
            Evidence(undertakes=True, linguists=LIST, sample=DoesNotHold()),
            [Lack.LIST_THAT_HOLDS],
            [Lack.LINGUIST, Lack.LIST_THAT_HOLDS],
        ),
    ],
)
def test_company_rests_on_a_checked_certificate_or_a_sampled_list(evidence, de_pl, fr_pl):
    assert lacks(evidence) == {"de.pl": de_pl, "fr.pl": fr_pl}


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


def judged(vendor: Vendor) -> list[Lack]:
    (finding,) = wording.of_vendor(Vendor.objects.get(pk=vendor.pk), today=TODAY)
    return [each.what for each in finding.missing]


def certificate(vendor: Vendor, kind: str, **changed) -> None:
    values = {"state": Document.State.VERIFIED, "expires_on": TODAY, "approved_at": dt.datetime.now(dt.UTC)}
    values |= {"kind": "certificate", "slot": kind, "certificate": kind, "name": f"{kind}.pdf", "size": 1} | changed
    Document.objects.create(vendor=vendor, **values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "changed", "missing"),
    [
        ("iso_17100", {}, []),
        ("iso_17100", {"state": Document.State.SENT}, [Lack.CERTIFICATE_CHECK]),
        ("iso_17100", {"state": Document.State.REFUSED}, [Lack.BASIS]),
        ("iso_17100", {"expires_on": TODAY - dt.timedelta(1)}, [Lack.BASIS]),
        ("iso_17100", {"approved_at": None}, [Lack.BASIS]),
        ("iso_18587", {}, [Lack.BASIS]),
        ("iso_9001", {}, [Lack.BASIS]),
    ],
)
def test_only_a_current_iso_17100_certificate_in_force_counts(kind, changed, missing):
    vendor = agency()
    certificate(vendor, kind, **changed)

    assert judged(vendor) == missing
    left = outstanding.of(
        payment=None, findings=wording.of_vendor(vendor, today=TODAY), documents=vendor.documents.all()
    )
    assert (outstanding.ISO_17100 in left) == (missing == [Lack.BASIS])


@pytest.mark.django_db
def test_sample_counts_for_the_list_it_was_taken_from():
    vera = create_staff()
    vendor = agency(undertakes_iso_17100=True, linguists=LIST)
    assert judged(vendor) == [Lack.SAMPLE]

    with pytest.raises(VerdictMissing):
        companies.record_sample(vendor, LIST, holds=True, how=" ", by=vera)
    companies.record_sample(vendor, LIST, holds=True, how="A. B.: diploma seen", by=vera)
    assert judged(vendor) == []
    companies.record_sample(vendor, LIST, holds=False, how="C. D. is unknown there", by=vera)
    assert judged(vendor) == [Lack.LIST_THAT_HOLDS]
    assert events(vendor)[-2:] == ["linguists_sampled", "linguists_sampled"]

    companies.record_sample(vendor, LIST, holds=True, how="C. D. shown", by=vera)
    shorter = company(undertakes_iso_17100=True, linguists=LIST[:1])
    approved_profile.adopt(vendor, approved(**AGENCY, company=shorter))
    assert judged(vendor) == [Lack.SAMPLE]


@pytest.mark.django_db
def test_person_who_becomes_a_company_is_no_longer_judged_as_a_person():
    vendor = approved_vendor()
    approved_profile.adopt(vendor, approved(**AGENCY, company=company()))

    assert judged(vendor) == [Lack.BASIS]
    assert not hasattr(Vendor.objects.get(pk=vendor.pk), "qualification")

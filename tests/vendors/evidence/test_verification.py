"""VM verifies each piece once per person, on a page of its own; what changes is no longer verified."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from identity import roles
from identity.models import User
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events
from tests.vendors.evidence.profile import DEGREE, WORK, offers, profile
from tests.vendors.stored_documents import in_days, store, upload
from tests.vendors.verified import piece, standings, verify
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.documents.lifecycle import VerdictMissing
from vendors.evidence import exceptions, verification
from vendors.models import Document, Evidence, IsoException, PairStanding, Vendor, VendorState, Verification
from vendors.privacy import erasure
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db


def waiting() -> list[str]:
    return sorted(Evidence.objects.to_verify().values_list("kind", flat=True))


def page(evidence: Evidence, action: str = "change") -> str:
    return f"/admin/vendors/evidence/{evidence.pk}/{action}/"


def test_every_cv_and_every_unverified_piece_is_in_the_queue(lucja, as_vera):
    assert waiting() == ["cv", "degree", "experience"]
    text = as_vera.get("/admin/").text
    assert "/admin/vendors/evidence/?work=verify" in text
    listed = as_vera.get("/admin/vendors/evidence/?work=verify").context["cl"].result_list
    assert sorted(row.kind for row in listed) == ["cv", "degree", "experience"]


def test_verification_says_who_when_and_how(lucja, as_vera, vera):
    degree = piece(lucja, "degree")
    assert "MA, Poznań, Poland, 2010" in as_vera.get(page(degree)).text

    given = {"verify-method": "issuer_confirmed", "verify-note": "By email, 3 March."}
    response = as_vera.post(page(degree, "verify"), given, follow=True)

    assert "Verified." in response.text
    assert "The university, body or insurer confirmed it. By email, 3 March." in response.text
    kept = Verification.objects.get()
    assert (kept.by, kept.method, kept.note, kept.kind) == (vera, "issuer_confirmed", "By email, 3 March.", "degree")
    assert kept.at is not None
    assert events(lucja)[-1] == "evidence_verified"
    event = lucja.events.get(kind="evidence_verified")
    assert (event.by, event.data["method"], event.reason) == (vera, "issuer_confirmed", "")
    copy = Document.objects.get(slot="degree")
    assert (copy.state, copy.judged_by) == ("verified", vera)
    assert waiting() == ["cv", "experience"]
    assert standings(lucja)["de.pl translation"] == "verified"
    assert "verified" in signed_in(lucja.user).get("/profile/").text


def test_one_verification_is_for_every_pair_and_service(lucja, vera):
    profile(lucja, pairs=[offers("translation"), offers("translation", source="fr")])

    verify(lucja, "degree", by=vera)

    assert set(standings(lucja).values()) == {"verified"}
    assert Verification.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verify-method": ""}, "verify-method"),
        ({"verify-method": "sampled"}, "verify-method"),
        ({"verify-method": "other", "verify-note": " "}, "verify-note"),
    ],
)
def test_how_it_is_known_has_to_be_said(lucja, as_vera, given, field):
    refused = as_vera.post(page(piece(lucja, "degree"), "verify"), {"verify-note": "It is on her wall.", **given})

    assert refused.status_code == 200
    assert 'aria-invalid="true"' in refused.text or "errorlist" in refused.text
    if "note" not in field:
        assert "It is on her wall." in refused.text
    assert not Verification.objects.exists()


def test_domain_asks_how_as_well(lucja, vera):
    with pytest.raises(VerdictMissing):
        verification.verify(piece(lucja, "cv"), by=vera, method="other", note=" ")
    with pytest.raises(VerdictMissing):
        verification.verify(piece(lucja, "cv"), by=vera, method="register_checked")


def test_second_verification_says_who_was_first(lucja, as_vera, vera):
    degree = piece(lucja, "degree")
    verify(lucja, "degree", by=vera)

    again = as_vera.post(page(degree, "verify"), {"verify-method": "original_seen"}, follow=True)

    assert "vera.vm@sandberg.example" in again.text
    assert "Each piece of evidence is verified once." in again.text
    assert Verification.objects.count() == 1


def test_revoking_needs_a_reason_and_keeps_the_record(lucja, as_vera, vera):
    verify(lucja, "degree", by=vera)
    degree = piece(lucja, "degree")

    refused = as_vera.post(page(degree, "revoke"), {"revoke-why": " "})
    assert refused.status_code == 200
    assert piece(lucja, "degree").verification
    done = as_vera.post(page(degree, "revoke"), {"revoke-why": "The university withdrew it."}, follow=True)

    assert "The university withdrew it." in done.text
    kept = Verification.objects.get()
    assert (kept.revoked_by, kept.revoked_why) == (vera, "The university withdrew it.")
    assert waiting() == ["cv", "degree", "experience"]
    assert standings(lucja)["de.pl translation"] == "documented"
    assert Document.objects.get(slot="degree").state == "sent"
    assert events(lucja)[-1] == "verification_revoked"
    with pytest.raises(verification.RevokedMeanwhile):
        verification.revoke(kept, by=vera, why="Again.")
    with pytest.raises(VerdictMissing):
        verification.revoke(kept, by=vera, why=" ")


def test_record_of_a_verification_cannot_be_rewritten(lucja, vera):
    kept = verify(lucja, "degree", by=vera)

    with pytest.raises(ProgrammingError):
        Verification.objects.filter(pk=kept.pk).update(note="Something else.")


@pytest.mark.parametrize(
    "changed",
    [
        {"degrees": [DEGREE | {"title": "BA"}]},
        {"degrees": [DEGREE | {"year": 2011}]},
    ],
)
def test_what_changes_by_an_approved_change_is_no_longer_verified(lucja, vera, changed):
    verify(lucja, "degree", by=vera)
    verify(lucja, "experience", by=vera)

    profile(lucja, **changed)

    assert waiting() == ["cv", "degree"]
    assert Document.objects.get(slot="degree").state == "sent"
    assert Verification.objects.filter(revoked_at=None).count() == 2  # of what it was about
    profile(lucja)
    assert waiting() == ["cv"]


def test_another_period_is_another_piece(lucja, vera):
    verify(lucja, "experience", by=vera)

    profile(lucja, experience=[WORK | {"until": "2020-12"}])

    assert waiting() == ["cv", "degree", "experience"]


def test_newer_file_has_to_be_verified_again(lucja, vera):
    verify(lucja, "cv", by=vera)
    cv = Document.objects.get(slot="cv")

    documents.replace(cv, upload=upload(content=b"%PDF-1.4 another"), number="", expires_on=None)

    assert waiting() == ["cv", "degree", "experience"]


def test_page_that_was_overtaken_by_a_change_verifies_nothing(lucja, as_vera):
    degree = piece(lucja, "degree")
    profile(lucja, degrees=[DEGREE | {"title": "BA"}])

    response = as_vera.post(page(degree, "verify"), {"verify-method": "original_seen"}, follow=True)

    assert "The vendor's evidence has changed" in response.text.replace("&#x27;", "'")
    assert not Verification.objects.exists()


def test_refusing_the_file_revokes_its_verification(lucja, vera):
    verify(lucja, "degree", by=vera)

    documents.refuse(Document.objects.get(slot="degree"), by=vera, reason="It is a forgery.")

    assert Verification.objects.get().revoked_why == "It is a forgery."
    assert standings(lucja)["de.pl translation"] == "claimed"
    assert waiting() == ["cv", "experience"]  # it is for the vendor to send another
    verify(lucja, "degree", by=vera)  # on second thoughts
    assert Document.objects.get(slot="degree").state == "verified"


def test_suspended_vendor_is_in_no_queue(lucja):
    lifecycle.suspend(lucja)

    assert waiting() == []
    lifecycle.reinstate(Vendor.objects.get(pk=lucja.pk))
    assert waiting() == ["cv", "degree", "experience"]


@pytest.mark.parametrize(
    ("role", "may_look", "may_verify"),
    [
        (roles.VENDOR_MANAGER, True, True),
        (roles.ADMINISTRATOR, True, True),
        (roles.FINANCE, True, False),
        (roles.AUDITOR, True, False),
        (roles.OPERATIONS, True, False),
    ],
)
def test_role_decides_who_verifies(lucja, role, may_look, may_verify):
    colleague = signed_in(create_staff(role=role))
    degree = piece(lucja, "degree")

    assert colleague.get(page(degree)).status_code == (200 if may_look else 403)
    assert ("verify-method" in colleague.get(page(degree)).text) == may_verify
    done = colleague.post(page(degree, "verify"), {"verify-method": "original_seen"})
    assert done.status_code == (302 if may_verify else 403)
    assert Verification.objects.exists() == may_verify
    assert colleague.post(page(degree, "revoke"), {}).status_code == (200 if may_verify else 403)


def test_lists_take_a_constant_number_of_statements(as_vera, django_assert_num_queries):
    for number in range(3):
        vendor = create_vendor(state=VendorState.APPROVED, primary_email=f"v{number}@example.com")
        store(vendor, "cv")
        profile(vendor)

    for work in ("verify", "expiring", ""):
        with django_assert_num_queries(5):
            as_vera.get("/admin/vendors/evidence/", {"work": work})


def test_what_expires_is_one_queue(lucja, as_vera):
    certificate = store(lucja, "certificate-1")
    given = approved_profile.ApprovedDocument(id=certificate.pk, certificate="membership", expires_on=in_days(60))
    profile(lucja, documents=[given], sworn_authority="Ministry", sworn_number="TP/1", sworn_until=in_days(-1))

    listed = as_vera.get("/admin/vendors/evidence/?work=expiring").context["cl"].result_list

    assert [row.kind for row in listed] == ["register", "certificate"]
    assert Evidence.objects.expiring(today=in_days(-1)).count() == 1
    assert "/admin/vendors/evidence/?work=expiring" in as_vera.get("/admin/").text


def test_erasing_leaves_nothing_of_it(lucja, vera):
    verify(lucja, "degree", by=vera)
    exceptions.grant(
        lucja, source="de", target="pl", service="translation", reason="The only one.", until=in_days(5), by=vera
    )

    lifecycle.erase(lucja, reason="asked for it")
    erasure.finish(Vendor.objects.get(pk=lucja.pk))

    for model in (Verification, Evidence, IsoException, PairStanding):
        assert not model.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once_make_one_verification(lucja):
    evidence, staff = piece(lucja, "degree"), [create_staff(), create_staff()]
    refused: list[str] = []

    def press(by: User) -> None:
        try:
            verification.verify(Evidence.objects.get(pk=evidence.pk), by=by, method="original_seen")
        except verification.VerifiedMeanwhile as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(by,)) for by in staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Verification.objects.count(), len(refused)) == (1, 1)

"""Files of an approved vendor: what is in force stays so, whatever is renewed, changed, dropped and swept meanwhile."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from onboarding.change import decide as review
from onboarding.models import Draft
from tests.onboarding import answers, changing
from tests.records import jobs
from vendors import tasks
from vendors.documents import expiry
from vendors.documents import lifecycle as documents
from vendors.models import Document

CERTIFICATE = {
    "certificates": "1",
    "certificate-1-kind": "membership",
    "certificate-1-number": "A 1",
    "certificate-1-expires_on": "31 March 2027",
}
PHONE = answers.CONTACT | {"phone": "22 999 88 77"}


@pytest.fixture
def approved(vendor):
    """With a CV and a certificate in force."""
    documents.store(vendor, slot="certificate-1", upload=answers.pdf("card.pdf"), content_type="application/pdf")
    typed = answers.everything()["qualifications"] | CERTIFICATE
    return changing.approved_first(vendor, qualifications=typed)


def nights_pass(*, days: int = 2) -> None:
    Document.objects.update(replaced_at=F("replaced_at") - dt.timedelta(days=days))
    call_command("purge")


def in_force(slot: str) -> Document:
    return Document.objects.in_force().get(slot=slot)


def renew(client, slot: str, *, content: bytes = answers.PDF * 2, **typed: str):
    body = {"file": answers.pdf(f"new {slot}.pdf", content), **typed}
    response = client.post(f"/documents/{in_force(slot).pk}/replace/", body)
    assert response.status_code == 302, response.context["form"].errors
    return in_force(slot)


def renew_card(client) -> Document:
    return renew(client, "certificate-1", number="A 2", expires_on="31 March 2029")


def change_phone(client):
    changing.save(client, "contact", PHONE)
    changing.send(client)
    return changing.latest()


def note(client, text: str = "A prize", **typed):
    """Open Qualifications, type a note, and leave the rest as the page shows it."""
    page = client.get(changing.url("qualifications"))
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields if not name.endswith(("_remove", "-remove"))}
    files = {"cv", "degree", "other_degree_copy", "certificate-1"}
    kept = {name: value for name, value in shown.items() if name not in files and value is not None}
    body = answers.body(
        "qualifications", kept | {"notes": text} | typed, revision=answers.revision_shown(page), **{"continue": "yes"}
    )
    return client.post(changing.url("qualifications"), body)


def test_renewed_cv_stays_in_force_when_another_page_is_changed_and_dropped(approved, as_vendor):
    new = renew(as_vendor, "cv")
    nights_pass()
    change = change_phone(as_vendor)
    assert change.answers["qualifications"]["documents"]["cv"]["id"] == str(new.pk)

    review.approve(change, by=None)

    assert in_force("cv") == new
    assert "not approved yet" not in as_vendor.get("/profile/").text
    changing.save(as_vendor, "contact", answers.CONTACT)
    as_vendor.post(changing.INDEX, {"withdraw": "yes"})
    nights_pass()
    assert in_force("cv") == new
    assert as_vendor.get(f"/documents/{new.pk}/").status_code == 200


def test_cv_renewed_while_a_change_of_another_page_waits_stays_in_force(approved, as_vendor):
    change = change_phone(as_vendor)
    new = renew(as_vendor, "cv")
    nights_pass()

    review.approve(change, by=None)

    assert in_force("cv") == new


def test_file_renewed_while_a_change_of_its_page_waits_stays_in_force(approved, as_vendor):
    note(as_vendor)
    changing.send(as_vendor)
    new = renew_card(as_vendor)
    nights_pass()

    review.approve(changing.latest(), by=None)

    card = in_force("certificate-1")
    assert (card, card.number, card.expires_on) == (new, "A 2", dt.date(2029, 3, 31))


def test_file_chosen_after_a_renewal_does_not_bring_the_older_one_back(approved, as_vendor):
    note(as_vendor)
    changing.send(as_vendor)
    renewed = renew(as_vendor, "cv")
    changing.save(
        as_vendor,
        "qualifications",
        answers.QUALIFICATIONS | CERTIFICATE | {"cv": answers.pdf("third.pdf", answers.PDF * 3)},
    )

    review.approve(changing.latest(), by=None)

    assert in_force("cv") == renewed
    assert documents.current_documents(renewed.vendor)["cv"].name == "third.pdf"


@pytest.mark.parametrize("is_laid_out_before", [True, False])
def test_note_does_not_write_a_renewed_document_back(approved, as_vendor, as_vera, is_laid_out_before):
    if is_laid_out_before:
        changing.save(as_vendor, "about", answers.ABOUT)
    new = renew_card(as_vendor)
    nights_pass()

    assert note(as_vendor).url == changing.INDEX
    page = as_vendor.get(changing.INDEX)
    assert [row.label for item in page.context["changed"] for row in item["compared"].differences] == ["Anything else"]
    changing.send(as_vendor)

    change = changing.latest()
    review_page = as_vera.get(f"/admin/onboarding/submission/{change.pk}/change/")
    differences = {part.step: part.compared.differences for part in review_page.context["parts"]}
    assert [row.label for row in differences["qualifications"]] == ["Anything else"]
    review.approve(change, by=None)
    card = in_force("certificate-1")
    assert (card, card.number, card.expires_on) == (new, "A 2", dt.date(2029, 3, 31))


@pytest.mark.parametrize("dropped", ["the changes", "the draft"])
def test_page_opened_over_what_is_in_force_does_not_write_a_renewed_document_back(approved, as_vendor, dropped):
    if dropped == "the changes":
        changing.save(as_vendor, "contact", PHONE)
        as_vendor.post(changing.INDEX, {"withdraw": "yes"})
    else:
        Draft.objects.all().delete()
    page = as_vendor.get(changing.url("qualifications"))
    renew_card(as_vendor)

    typed = answers.QUALIFICATIONS | CERTIFICATE | {"notes": "A prize"}
    response = as_vendor.post(
        changing.url("qualifications"),
        answers.body("qualifications", typed, revision=answers.revision_shown(page), **{"continue": "yes"}),
    )

    assert response.status_code == 409
    assert "A 2" in response.text


def test_note_typed_before_a_renewal_does_not_write_it_back(approved, as_vendor):
    note(as_vendor)
    renew_card(as_vendor)
    changing.send(as_vendor)

    review.approve(changing.latest(), by=None)

    assert (in_force("certificate-1").number, in_force("certificate-1").expires_on) == ("A 2", dt.date(2029, 3, 31))


def test_page_that_shows_the_old_number_asks_before_it_writes_it_back(approved, as_vendor):
    changing.save(as_vendor, "about", answers.ABOUT)
    page = as_vendor.get(changing.url("qualifications"))
    renew_card(as_vendor)

    body = answers.body("qualifications", answers.QUALIFICATIONS | CERTIFICATE, revision=answers.revision_shown(page))
    stale = as_vendor.post(changing.url("qualifications"), body)

    assert stale.status_code == 409
    assert {row["label"]: (row["saved"], row["typed"]) for row in stale.context["differences"]}[
        "Certificate 1: Its number, if it has one"
    ] == ("A 2", "A 1")


def test_renewal_is_shown_on_a_page_filled_from_a_change_that_was_sent_back(approved, as_vendor):
    note(as_vendor)
    changing.send(as_vendor)
    renew_card(as_vendor)
    changing.ask_for_changes(changing.latest(), qualifications="Which prize?")
    changing.latest().vendor.draft.delete()

    form = as_vendor.get(changing.url("qualifications")).context["form"]

    assert form["certificate-1-number"].value() == "A 2"


def test_account_given_after_approval_is_not_a_difference(approved, as_vendor):
    """The other thing that takes effect on a page of its own."""
    change = change_phone(as_vendor)

    assert change.changed == ["contact"]
    assert "payment" not in change.in_force


# What VM reads


def test_file_before_a_change_can_be_opened_while_vm_decides(approved, as_vendor, as_vera):
    old = in_force("cv")
    changing.save(
        as_vendor,
        "qualifications",
        answers.QUALIFICATIONS | CERTIFICATE | {"cv": answers.pdf("new.pdf", answers.PDF * 2)},
    )
    changing.send(as_vendor)
    nights_pass()
    page = f"/admin/onboarding/submission/{changing.latest().pk}/change/"

    assert f"/documents/{old.pk}/" in as_vera.get(page).text
    assert as_vera.get(f"/documents/{old.pk}/").status_code == 200

    review.approve(changing.latest(), by=None)
    nights_pass()
    assert f"/documents/{old.pk}/" not in as_vera.get(page).text
    assert "My CV.pdf" in as_vera.get(page).text


def test_file_before_a_resubmission_can_be_opened_while_vm_decides(as_vendor, as_vera, vendor):
    first = changing.sent_first(vendor)
    old = documents.current_documents(vendor)["cv"]
    changing.ask_for_changes(first, qualifications="Please send a newer CV.")
    new = answers.pdf("new.pdf", answers.PDF * 2)
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": new})
    nights_pass()
    answers.send(as_vendor)
    nights_pass()

    page = as_vera.get(f"/admin/onboarding/submission/{changing.latest().pk}/change/").text

    assert f"/documents/{old.pk}/" in page
    assert as_vera.get(f"/documents/{old.pk}/").status_code == 200


# Replacing a file while another one is on its way


def replace_page(client, document: Document):
    return client.get(f"/documents/{document.pk}/replace/", follow=True)


def test_replace_says_that_a_newer_file_was_not_sent(approved, as_vendor):
    old = in_force("cv")
    typed = answers.QUALIFICATIONS | CERTIFICATE | {"cv": answers.pdf("new.pdf", answers.PDF * 2)}
    changing.save(as_vendor, "qualifications", typed)

    page = replace_page(as_vendor, old)
    assert page.redirect_chain[-1][0] == changing.INDEX
    assert "You have chosen “new.pdf” instead, but you haven&#x27;t sent it yet." in page.text
    unsent = documents.current_documents(old.vendor)["cv"]
    assert replace_page(as_vendor, unsent).redirect_chain[-1][0] == changing.INDEX

    changing.send(as_vendor)
    assert "Vendor Management already has your change to this file." in replace_page(as_vendor, old).text

    review.approve(changing.latest(), by=None)
    assert "We already have a newer file." in replace_page(as_vendor, old).text


def test_replace_says_that_the_removal_of_a_file_was_not_sent(approved, as_vendor):
    old = in_force("certificate-1")
    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | CERTIFICATE | {"certificate-1-remove": "on"})

    assert "You have removed this file, but you haven&#x27;t sent that change yet." in replace_page(as_vendor, old).text

    changing.send(as_vendor)
    assert "Vendor Management already has your change to this file." in replace_page(as_vendor, old).text


def test_draft_that_is_forgotten_leaves_the_file_in_force_the_current_one(approved, as_vendor):
    typed = answers.QUALIFICATIONS | CERTIFICATE | {"cv": answers.pdf("new.pdf", answers.PDF * 2)}
    changing.save(as_vendor, "qualifications", typed)
    draft = approved.vendor.draft
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    type(draft).objects.update(updated_at=long_ago)
    type(approved).objects.update(reviewed_at=long_ago)

    call_command("purge")

    assert documents.current_documents(approved.vendor)["cv"] == in_force("cv")
    assert as_vendor.get(f"/documents/{in_force('cv').pk}/replace/").status_code == 200


def test_refused_degree_certificate_is_no_difference_and_stays(as_vendor, vendor, vera):
    documents.store(vendor, slot="degree", upload=answers.pdf("degree.pdf"), content_type="application/pdf")
    changing.approved_first(vendor)
    documents.refuse(in_force("degree"), by=vera, reason="It cannot be read.")

    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"notes": "A prize"})
    page = as_vendor.get(changing.INDEX)
    assert [row.label for item in page.context["changed"] for row in item["compared"].differences] == ["Anything else"]
    changing.send(as_vendor)
    review.approve(changing.latest(), by=None)

    assert in_force("degree").is_refused


# Reminders of what expires


def expires_soon(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(expires_on=timezone.localdate() + dt.timedelta(days=5))


def reminders(mailoutbox):
    mailoutbox.clear()
    expiry.remind()
    for job in jobs("vendors.tasks.mail_document_expiring"):
        tasks.mail_document_expiring(**job)
    return list(mailoutbox)


def choose_another(client):
    """On the page Qualifications, which keeps it until the changes are sent."""
    note(client, **{"certificate-1": answers.pdf("newer.pdf", answers.PDF * 3)})


def test_reminder_says_that_the_newer_file_was_not_sent(as_vendor, approved, mailoutbox):
    old = in_force("certificate-1")
    choose_another(as_vendor)
    expires_soon(old)

    [mail] = reminders(mailoutbox)

    assert "newer.pdf" in mail.body
    assert "haven't sent it yet" in mail.body
    assert "/profile/changes/" in mail.body
    assert "/replace/" not in mail.body
    assert expiry.remind() == 0


def test_who_has_sent_the_newer_file_is_not_reminded(as_vendor, approved, mailoutbox):
    old = in_force("certificate-1")
    choose_another(as_vendor)
    changing.send(as_vendor)
    expires_soon(old)

    assert reminders(mailoutbox) == []

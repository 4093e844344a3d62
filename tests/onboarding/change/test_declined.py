"""VM declines a change while the vendor goes on with the next."""

import pytest
from django.core import mail

from onboarding import tasks
from onboarding.change import decide as review
from tests.onboarding import answers, changing
from vendors.documents import lifecycle as documents
from vendors.models import Document, Profile

PHONE = {"phone": "22 999 88 77"}
REASON = "We could not reach you there."


@pytest.fixture
def phone_changed(as_vendor, vendor):
    changing.approved_first(vendor)
    changing.save(as_vendor, "contact", answers.CONTACT | PHONE)
    changing.send(as_vendor)
    return changing.latest()


def decline(as_vera, change):
    page = f"/admin/onboarding/submission/{change.pk}/decline/"
    asked = as_vera.get(page).text
    assert as_vera.post(page, {"reason": REASON}).status_code == 302
    tasks.mail_declined(change.pk)
    return asked


def unsent(client) -> list[str]:
    return [item["compared"].step for item in client.get(changing.INDEX).context["changed"]]


def test_what_was_saved_after_sending_stays_when_the_change_is_declined(phone_changed, as_vendor, as_vera):
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})

    asked = decline(as_vera, phone_changed)

    assert "<li>Contact and address</li>" in asked
    assert "stays in their draft, and has not been sent yet: About you" in asked
    assert unsent(as_vendor) == ["about"]
    page = as_vendor.get(changing.INDEX).text
    assert "Vendor Management declined what you last sent (Contact and address)." in page
    assert REASON in page
    assert "You have changes that you haven't sent yet" in as_vendor.get("/profile/").text
    told = mail.outbox[-1].body
    assert "What stays as it is:\n- Contact and address\n" in told
    assert "you haven't sent it yet:\n- About you\n" in told
    assert as_vendor.get(changing.url("contact")).context["form"]["phone"].value() == "22 123 45 67"

    changing.send(as_vendor)
    assert changing.latest().changed == ["about"]
    read = as_vera.get(f"/admin/onboarding/submission/{changing.latest().pk}/change/").text
    assert "The previous change was declined on" in read
    assert REASON in read
    review.approve(changing.latest(), by=None)
    assert (Profile.objects.get().display_name, Profile.objects.get().phone) == ("Lu", "+48221234567")


def test_page_saved_again_after_sending_stays_as_it_was_saved(phone_changed, as_vendor, as_vera):
    changing.save(as_vendor, "contact", answers.CONTACT | PHONE | {"locality": "Kraków"})

    decline(as_vera, phone_changed)

    assert unsent(as_vendor) == ["contact"]
    assert as_vendor.get(changing.url("contact")).context["form"]["locality"].value() == "Kraków"


def test_wrong_answer_saved_after_sending_stays_too(phone_changed, as_vendor, as_vera):
    changing.save(as_vendor, "about", answers.ABOUT | {"full_name": ""}, exit="yes")

    decline(as_vera, phone_changed)

    assert as_vendor.get(changing.INDEX).context["changed"][0]["is_incomplete"]


def test_file_chosen_after_sending_stays(phone_changed, as_vendor, as_vera, vendor):
    cv = answers.pdf("new.pdf", answers.PDF * 2)
    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": cv})

    decline(as_vera, phone_changed)

    assert documents.current_documents(vendor)["cv"].name == "new.pdf"
    assert unsent(as_vendor) == ["qualifications"]
    assert Document.objects.in_force().get().name == "My CV.pdf"


def test_file_of_the_declined_change_goes_while_something_else_stays(as_vendor, as_vera, vendor):
    changing.approved_first(vendor)
    cv = answers.pdf("new.pdf", answers.PDF * 2)
    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": cv})
    changing.send(as_vendor)
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})

    decline(as_vera, changing.latest())

    assert documents.current_documents(vendor)["cv"].name == "My CV.pdf"
    assert unsent(as_vendor) == ["about"]


def test_account_named_after_sending_stays(phone_changed, as_vendor, as_vera):
    changing.name_account(as_vendor)

    decline(as_vera, phone_changed)

    assert unsent(as_vendor) == ["payment"]


def test_page_that_was_open_while_the_change_was_declined_is_not_saved_unseen(phone_changed, as_vendor, as_vera):
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})
    page = as_vendor.get(changing.url("contact"))
    decline(as_vera, phone_changed)

    body = answers.body("contact", answers.CONTACT | PHONE, revision=answers.revision_shown(page))

    assert as_vendor.post(changing.url("contact"), body).status_code == 409

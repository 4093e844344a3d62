"""The email that goes with suspending, closing, ending and reopening: shown, edited, sent once, on the timeline."""

import pytest
from django.core import mail
from django.test import Client

from identity.models import User
from identity.roles import OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import jobs
from vendors import lifecycle, tasks
from vendors.closing import notices
from vendors.models import Vendor, VendorNotice, VendorState
from vendors.privacy import export

pytestmark = pytest.mark.django_db

S = VendorState
OFFER_AN_EMAIL = [
    ("suspend", S.APPROVED, "access paused"),
    ("close", S.ONBOARDING, "application"),
    ("end", S.APPROVED, "Thank you for your work."),
    ("reopen", S.ENDED, "profile reopened"),
]
EMAIL = {"writes": "on", "subject": "Goodbye, and thanks", "text": "Hello Ana,\n\nAll the best."}


def button(vendor: Vendor, name: str) -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/{name}/"


@pytest.mark.parametrize(("name", "state", "words"), OFFER_AN_EMAIL)
def test_email_is_proposed_and_goes_as_vm_wrote_it(as_vera: Client, vera: User, name: str, state: str, words: str):
    vendor = create_vendor(state=state, name="Ana Almeida", primary_email="ana@mail.example")

    form = as_vera.get(button(vendor, name)).text
    assert "Hello Ana Almeida," in form
    assert words in form
    assert "&lt;bdi" not in form
    as_vera.post(button(vendor, name), {"reason": "because", "closed_as": "mistake", **EMAIL})

    notice = VendorNotice.objects.get()
    assert (notice.by, notice.address, notice.sent_at) == (vera, "ana@mail.example", None)
    assert jobs("vendors.tasks.mail_notice") == [{"notice_id": notice.pk}]
    tasks.mail_notice(notice.pk)
    tasks.mail_notice(notice.pk)
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ana@mail.example"], EMAIL["subject"], EMAIL["text"] + "\n")
    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "Goodbye, and thanks" in page
    assert "All the best." in page


@pytest.mark.parametrize(("name", "state", "_words"), OFFER_AN_EMAIL)
def test_no_one_is_written_to_unless_vm_wants_it(as_vera: Client, name: str, state: str, _words: str):
    vendor = create_vendor(state=state)

    as_vera.post(button(vendor, name), {**EMAIL, "reason": "because", "closed_as": "mistake", "writes": ""})

    vendor.refresh_from_db()
    assert vendor.state != state
    assert not VendorNotice.objects.exists()


def test_email_without_words_is_not_sent_and_nothing_typed_is_lost(as_vera: Client):
    vendor = create_vendor(state=S.ONBOARDING)

    typed = {"reason": "seen twice", "closed_as": "mistake", "writes": "on", "subject": "", "text": ""}
    answer = as_vera.post(button(vendor, "close"), typed)

    assert "Enter the subject of the email." in answer.text
    assert "Enter the text of the email." in answer.text
    assert "seen twice" in answer.text
    vendor.refresh_from_db()
    assert vendor.state == S.ONBOARDING


def test_how_to_close_must_be_chosen_and_a_duplicate_is_not_a_way(as_vera: Client):
    vendor = create_vendor(state=S.ONBOARDING)

    assert "Choose what to close the vendor as." in as_vera.post(button(vendor, "close"), {"reason": "because"}).text
    as_vera.post(button(vendor, "close"), {"reason": "because", "closed_as": "duplicate"})

    vendor.refresh_from_db()
    assert vendor.state == S.ONBOARDING


def test_vendor_who_moved_on_since_the_page_was_opened_is_asked_about_again(as_vera: Client):
    vendor = create_vendor(state=S.ONBOARDING)
    typed = {"reason": "no reply", "closed_as": "not_suitable", "seen": "onboarding"}
    lifecycle.submit(vendor)

    answer = as_vera.post(button(vendor, "close"), typed)
    assert "The vendor is now “submitted”." in answer.text.replace("\u2068", "").replace("\u2069", "")
    assert "no reply" in answer.text
    assert 'name="seen" value="submitted"' in answer.text
    as_vera.post(button(vendor, "close"), {**typed, "seen": "submitted"})

    vendor.refresh_from_db()
    assert vendor.state == S.DECLINED


def test_refused_action_sends_nothing(vera: User):
    vendor = create_vendor(state=S.ERASED)

    signed_in(vera).post(button(vendor, "close"), {"reason": "because", "closed_as": "mistake", **EMAIL})

    assert not VendorNotice.objects.exists()


def test_closing_needs_its_own_permission():
    vendor = create_vendor(state=S.ONBOARDING)
    operations = signed_in(create_staff(role=OPERATIONS))

    assert operations.get(button(vendor, "close")).status_code == 403


def test_notice_is_the_vendors_own_data():
    vendor = create_vendor(state=S.APPROVED)
    written = notices.Written("Goodbye", "All the best.")
    notices.queue(vendor, written, about=VendorNotice.About.ENDED, address=vendor.primary_email, by=None)

    [exported] = export.export(vendor)["notices"]

    assert exported["content"] == {"subject": "Goodbye", "text": "All the best."}


def test_list_shows_how_vendors_were_closed(as_vera: Client):
    left, declined = create_vendor(state=S.ENDED), create_vendor(state=S.DECLINED)

    text = as_vera.get("/admin/vendors/vendor/?closed_as=left").text

    assert str(left) in text
    assert str(declined) not in text
    assert as_vera.get("/admin/vendors/vendor/?closed_as=odd").status_code == 200

"""What the old address is told, and what the session of the old account shows."""

from __future__ import annotations

import pytest

from identity.models import EntraAccount
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.passport_fixture import Passport
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor, VendorState

OLD, NEW = "dora@mail.example", "sandbox-ana@gmail.com"
CHANGED = "Sandberg: your email address for Passport was changed"
UNDONE = "Sandberg: the change to your email address was undone"


def told(passport: Passport) -> list[str]:
    mails = [mail["subject"] for mail in passport.tenant.mails(OLD) if mail["source"] == "smtp"]
    return [subject for subject in mails if subject in (CHANGED, UNDONE)]


def named_in_header(client) -> str:
    return str(client.get("/onboarding/").context["signed_in_as"])


def start(new: str = NEW, *, cut_off: bool = False) -> EmailChange:
    return email_change.start(Vendor.objects.get(), new=new, reason="asked", how_known="called", cut_off=cut_off)


@pytest.fixture
def used(passport):
    passport.invited(OLD)
    passport.signed_in(OLD)
    return passport


@pytest.mark.parametrize("cut_off", [False, True])
def test_undo_tells_the_old_address_that_was_told_of_the_change(used, cut_off):
    change = start(cut_off=cut_off)
    used.work()

    email_change.undo(change)
    used.work()

    assert told(used) == [CHANGED, UNDONE]
    [mail] = [mail for mail in used.tenant.mails(OLD) if mail["subject"] == UNDONE]
    assert NEW not in mail["text"]
    assert ("we'll email you about signing in again" in mail["text"]) == cut_off


def test_undo_before_anybody_was_told_tells_nobody(used):
    email_change.undo(start())
    used.work()

    assert told(used) == []


def test_undo_of_a_correction_tells_nobody(passport):
    passport.invited(OLD)
    change = start()
    passport.work()
    email_change.undo(change)
    passport.work()

    assert told(passport) == []


def test_undo_tells_of_the_change_that_was_replaced_meanwhile(used):
    start()
    used.work()
    email_change.undo(start(new="gita@mail.example"))
    used.work()

    assert told(used) == [CHANGED, UNDONE]


def test_undo_while_the_old_address_is_being_told(used):
    """The email is on its way when VM undoes the change."""
    change = start()
    email_change.undo(change)
    disputes._note_told(change)
    used.work()

    assert told(used) == [UNDONE]


def test_vm_reads_before_undoing_who_is_told(used):
    vera = used.staff()
    change = start()
    used.work()

    page = vera.go(f"/admin/vendors/vendor/{change.vendor_id}/undo-email-change/")

    assert f"{OLD} was notified of the change, and will be notified that it has been undone." in page.text


@pytest.mark.django_db
def test_session_of_the_old_account_names_the_old_address():
    vendor = create_vendor(state=VendorState.ONBOARDING, primary_email=OLD)
    client = signed_in(vendor.user)
    session = client.session
    session["account"] = EntraAccount.objects.get().pk
    session.save()
    assert named_in_header(client) == OLD

    change = email_change.start(vendor, new=NEW, reason="moved")

    assert named_in_header(client) == OLD
    for page, before in (("/profile/email-change/", "<b>"), ("/onboarding/contact/", "<dd>")):
        shown = client.get(page).text
        assert f'{before}<bdi translate="no">{OLD}</bdi>' in shown.partition("<main")[2], page
        assert f'{before}<bdi translate="no">{NEW}</bdi>' not in shown, page
    second = email_change.start(Vendor.objects.get(), new="gita@mail.example", reason="mistyped")
    assert named_in_header(client) == OLD
    email_change.undo(second)
    assert named_in_header(client) == OLD
    assert change.mode == "planned"

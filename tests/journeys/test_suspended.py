"""What happens to invitations and addresses while a vendor is suspended must let them in afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Invitation
from tests.journeys import desk
from tests.passport_fixture import Passport
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor, VendorState

DORA, GITA = "dora@mail.example", "gita@mail.example"


def cut_off_and_shut_out(passport: Passport, *, end: bool = False) -> Vendor:
    vendor = passport.invited(DORA)
    passport.signed_in(DORA)
    if end:
        Vendor.objects.update(state=VendorState.APPROVED)
        vendor.refresh_from_db()
    email_change.start(vendor, new=GITA, reason="lost the mailbox", cut_off=True)
    passport.work()
    vendor.refresh_from_db()
    (lifecycle.end if end else lifecycle.suspend)(vendor)
    return vendor


def test_cut_off_that_is_undone_while_suspended(passport):
    """The page promises an invitation, and it goes out when VM lets the vendor in again."""
    vendor = cut_off_and_shut_out(passport)
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "undo-email-change"))
    assert f"{DORA} is invited again" in vera.page.text
    assert "once the vendor is allowed to sign in again" in vera.page.text
    vera.submit()
    passport.work()
    assert not EntraAccount.objects.live().filter(guest=True).exists()
    assert not Invitation.objects.open().exists(), "nobody who is suspended is mailed an invitation"

    desk.open_vendor(vera, vendor)
    vera.follow(desk.page_of(vendor, "reinstate"))
    assert f"{DORA} is invited again" in vera.page.text
    vera.submit()
    passport.work()

    vendor.refresh_from_db()
    assert (vendor.state, vendor.primary_email) == (VendorState.ONBOARDING, DORA)
    passport.signed_in(DORA)


def test_cut_off_ends_with_the_work_and_the_new_address_is_invited_when_it_goes_on(passport):
    vendor = cut_off_and_shut_out(passport, end=True)
    with pytest.raises(email_change.NotOpen):
        email_change.undo(EmailChange.objects.select_related("vendor").get())
    assert not EntraAccount.objects.live().filter(guest=True).exists()

    lifecycle.reopen(Vendor.objects.get(pk=vendor.pk))
    passport.work()

    person = passport.person(GITA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/stay-signed-in/", person.page


def test_invitation_that_runs_out_while_suspended(passport):
    """Reinstated, the vendor is what it is: not invited."""
    vendor = passport.invited(DORA)
    lifecycle.suspend(vendor)
    Invitation.objects.update(sent_at=timezone.now() - invitations.EXPIRES_AFTER - dt.timedelta(days=1))
    assert invitations.expire() == 1

    lifecycle.reinstate(Vendor.objects.get())

    vendor.refresh_from_db()
    assert vendor.state == VendorState.PREPARED
    assert not EntraAccount.objects.live().exists()
    lifecycle.invite(vendor)
    passport.work()
    passport.signed_in(DORA)


def test_invitation_to_a_new_address_that_runs_out_while_suspended(passport):
    vendor = cut_off_and_shut_out(passport)
    Invitation.objects.filter(state=Invitation.State.SENT).update(
        sent_at=timezone.now() - invitations.EXPIRES_AFTER - dt.timedelta(days=1)
    )
    assert invitations.expire() == 1

    lifecycle.reinstate(Vendor.objects.get(pk=vendor.pk))
    passport.work()

    passport.signed_in(GITA)


def test_reinstating_who_can_sign_in_invites_nobody(passport):
    vendor = passport.invited(DORA)
    passport.signed_in(DORA)
    vendor.refresh_from_db()
    lifecycle.suspend(vendor)

    lifecycle.reinstate(vendor)

    assert not Invitation.objects.open().exists()
    passport.signed_in(DORA)

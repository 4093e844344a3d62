"""Whose guest is it, and may it be removed: what stops an invitation, and what is left for VM to tidy by hand."""

from __future__ import annotations

import uuid

import pytest
from django.core.management import call_command

from identity import accounts, tasks
from identity.invitations import lifecycle as invitations
from identity.invitations import links
from identity.jobs.retries import RetryLater
from identity.models import EntraAccount, Failure, Invitation
from tests.factories import create_account
from tests.passport_fixture import Passport
from vendors import lifecycle
from vendors.models import VendorState

DORA, ALIAS = "dora@mail.example", "dora.other@mail.example"
WITH_DELETE = ["User.Invite.All", "User.Read.All", "User.ReadWrite.All"]
WITHOUT_DELETE = ["User.Invite.All", "User.Read.All"]


def revoked(passport: Passport) -> EntraAccount:
    passport.invited(DORA)
    account = EntraAccount.objects.get()
    accounts.revoke(account, why=EntraAccount.Revoked.CORRECTED)
    return account


# The invitation


def test_guest_of_another_vendor_stops_the_invitation_and_vm_is_told(passport):
    """Two vendors, one person at Microsoft: the second address is an alias of the first one's guest."""
    passport.tenant.person(DORA, aliases=[ALIAS])
    first = passport.invited(DORA)
    passport.signed_in(DORA)
    second = passport.invited(ALIAS)
    passport.work()

    invitation = Invitation.objects.get(user=second.user)
    assert (invitation.state, invitation.reason) == (Invitation.State.REFUSED, "guest_of_other_person")
    assert EntraAccount.objects.get().user == first.user
    [message] = passport.vm_mail()
    assert ALIAS in message["text"].splitlines()
    assert "guest_of_other_person" in message["text"].splitlines()
    second.refresh_from_db()
    assert not EntraAccount.objects.filter(user=second.user).exists()


def test_third_account_stops_the_invitation_and_vm_is_told(passport):
    vendor = lifecycle.add(name="Dora", primary_email=DORA, language="en-GB")
    for number in range(2):
        create_account(user=vendor.user, address=f"old{number}@mail.example")
    lifecycle.invite(vendor)
    passport.work()
    passport.work()

    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.reason) == (Invitation.State.REFUSED, "too_many_accounts")
    [message] = passport.vm_mail()
    assert "too_many_accounts" in message["text"].splitlines()


# Removing


def test_guest_that_passport_made_is_removed_once(passport):
    passport.tenant.settings(permissions=WITH_DELETE)
    account = revoked(passport)
    for _again in range(2):
        tasks.remove_guest(account_id=account.pk)

    account.refresh_from_db()
    assert account.guest_removed_at is not None
    assert passport.tenant.guests() == []
    assert len([one for one in passport.tenant.requests() if one["method"] == "DELETE"]) == 1
    assert not Failure.objects.exists()


def test_guest_whose_account_came_back_before_the_task_ran_stays(passport):
    passport.tenant.settings(permissions=WITH_DELETE)
    account = revoked(passport)
    accounts.bind(account.user, oid=account.oid, address=DORA, created_by_passport=False)

    tasks.remove_guest(account_id=account.pk)

    assert passport.tenant.guest(DORA)
    assert not [one for one in passport.tenant.requests() if one["method"] == "DELETE"]


def test_without_the_right_vm_is_told_once_what_to_remove_by_hand(passport):
    passport.tenant.settings(permissions=WITHOUT_DELETE)
    account = revoked(passport)
    for _again in range(2):
        tasks.remove_guest(account_id=account.pk)
        passport.work()

    assert passport.tenant.guest(DORA)
    case = Failure.objects.get()
    assert (case.reason, case.detail["oid"], case.count) == ("guest_left_over", str(account.oid), 1)
    [message] = passport.vm_mail()
    assert DORA in message["text"].splitlines()


def test_guest_that_is_gone_already_counts_as_removed(passport):
    passport.tenant.settings(permissions=WITH_DELETE)
    account = revoked(passport)
    passport.tenant.delete_guest(DORA)

    tasks.remove_guest(account_id=account.pk)

    account.refresh_from_db()
    assert account.guest_removed_at is not None


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "headers": {"Retry-After": "20"}}])
def test_removal_that_fails_is_tried_again(passport, fault):
    passport.tenant.settings(permissions=WITH_DELETE)
    account = revoked(passport)
    passport.tenant.fault("users.delete", **fault)
    with pytest.raises(RetryLater) as caught:
        tasks.remove_guest(account_id=account.pk)

    assert caught.value.seconds >= 300
    assert not Failure.objects.exists()


# The withdrawn invitation


def test_asking_from_a_withdrawn_invitation_is_about_the_address_on_file_only(passport):
    """Whoever holds the link can only make VM look at the vendor: nothing that they type goes anywhere."""
    passport.invited(DORA)
    link = links.welcome_url(Invitation.objects.get())
    invitations.withdraw(Invitation.objects.get())
    stranger = passport.person("stranger@mail.example")
    for _press in range(3):
        stranger.go(link)
        assert {field.name for field in stranger.form("ask-vm").fields} == {"csrfmiddlewaretoken"}
        stranger.submit("ask-vm")
        assert DORA not in stranger.page.html, "masked: the reader may be anybody"
    passport.work()

    case = Failure.objects.get()
    assert (case.reason, case.address, case.count) == ("asks_for_invitation", DORA, 3)
    [message] = passport.vm_mail(kind="failure")
    assert DORA in message["text"].splitlines()
    assert not [mail for mail in passport.tenant.mails("stranger@mail.example")]


def test_withdrawn_one_lets_nobody_in_until_vm_invites_again(passport):
    vendor = passport.invited(DORA)
    call_command("reinvite_vendor", DORA)
    passport.work()
    lifecycle.withdraw_invitation(vendor)
    vendor.refresh_from_db()
    assert vendor.state == VendorState.PREPARED
    assert not EntraAccount.objects.live().exists()
    lifecycle.invite(vendor)
    passport.work()

    passport.signed_in(DORA)
    assert isinstance(EntraAccount.objects.live().get().oid, uuid.UUID)

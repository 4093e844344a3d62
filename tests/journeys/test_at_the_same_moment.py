"""Somebody signs in while VM, the worker or another tab does something about the same person.

Whoever has to wait for the person holds nothing else of theirs, so no two of them can wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from identity import accounts
from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Invitation, Session, User
from onboarding.models import Submission
from onboarding.review import decide as review
from tests.factories import become, create_account, create_email_change, create_invitation, create_vendor
from tests.passport_fixture import Passport, in_thread
from tests.person import Person
from tests.waiting import somebody_waits_for_us, wait_for
from vendors import lifecycle, signing_out
from vendors.closing import lifecycle as closing
from vendors.duplicates import lifecycle as duplicates
from vendors.email_change import lifecycle as email_change
from vendors.models import ClosedAs, EmailChange, Vendor, VendorState

DORA = "dora@mail.example"


def meanwhile(action: Callable[[], Any], *, user: User, change: Callable[[], None] = lambda: None) -> Any:
    """The action, held up by somebody who holds the person: it holds none of their rows itself at that moment.

    `change` is what that somebody does before they let go.
    """
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(in_thread(action))
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run)
    with transaction.atomic():
        accounts.lock_person(user.pk)
        thread.start()
        wait_for(somebody_waits_for_us)
        for rows in (
            EntraAccount.objects.filter(user=user),
            Invitation.objects.filter(user=user),
            Vendor.objects.filter(user=user),
            EmailChange.objects.filter(vendor__user=user),
            Submission.objects.filter(vendor__user=user),
        ):
            list(rows.select_for_update(of=("self",), nowait=True, no_key=True))
        change()
    thread.join(60)
    [result] = results
    return result


def change_of(vendor: Vendor) -> EmailChange:
    old = EntraAccount.objects.get(user=vendor.user)
    new = create_account(user=vendor.user, address="new@mail.example")
    Vendor.objects.filter(pk=vendor.pk).update(primary_email="new@mail.example")
    invitation = create_invitation(user=vendor.user, address="new@mail.example", account=new)
    return create_email_change(
        vendor=vendor,
        old=vendor.primary_email,
        new="new@mail.example",
        old_account=old,
        invitation=invitation,
    )


def close_as_duplicate(vendor: Vendor) -> None:
    pair = duplicates.compare(vendor, create_vendor(state=VendorState.APPROVED))
    duplicates.close_as_duplicate(pair, vendor, by=None, reason="the same person")


S = VendorState
ACTIONS: dict[str, tuple[VendorState, Callable[[Vendor], Any]]] = {
    "invite": (S.PREPARED, lifecycle.invite),
    "send again": (S.INVITED, lifecycle.resend_invitation),
    "withdraw": (S.INVITED, lifecycle.withdraw_invitation),
    "run out": (S.INVITED, lambda vendor: invitations.withdraw(Invitation.objects.get())),
    "suspend": (S.APPROVED, lifecycle.suspend),
    "reinstate": (S.SUSPENDED, lifecycle.reinstate),
    "end": (S.APPROVED, lifecycle.end),
    "reopen": (S.ENDED, lifecycle.reopen),
    "end all sessions": (S.APPROVED, signing_out.sign_out),
    "erase": (S.APPROVED, lambda vendor: lifecycle.erase(vendor, reason="asked for it")),
    "decline": (S.SUBMITTED, lambda vendor: review.decline(Submission.objects.get(), by=None, reason="no work")),
    "close": (S.SUBMITTED, lambda vendor: closing.close(vendor, closed_as=ClosedAs.MISTAKE)),
    "close as a duplicate": (S.APPROVED, lambda vendor: close_as_duplicate(vendor)),
    "change the address": (
        S.APPROVED,
        lambda vendor: email_change.start(vendor, new="other@mail.example", reason="asked for it"),
    ),
    "repair": (S.APPROVED, email_change.repair),
    "revoke": (S.APPROVED, lambda vendor: accounts.revoke(EntraAccount.objects.get(), why="withdrawn")),
}
CHANGES: dict[str, Callable[[EmailChange], Any]] = {
    "undo": email_change.undo,
    "cut off": email_change.cut_off,
    "confirm": lambda change: email_change.note_sign_in(change.vendor, account=change.invitation.account),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("state", "action"), ACTIONS.values(), ids=ACTIONS)
def test_whoever_waits_for_the_person_holds_nothing_of_theirs(state, action):
    vendor = create_vendor(state=state)
    result = meanwhile(lambda: action(Vendor.objects.get()), user=vendor.user)

    assert not isinstance(result, Exception), result


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", CHANGES.values(), ids=CHANGES)
def test_whoever_waits_to_settle_a_change_holds_nothing(action):
    change = change_of(create_vendor(state=VendorState.APPROVED))
    result = meanwhile(
        lambda: action(EmailChange.objects.select_related("vendor__user").get()), user=change.vendor.user
    )

    assert not isinstance(result, Exception), result


@pytest.mark.parametrize("answer", ["", "refused"])
def test_worker_that_has_its_answer(passport, answer):
    vendor = lifecycle.add(name="Somebody", primary_email=DORA, language="en-GB")
    lifecycle.invite(vendor)
    if answer == "refused":
        passport.tenant.fault("invitations", status=400, body={"error": {"code": "BadRequest", "message": "no"}})

    result = meanwhile(passport.work, user=vendor.user)

    assert not isinstance(result, Exception), result
    assert Invitation.objects.get().state == (answer or Invitation.State.SENT)


def test_sign_in(passport):
    vendor = passport.invited(DORA)
    person = passport.person(DORA)

    assert meanwhile(lambda: sign_in(passport, person), user=vendor.user) == "/stay-signed-in/"


@pytest.mark.parametrize(("own", "target"), [("yes", "/stay-signed-in/"), ("no", "/sign-in/problem/")])
def test_answer_whose_account_it_is(passport, own, target):
    vendor = passport.invited(DORA)
    person = passport.person("sandbox-ana@gmail.com")
    person.go(passport.tenant.wait_for_mail(DORA, "invited you to collaborate")["accept_url"])
    person.authenticate()
    sign_in(passport, person)
    assert person.page.path == "/own-account/", person.page

    meanwhile(lambda: person.submit("own-account", button=("own", own)) and None, user=vendor.user)

    assert person.page.path.startswith(target), person.page


SHUT_OUT: dict[str, tuple[VendorState, Callable[[Vendor], Any]]] = {
    "suspend": (S.ONBOARDING, lifecycle.suspend),
    "suspend before the first sign-in": (S.INVITED, lifecycle.suspend),
    "end": (S.APPROVED, lifecycle.end),
    "decline": (S.SUBMITTED, lambda vendor: lifecycle.decline(vendor, by=None, reason="no work")),
    "close": (S.ONBOARDING, lambda vendor: closing.close(vendor, closed_as=ClosedAs.NOT_SUITABLE)),
}


def at_the_tenant(passport: Passport, state: VendorState) -> Vendor:
    vendor = create_vendor(state=state, primary_email=DORA)
    guest = passport.tenant.add_guest(DORA, accepted=True)
    become(EntraAccount.objects.filter(user=vendor.user), guest)
    return vendor


@pytest.mark.parametrize(("state", "action"), SHUT_OUT.values(), ids=SHUT_OUT)
def test_shut_out_just_before_the_sign_in(passport, state, action):
    """It waits for VM's button and sees what that did."""
    vendor = at_the_tenant(passport, state)
    person = passport.person(DORA)

    path = meanwhile(lambda: sign_in(passport, person), user=vendor.user, change=lambda: action(Vendor.objects.get()))

    assert path.startswith("/sign-in/problem/")
    assert not Session.objects.filter(user=vendor.user).exists()


@pytest.mark.parametrize(("state", "action"), SHUT_OUT.values(), ids=SHUT_OUT)
def test_shut_out_just_after_the_sign_in(passport, state, action):
    """VM's button waits for the sign-in and ends its session, whatever the page showed when it was pressed."""
    vendor = at_the_tenant(passport, state)
    as_shown = Vendor.objects.get()
    person = passport.person(DORA)
    sign_in(passport, person)
    assert Session.objects.filter(user=vendor.user).exists()

    action(as_shown)

    assert not Session.objects.filter(user=vendor.user).exists()
    vendor.refresh_from_db()
    assert vendor.state in (VendorState.SUSPENDED, VendorState.ENDED, VendorState.DECLINED)
    assert person.go(f"{passport.url}/onboarding/answers.json").path == "/sign-in/"


def sign_in(passport: Passport, person: Person) -> str:
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    return person.page.path

"""Closing from every state, and the way back to it."""

import pytest
from django.utils import timezone

from identity import accounts
from identity.failures import cases
from identity.models import EntraAccount, Failure, Invitation, Session
from identity.sign_in import pipeline
from identity.sign_in.pipeline import NotAllowed
from onboarding.models import Draft, Submission
from onboarding.review import decide
from onboarding.submission import lifecycle as submissions
from tests.clients import signed_in
from tests.factories import (
    create_account,
    create_draft,
    create_email_change,
    create_invitation,
    create_submission,
    create_vendor,
)
from tests.records import events, jobs, live_addresses
from vendors import hooks, lifecycle
from vendors.closing import lifecycle as closing
from vendors.email_change import guests
from vendors.models import ClosedAs, EmailChange, EmailChangeRequest, Vendor, VendorState

pytestmark = pytest.mark.django_db

S = VendorState


def close(vendor: Vendor, closed_as: ClosedAs = ClosedAs.NOT_SUITABLE, **arguments) -> None:
    closing.close(vendor, closed_as=closed_as, **arguments)
    vendor.refresh_from_db()


@pytest.mark.parametrize("state", Vendor.APPLYING)
@pytest.mark.parametrize("closed_as", closing.REASONS_TO_CLOSE)
def test_applicant_is_closed_from_every_state_and_reopened_to_it(state, closed_as, vera):
    vendor = create_vendor(state=state)
    addresses = live_addresses(vendor.user)
    signed_in(vendor.user)

    close(vendor, closed_as, by=vera, reason="said so on the phone")

    assert (vendor.state, vendor.closed_from, vendor.closed_as) == (S.DECLINED, state, closed_as)
    assert live_addresses(vendor.user) == []
    assert not Session.objects.exists()
    assert not Invitation.objects.open().exists()
    [event] = vendor.events.filter(kind="declined")
    assert (event.by, event.reason, event.data) == (vera, "said so on the phone", {"closed_as": closed_as})

    lifecycle.reopen(vendor, by=vera, reason="a mistake")

    vendor.refresh_from_db()
    assert (vendor.state, vendor.closed_from, vendor.closed_as) == (state, "", "")
    assert live_addresses(vendor.user) == addresses
    # Whoever never signed in may have lost the old email by now.
    assert Invitation.objects.open().count() == (1 if state == S.INVITED else 0)


@pytest.mark.parametrize("suspended_from", Vendor.LIVE)
def test_suspended_vendor_is_ended_or_declined_by_where_they_were(suspended_from):
    vendor = create_vendor(state=suspended_from)
    lifecycle.suspend(vendor, reason="on leave")
    right, wrong = ("end", "decline") if suspended_from == S.APPROVED else ("decline", "end")

    with pytest.raises(lifecycle.WrongState):
        getattr(lifecycle, wrong)(vendor)
    getattr(lifecycle, right)(vendor)
    vendor.refresh_from_db()
    assert (vendor.state, vendor.closed_from) == (S.ENDED if right == "end" else S.DECLINED, S.SUSPENDED)
    lifecycle.reopen(vendor)

    vendor.refresh_from_db()
    assert vendor.state == S.SUSPENDED
    assert not Invitation.objects.filter(state="queued").exists(), "nobody who is suspended is invited"
    lifecycle.reinstate(vendor)
    vendor.refresh_from_db()
    assert vendor.state == (S.PREPARED if suspended_from == S.INVITED else suspended_from)


def test_only_what_closing_revoked_comes_back():
    vendor = create_vendor(state=S.APPROVED)
    for why in (EntraAccount.Revoked.CUT_OFF, EntraAccount.Revoked.DISOWNED):
        account = create_account(user=vendor.user, address=f"{why}@mail.example", used=True)
        EntraAccount.objects.filter(pk=account.pk).update(revoked_at=timezone.now(), revoked_why=why)

    closing.end(vendor)
    lifecycle.reopen(vendor)

    assert live_addresses(vendor.user) == [vendor.primary_email]
    assert not Invitation.objects.filter(state="queued").exists()


def test_vendor_whose_guest_is_gone_is_invited_when_reopened():
    vendor = create_vendor(state=S.ENDED)
    EntraAccount.objects.update(guest_removed_at=timezone.now())

    lifecycle.reopen(vendor)

    assert live_addresses(vendor.user) == []
    assert Invitation.objects.get(state="queued").address == vendor.primary_email
    assert events(vendor) == ["reopened", "invited_again"]


def test_open_email_change_ends_and_the_old_address_does_not_come_back():
    vendor = create_vendor(state=S.APPROVED, primary_email="old@mail.example")
    old = EntraAccount.objects.get()
    Vendor.objects.update(primary_email="new@mail.example")
    new = create_account(user=vendor.user, address="new@mail.example")
    invitation = create_invitation(user=vendor.user, address="new@mail.example", account=new)
    change = create_email_change(vendor=vendor, new="new@mail.example", old_account=old, invitation=invitation)
    cases.report(stage="email_change", reason="change_not_accepted", user=vendor.user, address="new@mail.example")

    closing.end(vendor)

    change.refresh_from_db()
    assert change.state == EmailChange.State.CONFIRMED
    assert not Vendor.objects.get().has_open_email_change
    assert Failure.objects.get().state == "resolved"
    lifecycle.reopen(vendor)
    assert live_addresses(vendor.user) == ["new@mail.example"]
    assert Invitation.objects.get(state="queued").address == "new@mail.example", "no one has signed in with it yet"


def test_open_repair_ends():
    vendor = create_vendor(state=S.APPROVED)
    change = create_email_change(vendor=vendor, old=vendor.primary_email, mode=EmailChange.Mode.REPAIR)

    closing.end(vendor)

    change.refresh_from_db()
    assert change.state == EmailChange.State.UNDONE


def test_guest_stays_for_as_long_as_the_vendor_can_be_reopened():
    vendor = create_vendor(state=S.ENDED)
    EntraAccount.objects.update(revoked_at=timezone.now() - guests.KEPT_FOR * 2)

    guests.remove_left_over()
    assert jobs("identity.tasks.remove_guest") == []

    lifecycle.reopen(vendor)
    EntraAccount.objects.update(revoked_at=timezone.now() - guests.KEPT_FOR * 2, revoked_why="cut_off")
    guests.remove_left_over()
    assert len(jobs("identity.tasks.remove_guest")) == 1


@pytest.mark.parametrize(
    ("closed_as", "submission_state"), [(ClosedAs.NOT_SUITABLE, "declined"), (ClosedAs.WITHDREW, "withdrawn")]
)
def test_submission_waits_no_more_and_again_when_reopened(closed_as, submission_state, vera):
    vendor = create_vendor(state=S.SUBMITTED)
    create_draft(vendor=vendor)

    close(vendor, closed_as, by=vera)

    submission = Submission.objects.get()
    assert (submission.state, submission.reviewed_by) == (submission_state, vera)
    assert jobs("onboarding.tasks.mail_declined") == [], "the vendor hears what VM writes, or nothing"
    with pytest.raises(submissions.NotWaiting):
        decide.approve(submission, by=vera)
    lifecycle.reopen(vendor)
    submission.refresh_from_db()
    assert submission.state == "waiting"


def test_suspended_applicants_submission_waits_again_once_reopened_and_reinstated():
    vendor = create_vendor(state=S.SUBMITTED)
    lifecycle.suspend(vendor)
    close(vendor)
    assert Submission.objects.get().state == "declined"

    lifecycle.reopen(vendor)
    lifecycle.reinstate(vendor)

    assert Submission.objects.get().state == "waiting"


def test_changes_can_be_sent_again_once_reopened():
    vendor = create_vendor(state=S.CHANGES_REQUESTED)
    create_submission(vendor=vendor, state=Submission.State.CHANGES_REQUESTED)

    close(vendor, ClosedAs.WITHDREW)
    lifecycle.reopen(vendor)

    assert Submission.objects.get().state == "changes_requested"
    assert Draft.objects.get().left_at is not None


def test_request_for_another_address_is_dropped(vera):
    vendor = create_vendor(state=S.APPROVED)
    EmailChangeRequest.objects.create(vendor=vendor, new="new@mail.example", proven_at=timezone.now())

    closing.end(vendor, by=vera)

    request = EmailChangeRequest.objects.get()
    assert (request.state, request.decided_by) == ("withdrawn", vera)


@pytest.mark.parametrize(
    ("state", "closed_as", "reason"),
    [
        (S.ONBOARDING, ClosedAs.NOT_SUITABLE, "vendor_declined"),
        (S.ONBOARDING, ClosedAs.WITHDREW, "vendor_withdrew"),
        (S.INVITED, ClosedAs.MISTAKE, "vendor_declined"),
    ],
)
def test_closed_vendor_reads_why(state, closed_as, reason):
    vendor = create_vendor(state=state)
    close(vendor, closed_as)

    with pytest.raises(NotAllowed) as refused:
        hooks.admit(None, vendor.user, vendor.user.accounts.get())

    assert refused.value.reason == reason


def test_duplicate_is_not_reopened():
    vendor = create_vendor(state=S.ONBOARDING)
    close(vendor, ClosedAs.DUPLICATE)

    with pytest.raises(lifecycle.ClosedAsDuplicate, match="closed as a duplicate"):
        lifecycle.reopen(vendor)

    assert not vendor.can("reopen")


def test_whoever_is_second_to_close_changes_nothing():
    vendor = create_vendor(state=S.ONBOARDING)
    stale = Vendor.objects.get()
    close(vendor, ClosedAs.MISTAKE)

    with pytest.raises(lifecycle.WrongState):
        closing.close(stale, closed_as=ClosedAs.NOT_SUITABLE)

    vendor.refresh_from_db()
    assert vendor.closed_as == ClosedAs.MISTAKE
    assert events(vendor) == ["declined"]


def test_closing_what_the_vendor_has_just_sent_is_refused():
    vendor = create_vendor(state=S.ONBOARDING)
    stale = Vendor.objects.get()
    lifecycle.submit(vendor)
    create_submission(vendor=vendor)

    with pytest.raises(lifecycle.WrongState, match="submitted"):
        closing.close(stale, closed_as=ClosedAs.NOT_SUITABLE)

    assert Submission.objects.get().state == "waiting"


def test_account_that_closing_revoked_opens_nothing_whatever_the_state_says():
    """The pipeline lets it as far as the state, which says why; this is the gate behind it."""
    vendor = create_vendor(state=S.APPROVED)
    account = vendor.user.accounts.get()
    accounts.revoke(account, why=EntraAccount.Revoked.CLOSED)
    assert hooks.admit(None, vendor.user, account) == {"vendor": vendor}

    with pytest.raises(NotAllowed) as refused:
        pipeline.accept(None, vendor.user, account)

    assert refused.value.reason == "access_revoked"

import uuid

import pytest

from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import EntraAccount, Invitation, Session
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_account, create_email_change, create_invitation, create_staff, create_vendor
from tests.records import events, jobs
from vendors import lifecycle
from vendors.going_live import lifecycle as going_live
from vendors.models import EmailChange, Vendor, VendorState
from vendors.situation import Situation

pytestmark = pytest.mark.django_db

S = VendorState
# What each transition needs, from where it is allowed, where it leads, and what it leaves in the history.
TRANSITIONS = {
    "invite": (lifecycle.invite, {}, {S.PREPARED: S.INVITED}, "invited"),
    "withdraw_invitation": (
        lifecycle.withdraw_invitation,
        {},
        {S.INVITED: S.PREPARED},
        "invitation_withdrawn",
    ),
    "start_onboarding": (lifecycle.start_onboarding, {}, {S.INVITED: S.ONBOARDING}, "signed_in_first"),
    "submit": (
        lifecycle.submit,
        {},
        {S.ONBOARDING: S.SUBMITTED, S.CHANGES_REQUESTED: S.SUBMITTED},
        "submitted",
    ),
    "bind": (going_live.bind, {"oid": uuid.uuid4()}, {S.PREPARED: S.INVITED}, "guest_bound"),
    "carry_over": (going_live.carry_over, {}, {S.PREPARED: S.APPROVED}, "carried_over"),
    "approve": (lifecycle.approve, {"by": None}, {S.SUBMITTED: S.APPROVED}, "approved"),
    "request_changes": (
        lifecycle.request_changes,
        {"by": None, "reason": "CV missing"},
        {S.SUBMITTED: S.CHANGES_REQUESTED},
        "changes_requested",
    ),
    "decline": (
        lifecycle.decline,
        {"by": None, "reason": "no"},
        dict.fromkeys([S.PREPARED, S.INVITED, S.ONBOARDING, S.SUBMITTED, S.CHANGES_REQUESTED], S.DECLINED),
        "declined",
    ),
    "withdraw": (
        lifecycle.withdraw,
        {},
        dict.fromkeys([S.ONBOARDING, S.SUBMITTED, S.CHANGES_REQUESTED], S.DECLINED),
        "withdrew",
    ),
    "suspend": (
        lifecycle.suspend,
        {},
        dict.fromkeys([S.PREPARED, S.INVITED, S.ONBOARDING, S.SUBMITTED, S.CHANGES_REQUESTED, S.APPROVED], S.SUSPENDED),
        "suspended",
    ),
    "reinstate": (lifecycle.reinstate, {}, {S.SUSPENDED: S.APPROVED}, "reinstated"),
    "end": (lifecycle.end, {}, dict.fromkeys([S.APPROVED, S.SUSPENDED], S.ENDED), "ended"),
    "reopen": (lifecycle.reopen, {}, {S.ENDED: S.APPROVED, S.DECLINED: S.SUBMITTED}, "reopened"),
    "erase": (
        lifecycle.erase,
        {"reason": "asked for it"},
        dict.fromkeys([state for state in S if state != S.ERASED], S.ERASED),
        "erased",
    ),
}
ALLOWED = [(name, state) for name, (_run, _args, moves, _kind) in TRANSITIONS.items() for state in moves]
WRONG = [
    (name, state)
    for name, (_run, _args, moves, _kind) in TRANSITIONS.items()
    for state in VendorState
    if state not in moves
]


def test_every_move_of_the_table_is_tested():
    assert TRANSITIONS.keys() == Vendor.MOVES.keys()
    moves_of = {name: set(moves) for name, (_r, _a, moves, _k) in TRANSITIONS.items()}
    moves_of["decline"].add(S.SUSPENDED)  # by where it was suspended from: tests/vendors/closing/test_lifecycle.py
    assert moves_of == {name: set(moves) for name, moves in Vendor.MOVES.items()}


@pytest.mark.parametrize(("name", "state"), ALLOWED)
def test_transition_is_allowed_once_and_recorded(name, state):
    run, arguments, moves, kind = TRANSITIONS[name]
    vendor = create_vendor(state=state)
    before = vendor.state_changed_at
    stale = Vendor.objects.get(pk=vendor.pk)

    run(vendor, **arguments)

    vendor.refresh_from_db()
    assert vendor.state == moves[state]
    assert vendor.state_changed_at > before
    assert events(vendor) == [kind]
    with pytest.raises(lifecycle.WrongState):
        run(stale, **arguments)
    assert Vendor.objects.get(pk=vendor.pk).state == moves[state]
    assert events(vendor) == [kind]


@pytest.mark.parametrize(("name", "state"), WRONG)
def test_transition_is_refused_from_a_wrong_state(name, state):
    run, arguments, _moves, _kind = TRANSITIONS[name]
    vendor = create_vendor(state=state)

    with pytest.raises(lifecycle.WrongState, match=str(vendor.get_state_display())):
        run(vendor, **arguments)

    vendor.refresh_from_db()
    assert vendor.state == state
    assert events(vendor) == []


@pytest.mark.parametrize("state", Vendor.LIVE)
def test_reinstate_leads_back_to_where_it_was(state):
    vendor = create_vendor(state=state)

    lifecycle.suspend(vendor, reason="on leave")
    lifecycle.reinstate(vendor)

    vendor.refresh_from_db()
    assert (vendor.state, vendor.suspended_from) == (state, "")


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (lifecycle.suspend, S.APPROVED),
        (lifecycle.end, S.APPROVED),
        (lifecycle.decline, S.SUBMITTED),
        (lifecycle.erase, S.APPROVED),
    ],
)
def test_whoever_is_shut_out_is_signed_out_everywhere(command, state):
    vendor, other = create_vendor(state=state), create_vendor(state=S.APPROVED)
    signed_in(vendor.user), signed_in(vendor.user), signed_in(other.user)

    command(vendor, by=None, reason="why")

    assert list(Session.objects.values_list("user", flat=True)) == [other.user_id]


def test_refusal_leaves_sessions_alone():
    vendor = create_vendor(state=S.ENDED)
    signed_in(vendor.user)

    with pytest.raises(lifecycle.WrongState):
        lifecycle.suspend(vendor)

    assert Session.objects.count() == 1


def test_add_makes_a_prepared_vendor_with_a_user_of_its_own(vera):
    vendor = lifecycle.add(
        name="Ana Almeida", primary_email=" Ana@Mail.EXAMPLE ", language="pt-PT", owner=vera, by=vera, via=""
    )

    vendor.refresh_from_db()
    assert (vendor.primary_email, vendor.state, vendor.language) == ("Ana@mail.example", "prepared", "pt-PT")
    assert vendor.owner == vera
    assert not vendor.user.is_staff
    assert vendor.user.email == ""
    assert events(vendor) == ["added"]
    assert vendor.events.get().by == vera


@pytest.mark.parametrize("address", ["", "ana", "ana@", "@mail.example", "a b@mail.example", "ana+x@mail.example"])
def test_add_refuses_an_address_that_cannot_be_invited(address):
    with pytest.raises(AddressNotInvitable):
        lifecycle.add(name="Ana", primary_email=address, language="en-GB")

    assert not Vendor.objects.exists()


def test_invite_queues_one_invitation_in_the_vendors_language(vera):
    vendor = create_vendor(language="pl-PL", primary_email="ana@mail.example")

    invitation = lifecycle.invite(vendor, by=vera)

    assert Invitation.objects.get() == invitation
    assert (invitation.address, invitation.language, invitation.state, invitation.by) == (
        "ana@mail.example",
        "pl-PL",
        "queued",
        vera,
    )
    assert vendor.events.get().data == {"invitation": str(invitation.pk)}
    assert jobs("identity.tasks.send_invitation") == [{"invitation_id": str(invitation.pk)}]


def test_resend_supersedes_the_invitation():
    vendor = create_vendor(state=S.INVITED)
    first = Invitation.objects.get()

    second = lifecycle.resend_invitation(vendor, via="reinvite_vendor")

    first.refresh_from_db()
    assert (first.state, second.state, second.why) == ("superseded", "queued", "resent")
    assert vendor.state == S.INVITED
    event = vendor.events.get()
    assert (event.kind, event.via) == ("invited_again", "reinvite_vendor")


def test_resend_after_a_refusal_works():
    vendor = create_vendor(state=S.PREPARED)
    lifecycle.invite(vendor)
    Invitation.objects.update(state=Invitation.State.REFUSED)

    assert lifecycle.resend_invitation(vendor).state == "queued"


@pytest.mark.parametrize("state", [S.ONBOARDING, S.SUBMITTED, S.CHANGES_REQUESTED, S.APPROVED])
def test_resend_to_somebody_who_has_signed_in_is_refused(state):
    vendor = create_vendor(state=state)

    with pytest.raises(lifecycle.HasSignedIn):
        lifecycle.resend_invitation(vendor)

    assert not Invitation.objects.filter(state="queued").exists()


@pytest.mark.parametrize("state", [S.PREPARED, S.SUSPENDED, S.ENDED, S.DECLINED, S.ERASED])
def test_resend_is_refused_where_nobody_may_come_in(state):
    vendor = create_vendor(state=state)

    with pytest.raises(lifecycle.WrongState):
        lifecycle.resend_invitation(vendor)


def test_resend_during_an_email_change_goes_to_the_new_address_and_belongs_to_the_change():
    vendor = create_vendor(state=S.APPROVED)
    change = create_email_change(vendor=vendor, new=vendor.primary_email)

    invitation = lifecycle.resend_invitation(vendor)

    change.refresh_from_db()
    assert change.invitation == invitation
    assert invitation.address == vendor.primary_email


def test_resend_to_somebody_whose_only_account_was_taken_away_works():
    vendor = create_vendor(state=S.ONBOARDING)
    EntraAccount.objects.update(revoked_at="2026-01-01T00:00Z", revoked_why="disowned")

    assert lifecycle.resend_invitation(vendor).state == "queued"


def test_withdraw_takes_the_access_away():
    vendor = create_vendor(state=S.INVITED)
    account = EntraAccount.objects.get()

    lifecycle.withdraw_invitation(vendor)

    account.refresh_from_db()
    assert Invitation.objects.get().state == "withdrawn"
    assert (account.is_live, account.revoked_why) == (False, "withdrawn")


def test_withdraw_takes_the_access_away_when_graph_has_refused_to_invite_again():
    vendor = create_vendor(state=S.INVITED)
    again = lifecycle.resend_invitation(vendor)
    Invitation.objects.filter(pk=again.pk).update(state=Invitation.State.REFUSED)

    lifecycle.withdraw_invitation(vendor)

    assert not EntraAccount.objects.live().exists()


def test_withdraw_leaves_a_corrected_address_as_the_address():
    vendor = create_vendor(state=S.INVITED)
    change = create_email_change(vendor=vendor, mode=EmailChange.Mode.CORRECTION)

    lifecycle.withdraw_invitation(vendor)

    change.refresh_from_db()
    assert change.state == "confirmed"
    assert change.closed_at is not None


def test_withdrawn_vendor_can_be_invited_again():
    vendor = create_vendor(state=S.INVITED)
    lifecycle.withdraw_invitation(vendor)

    lifecycle.invite(vendor)

    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["queued", "withdrawn"]


def test_reopening_a_declined_vendor_puts_the_submission_back():
    vendor = create_vendor(state=S.DECLINED)
    Submission.objects.update(reviewed_by=create_staff(), reviewed_at="2026-01-01T00:00Z")

    lifecycle.reopen(vendor, reason="second thoughts")

    submission = Submission.objects.get()
    assert (submission.state, submission.reviewed_at, submission.reviewed_by) == ("waiting", None, None)


def test_reopening_an_ended_vendor_leaves_submissions_alone():
    vendor = create_vendor(state=S.ENDED)
    Submission.objects.create(vendor=vendor, token=uuid.uuid4(), answers={}, state="approved")

    lifecycle.reopen(vendor)

    assert Submission.objects.get().state == "approved"


def test_event_holds_references_and_no_address():
    vendor = create_vendor(primary_email="ana@mail.example")

    lifecycle.invite(vendor)
    lifecycle.resend_invitation(vendor)
    lifecycle.withdraw_invitation(vendor)

    assert "ana@" not in str(list(vendor.events.values("data", "reason", "via")))


def test_a_live_account_of_another_vendor_survives_a_withdrawal():
    vendor, other = create_vendor(state=S.INVITED), create_vendor(state=S.INVITED)

    lifecycle.withdraw_invitation(vendor)

    assert EntraAccount.objects.get(user=other.user).is_live
    assert Invitation.objects.get(user=other.user).state == "sent"


def test_may_invite_again_agrees_with_the_buttons():
    """See also actions.Situation.awaits_sign_in."""
    cases = []
    for state in VendorState:
        cases.append(create_vendor(state=state))
    with_change = create_vendor(state=S.APPROVED)
    create_email_change(vendor=with_change)
    without_access = create_vendor(state=S.APPROVED)
    EntraAccount.objects.filter(user=without_access.user).update(revoked_at="2026-01-01T00:00Z")
    unused_second = create_vendor(state=S.APPROVED)
    create_account(user=unused_second.user, address="second@mail.example")
    create_invitation(user=unused_second.user, address="second@mail.example")
    cases += [with_change, without_access, unused_second]

    for vendor in cases:
        assert Situation(vendor).awaits_sign_in == lifecycle.may_invite_again(vendor), vendor.state

"""Every change of an invitation's state goes by the table of allowed moves."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from identity.invitations import lifecycle as invitations
from identity.invitations import sending
from identity.models import Failure, Invitation
from tests.factories import create_account, create_invitation
from vendors import lifecycle
from vendors.models import Vendor

State = Invitation.State
DORA = "dora@mail.example"


def send(invitation: Invitation) -> None:
    """Graph is asked and says yes."""
    sending.send(invitation)


def refuse(invitation: Invitation) -> None:
    """Graph is asked and says no."""
    Invitation.objects.filter(pk=invitation.pk).update(address="refused@mail.example")
    invitation.refresh_from_db()
    sending.send(invitation)


def supersede(invitation: Invitation) -> None:
    invitations.invite(invitation.user, address=DORA, language="en-GB", why=Invitation.Why.RESENT)


TRANSITIONS: dict[str, Callable[[Invitation], Any]] = {
    "send": send,
    "refuse": refuse,
    "accept": invitations.accept,
    "supersede": supersede,
    "withdraw": invitations.withdraw,
}
MOVES = [(move, origin) for move in TRANSITIONS for origin in State]


@pytest.fixture
def tenant(passport):
    passport.tenant.fault(
        "invitations", match="refused@mail.example", count=None, status=400, body={"error": {"code": "BadRequest"}}
    )
    return passport.tenant


def invitation_in(state: str) -> Invitation:
    vendor: Vendor = lifecycle.add(name="Somebody", primary_email=DORA, language="en-GB")
    account = None
    if state in (State.SENT, State.ACCEPTED):
        account = create_account(user=vendor.user, address=DORA, used=state == State.ACCEPTED)
    return create_invitation(user=vendor.user, address=DORA, account=account, state=state)


def attempt(move: str, invitation: Invitation) -> str:
    """What has become of it."""
    with contextlib.suppress(invitations.WrongState):
        TRANSITIONS[move](invitation)
    return Invitation.objects.get(pk=invitation.pk).state


def test_every_move_is_tried():
    assert TRANSITIONS.keys() == Invitation.MOVES.keys()


@pytest.mark.parametrize(("move", "origin"), MOVES)
def test_move_is_made_where_the_table_allows_it_and_nowhere_else(tenant, move, origin):
    invitation = invitation_in(origin)

    assert attempt(move, invitation) == Invitation.MOVES[move].get(origin, origin)


@pytest.mark.parametrize("move", TRANSITIONS)
def test_no_move_is_made_past_the_table(tenant, monkeypatch, move):
    """Each from where it is usually made, when the table allows it from elsewhere only."""
    origin, target = next(iter(Invitation.MOVES[move].items()))
    monkeypatch.setitem(Invitation.MOVES, move, {State.REFUSED: target})
    invitation = invitation_in(origin)

    assert attempt(move, invitation) == origin


@pytest.mark.parametrize("origin", [State.QUEUED, State.SENT])
def test_withdrawing_goes_by_the_row_and_not_by_what_was_read(tenant, origin):
    """VM looks at a queued invitation, and meanwhile the worker sends it."""
    invitation = invitation_in(origin)
    invitation.state = State.QUEUED

    invitations.withdraw(invitation)

    assert invitation.state == State.WITHDRAWN
    assert Invitation.objects.get().closed_at is not None


def test_answer_that_comes_after_a_withdrawal_changes_nothing(tenant):
    """Graph refuses the address while VM withdraws the invitation: there is no case about what nobody waits for."""
    invitation = invitation_in(State.QUEUED)
    stale = Invitation.objects.select_related("user").get(pk=invitation.pk)
    invitations.withdraw(invitation)

    sending._refuse(stale, "address_refused", "no")

    assert Invitation.objects.get().state == State.WITHDRAWN
    assert not Failure.objects.exists()

"""Asking Graph to invite, again and again until there is an answer, and keeping what it says."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from identity import accounts, outbound
from identity.failures import cases, reasons
from identity.invitations import guests, links
from identity.invitations import lifecycle as invitations
from identity.jobs import retries, side_effects
from identity.jobs.queue import defer
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, Invitation

Guests = dict[uuid.UUID, dt.datetime | None]  # object ID and since when it is there

LONG_PAUSE = 3600.0  # seconds
GIVE_UP_AFTER = dt.timedelta(days=3)
FINAL_SERVER_ERROR = 5  # the attempt from which on a plain 500 is the last word, whatever the earlier ones met
CLOCK_SKEW = dt.timedelta(minutes=2)  # at most, between Microsoft's clocks and ours, with the time a call takes


def send(invitation: Invitation) -> None:
    """Ask Graph to invite, outside any transaction, and keep what it answers.

    Does nothing when the invitation is not queued any more. Raise RetryLater when it must be tried again.
    """
    if invitation.next_try_at is not None and (early := (invitation.next_try_at - timezone.now()).total_seconds()) > 0:
        raise retries.RetryLater(early)  # the worker was killed before it had put the job off
    started = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.QUEUED).update(
        attempts=invitation.attempts + 1, next_try_at=None
    )
    if not started:
        return
    invitation.attempts += 1
    try:
        known = _look_up(invitation)
        for account in guests.disowned(invitation.user, known or ()):
            if not guests.remove_disowned(account):
                _refuse_disowned(invitation, account)
                return
            known = {oid: made_at for oid, made_at in (known or {}).items() if oid != account.oid}
        answer = _ask(invitation, known)
    except graph.GraphError as error:
        _not_sent(invitation, error)
        return
    try:
        sent = side_effects.keep(lambda: _keep(invitation, answer, known))
    except accounts.Disowned as refusal:
        _make_way(invitation, refusal.account)
    except accounts.BoundToSomebodyElse:
        _refuse(invitation, "guest_of_other_person", "Microsoft returned a guest who belongs to someone else.")
    except accounts.TooManyAccounts:
        _refuse(invitation, "too_many_accounts", "The person already has two accounts.")
    else:
        if sent:
            cases.resolve_for(
                invitation.user,
                stages=[Failure.Stage.INVITATION],
                how="invitation sent",
                common=Failure.Stage.INVITATION,
            )


def _look_up(invitation: Invitation) -> Guests | None:
    """Who has the address already; None without the right to look.

    A look-up that Graph does not understand is no answer about the address either: the invitation itself will tell.
    """
    try:
        return graph.users_at(invitation.address)
    except (graph.NotPermitted, graph.Refused, graph.NotFound):
        return None


def _make_way(invitation: Invitation, account: EntraAccount) -> None:
    """Graph answered with a disowned guest that the look-up did not show, as without the right to look."""
    try:
        is_removed = guests.remove_disowned(account)
    except graph.GraphError as error:
        _not_sent(invitation, error)
        return
    if is_removed:
        _not_sent(invitation, graph.Unavailable("Microsoft returned a guest that has since been removed."))
    else:
        _refuse_disowned(invitation, account)


def _refuse_disowned(invitation: Invitation, account: EntraAccount) -> None:
    summary = "Microsoft returned a guest that someone said was not theirs."
    _refuse(invitation, "disowned_guest", summary, detail={"oid": str(account.oid)})


def _ask(invitation: Invitation, known: Guests | None) -> graph.Invited:
    """Ask Graph to invite. A call that was to make a new guest is written down until Graph says what came of it.

    Its answer may get lost after Graph has made the guest, or the worker may be killed: the next look-up finds a guest
    and must know whose it is. If this very invitation made it, Microsoft has mailed it then and must not mail again.
    """
    is_news = known == {}
    if is_news:
        Invitation.objects.filter(pk=invitation.pk).update(asked_at=timezone.now())
    try:
        return graph.invite(
            invitation.address,
            redirect_url=links.welcome_url(invitation),
            language=invitation.language,
            mails=not _has_mailed(invitation, known),
        )
    except graph.GraphError as error:
        if is_news and not error.is_outcome_unknown:
            Invitation.objects.filter(pk=invitation.pk).update(asked_at=None)
        raise


def _has_mailed(invitation: Invitation, known: Guests | None) -> bool:
    """Has this very invitation made a guest, in a call whose answer was lost?"""
    asked_at = invitation.asked_at
    return asked_at is not None and any(
        made_at is not None and abs(made_at - asked_at) <= CLOCK_SKEW for made_at in (known or {}).values()
    )


def _is_made_here(invitation: Invitation, answer: graph.Invited, known: Guests | None) -> bool:
    """Did Passport make this guest? Only then may it ever remove it. Without the right to look: not to be believed."""
    if known is None:
        return False
    if not known:
        return True
    made_at = known.get(answer.oid)
    if made_at is None:
        return False
    # Also by an invitation that was replaced or given up meanwhile.
    unanswered = Invitation.objects.filter(user=invitation.user_id, address__iexact=invitation.address)
    return unanswered.filter(asked_at__range=(made_at - CLOCK_SKEW, made_at + CLOCK_SKEW)).exists()


@transaction.atomic
def _keep(invitation: Invitation, answer: graph.Invited, known_before: Guests | None) -> bool:
    created = _is_made_here(invitation, answer, known_before)
    user = accounts.lock_person(invitation.user_id)
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    known = accounts.live_accounts(user).filter(oid=answer.oid).first()
    if current.state != Invitation.State.QUEUED:
        # Withdrawn or superseded while Graph was working. The guest exists, but nobody may come in by it unless a newer
        # invitation binds it; the row lets the tidying remove it.
        Invitation.objects.filter(pk=current.pk).update(asked_at=None)
        if known is None:
            account = accounts.bind(user, oid=answer.oid, address=invitation.address, created_by_passport=created)
            accounts.revoke(account, why=EntraAccount.Revoked.WITHDRAWN)
        return False
    account = accounts.bind(user, oid=answer.oid, address=invitation.address, created_by_passport=created)
    invitations.move(
        current,
        "send",
        sent_at=timezone.now(),
        account=account,
        asked_at=None,
        graph_id=answer.graph_id,
        request_id=answer.request_id,
        reason="",
        last_error="",
    )
    invitations.tell(current, "same_guest" if known is not None and known.first_sign_in_at is not None else "sent")
    if known is not None and known.first_sign_in_at is not None:
        # An alias of a guest who has signed in before: there is nothing left to accept.
        invitations.accept(current)
    elif current.why == Invitation.Why.UNDO and account.first_sign_in_at is not None:
        # Back to the address of before, which was accepted then.
        invitations.accept(current)
        defer("identity.tasks.mail_invitation", invitation_id=str(current.pk))
    else:
        defer("identity.tasks.mail_invitation", invitation_id=str(current.pk))
    return True


def _not_sent(invitation: Invitation, error: graph.GraphError) -> None:
    now = timezone.now()
    if isinstance(error, graph.OnHold):
        Invitation.objects.filter(pk=invitation.pk).update(attempts=invitation.attempts - 1)
        raise retries.RetryLater(graph.SECONDS_ON_HOLD) from error
    if isinstance(error, graph.Throttled):
        invitation.attempts -= 1  # among ten thousand some are throttled often, which is no trouble of theirs
    if isinstance(error, graph.Refused):
        _refuse(invitation, error.reason, error.summary, request_id=error.request_id)
        return
    given_up = now - invitation.queued_at > GIVE_UP_AFTER or (
        isinstance(error, graph.ServerError) and invitation.attempts >= FINAL_SERVER_ERROR
    )
    waits_for_people = isinstance(error, graph.NotPermitted | graph.CredentialRefused)
    if given_up and not waits_for_people:
        _refuse(invitation, "graph_gave_up", error.summary, request_id=error.request_id)
        return
    failed = len(retries.DELAYS) if waits_for_people else invitation.attempts
    delay = retries.delay_after(failed, retry_after=error.retry_after)
    Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.QUEUED).update(
        attempts=invitation.attempts,
        next_try_at=now + dt.timedelta(seconds=delay),
        reason=error.reason,
        last_error=error.summary[:300],
        request_id=error.request_id,
    )
    if isinstance(error, graph.Throttled):
        is_news = delay > LONG_PAUSE
    else:
        is_news = waits_for_people or invitation.attempts == retries.TELL_AFTER_ATTEMPTS
    if is_news:
        cases.report(
            stage=Failure.Stage.INVITATION,
            reason=error.reason,
            user=invitation.user,
            address=invitation.address,
            detail={"said": error.summary, "request_id": error.request_id},
        )
    raise retries.RetryLater(delay)


def refuse_outdated(*, before: dt.datetime) -> int:
    """Those queued before that time, while outgoing traffic is on hold, are not asked for any more. How many.

    Raise outbound.NothingOnHold.
    """
    if not outbound.is_held():
        raise outbound.NothingOnHold
    outdated = Invitation.objects.filter(state=Invitation.State.QUEUED, queued_at__lt=before)
    return sum(
        _refuse(invitation, "outbound_dropped", "Out of date after waiting on hold.")
        for invitation in outdated.select_related("user")
    )


def _refuse(
    invitation: Invitation, reason: str, summary: str, *, request_id: str = "", detail: dict[str, str] | None = None
) -> bool:
    try:
        with transaction.atomic():
            accounts.lock_person(invitation.user_id)
            invitations.move(invitation, "refuse", reason=reason, last_error=summary[:300], request_id=request_id)
            invitations.tell(invitation, "refused")
    except invitations.WrongState:
        return False  # withdrawn or superseded meanwhile: nobody waits for it any more
    cases.resolve_for(
        invitation.user,
        stages=[Failure.Stage.INVITATION],
        reasons_only=reasons.COMMON_REASONS,
        how="invitation refused",
        got_further=False,
    )
    cases.report(
        stage=Failure.Stage.INVITATION,
        reason=reason,
        user=invitation.user,
        address=invitation.address,
        detail={"said": summary, "request_id": request_id, **(detail or {})},
    )
    return True

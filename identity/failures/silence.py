"""Sign-ins that never came back: Microsoft keeps some refusals on its own pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import cases, reasons
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, SignInAttempt, User

AT_ONCE = 500
REASON = "did_not_come_back"


def settle() -> None:
    """Close the attempts that have been silent for too long, with a case for whoever has not got in since."""
    silent = SignInAttempt.objects.filter(
        outcome=SignInAttempt.Outcome.PENDING,
        claimed_at=None,
        started_at__lt=timezone.now() - settings.SIGN_IN_SILENCE,
    )
    guests = _Guests()
    for attempt in silent.select_related("user").order_by("started_at")[:AT_ONCE]:
        is_nobodys = attempt.by_program or attempt.prompt == "none" or not (attempt.user_id or attempt.address)
        # Graph is asked first: whoever is killed while it thinks leaves the attempt to the next round.
        detail = {} if is_nobodys else _in_app(attempt) | guests.say_of(attempt.user)
        settled = SignInAttempt.objects.filter(pk=attempt.pk, outcome=SignInAttempt.Outcome.PENDING).update(
            outcome=SignInAttempt.Outcome.SILENT, transaction={}
        )
        if not settled or is_nobodys or _got_in(attempt):
            continue
        failure = _explained(attempt) or cases.report(
            stage=Failure.Stage.SIGN_IN,
            reason=REASON,
            user=attempt.user,
            address=attempt.address,
            detail=detail,
        )
        SignInAttempt.objects.filter(pk=attempt.pk).update(failure=failure)


class _Guests:
    """What the tenant says of those who have never got in. Once it does not answer, it is not asked again."""

    def __init__(self) -> None:
        self._answers = True

    def say_of(self, user: User | None) -> dict[str, Any]:
        account = EntraAccount.objects.live().filter(user=user, guest=True).order_by("created_at").last()
        if user is None or account is None or account.first_sign_in_at is not None or not self._answers:
            return {}
        try:
            return {reasons.HAS_ACCEPTED: graph.has_accepted(account.oid)}
        except graph.NotFound:
            return {reasons.HAS_ACCEPTED: False}
        except graph.GraphError:
            self._answers = False
            return {}


def _in_app(attempt: SignInAttempt) -> dict[str, Any]:
    return {"in_app": attempt.transaction["in_app"]} if "in_app" in attempt.transaction else {}


def explain(user: User) -> None:
    """Entra's log has said why, in a case of its own."""
    cases.resolve_for(
        user,
        stages=[Failure.Stage.SIGN_IN],
        reasons_only=[REASON],
        how=_("Entra's sign-in log says why: see the other case."),
        got_further=False,
    )


def _explained(attempt: SignInAttempt) -> Failure | None:
    """The case that Entra's log has made of it already."""
    if attempt.user_id is None:
        return None
    logged = Failure.objects.open().filter(subject=f"user:{attempt.user_id}", last_seen_at__gte=attempt.started_at)
    return logged.filter(detail__has_key="from").first()


def _got_in(attempt: SignInAttempt) -> bool:
    """By another attempt, later."""
    if attempt.user_id is None:
        return False
    later = SignInAttempt.objects.filter(
        user=attempt.user_id, outcome=SignInAttempt.Outcome.SUCCEEDED, claimed_at__gt=attempt.started_at
    )
    return later.exists()

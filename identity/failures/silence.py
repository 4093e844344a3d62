"""Sign-ins that never came back: Microsoft keeps some refusals on its own pages."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from identity.failures import cases
from identity.models import Failure, SignInAttempt

AT_ONCE = 500


def settle() -> None:
    """Close the attempts that have been silent for too long, with a case for whoever has not got in since."""
    silent = SignInAttempt.objects.filter(
        outcome=SignInAttempt.Outcome.PENDING,
        claimed_at=None,
        started_at__lt=timezone.now() - settings.SIGN_IN_SILENCE,
    )
    for attempt in silent.select_related("user").order_by("started_at")[:AT_ONCE]:
        settled = SignInAttempt.objects.filter(pk=attempt.pk, outcome=SignInAttempt.Outcome.PENDING).update(
            outcome=SignInAttempt.Outcome.SILENT, transaction={}
        )
        if not settled or attempt.prompt == "none" or not (attempt.user_id or attempt.address) or _got_in(attempt):
            continue
        failure = cases.report(
            stage=Failure.Stage.SIGN_IN, reason="did_not_come_back", user=attempt.user, address=attempt.address
        )
        SignInAttempt.objects.filter(pk=attempt.pk).update(failure=failure)


def _got_in(attempt: SignInAttempt) -> bool:
    """By another attempt, later."""
    if attempt.user_id is None:
        return False
    later = SignInAttempt.objects.filter(
        user=attempt.user_id, outcome=SignInAttempt.Outcome.SUCCEEDED, claimed_at__gt=attempt.started_at
    )
    return later.exists()

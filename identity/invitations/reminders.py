"""Passport's own reminders of an invitation, then a case for VM. Settings name who says when (INVITATION_REMINDERS)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from identity.failures import cases
from identity.jobs.queue import defer
from identity.models import Failure, Invitation

NO_REACTION_AFTER = dt.timedelta(days=3)  # from the last reminder


@dataclass
class Sent:
    reminders: int = 0
    cases: int = 0


def send_due(*, now: dt.datetime | None = None, dry_run: bool = False) -> Sent:
    """Queue what is due. Accepted, refused, withdrawn and superseded invitations are not reminded of. Idempotent.

    Somebody whose reminders were missed (no worker for weeks) gets one, not three.
    """
    now = now or timezone.now()
    sent = Sent()
    waiting = Invitation.objects.filter(state=Invitation.State.SENT)
    days: Sequence[dt.timedelta] = import_string(settings.INVITATION_REMINDERS)()
    for number, after in reversed(list(enumerate(days))):
        due = waiting.filter(sent_at__lte=now - after, reminders_sent__lte=number)
        for invitation in due.order_by("sent_at").iterator():
            sent.reminders += 1
            if not dry_run:
                _remind(invitation, number=number + 1)
        if dry_run:
            waiting = waiting.exclude(pk__in=due.values("pk"))
    silent = Invitation.objects.filter(
        state=Invitation.State.SENT, reminders_sent=len(days), sent_at__lte=now - days[-1] - NO_REACTION_AFTER
    )
    for invitation in silent.select_related("user").iterator():
        if Failure.objects.filter(
            subject=f"user:{invitation.user_id}", reason="no_reaction", last_seen_at__gte=invitation.sent_at
        ).exists():
            continue
        sent.cases += 1
        if not dry_run:
            cases.report(
                stage=Failure.Stage.INVITATION,
                reason="no_reaction",
                user=invitation.user,
                address=invitation.address,
            )
    return sent


@transaction.atomic
def _remind(invitation: Invitation, *, number: int) -> None:
    first = Invitation.objects.filter(
        pk=invitation.pk, state=Invitation.State.SENT, reminders_sent=invitation.reminders_sent
    ).update(reminders_sent=number)
    if first:
        defer("identity.tasks.mail_reminder", invitation_id=str(invitation.pk), number=number)

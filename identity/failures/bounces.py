"""Email that a mail server accepted but could not deliver becomes a case, as if it had been refused at once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity import outbound
from identity.failures import cases
from identity.jobs import heartbeat
from identity.mail import bounce_mailbox, bounce_reports
from identity.mail.bounce_reports import Report
from identity.models import Failure, SentEmail

log = logging.getLogger(__name__)

# Of statuses by RFC 3463, or of how they begin; `x` is any class.
_MEANINGS: dict[str, str | Promise] = {
    "x.1.1": _("The mailbox does not exist."),
    "x.1.2": _("The domain does not exist."),
    "x.1.10": _("The domain does not accept email."),
    "x.2.1": _("The mailbox is switched off."),
    "x.2.2": _("The mailbox is full."),
    "5.4.1": _("The mailbox probably does not exist."),  # what Exchange Online says of one
    "4.4": _("Their mail server could not be reached for days."),
    "x.7": _("Their mail server refuses our email, perhaps as spam. Operations should check SPF, DKIM and DMARC."),
}

READ = "bounces"
PATIENCE = dt.timedelta(minutes=30)  # until operations hear that the mailbox cannot be read


def read() -> int:
    """Read the mailbox for bounces. How many were about an email of ours that had not been reported before.

    On hold nothing is read: the reports belong to the installation that sent the emails.
    """
    if not settings.BOUNCE_MAILBOX or outbound.is_held():
        return 0
    failed = 0
    try:
        for raw in bounce_mailbox.unread(settings.BOUNCE_MAILBOX):
            report = bounce_reports.read(raw)
            failed += report is not None and _take(report)
    except bounce_mailbox.Unreachable as error:
        _note_unreachable(error)
        return failed
    heartbeat.beat(READ)
    cases.resolve_common("bounce_mailbox_unreachable", how="the mailbox can be read again")
    return failed


def _note_unreachable(error: bounce_mailbox.Unreachable) -> None:
    log.warning("The bounce mailbox cannot be read: %s", error)
    read_at = heartbeat.last(READ)
    if read_at is None:
        # Patience begins now.
        heartbeat.beat(READ)
    elif read_at < timezone.now() - PATIENCE:
        cases.report(stage=Failure.Stage.MAIL, reason="bounce_mailbox_unreachable", detail={"error": str(error)})


@transaction.atomic
def _take(report: Report) -> bool:
    """Once for each email and recipient, however many reports come."""
    sent = SentEmail.objects.defer("content").select_for_update(of=("self",)).select_related("user")
    rows = list(sent.filter(token=report.token))
    failed = [row for row in rows if row.bounced_at is None and _is_about(row, report, among=rows)]
    if not failed:
        log.info("Ignored a delivery report that matches no email we are waiting to hear about")
        return False
    SentEmail.objects.filter(pk__in=[row.pk for row in failed]).update(bounced_at=timezone.now())
    for row in failed:
        _report(row, report)
    return True


def _is_about(row: SentEmail, report: Report, *, among: Sequence[SentEmail]) -> bool:
    """The address may be another one, to which the mailbox forwards; of several recipients it must be one of them."""
    return len(among) == 1 or row.address.lower() in report.addresses


def _report(row: SentEmail, report: Report) -> None:
    said = f"It bounced ({report.status}). {_meaning(report.status)}".rstrip() if report.status else "It bounced."
    if row.user is None:
        report_staff(row.address, said=said)
        return
    cases.report(
        stage=Failure.Stage.MAIL,
        reason="mail_refused",
        user=row.user,
        address=row.address,
        detail={"said": said},
    )


def _meaning(status: str) -> str:
    """Empty for those that say nothing about what to do."""
    of_class, subject, detail = status.split(".")
    ways = (status, f"x.{subject}.{detail}", f"{of_class}.{subject}", f"x.{subject}")
    return str(next((_MEANINGS[way] for way in ways if way in _MEANINGS), ""))


def report_staff(address: str, *, said: str) -> None:
    """One of our own mailboxes (settings.REFUSED_RECIPIENT_LISTENER): others may have got the email."""
    cases.report(stage=Failure.Stage.MAIL, reason="staff_mail_refused", address=address, detail={"said": said})

"""Identity's durable tasks. They take row ids only; what they do is decided by the rows at the time they run."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from identity import networks
from identity.failures import bounces, entra_log, mail_to_person, mail_to_vm, silence, strangers
from identity.invitations import guests, links, reminders, sending, wording
from identity.invitations import lifecycle as invitations
from identity.jobs import heartbeat, retries
from identity.jobs.retries import RETRY
from identity.mail import delivery, message_ids
from identity.microsoft import graph
from identity.models import EmergencyLink, EntraAccount, Invitation
from identity.privacy import retention

log = logging.getLogger(__name__)


@app.task(queue="invitations", retry=RETRY)
def send_invitation(invitation_id: str) -> None:
    invitation = Invitation.objects.select_related("user").filter(pk=invitation_id).first()
    if invitation is not None:
        sending.send(invitation)


@app.task(queue="mail", retry=RETRY)
def mail_invitation(invitation_id: str) -> None:
    """Passport's own short mail beside Microsoft's: what comes, from whom, whom to ask."""
    invitation = Invitation.objects.select_related("user").filter(pk=invitation_id).first()
    if invitation is None:
        return
    is_back = invitation.state == Invitation.State.ACCEPTED and invitation.why == Invitation.Why.UNDO
    if invitation.state != Invitation.State.SENT and not is_back:
        return
    _to_invited(
        invitation,
        template="identity/mail/invitation",
        message_id=_invitation_id(invitation),
        context={
            "changes": wording.for_person(invitation),
            "words": wording.words(invitation),
            "is_accepted": is_back,
        },
    )


@app.task(queue="mail", retry=RETRY)
def mail_reminder(invitation_id: str, number: int) -> None:
    """Unless the invitation was accepted or closed since the reminder was queued."""
    invitation = Invitation.objects.select_related("user").filter(pk=invitation_id).first()
    if invitation is None or invitation.state != Invitation.State.SENT:
        return
    _to_invited(
        invitation,
        template="identity/mail/reminder",
        message_id=message_ids.of("reminder", invitation.pk, number),
        thread=[_invitation_id(invitation)],
    )


def _invitation_id(invitation: Invitation) -> str:
    return message_ids.of("invitation", invitation.pk)


def _to_invited(
    invitation: Invitation,
    *,
    template: str,
    message_id: str,
    context: dict[str, Any] | None = None,
    thread: Sequence[str] = (),
) -> None:
    mail_to_person.to_person(
        invitation.user,
        address=invitation.address,
        template=template,
        context={
            "invitation": invitation,
            "welcome_url": links.welcome_url(invitation),
            "help_url": f"{settings.BASE_URL}{reverse('help-signing-in')}",
            **(context or {}),
        },
        message_id=message_id,
        thread=thread,
    )


@app.task(queue="mail", retry=RETRY)
def mail_failure(failure_id: int) -> None:
    mail_to_vm.tell(failure_id)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="mail", queueing_lock="mail_overflow", retry=RETRY)
def mail_overflow(timestamp: int) -> None:
    """Cases that the hourly limit held back."""
    mail_to_vm.tell_overflow(message_id=f"overflow-{timestamp}")


@app.periodic(cron="*/10 * * * *")
@app.task(queue="mail", queueing_lock="mail_digest", retry=RETRY)
def mail_digest(timestamp: int) -> None:
    """Once a day: when it is due is kept in a table, for a worker that was stopped or is run by cron."""
    mail_to_vm.tell_digest(message_id=f"digest-{timestamp}")
    strangers.close_days_that_are_over()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="read_bounces")
def read_bounces(timestamp: int) -> None:
    bounces.read()


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="beat")
def beat(timestamp: int) -> None:
    heartbeat.beat("worker")


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_networks")
def forget_networks(timestamp: int) -> None:
    networks.forget()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="settle_silence")
def settle_silence(timestamp: int) -> None:
    silence.settle()


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="collect_sign_in_failures")
def collect_sign_in_failures(timestamp: int) -> None:
    """Without the right to read the log there is nothing to collect, and nothing wrong."""
    with contextlib.suppress(graph.GraphError):
        entra_log.collect()


@app.periodic(cron="0 7 * * *")
@app.task(queue="mail", queueing_lock="send_reminders")
def send_reminders(timestamp: int) -> None:
    reminders.send_due()


@app.periodic(cron="20 * * * *")
@app.task(queue="upkeep", queueing_lock="expire_invitations")
def expire_invitations(timestamp: int) -> None:
    invitations.expire()


@app.periodic(cron="40 3 * * *")
@app.task(queue="upkeep", queueing_lock="purge_identity")
def purge_identity(timestamp: int) -> None:
    retention.purge()


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="rescue_stalled_jobs", pass_context=True)
async def rescue_stalled_jobs(context, timestamp: int) -> None:
    await retries.rescue_stalled_jobs(context.app.job_manager)


@app.task(queue="invitations", retry=RETRY)
def remove_guest(account_id: int) -> None:
    account = EntraAccount.objects.filter(pk=account_id).first()
    if account is not None:
        guests.remove(account)


@app.task(queue="operations", retry=RETRY)
def mail_emergency(link_hash: str, event: str) -> None:
    """Operations are told when a break-glass link is made and when it is used."""
    link = EmergencyLink.objects.select_related("user").filter(pk=link_hash).first()
    if link is not None:
        delivery.deliver(
            to=list(settings.OPERATIONS_EMAIL),
            template="identity/mail/emergency",
            context={"link": link, "used": event == "used"},
            message_id=message_ids.of("emergency", event, link.pk),
            reply_to=settings.OPERATIONS_EMAIL,
            thread=[message_ids.of("emergency", "made", link.pk)],
        )

"""The vendor asks for another address; VM decides. Approving goes through the one door, lifecycle.py beside this."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import delivery, message_ids, subjects
from identity.models import EntraAccount, User
from vendors import addresses, correspondence, lifecycle
from vendors.colleagues import recipients
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, EmailChangeRequest, Vendor, VendorEvent

Kind = VendorEvent.Kind
State = EmailChangeRequest.State


class AlreadyAsked(Exception):
    """A request of this vendor is waiting."""

    def __init__(self) -> None:
        super().__init__(_("You have already asked to change your address. Withdraw that request first."))


class NotWaiting(Exception):
    """The request has been decided or withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("This request is no longer waiting."))


def waiting(vendor: Vendor) -> EmailChangeRequest | None:
    return EmailChangeRequest.objects.filter(vendor=vendor, state=State.WAITING).first()


def ask(
    vendor: Vendor, *, new: str, reason: str, account: EntraAccount | None, proven_at: dt.datetime
) -> EmailChangeRequest:
    """Raise AlreadyAsked, or what email_change.check raises for an address that cannot become the vendor's."""
    address = email_change.check(vendor, new=new)
    try:
        with transaction.atomic():
            request = EmailChangeRequest.objects.create(
                vendor=vendor, new=address, reason=reason, account=account, proven_at=proven_at
            )
            lifecycle.record(vendor, Kind.EMAIL_CHANGE_REQUESTED, by=vendor.user, data={"request": request.pk})
            defer("vendors.tasks.mail_email_request", request_id=request.pk)
    except IntegrityError as error:
        raise AlreadyAsked from error
    return request


@transaction.atomic
def approve(request: EmailChangeRequest, *, by: User | None, cut_off: bool = False) -> EmailChange:
    """Change the address. Raise NotWaiting, or what email_change.start raises."""
    addresses.claim(request.new, besides=request.vendor)
    _decide(request, State.APPROVED, by=by)
    change = email_change.start(
        request.vendor,
        new=request.new,
        reason=request.reason or _("requested by the vendor"),
        cut_off=cut_off,
        how_known=EmailChange.HowKnown.SIGNED_IN,
        by=by,
    )
    EmailChangeRequest.objects.filter(pk=request.pk).update(change=change)
    return change


@transaction.atomic
def decline(request: EmailChangeRequest, *, by: User | None, answer: str) -> None:
    _decide(request, State.DECLINED, by=by, answer=answer)
    lifecycle.record(request.vendor, Kind.EMAIL_CHANGE_DECLINED, by=by, reason=answer, data={"request": request.pk})
    defer("vendors.tasks.mail_email_request_declined", request_id=request.pk)


@transaction.atomic
def withdraw(request: EmailChangeRequest) -> None:
    _decide(request, State.WITHDRAWN, by=request.vendor.user)
    lifecycle.record(request.vendor, Kind.EMAIL_CHANGE_WITHDRAWN, by=request.vendor.user, data={"request": request.pk})


def drop(vendor: Vendor, *, by: User | None) -> None:
    """The vendor is closed, so there is nothing to decide any more."""
    EmailChangeRequest.objects.filter(vendor=vendor, state=State.WAITING).update(
        state=State.WITHDRAWN, decided_at=timezone.now(), decided_by=by
    )


def _decide(request: EmailChangeRequest, state: EmailChangeRequest.State, *, by: User | None, answer: str = "") -> None:
    decided = EmailChangeRequest.objects.filter(pk=request.pk, state=State.WAITING).update(
        state=state, decided_at=timezone.now(), decided_by=by, answer=answer
    )
    if not decided:
        raise NotWaiting
    request.state = state


def mail_to_vm(request_id: int) -> None:
    """VM has something to decide."""
    request = EmailChangeRequest.objects.select_related("vendor").filter(pk=request_id).first()
    if request is None or request.state != State.WAITING:
        return
    path = reverse("admin:vendors_emailchangerequest_change", args=[request.pk])
    to, cc = recipients.of(request.vendor)
    delivery.deliver(
        to=to,
        cc=cc,
        template="vendors/mail/email_request",
        context={
            "request": request,
            "url": f"{settings.BASE_URL}{path}",
            "headline": subjects.about(_("Request to change email address"), request.vendor.address),
        },
        message_id=message_ids.of("email-request", request.pk, request.asked_at),
        reply_to=[request.vendor.address],
    )


def mail_declined(request_id: int) -> None:
    request = EmailChangeRequest.objects.select_related("vendor__user").filter(pk=request_id).first()
    if request is None:
        return
    mail_to_person.to_person(
        request.vendor.user,
        address=request.vendor.address,
        template="vendors/mail/email_request_declined",
        context={"request": request, "greeting": correspondence.greeting(request.vendor)},
        message_id=message_ids.of("email-request-declined", request.pk, request.asked_at),
    )

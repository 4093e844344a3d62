"""Emails about the account we pay into, which they do not name: a vendor learns of one that someone else entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import message_ids
from vendors import correspondence
from vendors.models import PaymentRelease, Vendor
from vendors.payment import disputes, notice_recipients


def mail_added(release_id: int, source: str) -> None:
    """The first account was given after approval."""
    release = _find(release_id)
    if release is not None:
        _mail(release, source, "payment_added", message_id=begun_by(release.about, release.named_at, source))


def mail_decided(release_id: int, source: str) -> None:
    """We pay to it from now on, or we do not."""
    release = _find(release_id)
    if release is None or release.decided_at is None or release.state == PaymentRelease.State.SUPERSEDED:
        return
    template = "payment_released" if release.state == PaymentRelease.State.RELEASED else "payment_refused"
    message_id = message_ids.of(template.replace("_", "-"), release.about, release.decided_at, source)
    _mail(release, source, template, message_id=message_id, thread=[begun_by(release.about, release.named_at, source)])


def begun_by(about: str, named_at: dt.datetime, source: str) -> str:
    """The Message-ID of the email that said at this address that the account had been named."""
    kind = "payment-added" if about == disputes.ADDED else "payment-change-asked"
    return message_ids.of(kind, about, named_at, source)


def context(vendor: Vendor, source: str, *, about: str) -> dict[str, Any]:
    """What every email about an account says to whoever reads it at this address."""
    kind = notice_recipients.kind_of(source)
    is_primary = kind == notice_recipients.PRIMARY
    return {
        "greeting": correspondence.greeting(vendor) if is_primary else correspondence.greeting_without_name(),
        "is_former_address": kind == notice_recipients.FORMER,
        "is_contact_address": kind in (notice_recipients.JOBS, notice_recipients.INVOICES),
        "not_me_url": disputes.link(vendor, about=about, source=source),
        "profile_url": f"{settings.BASE_URL}{reverse('vendors:profile')}" if is_primary else "",
    }


def _find(release_id: int) -> PaymentRelease | None:
    releases = PaymentRelease.objects.defer("before", "after").select_related("vendor__user")
    return releases.filter(pk=release_id).first()


def _mail(release: PaymentRelease, source: str, template: str, *, message_id: str, thread: Sequence[str] = ()) -> None:
    address = notice_recipients.address(release.vendor, source)
    if not address:
        return
    mail_to_person.to_person(
        release.vendor.user,
        address=address,
        template=f"vendors/mail/{template}",
        context=context(release.vendor, source, about=release.about) | {"release": release},
        message_id=message_id,
        thread=thread,
    )

"""One email from Vendor Management to each of many vendors: a text with plain placeholders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import from_outside, message_ids, subjects
from identity.models import EntraAccount
from vendors import correspondence, lifecycle
from vendors.bulk.refusals import Parameters
from vendors.models import BulkRow, Vendor, VendorEvent, VendorState

ACTION = "write"
TEMPLATE = "vendors/mail/written"
NAME = "{name}"
PLACEHOLDERS = (NAME,)
# With the space or the comma that belongs to it, for an address whose reader we do not know by name.
_NAME_LEFT_OUT = re.compile(r"^\{name\},? ?| ?\{name\}", re.MULTILINE)
_IN_BRACES = re.compile(r"\{[^{}\n]*\}")


@dataclass(frozen=True)
class Email:
    to: str
    reply_to: str
    subject: str
    text: str


def unknown_placeholders(text: str) -> list[str]:
    return [found for found in dict.fromkeys(_IN_BRACES.findall(text)) if found not in PLACEHOLDERS]


def can_be_written_to(vendor: Vendor) -> bool:
    return vendor.state != VendorState.ERASED


@transaction.atomic
def write(vendor: Vendor, row: BulkRow) -> None:
    """Recorded and queued: sent by `send`. Raise lifecycle.WrongState."""
    if not can_be_written_to(vendor):
        raise lifecycle.WrongState(vendor)
    subject = _filled_in(row.run.parameters["subject"], name=_name(vendor))
    about = {"email": message_ids.token(_message_id(row))}  # what it said is kept with the other emails
    lifecycle.record(vendor, VendorEvent.Kind.WRITTEN_TO, by=row.run.by, reason=subject, data=about)
    defer("vendors.tasks.mail_written", row_id=row.pk)


def send(row_id: int) -> None:
    """Unless the vendor has been erased since."""
    done = BulkRow.objects.filter(pk=row_id, outcome=BulkRow.Outcome.DONE)
    row = done.select_related("run", "vendor__user", "vendor__owner").first()
    if row is None or not can_be_written_to(row.vendor):
        return
    mail_to_person.to_person(
        row.vendor.user,
        address=row.vendor.address,
        template=TEMPLATE,
        context=_context(row.vendor, row.run.parameters),
        message_id=_message_id(row),
        reply_to=[reply_to(row.vendor)],
    )


def as_sent(vendor: Vendor, parameters: Parameters) -> Email:
    """For VM to read before it is sent."""
    context = _context(vendor, parameters) | {"organisation_name": settings.ORGANISATION_NAME}
    return Email(
        to=vendor.address,
        reply_to=reply_to(vendor),
        subject=subjects.one_line(render_to_string(f"{TEMPLATE}_subject.txt", context)),
        text=render_to_string(f"{TEMPLATE}.txt", context).strip(),
    )


def sent_to(vendor: Vendor) -> list[dict[str, Any]]:
    """As long as they are kept: what it was called and said, and when it was queued."""
    rows = BulkRow.objects.filter(vendor=vendor, outcome=BulkRow.Outcome.DONE, run__action=ACTION)
    return [{"at": row.at, **_context(vendor, row.run.parameters)} for row in rows.select_related("run").order_by("at")]


def reply_to(vendor: Vendor) -> str:
    """The owner, or else Vendor Management."""
    owner = vendor.owner
    return owner.email if owner and owner.is_active and owner.email else settings.VM_EMAIL[0]


def _message_id(row: BulkRow) -> str:
    return message_ids.of("written", row.pk, row.at)


def _context(vendor: Vendor, parameters: Parameters) -> dict[str, Any]:
    name = _name(vendor)
    return {part: _filled_in(parameters[part], name=name) for part in ("subject", "text")}


def _name(vendor: Vendor) -> str:
    """None at an address that they have not signed in with: it may be somebody else's."""
    proven = EntraAccount.objects.filter(
        user=vendor.user_id, address__iexact=vendor.address, first_sign_in_at__isnull=False
    )
    return " ".join(from_outside.name(correspondence.called(vendor)).split()) if proven.exists() else ""


def _filled_in(text: str, *, name: str) -> str:
    return text.replace(NAME, name) if name else _NAME_LEFT_OUT.sub("", text)

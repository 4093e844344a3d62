"""Who has accepted which text, what is still to be accepted, and the copy that is mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.models import EntraAccount
from vendors import lifecycle
from vendors.agreements import texts as agreements
from vendors.agreements.texts import Agreement
from vendors.models import Acceptance, Vendor, VendorEvent, VendorState

# Before, the wizard asks by itself.
ASKED = (VendorState.SUBMITTED, VendorState.APPROVED)


@dataclass(frozen=True)
class Outstanding:
    """A version in force that somebody has not accepted yet."""

    agreement: Agreement
    accepted_before: str  # the version; empty if none
    is_required: bool  # the time in which "not now" is an answer is over

    @property
    def news(self) -> list[Agreement]:
        return agreements.news(self.agreement, after=self.accepted_before) if self.accepted_before else []


@dataclass(frozen=True)
class Standing:
    """How a vendor stands with one document."""

    document: str
    accepted: list[Acceptance]
    outstanding: Outstanding | None

    @property
    def title(self) -> str:
        return agreements.title(self.document)


def outstanding(vendor: Vendor, *, now: dt.datetime | None = None) -> list[Outstanding]:
    """What to ask this vendor to accept. Nobody is asked before the wizard is through or after the end."""
    return [status.outstanding for status in standing(vendor, now=now) if status.outstanding]


def standing(vendor: Vendor, *, now: dt.datetime | None = None) -> list[Standing]:
    """One statement. Documents that do not concern the vendor are left out."""
    today = (now or timezone.now()).date()
    accepted: dict[str, list[Acceptance]] = {}
    for acceptance in vendor.acceptances.order_by("-accepted_at", "-pk"):
        accepted.setdefault(acceptance.document, []).append(acceptance)
    in_force = {agreement.document: agreement for agreement in agreements.current(on=today)}
    statuses = []
    for document in dict.fromkeys([*in_force, *accepted]):
        rows = accepted.get(document, [])
        agreement = in_force.get(document)
        is_open = agreement and vendor.state in ASKED and agreement.version not in {row.version for row in rows}
        asked = None
        if agreement and is_open:
            asked = Outstanding(agreement, rows[0].version if rows else "", today >= agreement.required_from)
        if rows or asked:
            statuses.append(Standing(document, rows, asked))
    return statuses


@transaction.atomic
def accept(vendor: Vendor, shown: Iterable[Agreement], *, account: EntraAccount | None) -> list[Acceptance]:
    """Write down what was accepted now and have a copy mailed. What was accepted before stays as it was recorded."""
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    known = set(vendor.acceptances.order_by().values_list("document", "version"))
    now = timezone.now()
    new = Acceptance.objects.bulk_create(
        Acceptance(
            vendor=vendor,
            document=agreement.document,
            version=agreement.version,
            language=agreement.language,
            sha256=agreement.sha256,
            accepted_at=now,
            oid=account.oid if account else None,
            address=vendor.primary_email,
        )
        for agreement in shown
        if (agreement.document, agreement.version) not in known
    )
    if new:
        lifecycle.record(
            vendor, VendorEvent.Kind.AGREEMENTS_ACCEPTED, by=vendor.user, data={"agreements": [str(row) for row in new]}
        )
        defer("vendors.tasks.mail_acceptances", vendor_id=vendor.pk, acceptance_ids=[row.pk for row in new])
    return new


def mail_copy(vendor_id: int, acceptance_ids: list[int]) -> None:
    """What was accepted: the texts themselves, with version, hash and time."""
    rows = Acceptance.objects.filter(vendor=vendor_id, pk__in=acceptance_ids)
    accepted = list(rows.select_related("vendor__user").order_by("pk"))
    if not accepted:
        return
    vendor = accepted[0].vendor
    texts = [{"acceptance": row, "agreement": agreements.with_hash(row.sha256)} for row in accepted]
    mail_to_person.to_person(
        vendor.user,
        address=vendor.primary_email,
        template="vendors/mail/acceptances",
        context={
            "texts": texts,
            "accepted_at": accepted[0].accepted_at,
            "url": f"{settings.BASE_URL}{reverse('home')}",
        },
        message_id=f"acceptances-{accepted[0].pk}",
    )

"""Who has accepted which text, what is still to be accepted, and the copy that is mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from identity.compiled_queries import Compiled, Given
from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import message_ids
from identity.models import EntraAccount
from vendors import correspondence, lifecycle
from vendors.agreements import texts as agreements
from vendors.agreements.texts import Agreement
from vendors.models import Acceptance, Vendor, VendorEvent, VendorState

# The version of what was signed on paper, before the vendor was here.
PAPER = "paper"

# Before, the wizard asks by itself.
ASKED = (VendorState.SUBMITTED, VendorState.APPROVED)


@dataclass(frozen=True)
class Signatory:
    """Who accepts for a company, and confirms that they may."""

    name: str
    position: str


@dataclass(frozen=True)
class Outstanding:
    """A version in force that somebody has not accepted yet."""

    agreement: Agreement
    accepted_before: str  # the version; empty if none
    is_required: bool  # the time in which "not now" is an answer is over
    audience: str = agreements.FREELANCER

    @property
    def news(self) -> list[Agreement]:
        if self.accepted_before in ("", PAPER):
            return []
        return agreements.news(self.agreement, after=self.accepted_before, audience=self.audience)


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


OF_VENDOR = Compiled(lambda: Acceptance.objects.filter(vendor=Given("vendor")).order_by("-accepted_at", "-pk"))


def standing(vendor: Vendor, *, now: dt.datetime | None = None) -> list[Standing]:
    """One statement. Documents that do not concern the vendor are left out."""
    today = (now or timezone.now()).date()
    accepted: dict[str, list[Acceptance]] = {}
    acceptances = OF_VENDOR.all(vendor=vendor.pk)
    audience = _audience(vendor, acceptances)
    for acceptance in acceptances:
        accepted.setdefault(acceptance.document, []).append(acceptance)
    in_force = {agreement.document: agreement for agreement in agreements.current(on=today, audience=audience)}
    statuses = []
    for document in dict.fromkeys([*in_force, *accepted]):
        rows = accepted.get(document, [])
        agreement = in_force.get(document)
        theirs = [row for row in rows if row.audience in (audience, "")]
        is_open = agreement and vendor.state in ASKED and not _covers(theirs, agreement, vendor)
        asked = None
        if agreement and is_open:
            before = theirs[0].version if theirs else ""
            asked = Outstanding(agreement, before, today >= agreement.required_from, audience)
        if rows or asked:
            statuses.append(Standing(document, rows, asked))
    return statuses


def _covers(accepted: Iterable[Acceptance], agreement: Agreement, vendor: Vendor) -> bool:
    """Paper stands for the version that was in force when the vendor was carried over: VM asks for later ones only."""
    versions = {row.version for row in accepted}
    since = vendor.carried_over_at
    on_paper = PAPER in versions and since is not None and agreement.since <= since.date()
    return on_paper or agreement.version in versions


def record_on_paper(vendor: Vendor, signed: Mapping[str, dt.date], *, kind: str) -> None:
    """What another system says was signed, by document. No text of ours was shown, so there is no hash and no copy."""
    audience = agreements.audience_of(kind)
    Acceptance.objects.bulk_create(
        Acceptance(
            vendor=vendor,
            document=document,
            version=PAPER,
            language="",
            sha256="",
            accepted_at=dt.datetime.combine(day, dt.time(), dt.UTC),
            address=vendor.address,
            audience=audience,
        )
        for document, day in signed.items()
    )


def _audience(vendor: Vendor, acceptances: Iterable[Acceptance]) -> str:
    """By the approved profile; before there is one, as what the vendor is accepted them last."""
    if vendor.state == VendorState.APPROVED and (profile := getattr(vendor, "profile", None)):
        return agreements.audience_of(profile.kind)
    return next((row.audience for row in acceptances if row.audience), agreements.FREELANCER)


@transaction.atomic
def accept(
    vendor: Vendor,
    shown: Iterable[Agreement],
    *,
    account: EntraAccount | None,
    signatory: Signatory | None = None,
) -> list[Acceptance]:
    """Write down what was accepted now and have a copy mailed. What was accepted before stays as it was recorded.

    A signatory accepts for a company; what somebody accepted as a freelancer before does not bind it.
    """
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    audience = agreements.COMPANY if signatory else agreements.FREELANCER
    theirs = vendor.acceptances.filter(audience__in=(audience, ""))
    known = set(theirs.order_by().values_list("document", "version"))
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
            address=vendor.address,
            audience=audience,
            signatory=signatory.name if signatory else "",
            position=signatory.position if signatory else "",
            may_sign=signatory is not None,
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
        address=vendor.address,
        template="vendors/mail/acceptances",
        context={
            "texts": texts,
            "greeting": correspondence.greeting(vendor),
            "accepted": correspondence.moment(accepted[0].accepted_at, vendor),
            "url": f"{settings.BASE_URL}{reverse('home')}",
        },
        message_id=message_ids.of("acceptances", accepted[0].pk, accepted[0].accepted_at),
    )

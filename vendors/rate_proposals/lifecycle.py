"""Rates that VM proposes: one open proposal for each pair, service and unit, answered by the vendor with one press."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import lifecycle
from vendors.answers import languages, service_catalogue
from vendors.models import LanguagePair, Rate, RateProposal, Vendor, VendorEvent
from vendors.onboarding_interface import onboarding

Kind, State = VendorEvent.Kind, RateProposal.State


class NotOffered(Exception):
    def __init__(self) -> None:
        super().__init__(_("The vendor does not offer this service in this pair."))


class ProposedAlready(Exception):
    def __init__(self) -> None:
        super().__init__(_("A rate for this pair, service and unit is waiting for the vendor. Withdraw it first."))


class SameRate(Exception):
    def __init__(self) -> None:
        super().__init__(_("This is already the vendor's rate."))


class NotOpen(Exception):
    """Answered in another tab, or withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("This proposal is no longer open."))


def offered(vendor: Vendor) -> list[tuple[LanguagePair, str]]:
    """Pairs and services for which a rate can be proposed."""
    pairs = vendor.language_pairs.all()
    return [(pair, service) for pair in pairs for service in pair.services]


def words(proposal: RateProposal) -> str:
    """Which rate it is about."""
    return _("%(pair)s, %(service)s") % {
        "pair": ours(languages.pair_name(proposal.source, proposal.target)),
        "service": ours(service_catalogue.service_name(proposal.service)),
    }


@transaction.atomic
def propose(
    vendor: Vendor, *, source: str, target: str, service: str, unit: str, amount: Decimal, why: str, by: User
) -> RateProposal:
    """In the vendor's currency. Raise NotOffered, SameRate, ProposedAlready or lifecycle.WrongState."""
    lifecycle.check_approved(vendor)
    pair = vendor.language_pairs.filter(source=source, target=target, services__contains=[service]).first()
    if pair is None or unit not in service_catalogue.UNITS_OF_SERVICE[service]:
        raise NotOffered
    currency = vendor.profile.currency
    rate = {"service": service, "unit": unit, "currency": currency}
    if pair.rates.filter(**rate, amount=amount).exists():
        raise SameRate
    about = {"vendor": vendor, "source": source, "target": target, **rate}
    if RateProposal.objects.filter(**about, state=State.OPEN).exists():
        raise ProposedAlready
    proposal = RateProposal.objects.create(**about, amount=amount, why=why, by=by)
    _record(proposal, Kind.RATE_PROPOSED, by=by)
    defer("vendors.tasks.mail_rate_proposed", proposal_id=proposal.pk)
    return proposal


@transaction.atomic
def accept(proposal: RateProposal) -> None:
    """It is the approved rate from now on. Raise NotOpen, NotOffered, lifecycle.WrongState, or what onboarding
    refuses with (`onboarding_interface.RatesUnderWay`).
    """
    vendor = proposal.vendor
    is_kept = onboarding().agree_on_rate(proposal)  # locks the draft, which comes before the vendor
    lifecycle.check_approved(vendor)
    _close(proposal, State.ACCEPTED)
    if not is_kept:
        _write(proposal)
    _record(proposal, Kind.RATE_ACCEPTED, by=vendor.user)


@transaction.atomic
def decline(proposal: RateProposal) -> None:
    """Raise NotOpen or lifecycle.WrongState."""
    lifecycle.check_approved(proposal.vendor)
    _close(proposal, State.DECLINED)
    _record(proposal, Kind.RATE_DECLINED, by=proposal.vendor.user)


@transaction.atomic
def withdraw(proposal: RateProposal, *, by: User) -> None:
    """Raise NotOpen."""
    _close(proposal, State.WITHDRAWN)
    _record(proposal, Kind.RATE_WITHDRAWN, by=by)


def _write(proposal: RateProposal) -> None:
    """Of a vendor whose profile did not come from answers given here."""
    pair = LanguagePair.objects.filter(
        vendor=proposal.vendor, source=proposal.source, target=proposal.target, services__contains=[proposal.service]
    ).first()
    if pair is None:
        raise NotOffered
    Rate.objects.filter(pair=pair, service=proposal.service).delete()
    Rate.objects.create(
        vendor=proposal.vendor,
        pair=pair,
        service=proposal.service,
        unit=proposal.unit,
        amount=proposal.amount,
        currency=proposal.currency,
    )


def _close(proposal: RateProposal, state: RateProposal.State) -> None:
    still_open = RateProposal.objects.filter(pk=proposal.pk, state=State.OPEN)
    if not still_open.update(state=state, closed_at=timezone.now()):
        raise NotOpen


def _record(proposal: RateProposal, kind: VendorEvent.Kind, *, by: User) -> None:
    about = {"proposal": proposal.pk, "pair": f"{proposal.source}.{proposal.target}", "service": proposal.service}
    lifecycle.record(proposal.vendor, kind, by=by, data=about)

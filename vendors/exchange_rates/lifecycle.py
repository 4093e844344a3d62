"""Exchange rates that Finance keeps, and what a rate comes to in another currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.models import ExchangeRate
from vendors.models.exchange_rate import BASE

EARLIEST = dt.date(2000, 1, 1)
# No currency that rates are paid in moves as far from one rate to the next; a decimal point does.
MOST_CHANGE = Decimal("1.5")
PLACES = Decimal("0.0001")  # of what is shown


class NotADayForIt(Exception):
    """The exchange rate of a day that has not come, or is too long ago to be meant."""


def record(*, currency: str, per_euro: Decimal, valid_on: dt.date, by: User) -> ExchangeRate:
    """Every rate in this currency is compared by the newest one from now on. Raise NotADayForIt."""
    if valid_on > timezone.localdate():
        raise NotADayForIt(_("The date is in the future. Enter the date the exchange rate was published."))
    if valid_on < EARLIEST:
        raise NotADayForIt(
            _("Enter a date after %(day)s.") % {"day": ours(date_format(EARLIEST - dt.timedelta(1), "j F Y"))}
        )
    with transaction.atomic():
        return ExchangeRate.objects.create(currency=currency, per_euro=per_euro, valid_on=valid_on, by=by)


def doubt(*, currency: str, per_euro: Decimal) -> str:
    """What looks wrong about it beside the one in force; empty if nothing does."""
    before = ExchangeRate.objects.in_force().filter(currency=currency).first()
    if before is None or 1 / MOST_CHANGE < per_euro / before.per_euro < MOST_CHANGE:
        return ""
    values = {"before": str(before), "day": ours(date_format(before.valid_on, "j F Y"))}
    return _("This is very different from the exchange rate in force, which is %(before)s (%(day)s).") % values


def in_force() -> dict[str, ExchangeRate]:
    return {rate.currency: rate for rate in ExchangeRate.objects.in_force()}


def is_known(currency: str, known: Mapping[str, ExchangeRate]) -> bool:
    return currency == BASE or currency in known


def converted(in_euros: Decimal | None, currency: str, known: Mapping[str, ExchangeRate]) -> Decimal | None:
    """An amount in euros, in this currency; none without an exchange rate."""
    if in_euros is None or not is_known(currency, known):
        return None
    amount = in_euros if currency == BASE else known[currency].from_euros(in_euros)
    return amount.quantize(PLACES, rounding=ROUND_HALF_UP)

"""Amounts as people write them and as we show them; always decimal, never binary fractions."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

MINUS_SIGNS = "-\N{MINUS SIGN}\N{EN DASH}"


class NotAnAmount(Exception):
    """The message is for the person who typed it."""


def parse_amount(text: str, *, decimals: int, zero_allowed: bool = False) -> Decimal:
    """Accept a decimal comma or point and spaces or apostrophes between thousands.

    Raise NotAnAmount for anything else, above all for what could mean two things.
    """
    compact = re.sub(r"[\s'\N{RIGHT SINGLE QUOTATION MARK}]", "", text)
    if compact[:1] in MINUS_SIGNS and compact[1:2].isdigit():
        raise NotAnAmount(_("An amount must be more than zero."))
    if not re.fullmatch(r"[0-9.,]*[0-9][0-9.,]*", compact, re.ASCII):
        raise NotAnAmount(_("Write the amount in figures only, for example 0.085 or 0,085."))
    if compact.count(".") + compact.count(",") > 1:
        raise NotAnAmount(_("Write the amount without separators between thousands, for example 1250.00."))
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", compact):
        whole, part = re.split("[.,]", compact)
        raise NotAnAmount(
            _("This can be read in two ways. Please write %(thousands)s or %(decimal)s.")
            % {"thousands": f"{whole}{part}", "decimal": f"{whole}.{part}0"}
        )
    if len(compact) > 20:
        raise NotAnAmount(_("That is more than we can enter here. Is a decimal point missing?"))
    amount = Decimal(compact.replace(",", "."))
    if -int(amount.normalize().as_tuple().exponent) > decimals:
        raise NotAnAmount(_("We can keep at most %(decimals)s decimal places.") % {"decimals": decimals})
    if amount == 0 and not zero_allowed:
        raise NotAnAmount(_("An amount must be more than zero."))
    if amount >= 1_000_000:
        raise NotAnAmount(_("That is more than we can enter here. Is a decimal point missing?"))
    return amount.quantize(Decimal(1).scaleb(-decimals))


def display(amount: Decimal | str, currency: str) -> str:
    """With as many decimals as it has, two at least: "EUR 0.085"."""
    amount = Decimal(amount).normalize()
    places = max(2, -int(amount.as_tuple().exponent))
    return f"{currency} {amount:,.{places}f}"

"""How a vendor is paid: kept, and what is left to see once it is masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import iban

from identity.jobs.queue import defer
from identity.models import User
from vendors import lifecycle
from vendors.answers import countries, fingerprints, ibans
from vendors.answers.names import may_be_same
from vendors.models import PaymentDetails, Vendor, VendorEvent

MAY_SEE = "vendors.see_payment_details"

IBAN, ACCOUNT, PAYPAL = "iban", "account", "paypal"

METHODS: list[tuple[str, str | Promise]] = [
    (IBAN, gettext_lazy("Bank account with an IBAN (Europe and many other countries)")),
    (
        ACCOUNT,
        gettext_lazy("Bank account with an account number and a bank code (United States, United Kingdom and others)"),
    ),
    (PAYPAL, gettext_lazy("PayPal")),
]

_NAMES: dict[str, str | Promise] = {
    "holder": gettext_lazy("Account holder"),
    "holder_reason": gettext_lazy("Whose account it is, and why"),
    "iban": gettext_lazy("IBAN"),
    "bic": gettext_lazy("BIC"),
    "bank_country": gettext_lazy("Country of the bank"),
    "account_number": gettext_lazy("Account number"),
    "bank_code": gettext_lazy("Bank code"),
    "paypal": gettext_lazy("PayPal address"),
    "payout_currency": gettext_lazy("Paid in"),
}


# Which answer tells one account from another.
_NUMBER = {IBAN: "iban", ACCOUNT: "account_number", PAYPAL: "paypal"}


def adopt(vendor: Vendor, details: dict[str, str]) -> PaymentDetails:
    """Put them in force. The same ones again change nothing, or Finance would have to take them over again."""
    in_force = PaymentDetails.objects.filter(vendor=vendor).first()
    if in_force is not None and in_force.details == details:
        return in_force
    values = {
        "method": details["method"],
        "masked": masked(details),
        "details": details,
        "iban_fingerprints": fingerprints.of(filter(None, [details.get("iban")])),
    }
    stored, _created = PaymentDetails.objects.update_or_create(
        vendor=vendor, defaults=values | {"taken_over_at": None, "taken_over_by": None}
    )
    defer("vendors.tasks.look_for_duplicates", vendor_id=vendor.pk)
    return stored


@transaction.atomic
def reveal(stored: PaymentDetails, *, by: User, reason: str) -> list[tuple[str, str]]:
    """The account in force in full. Every look is written down, with why."""
    lifecycle.record(stored.vendor, VendorEvent.Kind.PAYMENT_REVEALED, by=by, reason=reason)
    return rows(stored.details)


def is_somebody_elses(details: Mapping[str, Any]) -> bool:
    """Does the account belong to neither the vendor nor its company?"""
    return details.get("holder_is_vendor") == "no"


def warnings(details: Mapping[str, Any], *, names: Iterable[str]) -> list[str]:
    """What is possible but often a slip; `names` are the vendor's own. Nothing of the details is in the words."""
    sentences: list[str] = []
    if number := details.get("iban"):
        sentences += filter(None, [ibans.doubt(number)])
    bank = details.get("bic") or ""
    if bank and bank[4:6] != details["iban"][:2]:
        sentences.append(_("The BIC belongs to a bank in a different country from the IBAN. Please check both."))
    holder, own = details.get("holder", ""), [name for name in names if name]
    if holder and not is_somebody_elses(details) and not any(may_be_same(holder, name) for name in own):
        sentences.append(_("The account holder's name isn't the one you gave under “About you”. Is that right?"))
    return sentences


def masked(details: dict[str, str]) -> str:
    """Enough for its owner to recognise it, too little for anybody to use."""
    method = details["method"]
    if method == PAYPAL:
        local, _at, domain = details["paypal"].partition("@")
        return f"PayPal {local[:1]}…@{domain}"
    if method == IBAN:
        return f"IBAN {details['iban'][:2]}… {details['iban'][-4:]}"
    return _("Account … %(end)s, %(country)s") % {
        "end": details["account_number"][-4:] if len(details["account_number"]) > 6 else "",
        "country": countries.name(details["bank_country"]),
    }


def end_of(name: str, value: str) -> str:
    """Of one answer, whether or not it is right, no more than `masked` shows."""
    if name == "paypal":
        local, _at, domain = value.partition("@")
        return f"{local[:1]}…@{domain}" if domain else "…"
    if name == "iban" and len(value) > 8:
        return f"{value[:2]}… {value[-4:]}"
    return f"… {value[-4:]}" if name == "account_number" and len(value) > 6 else "…"


def in_part(details: Mapping[str, Any]) -> dict[str, Any]:
    """The same answers, with no more of the account than `masked` shows."""
    hidden = {"bic": "…", "bank_code": "…", "iban": "", "account_number": "", "paypal": ""}
    part = {name: hidden.get(name, value) if value else value for name, value in details.items()}
    named = _NUMBER.get(details.get("method", ""))
    return part | {named: masked(dict(details))} if named else part


def rows(details: dict[str, str]) -> list[tuple[str, str]]:
    """Everything, for the eyes of somebody who may see it and whose look has been recorded."""
    shown = [(name, details[name]) for name in _NAMES if details.get(name)]
    return [(str(_NAMES[name]), _shown(name, value)) for name, value in shown]


def _shown(name: str, value: str) -> str:
    if name == "iban":
        return iban.format(value)
    return countries.name(value) if name == "bank_country" else value


def shown_of(part: Mapping[str, Any]) -> str:
    """Of an account in part, what `masked` showed of it."""
    return str(part[_NUMBER[part["method"]]])


def summary(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Of an account in part, for whoever compares two: which it is, where the money goes and to whom."""
    if not part:
        return []
    country = part.get("bank_country") or part.get("iban", "").removeprefix("IBAN ")[:2]
    named = {
        _("Account"): shown_of(part),
        _NAMES["bank_country"]: countries.name(country) if country else "",
        **{_NAMES[name]: part.get(name, "") for name in ("holder", "holder_reason", "payout_currency")},
    }
    return [(str(label), value) for label, value in named.items() if value]

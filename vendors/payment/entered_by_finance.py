"""Accounts in force that Finance has not entered yet in the payment system: exporting them, and ticking them off."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.whole_numbers import is_whole_number
from vendors import lifecycle
from vendors.models import PaymentDetails, VendorEvent

MAY_EXPORT = "vendors.export_payment"
# On one page, and so in one export.
AT_MOST = 100

COLUMNS: dict[str, str | Promise] = {
    "vendor": gettext_lazy("Vendor number"),
    "name": gettext_lazy("Name"),
    "primary_email": gettext_lazy("Primary email"),
    "billing_email": gettext_lazy("Email for invoices"),
    "country": gettext_lazy("Country"),
    "method": gettext_lazy("Method"),
    "holder": gettext_lazy("Account holder"),
    "iban": gettext_lazy("IBAN"),
    "bic": gettext_lazy("BIC"),
    "bank_country": gettext_lazy("Country of the bank"),
    "account_number": gettext_lazy("Account number"),
    "bank_code": gettext_lazy("Bank code"),
    "paypal": gettext_lazy("PayPal address"),
    "payout_currency": gettext_lazy("Paid in"),
    "in_force_since": gettext_lazy("In force since"),
}


class NothingChosen(Exception):
    """No account is ticked, or none of them is still to be taken over."""

    def __init__(self) -> None:
        super().__init__(_("Tick at least one account that has not been entered yet."))


@dataclass(frozen=True)
class Version:
    """An account as it was shown: another one may have been released since."""

    pk: int
    in_force_since: dt.datetime

    def __str__(self) -> str:
        return f"{self.pk}@{self.in_force_since.isoformat()}"


def version_of(details: PaymentDetails) -> Version:
    return Version(details.pk, details.adopted_at)


def read_version(text: str) -> Version | None:
    """None if it did not come from the page."""
    pk, _at, moment = text.partition("@")
    try:
        since = parse_datetime(moment)
    except ValueError:
        return None
    if not is_whole_number(pk) or since is None or since.tzinfo is None:
        return None
    return Version(int(pk), since)


@transaction.atomic
def export(chosen: Collection[Version], *, file_format: str, reason: str, by: User) -> list[Mapping[str, str]]:
    """The accounts in full. Each is recorded with its vendor before anything is handed out. Raise NothingChosen."""
    found = PaymentDetails.objects.to_take_over().filter(pk__in=[version.pk for version in chosen])
    details = list(found.select_related("vendor", "vendor__profile").order_by("adopted_at", "pk")[:AT_MOST])
    if not details:
        raise NothingChosen
    data = {"export": uuid.uuid4().hex[:8], "format": file_format}
    for row in details:
        lifecycle.record(row.vendor, VendorEvent.Kind.PAYMENT_EXPORTED, by=by, reason=reason, data=data)
    return [_in_full(row) for row in details]


@transaction.atomic
def take_over(chosen: Collection[Version], *, by: User) -> tuple[int, int]:
    """Tick them off. How many are, and how many are left because another account is in force since, or a colleague
    was quicker. Raise NothingChosen.
    """
    if not chosen:
        raise NothingChosen
    done = 0
    for version in sorted(chosen, key=lambda version: version.pk):
        waiting = PaymentDetails.objects.to_take_over().filter(pk=version.pk, adopted_at=version.in_force_since)
        if waiting.update(taken_over_at=timezone.now(), taken_over_by=by):
            taken = PaymentDetails.objects.defer("details").select_related("vendor").get(pk=version.pk)
            lifecycle.record(taken.vendor, VendorEvent.Kind.PAYMENT_TAKEN_OVER, by=by)
            done += 1
    return done, len(chosen) - done


def _in_full(row: PaymentDetails) -> Mapping[str, str]:
    profile = getattr(row.vendor, "profile", None)
    about = {
        "vendor": str(row.vendor_id),
        "name": row.vendor.name,
        "primary_email": row.vendor.address,
        "billing_email": profile.billing_email if profile else "",
        "country": profile.country if profile else "",
        "in_force_since": f"{row.adopted_at:%Y-%m-%d}",
    }
    return {name: about.get(name) or str(row.details.get(name) or "") for name in COLUMNS}

"""Who is told about an account to pay to: every address that someone other than a thief may read."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.db.models import QuerySet
from django.utils import timezone

from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor

# An address that was replaced shortly before is told as well.
TOLD_AFTERWARDS = dt.timedelta(days=90)

PRIMARY = "primary"
FORMER, JOBS, INVOICES = "former", "jobs", "invoices"
_FIELDS = {JOBS: "contact_email", INVOICES: "billing_email"}


def of(vendor: Vendor) -> dict[str, str]:
    """The addresses by where they come from, each once: the primary one, those for jobs and invoices, and whichever
    of these an address was within 90 days. Where it comes from names a row, for tasks and links.
    """
    since = timezone.now() - TOLD_AFTERWARDS
    found = {PRIMARY: vendor.address}
    for change in email_change.lately_changed(vendor, within=TOLD_AFTERWARDS):
        found[f"{FORMER}:{change.pk}"] = change.old
    history = _profiles(vendor).order_by("-pgh_created_at", "-pgh_id")
    recent = list(history.filter(pgh_created_at__gt=since))
    recent += history.filter(pgh_created_at__lte=since)[:1]  # in force when the 90 days began
    for row in recent:
        for kind, field in _FIELDS.items():
            found[f"{kind}:{row.pk}"] = getattr(row, field)
    told: dict[str, str] = {}
    known = {""}
    for source, address in found.items():
        if address.lower() not in known:
            known.add(address.lower())
            told[source] = address
    return told


def address(vendor: Vendor, source: str) -> str:
    """Empty if there is none any more, as after an erasure."""
    kind, _colon, pk = source.partition(":")
    if kind == PRIMARY:
        return vendor.address
    if kind == FORMER:
        change = EmailChange.objects.filter(vendor=vendor, pk=pk).first()
        return change.old if change else ""
    row = _profiles(vendor).filter(pk=pk).first()
    return str(getattr(row, _FIELDS[kind])) if row else ""


def kind_of(source: str) -> str:
    return source.partition(":")[0]


def _profiles(vendor: Vendor) -> QuerySet:
    return apps.get_model("vendors", "ProfileHistory")._default_manager.filter(vendor=vendor)

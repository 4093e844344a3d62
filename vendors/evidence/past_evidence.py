"""What vendors claimed, and what VM had found out about it, at the end of a day: from the history that is kept.

It does not matter what has been replaced, revoked or withdrawn since. The statements are as many whatever the number
of vendors.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from vendors.evidence import current_evidence
from vendors.models import IsoException, LinguistSample, VendorState, Verification
from vendors.qualification_claims import Claims
from vendors.qualifications.findings import Checks

DELETED = "delete"  # the label of what the triggers keep of a row that goes


@dataclass(frozen=True)
class Then:
    """One vendor on that day."""

    pk: int
    name: str
    claims: Claims
    checks: Checks
    exceptions: tuple[IsoException, ...] = ()


def end_of(day: dt.date) -> dt.datetime:
    """The first moment that is no longer part of it."""
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))


def vendors_with(sources: Collection[str], targets: Collection[str], service: str, *, day: dt.date) -> Iterator[int]:
    """Who had this service in this direction in their approved profile that day, in a steady order."""
    rows = _as_it_was("LanguagePair", Q(source__in=sources, target__in=targets), day=day)
    yield from sorted({row.vendor_id for row in rows if service in row.services})


def of_vendors(ids: Collection[int], *, day: dt.date) -> list[Then]:
    """Those of them who were approved that day, by name."""
    mine = Q(vendor__in=ids)
    vendors = {
        row.id: row for row in _as_it_was("Vendor", Q(pgh_obj__in=ids), day=day) if row.state == VendorState.APPROVED
    }
    profiles = {row.vendor_id: row for row in _as_it_was("Profile", mine, day=day)}
    pairs = _by_vendor(_as_it_was("LanguagePair", mine, day=day))
    qualifications = {row.vendor_id: row for row in _as_it_was("Qualification", mine, day=day)}
    companies = {row.vendor_id: row for row in _as_it_was("CompanyDetails", mine, day=day)}
    documents = _by_vendor(row for row in _as_it_was("Document", mine, day=day) if row.approved_at)
    end = end_of(day)
    by_then = Q(revoked_at=None) | Q(revoked_at__gte=end)
    verified = _by_vendor(Verification.objects.filter(mine, by_then, at__lt=end).select_related("by"))
    samples = _by_vendor(LinguistSample.objects.filter(mine, at__lt=end).order_by("at", "id"))
    in_force = Q(withdrawn_at=None) | Q(withdrawn_at__gte=end)
    granted = IsoException.objects.filter(mine, in_force, granted_at__lt=end, until__gte=day)
    exceptions = _by_vendor(granted.select_related("granted_by"))
    there = [
        Then(
            pk=pk,
            name=vendor.name or vendor.address,
            claims=current_evidence.assembled(
                vars(profiles[pk]),
                pairs=[vars(pair) for pair in pairs[pk]],
                qualification=qualifications.get(pk),
                company=companies.get(pk),
                documents=documents[pk],
            ),
            checks=Checks(
                {verification.fingerprint: verification for verification in verified[pk]},
                {sample.fingerprint: sample.holds for sample in samples[pk]},
            ),
            exceptions=tuple(exceptions[pk]),
        )
        for pk, vendor in vendors.items()
        if pk in profiles
    ]
    return sorted(there, key=lambda then: (then.name.casefold(), then.pk))


def _as_it_was(model: str, which: Q, *, day: dt.date) -> Iterator[Any]:
    """The rows of a table as they were at the end of the day, of which its history keeps every change."""
    history: QuerySet[Any] = apps.get_model("vendors", f"{model}History").objects.filter(
        which, pgh_created_at__lt=end_of(day)
    )
    latest = history.order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id").distinct("pgh_obj_id")
    return (row for row in latest if row.pgh_label != DELETED)


def _by_vendor(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.vendor_id].append(row)
    return grouped

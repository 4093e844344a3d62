"""Which of a vendor's phone numbers someone who has just changed the profile cannot have put there."""

from __future__ import annotations

import datetime as dt

from django.apps import apps

from vendors.models import Vendor

ON_FILE_FOR = dt.timedelta(days=30)

_WHERE = {"ProfileHistory": ["phone"], "CompanyDetailsHistory": ["projects_phone", "accounts_phone"]}


def at(vendor: Vendor, when: dt.datetime) -> list[str]:
    """The numbers that were on file 30 days before that moment, though they may have been replaced since."""
    numbers: dict[str, None] = {}
    for model, fields in _WHERE.items():
        rows = apps.get_model("vendors", model)._default_manager.filter(
            vendor=vendor, pgh_created_at__lte=when - ON_FILE_FOR
        )
        row = rows.order_by("-pgh_created_at", "-pgh_id").first()
        if row is not None and row.pgh_label != "delete":
            numbers |= dict.fromkeys(getattr(row, field) for field in fields)
    return [number for number in numbers if number]

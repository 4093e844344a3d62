"""What the database holds of what happened, in the short form that tests compare."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from identity.models import EntraAccount, User
from vendors.models import Vendor


def live_addresses(user: User) -> list[str]:
    return sorted(EntraAccount.objects.live().filter(user=user).values_list("address", flat=True))


def jobs(name: str) -> list[dict[str, Any]]:
    """The arguments of the deferred tasks of this name."""
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("id").values_list("args", flat=True))


def events(vendor: Vendor) -> list[str]:
    return list(vendor.events.order_by("at", "id").values_list("kind", flat=True))

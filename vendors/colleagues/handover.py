"""All vendors of one owner become another's: previewed, then one recorded action, whatever their number."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import ngettext

from identity.models import Failure, User
from identity.text_direction import gettext as _
from vendors.models import Handover, Vendor

COUNTED_AT_MOST = 10_000


class NothingToHandOver(Exception):
    def __init__(self, previous: User) -> None:
        super().__init__(_("%(owner)s owns no vendors and has no open cases.") % {"owner": previous})


def how_many(previous: User) -> tuple[str, str]:
    """Vendors and open cases, in words. Counted to ten thousand and no further."""
    vendors = Vendor.objects.filter(owner=previous).order_by()[: COUNTED_AT_MOST + 1].count()
    cases = Failure.objects.open().filter(assigned_to=previous).order_by()[: COUNTED_AT_MOST + 1].count()
    return vendors_in_words(vendors), cases_in_words(cases)


def vendors_in_words(count: int) -> str:
    return ngettext("%(count)s vendor", "%(count)s vendors", count) % {"count": _capped(count)}


def cases_in_words(count: int) -> str:
    return ngettext("%(count)s open case", "%(count)s open cases", count) % {"count": _capped(count)}


def _capped(count: int) -> str:
    return f"{COUNTED_AT_MOST}+" if count > COUNTED_AT_MOST else str(count)


@transaction.atomic
def hand_over(previous: User, owner: User, *, by: User) -> Handover:
    """Two statements, each for all rows at once; the vendors' history says who did it. Raise NothingToHandOver."""
    vendors = Vendor.objects.filter(owner=previous).update(owner=owner)
    cases = Failure.objects.open().filter(assigned_to=previous).update(assigned_to=owner)
    if not vendors and not cases:
        raise NothingToHandOver(previous)
    return Handover.objects.create(previous=previous, owner=owner, by=by, vendors=vendors, cases=cases)

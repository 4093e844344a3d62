"""Possible duplicates: found, ruled out, or settled by closing one vendor as a duplicate of the other."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from identity import accounts
from identity.jobs.queue import defer
from identity.models import EntraAccount, User
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.closing import lifecycle as closing
from vendors.duplicates import search
from vendors.models import ClosedAs, EmailChange, PossibleDuplicate, Vendor, VendorEvent, VendorState

SHOWN_AT_MOST = 5  # on a vendor's page

Kind = VendorEvent.Kind
Sign = PossibleDuplicate.Sign
State = PossibleDuplicate.State


class AlreadyDecided(Exception):
    """A colleague was quicker."""

    def __init__(self, pair: PossibleDuplicate) -> None:
        super().__init__(_("This has already been decided: %(how)s.") % {"how": pair.get_state_display()})


class CannotBeKept(Exception):
    """Nobody can be kept in place of another who is gone."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(
            _("%(vendor)s cannot be kept: this vendor has been erased or is also a duplicate.") % {"vendor": vendor}
        )


class SameVendor(Exception):
    """A vendor is compared with another one."""

    def __init__(self) -> None:
        super().__init__(_("This is the same vendor. Enter one of the other vendor's addresses."))


REFUSALS = (
    AlreadyDecided,
    CannotBeKept,
    lifecycle.WrongState,
    accounts.BoundToSomebodyElse,
    accounts.Disowned,
    accounts.StillLive,
)


def look(vendor_id: int) -> list[PossibleDuplicate]:
    """Write down whom this vendor may be the same as; the pairs that are to be decided. Again, it changes nothing.

    What VM has decided about a pair stays decided.
    """
    vendor = Vendor.objects.select_related("profile", "payment_details").filter(pk=vendor_id).first()
    if vendor is None or vendor.state == VendorState.ERASED or vendor.closed_as == ClosedAs.DUPLICATE:
        return []
    found = search.look_for(search.marks_of(vendor))
    pairs = {(min(vendor.pk, other), max(vendor.pk, other)): sorted(signs) for other, signs in found.items()}
    PossibleDuplicate.objects.bulk_create(
        (PossibleDuplicate(first_id=first, second_id=second, signs=signs) for (first, second), signs in pairs.items()),
        ignore_conflicts=True,
    )
    known = list(PossibleDuplicate.objects.open().about(vendor).select_related("first", "second"))
    for pair in known:
        signs = sorted({*pair.signs, *pairs.get((pair.first_id, pair.second_id), [])})
        if signs != pair.signs:
            pair.signs = signs
            PossibleDuplicate.objects.filter(pk=pair.pk).update(signs=signs)
    return known


def compare(vendor: Vendor, other: Vendor) -> PossibleDuplicate:
    """Of a pair that VM names; also one that was ruled out before. Raise SameVendor."""
    if vendor.pk == other.pk:
        raise SameVendor
    first, second = sorted((vendor, other), key=lambda one: one.pk)
    pair, _created = PossibleDuplicate.objects.get_or_create(
        first=first, second=second, defaults={"signs": [Sign.BY_HAND]}
    )
    return pair


@transaction.atomic
def rule_out(pair: PossibleDuplicate, *, by: User | None) -> None:
    """They are different people, and the pair is not shown again. Raise AlreadyDecided."""
    _decide(pair, State.DIFFERENT, by=by, origins=[State.OPEN])
    for vendor in (pair.first, pair.second):
        data = {"pair": pair.pk, "vendor": pair.other(vendor).pk}
        lifecycle.record(vendor, Kind.DUPLICATE_RULED_OUT, by=by, data=data)


@transaction.atomic
def close_as_duplicate(pair: PossibleDuplicate, duplicate: Vendor, *, by: User | None, reason: str) -> None:
    """Close one of the two; its address is free and its accounts are the other's, so that those can be invited there.

    Raise one of REFUSALS.
    """
    kept_id = pair.other(duplicate).pk
    users = Vendor.objects.filter(pk__in=[duplicate.pk, kept_id]).values_list("pk", "user_id")
    accounts.lock_people(*(user for _pk, user in users))
    kept = Vendor.objects.select_related("user").get(pk=kept_id)
    if kept.state == VendorState.ERASED or kept.closed_as == ClosedAs.DUPLICATE:
        raise CannotBeKept(kept)
    state = State.FIRST_CLOSED if duplicate.pk == pair.first_id else State.SECOND_CLOSED
    _decide(pair, state, by=by, origins=[State.OPEN, State.DIFFERENT])
    _close(duplicate, by=by, reason=reason)
    _free_address(duplicate, by=by, reason=reason)
    taken = 0
    for account in _to_be_taken(duplicate):
        accounts.take_over_account(account, giver=duplicate.user, taker=kept.user)
        taken += 1
    lifecycle.record(kept, Kind.DUPLICATE_CLOSED, by=by, data={"vendor": duplicate.pk, "accounts": taken})
    PossibleDuplicate.objects.open().about(duplicate).delete()
    defer("vendors.tasks.look_for_duplicates", vendor_id=kept.pk)


def _close(duplicate: Vendor, *, by: User | None, reason: str) -> None:
    if duplicate.state in Vendor.CLOSED:
        lifecycle.mark_as_duplicate(duplicate, by=by, reason=reason)
    elif duplicate.can("end"):
        closing.end(duplicate, closed_as=ClosedAs.DUPLICATE, by=by, reason=reason)
    else:
        closing.close(duplicate, closed_as=ClosedAs.DUPLICATE, by=by, reason=reason)


def _free_address(duplicate: Vendor, *, by: User | None, reason: str) -> None:
    """It stays findable as a former one."""
    duplicate.refresh_from_db(fields=["primary_email"])
    EmailChange.objects.create(
        vendor=duplicate,
        old=duplicate.address,
        new="",
        mode=EmailChange.Mode.DUPLICATE,
        reason=reason,
        by=by,
        state=EmailChange.State.CONFIRMED,
        closed_at=timezone.now(),
    )
    Vendor.objects.filter(pk=duplicate.pk).update(primary_email=None)
    duplicate.primary_email = None


def _to_be_taken(duplicate: Vendor) -> list[EntraAccount]:
    """What somebody said is not theirs stays where it is: it must never become anybody's."""
    theirs = EntraAccount.objects.filter(user=duplicate.user_id, guest=True)
    return list(theirs.exclude(revoked_why=EntraAccount.Revoked.DISOWNED).order_by("pk"))


def _decide(pair: PossibleDuplicate, state: State, *, by: User | None, origins: list[State]) -> None:
    decided = PossibleDuplicate.objects.filter(pk=pair.pk, state__in=origins)
    if not decided.update(state=state, decided_at=timezone.now(), decided_by=by):
        pair.refresh_from_db(fields=["state"])
        raise AlreadyDecided(pair)
    pair.state = state


def kept_instead_of(vendor: Vendor) -> Vendor | None:
    """Of whom this vendor was closed as a duplicate."""
    if vendor.closed_as != ClosedAs.DUPLICATE:
        return None
    settled = Q(first=vendor, state=State.FIRST_CLOSED) | Q(second=vendor, state=State.SECOND_CLOSED)
    pair = PossibleDuplicate.objects.filter(settled).select_related("first", "second").first()
    return pair.other(vendor) if pair is not None else None

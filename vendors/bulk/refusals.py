"""Why something cannot be done with some of many vendors, in the same few statements however many they are.

The domain functions decide when it is done; this is what the preview says beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from identity.models import EntraAccount
from identity.text_direction import gettext as _
from vendors import lifecycle
from vendors.actions import REFUSALS as OF_BUTTONS
from vendors.addresses import AddressTaken
from vendors.going_live.lifecycle import KeepsAccess, NothingToWithdraw
from vendors.models import ProfileCheck, Vendor, VendorState
from vendors.notes.lifecycle import Erased
from vendors.onboarding_interface import CannotRemind, onboarding
from vendors.still_right.lifecycle import AskedAlready
from vendors.tags.lifecycle import TooMany

Parameters = Mapping[str, Any]
WhyNot = Callable[[Sequence[Vendor], Parameters], Mapping[int, str]]


class ChangedSince(Exception):
    """What the action would replace is not what was there when VM looked."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(_("%(vendor)s has been changed since you looked. Nothing was done.") % {"vendor": vendor})


class NotInThisWay(Exception):
    """An applicant cannot have left, and someone you worked with cannot be an applicant who withdrew."""

    def __init__(self, vendor: Vendor) -> None:
        if vendor.can("end"):
            sentence = _("%(vendor)s is or was approved. To end the work with them, choose “left”.")
        else:
            sentence = _(
                "%(vendor)s has never been approved. To close an applicant, choose something other than “left”."
            )
        super().__init__(sentence % {"vendor": vendor})


# What an action refuses with: every one of them is a sentence for people.
REFUSALS = (
    *OF_BUTTONS,
    AddressTaken,
    CannotRemind,
    ChangedSince,
    Erased,
    KeepsAccess,
    NothingToWithdraw,
    NotInThisWay,
    TooMany,
)


def unless(is_possible: Callable[[Vendor], bool]) -> WhyNot:
    """For what depends on the vendor's state alone."""

    def why_not(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
        return {vendor.pk: str(lifecycle.WrongState(vendor)) for vendor in vendors if not is_possible(vendor)}

    return why_not


def of_inviting_again(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    """See also lifecycle.may_invite_again."""
    users = [vendor.user_id for vendor in vendors]
    signed_in = set(
        EntraAccount.objects.live()
        .filter(user__in=users, first_sign_in_at__isnull=False)
        .order_by()
        .values_list("user", flat=True)
    )
    refused = {}
    for vendor in vendors:
        if vendor.state == VendorState.PREPARED or not vendor.is_live:
            refused[vendor.pk] = str(lifecycle.WrongState(vendor))
        elif vendor.state != VendorState.INVITED and not vendor.has_open_email_change and vendor.user_id in signed_in:
            refused[vendor.pk] = str(lifecycle.HasSignedIn(vendor))
    return refused


def of_reminding(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    return onboarding().why_not_remind(vendors)


def of_asking_if_still_right(vendors: Sequence[Vendor], parameters: Parameters) -> Mapping[int, str]:
    asked = set(ProfileCheck.objects.open().filter(vendor__in=vendors).order_by().values_list("vendor", flat=True))
    refused = {vendor.pk: str(AskedAlready(vendor)) for vendor in vendors if vendor.pk in asked}
    closed = unless(lambda vendor: vendor.state == VendorState.APPROVED)(vendors, parameters)
    return {**refused, **closed}

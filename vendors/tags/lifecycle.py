"""Putting tags on vendors and taking them off."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import ngettext

from identity import accounts
from identity.models import User
from identity.text_direction import gettext as _
from identity.typed import cleaning
from vendors import lifecycle
from vendors.models import Tag, Vendor, VendorEvent, VendorTag
from vendors.models.tag import LONGEST

MOST = 20  # on one vendor
SUGGESTED_AT_MOST = 200


class NotATag(Exception):
    """The message is for the person who typed it."""


class TooMany(Exception):
    def __init__(self, vendor: Vendor) -> None:
        sentence = ngettext(
            "%(vendor)s would have more than %(most)s tag. Remove one first.",
            "%(vendor)s would have more than %(most)s tags. Remove some first.",
            MOST,
        )
        super().__init__(sentence % {"vendor": vendor, "most": MOST})


class ChangedMeanwhile(Exception):
    """Someone else has changed the tags since the page was opened."""

    def __init__(self, tags: Collection[str]) -> None:
        super().__init__(
            _("A colleague has changed the tags since you opened this page. They are now: %(tags)s.")
            % {"tags": ", ".join(tags) or _("none")}
        )


def parse(text: str) -> list[str]:
    """What was typed between commas, each once, as tags are kept. Raise NotATag."""
    pieces = (cleaning.name(piece).casefold() for piece in re.split(r"[,;\n]", text))
    tags = sorted({piece for piece in pieces if piece})
    for tag in tags:
        if len(tag) > LONGEST:
            message = _("The tag “%(tag)s” is longer than %(longest)s characters. Shorten it.")
            raise NotATag(message % {"tag": tag[:60], "longest": LONGEST})
    if len(tags) > MOST:
        raise NotATag(
            ngettext("Enter no more than %(most)s tag.", "Enter no more than %(most)s tags.", MOST) % {"most": MOST}
        )
    return tags


def of(vendor: Vendor) -> list[str]:
    return sorted(vendor.vendor_tags.values_list("tag", flat=True))


@transaction.atomic
def replace(
    vendor: Vendor, tags: Collection[str], *, by: User | None, instead_of: Collection[str] | None = None
) -> bool:
    """The vendor has these tags and no others; whether that changes anything.

    `instead_of` are those that whoever decided this saw. Raise ChangedMeanwhile when there are others by now.
    """
    accounts.lock_person(vendor.user_id)
    Vendor.objects.select_for_update().get(pk=vendor.pk)
    before = of(vendor)
    if instead_of is not None and before != sorted(instead_of):
        raise ChangedMeanwhile(before)
    added, removed = sorted(set(tags) - set(before)), sorted(set(before) - set(tags))
    if not (added or removed):
        return False
    VendorTag.objects.filter(vendor=vendor, tag__in=removed).delete()
    Tag.objects.bulk_create([Tag(name=tag) for tag in added], ignore_conflicts=True)
    VendorTag.objects.bulk_create(VendorTag(vendor=vendor, tag_id=tag, by=by) for tag in added)
    data = {"tags_added": added, "tags_removed": removed}
    lifecycle.record(vendor, VendorEvent.Kind.TAGGED, by=by, data={key: value for key, value in data.items() if value})
    return True


@transaction.atomic
def add(vendor: Vendor, tags: Collection[str], *, by: User | None) -> None:
    """Beside those that the vendor has. Raise TooMany."""
    accounts.lock_person(vendor.user_id)
    wanted = {*of(vendor), *tags}
    if len(wanted) > MOST:
        raise TooMany(vendor)
    replace(vendor, wanted, by=by)


@transaction.atomic
def remove(vendor: Vendor, tags: Collection[str], *, by: User | None) -> None:
    """Those of them that the vendor has."""
    accounts.lock_person(vendor.user_id)
    replace(vendor, set(of(vendor)).difference(tags), by=by)


def known() -> list[str]:
    """Those that some vendor has, to choose from. There are as many as VM has thought of, and no more are shown."""
    used = Tag.objects.filter(Exists(VendorTag.objects.filter(tag=OuterRef("pk"))))
    return list(used.order_by("name").values_list("name", flat=True)[:SUGGESTED_AT_MOST])

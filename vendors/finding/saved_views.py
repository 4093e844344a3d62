"""Keeping what was looked for under a name, for oneself or for all colleagues."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q

from identity.models import User
from identity.text_direction import gettext as _
from vendors.models import SavedView

SHOWN_AT_MOST = 50


class NameTaken(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(_("You already have a view called “%(name)s”. Choose another name.") % {"name": name})


def save(*, name: str, query: str, is_shared: bool, by: User) -> SavedView:
    """Raise NameTaken."""
    try:
        with transaction.atomic():
            return SavedView.objects.create(owner=by, name=name, query=query, is_shared=is_shared)
    except IntegrityError as error:
        raise NameTaken(name) from error


def change(view: SavedView, *, name: str, is_shared: bool) -> None:
    """What it looks for stays. Raise NameTaken."""
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(name=name, is_shared=is_shared)
    except IntegrityError as error:
        raise NameTaken(name) from error


def of(user: User) -> list[SavedView]:
    """Their own first, then those that colleagues share; each by name."""
    seen = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")
    found = list(seen.order_by("name")[:SHOWN_AT_MOST])
    return sorted(found, key=lambda view: (view.owner_id != user.pk, view.name.casefold()))

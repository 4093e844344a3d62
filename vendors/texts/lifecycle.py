"""Keeping what VM words and sets itself, with a record of each change. Back to the original takes the row away."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.compiled_queries import Compiled, Given
from identity.models import User
from vendors.models import Text, TextChange


class ChangedMeanwhile(Exception):
    """By a colleague, since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("A colleague has changed this since you opened the page. Compare, then save again."))


VALUE = Compiled(lambda: Text.objects.filter(key=Given("key")).values_list("value"))


def value(key: str) -> Any:
    """None for the original. One statement."""
    return next((stored for (stored,) in VALUE.values(key=key)), None)


@transaction.atomic
def save(key: str, new: Any, *, seen: int, by: User) -> None:
    """`seen` is the version that the page showed, 0 for the original. Raise ChangedMeanwhile."""
    before = value(key)
    if seen == 0:
        try:
            with transaction.atomic():
                Text.objects.create(key=key, value=new, changed_by=by)
        except IntegrityError as error:
            raise ChangedMeanwhile from error
    else:
        as_seen = Text.objects.filter(key=key, version=seen)
        if not as_seen.update(value=new, version=seen + 1, changed_by=by, changed_at=timezone.now()):
            raise ChangedMeanwhile
    if before != new:
        TextChange.objects.create(key=key, before=before, after=new, by=by)


@transaction.atomic
def restore(key: str, *, seen: int, by: User) -> None:
    """Back to the original. Raise ChangedMeanwhile."""
    before = value(key)
    if not Text.objects.filter(key=key, version=seen).delete()[0]:
        raise ChangedMeanwhile
    TextChange.objects.create(key=key, before=before, after=None, by=by)

"""Finding a person by what identity does not know of them: their name. Settings name who knows it (FINDS_PEOPLE)."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from identity.models import User


def ways_to_find(term: str, *, by: User) -> list[Q]:
    """Of rows that have a `user`; none for whoever may not look for people."""
    return cast(list[Q], import_string(settings.FINDS_PEOPLE)(term, by=by))

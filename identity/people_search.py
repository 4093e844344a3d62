"""Finding a person by what identity does not know of them: their name, and whose vendor they are.

Settings name who knows it (FINDS_PEOPLE, OWNED_BY).
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import User


def ways_to_find(term: str, *, by: User) -> list[Q]:
    """Of rows that have a `user`; none for whoever may not look for people."""
    return cast(list[Q], import_string(settings.FINDS_PEOPLE)(term, by=by))


class WhoseFilter(admin.SimpleListFilter):
    """Only what is about people whom this colleague looks after."""

    title = gettext_lazy("whose vendors")
    parameter_name = "whose"
    person = "user"  # leads to the person whom a row is about

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", _("mine, and those I cover"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "mine":
            return queryset
        return queryset.filter(self.theirs(cast(User, request.user)))

    def theirs(self, user: User) -> Q:
        return cast(Q, import_string(settings.OWNED_BY)(user, person=self.person))

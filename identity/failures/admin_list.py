"""The list of cases: which ones it shows, whose they are, and closing several with one note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from identity.failures import cases, ownership, reasons
from identity.failures.headlines import headline
from identity.models import Failure, User
from identity.people_search import WhoseFilter
from identity.text_direction import gettext as _
from identity.typed.fields import Name

CLOSED_AT_ONCE = 200


class ResolveForm(forms.Form):
    note = Name(
        label=gettext_lazy("What was done"),
        max_length=200,
        help_text=gettext_lazy("For your colleagues; kept with the case."),
    )


class StateFilter(admin.SimpleListFilter):
    """Open cases, unless others are asked for. A search looks among all of them."""

    title = gettext_lazy("state")
    parameter_name = "state__exact"

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.otherwise = "all" if request.GET.get(SEARCH_VAR, "").strip() else Failure.State.OPEN.value

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label.capitalize()) for state in Failure.State] + [("all", _("All"))]

    @property
    def chosen(self) -> str:
        return self.value() or self.otherwise

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen == value, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=self.chosen) if self.chosen in Failure.State.values else queryset


class AudienceFilter(admin.SimpleListFilter):
    title = gettext_lazy("team")
    parameter_name = "for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AUDIENCES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(cases.dealt_with_by(self.value())) if self.value() in AUDIENCES else queryset


class WhoseCasesFilter(WhoseFilter):
    """Also the cases that the colleague is on, whoever owns the vendor."""

    def theirs(self, user: User) -> Q:
        return ownership.theirs_or_taken(super().theirs(user), by=user)


class OwnerFilter(admin.SimpleListFilter):
    title = gettext_lazy("owner")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", _("me")), ("nobody", _("no one yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "me":
            return queryset.filter(assigned_to=cast(User, request.user))
        return queryset.filter(assigned_to=None) if self.value() == "nobody" else queryset


AUDIENCES: dict[str, str | Promise] = {
    reasons.VM: gettext_lazy("Vendor Management"),
    reasons.OPERATIONS: gettext_lazy("Operations"),
}


@admin.action(description=gettext_lazy("Resolve the selected cases"), permissions=["resolve"])
def resolve_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[Failure]) -> HttpResponse | None:
    """Ask for the note that they share, then close them one by one: a colleague may have closed some meanwhile."""
    chosen = list(queryset.order_by("-last_seen_at")[: CLOSED_AT_ONCE + 1])
    failures, is_capped = chosen[:CLOSED_AT_ONCE], len(chosen) > CLOSED_AT_ONCE
    form = ResolveForm(request.POST if "sure" in request.POST else None)
    if form.is_valid():
        by, how = cast(User, request.user), form.cleaned_data["note"]
        closed = sum(cases.resolve(failure, by=by, how=how) for failure in failures)
        # The list shows open ones only, so those that a colleague closed meanwhile are not among them any more.
        before = len(request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)) - closed
        if closed:
            text = ngettext("%(count)d case has been resolved.", "%(count)d cases have been resolved.", closed)
            messages.success(request, text % {"count": closed})
        if before:
            text = ngettext(
                "%(count)d case had already been resolved.", "%(count)d cases had already been resolved.", before
            )
            messages.warning(request, text % {"count": before})
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Resolve cases"),
        "failures": [(failure, headline(failure.reason)) for failure in failures],
        "is_capped": is_capped,
        "resolve_form": form,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
        "action": resolve_selected.__name__,
    }
    return TemplateResponse(request, "admin/identity/failure/resolve_several.html", context)

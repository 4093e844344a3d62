"""VM chooses many vendors and an action, reads what would happen, starts it and reads what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from identity.admin_lists import SearchedList
from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.bulk import runs
from vendors.bulk.actions import BULK_ACTIONS, EXPORT, BulkAction
from vendors.bulk.forms import FORMS, ParametersForm
from vendors.models import BulkRow, BulkRun, Vendor

ROWS_PER_PAGE = 50
LATEST = 20
ACROSS = "select_across"  # Django's name for "all in this list"

Outcome = BulkRow.Outcome
State = BulkRun.State


class ActsOnMany(SearchedList):
    """The list of vendors, with everything that can be done with many of them."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if IS_POPUP_VAR in request.GET:
            return {}
        user = cast(User, request.user)
        actions: dict[str, Any] = {
            action.name: (partial(_begin, name=action.name), action.name, action.label) for action in possible(user)
        }
        if user.has_perm(EXPORT.permission):
            actions[EXPORT.name] = (_export, EXPORT.name, EXPORT.label)
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Whoever asks for the whole list need not tick any of it, as Django wants them to. Odd ids are not ticked."""
        if request.method == "POST":
            chosen = request.POST.copy()
            ticked = [pk for pk in chosen.getlist(helpers.ACTION_CHECKBOX_NAME) if is_whole_number(pk)]
            if chosen.get(ACROSS) == "1":
                ticked = ticked or ["0"]
            chosen.setlist(helpers.ACTION_CHECKBOX_NAME, ticked)
            request.POST = chosen  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)


def _begin(model_admin: Any, request: HttpRequest, vendors: QuerySet[Vendor], *, name: str) -> HttpResponse:
    return begin(request, name, vendors)


def _export(model_admin: Any, request: HttpRequest, vendors: QuerySet[Vendor]) -> HttpResponse:
    """To the page that exports what was found, which here is what was chosen in the list."""
    try:
        chosen = runs.prepare(EXPORT, vendors, by=cast(User, request.user))
    except (runs.NoOneChosen, runs.TooMany) as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    return redirect(f"{reverse('admin:vendors_vendor_export')}?state=any&chosen={chosen.pk}")


def possible(user: User) -> list[BulkAction]:
    return [action for action in BULK_ACTIONS.values() if user.has_perm(action.permission)]


def begin(request: HttpRequest, name: str, vendors: QuerySet[Vendor] | Iterable[int]) -> HttpResponse:
    """From any list of vendors, or their ids, to the page that says what would happen; nothing happens yet."""
    action = _action(name, request)
    try:
        run = runs.prepare(action, vendors, by=cast(User, request.user))
    except (runs.NoOneChosen, runs.TooMany) as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    return redirect("admin:vendors_vendor_bulk_look", run.pk)


def urls() -> list:
    view = admin.site.admin_view
    return [
        path("bulk/", view(latest), name="vendors_vendor_bulk"),
        path("bulk/<int:pk>/", view(look), name="vendors_vendor_bulk_look"),
        path("bulk/<int:pk>/start/", view(start), name="vendors_vendor_bulk_start"),
        path("bulk/<int:pk>/again/", view(again), name="vendors_vendor_bulk_again"),
        path("bulk/<int:pk>/throw-away/", view(throw_away), name="vendors_vendor_bulk_throw_away"),
    ]


def latest(request: HttpRequest) -> HttpResponse:
    """Of the actions that this colleague may carry out."""
    if not request.user.has_perms(("vendors.view_vendor", "vendors.view_vendorevent")):
        raise PermissionDenied
    names = [action.name for action in possible(cast(User, request.user))]
    found = BulkRun.objects.filter(action__in=names).defer("parameters").select_related("by")[:LATEST]
    shown = [(run, BULK_ACTIONS[run.action].label) for run in found]
    return _page(request, "bulk_latest", title=_("Bulk actions"), runs=shown, at_most=LATEST)


def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Before the decision what would happen, and to whom it cannot; then how far it is, and what became of each."""
    run, action = _run(request, pk)
    form = None
    if action.asks and run.state == State.PREPARED:
        form = _form(request, run)
        if request.method == "POST" and form.is_valid():
            try:
                runs.set_parameters(run, form.parameters(), revision=form.cleaned_data["revision"])
            except runs.AlreadyDecided as refusal:
                messages.error(request, str(refusal))
            except runs.ChangedMeanwhile:
                run.refresh_from_db()
                form = _filled_in_again(request, run)
                text = _("A colleague has changed this since you opened the page. What you typed is still here.")
                form.add_error(None, text)
                return _look(request, run, action, form)
            return redirect("admin:vendors_vendor_bulk_look", run.pk)
    return _look(request, run, action, form)


def _form(request: HttpRequest, run: BulkRun) -> ParametersForm:
    initial = run.parameters | {"revision": run.revision}
    return FORMS[run.action](request.POST if request.method == "POST" else None, initial=initial)


def _filled_in_again(request: HttpRequest, run: BulkRun) -> ParametersForm:
    """As it was typed, to be saved over what the colleague wrote by pressing once more."""
    typed: QueryDict = request.POST.copy()
    typed["revision"] = str(run.revision)
    return FORMS[run.action](typed)


def _look(request: HttpRequest, run: BulkRun, action: BulkAction, form: ParametersForm | None) -> HttpResponse:
    counts = runs.counts(run)
    is_ready = run.state == State.PREPARED and (not action.asks or bool(run.parameters))
    waiting = run.lines.filter(outcome=Outcome.WAITING).order_by("pk")
    first = waiting.select_related("vendor__owner").first() if is_ready and action.sample else None
    asked = request.GET.get("outcome", "")
    otherwise = Outcome.REFUSED if run.state == State.PREPARED and counts[Outcome.REFUSED] else ""
    outcome = asked if asked in (*Outcome.values, "all") else otherwise
    return _page(
        request,
        "bulk_look",
        title=action.label,
        run=run,
        action=action,
        form=form,
        is_ready=is_ready,
        counts=counts,
        total=counts.total(),
        processed=counts.total() - counts[Outcome.WAITING],
        will=action.will % {"count": counts[Outcome.WAITING]},
        did=action.did % {"count": counts[Outcome.DONE]},
        cannot=counts[Outcome.REFUSED],
        failed=counts[Outcome.FAILED],
        sample=action.sample(first.vendor, run.parameters) if first and action.sample else None,
        filters=_filters(counts, outcome),
        outcome=outcome,
        rows=_rows(run, outcome, counts, request.GET.get("p", "")),
        parameters=_in_words(run),
    )


def _in_words(run: BulkRun) -> list[tuple[Any, Any]]:
    """What was asked for, once it cannot be changed any more."""
    if run.state == State.PREPARED or run.action not in FORMS:
        return []
    form = FORMS[run.action](initial=run.parameters)
    return [(field.label, _value(field.field, run.parameters.get(field.name))) for field in form.visible_fields()]


def _value(field: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(field, "queryset"):
        return User.objects.filter(pk=value).first()
    return dict(field.choices).get(value, value) if hasattr(field, "choices") else value


def _filters(counts: Mapping[str, int], outcome: str) -> list[tuple[str, Any, int, bool]]:
    known = [(value, label, counts[value], value == outcome) for value, label in Outcome.choices if counts[value]]
    return [("all", _("all"), sum(counts.values()), outcome in ("", "all")), *known]


def _rows(run: BulkRun, outcome: str, counts: Mapping[str, int], page: str) -> Any:
    rows = run.lines.select_related("vendor").defer(*(f"vendor__{name}" for name in search.WORDS)).order_by("pk")
    if outcome in Outcome.values:
        rows = rows.filter(outcome=outcome)
    paginator = Paginator(rows, ROWS_PER_PAGE)
    paginator.count = counts[outcome] if outcome in Outcome.values else sum(counts.values())
    return paginator.get_page(page)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run, action = _run(request, pk)
    revision = request.POST.get("revision", "")
    if action.asks and not run.parameters:
        messages.error(request, _("Fill in the form first, so that you can read what will happen."))
        return redirect("admin:vendors_vendor_bulk_look", run.pk)
    try:
        runs.start(run, revision=int(revision) if is_whole_number(revision) else -1, by=cast(User, request.user))
    except (runs.AlreadyDecided, runs.ChangedMeanwhile) as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:vendors_vendor_bulk_look", run.pk)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    run, _action_of_run = _run(request, pk)
    asked = request.POST.get("outcome", "")
    outcomes = [asked] if asked in runs.NOT_DONE else runs.NOT_DONE
    try:
        runs.again(run, by=cast(User, request.user), outcomes=outcomes)
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:vendors_vendor_bulk_look", run.pk)


@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    run, _action_of_run = _run(request, pk)
    try:
        runs.throw_away(run)
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_bulk_look", run.pk)
    messages.success(request, _("Nothing was done."))
    return redirect("admin:vendors_vendor_changelist")


def _action(name: str, request: HttpRequest) -> BulkAction:
    action = BULK_ACTIONS.get(name)
    if action is None:
        raise Http404
    if not request.user.has_perm(action.permission):
        raise PermissionDenied
    return action


def _run(request: HttpRequest, pk: int) -> tuple[BulkRun, BulkAction]:
    run = get_object_or_404(BulkRun.objects.select_related("by"), pk=pk)
    return run, _action(run.action, request)


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "opts": Vendor._meta, **context}
    return TemplateResponse(request, f"admin/vendors/vendor/{name}.html", context)

"""VM uploads a file of vendors, decides row by row, and starts it or throws it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.views.decorators.http import require_POST

from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.bulk import admin as bulk_admin
from vendors.bulk import withdrawing
from vendors.bulk_import import decisions, namesakes, refused_rows, runs, withdrawal
from vendors.bulk_import.csv_rows import BadFile, Kind
from vendors.bulk_import.decisions import Decision
from vendors.bulk_import.examination import TAKEABLE
from vendors.bulk_import.forms import ForAllForm, UploadForm
from vendors.documents.inspection import clean_name
from vendors.models import ImportRow, Vendor, VendorImport

State = VendorImport.State
ROWS_PER_PAGE = 50
TAGS = {
    Kind.ADDED: "good",
    Kind.DOUBTFUL: "warning",
    Kind.POSSIBLE: "warning",
    Kind.KNOWN: "info",
    Kind.REFUSED: "refused",
}
PERMISSIONS = ("vendors.add_vendor", "vendors.invite_vendor")


@dataclass
class ShownRow:
    """A row on the page: as it is, or as it was typed where that could not be kept."""

    row: ImportRow
    decision: Decision
    mark: str
    namesakes: Sequence[Vendor] = ()
    is_conflict: bool = False

    @property
    def may_be_taken(self) -> bool:
        return self.row.kind in TAKEABLE

    @property
    def tag(self) -> str:
        return TAGS[Kind(self.row.kind)]

    @property
    def label(self) -> str | Promise:
        if self.row.is_done and self.row.kind == Kind.ADDED:
            return _("added")
        is_left_out = self.row.run.state == State.DONE and self.may_be_taken
        return _("left out") if is_left_out else Kind(self.row.kind).label


def urls() -> list:
    view = admin.site.admin_view
    return [
        path("import/", view(upload), name="vendors_vendor_import"),
        path("import/<int:pk>/", view(look), name="vendors_vendor_import_look"),
        path("import/<int:pk>/start/", view(start), name="vendors_vendor_import_start"),
        path("import/<int:pk>/refused.csv", view(refused), name="vendors_vendor_import_refused"),
        path("import/<int:pk>/throw-away/", view(throw_away), name="vendors_vendor_import_throw_away"),
        path("import/<int:pk>/withdraw/", view(withdraw), name="vendors_vendor_import_withdraw"),
    ]


def upload(request: HttpRequest) -> HttpResponse:
    _check(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = runs.prepare(file.file, name=clean_name(file.name), by=cast(User, request.user))
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            return redirect("admin:vendors_vendor_import_look", run.pk)
    latest = VendorImport.objects.defer("heading").select_related("by")[:10]
    return _page(request, "import", title=_("Import vendors"), form=form, latest=latest)


def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Before the start each row with what VM decides on; then how far it is; at the end what became of each row."""
    run = _run(request, pk)
    if run.state == State.COMPARING and request.method != "POST":
        title = _("Import of %s") % run.name
        return _page(request, "import_comparing", title=title, run=run)
    if run.state not in runs.UNDECIDED:
        if request.method == "POST":
            messages.error(request, str(runs.AlreadyDecided()))
            return redirect("admin:vendors_vendor_import_look", run.pk)
        return _result(request, run)
    if request.method != "POST":
        return _decide(request, run, ForAllForm.of(run))
    typed = _typed(request)
    form = ForAllForm(request.POST)
    if not form.is_valid():
        return _decide(request, run, form, typed=typed)
    try:
        conflicts = decisions.save(run, form.for_all(), typed)
    except runs.BeingCompared as refusal:
        form.add_error(None, str(refusal))
        return _decide(request, run, form, typed=typed)
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    if conflicts:
        form = form.again(run) if conflicts.for_all else ForAllForm.of(run)
        left = {pk: decision for pk, decision in typed.items() if pk in conflicts.rows}
        return _decide(request, run, form, typed=left, has_conflicts=True)
    then = request.POST.get("then", "")
    if then == "start":
        return redirect("admin:vendors_vendor_import_start", run.pk)
    if then == "compare" and run.binds and run.state == State.EXAMINED:
        return _compare(request, run)
    kind, _colon, page = then.partition(":")
    where = redirect("admin:vendors_vendor_import_look", run.pk)
    where["Location"] += f"?kind={kind if kind in Kind.values else ''}&p={page if is_whole_number(page) else 1}"
    return where


def _compare(request: HttpRequest, run: VendorImport) -> HttpResponse:
    try:
        runs.compare(run)
    except (runs.AlreadyDecided, runs.BeingCompared) as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:vendors_vendor_import_look", run.pk)


def _result(request: HttpRequest, run: VendorImport) -> HttpResponse:
    is_done = run.state == State.DONE
    withdrawn, left = withdrawal.numbers(run) if is_done else (0, 0)
    return _look(request, run, "import_result", withdrawn=withdrawn, may_be_withdrawn=left)


def _typed(request: HttpRequest) -> dict[int, Decision]:
    """What the page was sent with about each of its rows."""
    said = request.POST
    pks = [name[6:] for name in said if name.startswith("shown-") and is_whole_number(name[6:])]
    return {
        int(pk): Decision(
            f"take-{pk}" in said, said.get(f"name-{pk}", ""), said.get(f"address-{pk}", ""), said[f"shown-{pk}"]
        )
        for pk in pks[:ROWS_PER_PAGE]
    }


def _decide(
    request: HttpRequest,
    run: VendorImport,
    form: ForAllForm,
    *,
    typed: Mapping[int, Decision] | None = None,
    has_conflicts: bool = False,
) -> HttpResponse:
    return _look(request, run, "import_look", typed=typed, form=form, has_conflicts=has_conflicts)


def _look(
    request: HttpRequest, run: VendorImport, template: str, *, typed: Mapping[int, Decision] | None = None, **more: Any
) -> HttpResponse:
    said = request.GET if request.method == "GET" else request.POST
    asked, page = said.get("kind", ""), said.get("p", "")
    kind = asked if asked in Kind.values else ""
    by_kind, taken = runs.counts(run), runs.taken(run)
    numbers = runs.by_kind(run)
    rows = (
        run.lines.select_related("vendor")
        .defer("cells", *(f"vendor__{name}" for name in search.WORDS))
        .order_by("line")
    )
    paginator = Paginator(rows.filter(kind=kind) if kind else rows, ROWS_PER_PAGE)
    paginator.count = numbers[kind] if kind else numbers.total()
    shown = paginator.get_page(page)
    done = run.lines.filter(is_taken=True, is_done=True).count() if run.state not in runs.UNDECIDED else 0
    return _page(
        request,
        template,
        title=_("Import of %s") % run.name,
        run=run,
        page=shown,
        kind=kind,
        rows=_shown(shown.object_list, typed or {}, keeps_marks=not more.get("has_conflicts")),
        kinds=[(each, each.label, numbers[each], each == kind) for each in Kind if numbers[each]],
        total=numbers.total(),
        taken=taken,
        done=done,
        refused=numbers[Kind.REFUSED],
        added=by_kind.get((Kind.ADDED, True), 0),
        left_out=sum(by_kind.get((each, False), 0) for each in TAKEABLE),
        **more,
    )


def _shown(rows: Any, typed: Mapping[int, Decision], *, keeps_marks: bool) -> list[ShownRow]:
    """`keeps_marks`: whoever typed it has not been shown what a colleague may have decided since."""
    listed = list(rows)
    doubted = (row for row in listed if row.kind in (Kind.POSSIBLE, Kind.DOUBTFUL))
    alike = namesakes.of({row.pk: row.name for row in doubted})
    shown = []
    for row in listed:
        decision = typed.get(row.pk)
        mark = decision.shown if decision and keeps_marks else Decision.of(row).mark
        shown.append(ShownRow(row, decision or Decision.of(row), mark, alike.get(row.pk, ()), decision is not None))
    return shown


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen, then it happens."""
    run = _run(request, pk)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            runs.start(run, revision=int(revision) if is_whole_number(revision) else -1, by=cast(User, request.user))
        except (runs.AlreadyDecided, runs.BeingCompared, runs.ChangedMeanwhile) as refusal:
            messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    if run.state != State.EXAMINED:
        return redirect("admin:vendors_vendor_import_look", run.pk)
    taken = runs.taken(run)
    languages = dict(settings.VENDOR_LANGUAGES)
    title = _("Start the import of %s") % run.name
    return _page(
        request,
        "import_start",
        title=title,
        run=run,
        taken=taken,
        left_out=run.rows - taken,
        language=languages.get(run.language, ""),
    )


def refused(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    run = _run(request, pk)
    answer = StreamingHttpResponse(refused_rows.as_csv(run), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
    return answer


@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    try:
        runs.throw_away(run)
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    messages.success(request, _("The file has been deleted. No one was added."))
    return redirect("admin:vendors_vendor_import")


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page that says whose invitations would be withdrawn and who is left; nothing happens yet."""
    run = _run(request, pk)
    if request.method != "POST":
        return redirect("admin:vendors_vendor_import_look", run.pk)
    try:
        added = withdrawal.added(run).values_list("vendor", flat=True)
    except withdrawal.NotDone as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    return bulk_admin.begin(request, withdrawing.ACTION, added.iterator())


def _check(request: HttpRequest) -> None:
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied


def _run(request: HttpRequest, pk: int) -> VendorImport:
    _check(request)
    return get_object_or_404(VendorImport.objects.select_related("by", "owner"), pk=pk)


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "opts": Vendor._meta, **context}
    return TemplateResponse(request, f"admin/vendors/vendor/{name}.html", context)

"""VM uploads a file of vendors, decides row by row, and starts it or throws it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.direction import gettext as _
from identity.models import User
from identity.numbers import is_whole_number
from identity.typed.fields import Name
from vendors import search
from vendors.bulk_import import decisions, namesakes, refused_rows, runs
from vendors.bulk_import.csv_rows import BadFile, Kind
from vendors.bulk_import.decisions import Decision, ForAll
from vendors.bulk_import.examination import TAKEABLE
from vendors.documents.inspection import clean_name
from vendors.models import ImportRow, Vendor, VendorImport
from vendors.tags import lifecycle as tags

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_PER_PAGE = 50
TAGS = {
    Kind.ADDED: "good",
    Kind.DOUBTFUL: "warning",
    Kind.POSSIBLE: "warning",
    Kind.KNOWN: "info",
    Kind.REFUSED: "refused",
}
PERMISSIONS = ("vendors.add_vendor", "vendors.invite_vendor")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "An Excel workbook (.xlsx, its first sheet) or a CSV file, at most 2 MB. The first row names the columns: "
            "name (or first name and last name), email and, if you like, language (like de or en-GB) and owner (a "
            "colleague's address)."
        ),
        widget=forms.FileInput(attrs={"accept": f".csv,text/csv,.xlsx,{XLSX}"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty. Please choose another."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > runs.FILE_LIMIT:
            raise ValidationError(_("This file is larger than 2 MB. Please split it."), code="too_large")
        return file


class ForAllForm(forms.Form):
    """What holds for every row of the file."""

    invites = forms.ChoiceField(
        label=gettext_lazy("What to do with the ticked rows"),
        choices=[("yes", gettext_lazy("Add and invite")), ("no", gettext_lazy("Add only"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what to do with the ticked rows.")},
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner for all of them"),
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        required=False,
        empty_label=gettext_lazy("As the file says"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of your colleagues.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of all invitations"),
        choices=[("", gettext_lazy("As the file says, or else English")), *settings.VENDOR_LANGUAGES],
        required=False,
    )
    tags = Name(
        label=gettext_lazy("Tags for everyone added"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Separated by commas, such as: rush jobs, legal team"),
        error_messages={"max_length": gettext_lazy("That is more than 1,000 characters. Enter fewer tags.")},
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_tags(self) -> str:
        try:
            return ", ".join(tags.parse(self.cleaned_data["tags"]))
        except tags.NotATag as error:
            raise ValidationError(str(error), code="not_a_tag") from error

    def for_all(self) -> ForAll:
        values = self.cleaned_data
        return ForAll(values["invites"] == "yes", values["owner"], values["language"], values["tags"], values["shown"])


@dataclass
class ShownRow:
    """A row on the page: as it is, or as it was typed where that could not be kept."""

    row: ImportRow
    decision: Decision
    namesakes: Sequence[Vendor] = ()
    is_conflict: bool = False
    mark: str = field(init=False)

    def __post_init__(self) -> None:
        self.mark = Decision.of(self.row).mark

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
        is_left_out = self.row.run.state == VendorImport.State.DONE and self.may_be_taken
        return _("left out") if is_left_out else Kind(self.row.kind).label


def urls() -> list:
    view = admin.site.admin_view
    return [
        path("import/", view(upload), name="vendors_vendor_import"),
        path("import/<int:pk>/", view(look), name="vendors_vendor_import_look"),
        path("import/<int:pk>/start/", view(start), name="vendors_vendor_import_start"),
        path("import/<int:pk>/refused.csv", view(refused), name="vendors_vendor_import_refused"),
        path("import/<int:pk>/throw-away/", view(throw_away), name="vendors_vendor_import_throw_away"),
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
    if run.state != VendorImport.State.EXAMINED:
        if request.method == "POST":
            messages.error(request, str(runs.AlreadyDecided()))
            return redirect("admin:vendors_vendor_import_look", run.pk)
        return _look(request, run, "import_result")
    if request.method != "POST":
        return _decide(request, run, _form(run))
    typed = _typed(request)
    form = ForAllForm(request.POST)
    if not form.is_valid():
        return _decide(request, run, form, typed=typed)
    try:
        conflicts = decisions.save(run, form.for_all(), typed)
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    if conflicts:
        form = _again(form, run) if conflicts.for_all else _form(run)
        left = {pk: decision for pk, decision in typed.items() if pk in conflicts.rows}
        return _decide(request, run, form, typed=left, has_conflicts=True)
    then = request.POST.get("then", "")
    if then == "start":
        return redirect("admin:vendors_vendor_import_start", run.pk)
    kind, _colon, page = then.partition(":")
    where = redirect("admin:vendors_vendor_import_look", run.pk)
    where["Location"] += f"?kind={kind if kind in Kind.values else ''}&p={page if is_whole_number(page) else 1}"
    return where


def _form(run: VendorImport) -> ForAllForm:
    now = ForAll.of(run)
    invites = "yes" if now.invites else "no"
    initial = {"invites": invites, "owner": now.owner, "language": now.language, "tags": now.tags, "shown": now.mark}
    return ForAllForm(initial=initial)


def _again(form: ForAllForm, run: VendorImport) -> ForAllForm:
    """As it was typed, to be kept by pressing once more."""
    return ForAllForm({**form.data.dict(), "shown": ForAll.of(run).mark})  # type: ignore[attr-defined]


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
    done = run.lines.filter(is_taken=True, is_done=True).count() if run.state != VendorImport.State.EXAMINED else 0
    return _page(
        request,
        template,
        title=_("Import of %s") % run.name,
        run=run,
        page=shown,
        kind=kind,
        rows=_shown(shown.object_list, typed or {}),
        kinds=[(each, each.label, numbers[each], each == kind) for each in Kind if numbers[each]],
        total=numbers.total(),
        taken=taken,
        done=done,
        refused=numbers[Kind.REFUSED],
        added=by_kind.get((Kind.ADDED, True), 0),
        left_out=sum(by_kind.get((each, False), 0) for each in TAKEABLE),
        **more,
    )


def _shown(rows: Any, typed: Mapping[int, Decision]) -> list[ShownRow]:
    listed = list(rows)
    doubted = (row for row in listed if row.kind in (Kind.POSSIBLE, Kind.DOUBTFUL))
    alike = namesakes.of({row.pk: row.name for row in doubted})
    return [
        ShownRow(row, typed.get(row.pk) or Decision.of(row), alike.get(row.pk, ()), row.pk in typed) for row in listed
    ]


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen, then it happens."""
    run = _run(request, pk)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            runs.start(run, revision=int(revision) if is_whole_number(revision) else -1, by=cast(User, request.user))
        except (runs.AlreadyDecided, runs.ChangedMeanwhile) as refusal:
            messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_import_look", run.pk)
    if run.state != VendorImport.State.EXAMINED:
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


def _check(request: HttpRequest) -> None:
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied


def _run(request: HttpRequest, pk: int) -> VendorImport:
    _check(request)
    return get_object_or_404(VendorImport.objects.select_related("by", "owner"), pk=pk)


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "opts": Vendor._meta, **context}
    return TemplateResponse(request, f"admin/vendors/vendor/{name}.html", context)

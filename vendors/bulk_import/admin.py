"""VM uploads a file of vendors, reads what would happen, and starts it or throws it away."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.direction import gettext as _
from identity.models import User
from vendors.bulk_import import runs
from vendors.bulk_import.csv_rows import BadFile
from vendors.documents.inspection import clean_name
from vendors.models import Vendor, VendorImport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def urls() -> list:
    view = admin.site.admin_view
    return [
        path("import/", view(upload), name="vendors_vendor_import"),
        path("import/<int:pk>/", view(look), name="vendors_vendor_import_look"),
        path("import/<int:pk>/start/", view(start), name="vendors_vendor_import_start"),
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
    latest = VendorImport.objects.defer("content", "results").select_related("by")[:10]
    return _page(request, "import", title=_("Import vendors"), form=form, latest=latest)


def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Before the decision what would happen; then how far it is; at the end what became of each row."""
    run = _run(request, pk)
    found = runs.vendors_of(run)
    kinds = [
        (kind, count, [(line, address, said, found.get(address.lower())) for line, address, said in rows])
        for kind, count, rows in runs.rows_by_kind(run)
    ]
    return _page(request, "import_look", title=_("Import of %s") % run.name, run=run, kinds=kinds)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    try:
        runs.start(run, by=cast(User, request.user))
    except runs.AlreadyDecided as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:vendors_vendor_import_look", run.pk)


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
    return get_object_or_404(VendorImport.objects.defer("content").select_related("by"), pk=pk)


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "opts": Vendor._meta, **context}
    return TemplateResponse(request, f"admin/vendors/vendor/{name}.html", context)

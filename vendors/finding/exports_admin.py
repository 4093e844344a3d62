"""Exporting what was found, in the admin."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from vendors.finding import columns, exports
from vendors.finding.form import MAY_FIND, FindForm
from vendors.models import Vendor, VendorExport

MAY_EXPORT = "vendors.export_vendors"
TYPES = {
    VendorExport.Format.CSV: "text/csv; charset=utf-8",
    VendorExport.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportForm(forms.Form):
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=columns.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=columns.USUAL,
        error_messages={
            "required": gettext_lazy("Choose at least one column."),
            "invalid_choice": gettext_lazy("Choose the columns from the list."),
        },
    )
    file_format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=VendorExport.Format.choices,
        widget=forms.RadioSelect,
        initial=VendorExport.Format.XLSX,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a format.")),
    )
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy(
            "What the file is for. It is kept with the record of this export, so do not name any vendors."
        ),
        error_messages={
            "required": gettext_lazy("Enter a reason."),
            "max_length": gettext_lazy("Shorten the reason to 300 characters or fewer."),
        },
    )


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest) -> HttpResponseBase:
        return export_view(request, site)

    return [path("find/export/", site.admin_view(view), name="vendors_vendor_export")]


def export_view(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """The address has what is looked for, as that of the page it comes from."""
    if not request.user.has_perms((*MAY_FIND, MAY_EXPORT)):
        raise PermissionDenied
    user = cast(User, request.user)
    find = FindForm(QueryDict(request.GET.urlencode()), by=user)
    if not find.is_valid():
        return redirect(f"{reverse('admin:vendors_vendor_find')}?{request.GET.urlencode()}")
    form = ExportForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        file, record = exports.export(
            find.query(), address=find.address(), **form.cleaned_data, by=user, today=timezone.localdate()
        )
        name = f"vendors-first-{record.lines}" if record.is_capped else "vendors"
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{name}-{timezone.localdate():%Y-%m-%d}.{record.format}",
            content_type=TYPES[VendorExport.Format(record.format)],
        )
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Export the results"),
        "opts": Vendor._meta,
        "form": form,
        "most": exports.MOST_LINES,
        "back": f"{reverse('admin:vendors_vendor_find')}?{find.address()}",
    }
    return TemplateResponse(request, "admin/vendors/vendor/export.html", context)

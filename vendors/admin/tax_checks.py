"""The list of tax checks, and the page on which Finance records one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.answers import tax_numbers
from vendors.answers.fields import DayField
from vendors.models import TaxCheck, Vendor, VendorState
from vendors.profile import tax, tax_checks

Result = TaxCheck.Result
TAGS = {Result.VALID: "good", Result.NOT_VALID: "error", Result.OTHER_NAME: "warning", Result.UNCLEAR: ""}


class TaxCheckForm(forms.Form):
    of = forms.ChoiceField(
        label=gettext_lazy("Number"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the number that you checked."),
            "invalid_choice": gettext_lazy("Choose the number that you checked."),
        },
    )
    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        widget=forms.RadioSelect,
        choices=Result.choices,
        error_messages={
            "required": gettext_lazy("Choose the result."),
            "invalid_choice": gettext_lazy("Choose the result."),
        },
    )
    checked_on = DayField(
        label=gettext_lazy("Date of the check"),
        help_text=gettext_lazy("For example, 31 March 2027."),
        error_messages={"required": gettext_lazy("Enter the date of the check.")},
    )
    source = Name(
        label=gettext_lazy("Where you checked it"),
        help_text=gettext_lazy("For example, VIES with the consultation number. Do not write the tax number here."),
        max_length=200,
        error_messages={"required": gettext_lazy("Say where you checked it.")},
    )

    def __init__(self, data: Any = None, *, numbers: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, label_suffix="")
        self.fields["of"].choices = numbers  # type: ignore[attr-defined]


@admin.register(TaxCheck)
class TaxCheckAdmin(ReadOnlyAdmin):
    list_display = ["vendor", "of", "shown_number", "shown_result", "checked_on", "source", "by"]
    list_filter = ["result"]
    list_select_related = ["vendor", "by"]
    not_shown = search.WORDS_OF_THE_VENDOR
    ordering = ["-recorded_at", "-id"]
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    @admin.display(description=gettext_lazy("as checked"))
    def shown_number(self, check: TaxCheck) -> str:
        return tax_numbers.masked(check.number)

    @admin.display(description=gettext_lazy("result"))
    def shown_result(self, check: TaxCheck) -> str:
        return result_tag(check)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """All there is to a check is on the vendor's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_whole_number(object_id):
            raise Http404
        check = get_object_or_404(TaxCheck.objects.defer("number"), pk=object_id)
        return redirect("admin:vendors_vendor_change", check.vendor_id)


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return record_view(request, site, pk)

    return [path("<int:pk>/tax-check/", site.admin_view(view), name="vendors_vendor_tax_check")]


def record_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm(tax_checks.MAY_CHECK):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor.objects.select_related("profile"), pk=pk)
    profile = getattr(vendor, "profile", None)
    form = TaxCheckForm(request.POST or None, numbers=tax.choices(profile) if profile else [])
    if request.method == "POST" and form.is_valid():
        try:
            tax_checks.record(vendor, **form.cleaned_data, by=cast(User, request.user))
        except tax_checks.NotYet as refusal:
            form.add_error("checked_on", str(refusal))
        except tax_checks.NumberMissing as refusal:
            form.add_error("of", str(refusal))
        else:
            messages.success(request, _("The check has been recorded."))
            return redirect("admin:vendors_vendor_change", vendor.pk)
    context = {
        **site.each_context(request),
        "title": _("Record a tax check: %(vendor)s") % {"vendor": vendor},
        "opts": Vendor._meta,
        "vendor": vendor,
        "form": form,
        "has_numbers": bool(profile and profile.numbers),
    }
    return TemplateResponse(request, "admin/vendors/vendor/tax_check.html", context)


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """For the vendor's page."""
    if not user.has_perm("vendors.view_taxcheck"):
        return {}
    checks = tax_checks.of(vendor, getattr(vendor, "profile", None))
    return {
        "tax_checks": [(checked, result_tag(checked.check)) for checked in checks],
        "may_check_tax": user.has_perm(tax_checks.MAY_CHECK) and vendor.state != VendorState.ERASED,
    }


def result_tag(check: TaxCheck) -> str:
    return tag(TAGS[Result(check.result)], check.get_result_display())

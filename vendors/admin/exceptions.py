"""A vendor's exceptions: those in force, those that are over, and granting another."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from identity.models import User
from identity.text_direction import gettext as _
from vendors.evidence import current_evidence, exceptions
from vendors.evidence.form import ExceptionForm, WhyForm
from vendors.evidence.report import direction_and_service
from vendors.models import IsoException, Vendor

MAY_GRANT = "vendors.grant_iso_exception"
REFUSALS = (exceptions.NotOffered, exceptions.HasOne, exceptions.AlreadyOver, exceptions.ReasonMissing)


def urls(site: AdminSite) -> list[URLPattern]:
    def look(request: HttpRequest, pk: int) -> HttpResponse:
        return exceptions_view(request, site, pk)

    def withdraw(request: HttpRequest, pk: int, exception: int) -> HttpResponse:
        return withdraw_view(request, site, pk, exception)

    return [
        path("<int:pk>/exceptions/", site.admin_view(look), name="vendors_vendor_exceptions"),
        path(
            "<int:pk>/exceptions/<int:exception>/withdraw/",
            site.admin_view(withdraw),
            name="vendors_vendor_exception_withdraw",
        ),
    ]


def exceptions_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    vendor = _vendor(request, pk)
    form = None
    claims = current_evidence.approved_claims(vendor)
    if request.method == "POST" and not request.user.has_perm(MAY_GRANT):
        raise PermissionDenied
    if claims and request.user.has_perm(MAY_GRANT):
        form = ExceptionForm(request.POST if request.method == "POST" else None, claims=claims)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            exceptions.grant(vendor, by=cast(User, request.user), **form.chosen)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The exception has been granted. It is reported separately, not as a qualification.")
            )
            return redirect("admin:vendors_vendor_exceptions", pk)
    return _page(request, site, vendor, form)


def withdraw_view(request: HttpRequest, site: AdminSite, pk: int, exception: int) -> HttpResponse:
    vendor = _vendor(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(MAY_GRANT):
        raise PermissionDenied
    row = get_object_or_404(IsoException, pk=exception, vendor=vendor)
    form = _why(row, request.POST)
    if not form.is_valid():
        claims = current_evidence.approved_claims(vendor)
        return _page(request, site, vendor, ExceptionForm(claims=claims) if claims else None, refused={row.pk: form})
    try:
        exceptions.withdraw(row, reason=form.cleaned_data["why"], by=cast(User, request.user))
    except (exceptions.NotInForce, exceptions.ReasonMissing) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The exception has been withdrawn. The record is kept."))
    return redirect("admin:vendors_vendor_exceptions", pk)


def _vendor(request: HttpRequest, pk: int) -> Vendor:
    if not request.user.has_perm("vendors.view_qualification"):
        raise PermissionDenied
    return get_object_or_404(Vendor, pk=pk)


def _page(
    request: HttpRequest,
    site: AdminSite,
    vendor: Vendor,
    form: ExceptionForm | None,
    *,
    refused: dict[int, WhyForm] | None = None,
) -> HttpResponse:
    may_grant, today = request.user.has_perm(MAY_GRANT), timezone.localdate()
    rows = list(exceptions.of_vendor(vendor))
    in_force = [row for row in rows if row.withdrawn_at is None and row.until >= today]
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Exceptions: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "in_force": [
            (row, _about(row), (refused or {}).get(row.pk) or _why(row) if may_grant else None) for row in in_force
        ],
        "over": [(row, _about(row)) for row in rows if row not in in_force],
        "exception_form": form,
        "form": form,
    }
    return TemplateResponse(request, "admin/vendors/vendor/exceptions.html", context)


def _why(row: IsoException, data: Any = None) -> WhyForm:
    return WhyForm(
        data,
        label=_("Why are you withdrawing it?"),
        hint=_("The record is kept with your reason."),
        prefix=f"withdraw-{row.pk}",
    )


def in_force(vendor: Vendor) -> list[tuple[IsoException, str]]:
    rows = exceptions.of_vendor(vendor).filter(withdrawn_at=None, until__gte=timezone.localdate())
    return [(row, _about(row)) for row in rows]


def _about(row: IsoException) -> str:
    return direction_and_service(row.source, row.target, row.service, row.specialism)

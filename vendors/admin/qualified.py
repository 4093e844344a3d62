"""The report "Who is qualified": a question with a day, its answer, and the same as a file."""

from __future__ import annotations

from typing import cast

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from identity.models import User
from vendors.evidence import report
from vendors.evidence.form import ExportForm, QuestionForm
from vendors.models import QualificationExport, Standing, Vendor

EXPORTS_SHOWN = 10
# The best shown first.
SECTIONS = [
    (Standing.VERIFIED, _("Verified")),
    (Standing.DOCUMENTED, _("Documented, not verified")),
    (Standing.CLAIMED, _("Claimed only")),
    (Standing.NONE, _("Not qualified")),
]


def urls(site: AdminSite) -> list[URLPattern]:
    def look(request: HttpRequest) -> HttpResponse:
        return report_view(request, site)

    def export(request: HttpRequest) -> HttpResponseBase:
        return export_view(request, site)

    return [
        path("qualified/", site.admin_view(look), name="vendors_vendor_qualified"),
        path("qualified/export/", site.admin_view(export), name="vendors_vendor_qualified_export"),
    ]


def report_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    _check_may(request)
    form = QuestionForm(request.GET if "source" in request.GET else None)
    return _page(request, site, form, ExportForm())


def export_view(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """What leaves Passport is recorded first, so it is an answer to a POST."""
    _check_may(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form, export_form = QuestionForm(request.POST), ExportForm(request.POST)
    if not form.is_valid() or not export_form.is_valid():
        return _page(request, site, form, export_form)
    question = form.question
    report.record(question, by=cast(User, request.user), reason=export_form.cleaned_data["reason"])
    name = f"qualified-{question.source}-{question.target}-{question.service}-{question.day}.csv"
    return StreamingHttpResponse(
        report.as_csv(question),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _check_may(request: HttpRequest) -> None:
    if not request.user.has_perm("vendors.view_qualification"):
        raise PermissionDenied


def _page(request: HttpRequest, site: AdminSite, form: QuestionForm, export_form: ExportForm) -> HttpResponse:
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Who is qualified"),
        "form": form,
        "exports": [
            (row, report.direction_and_service(row.source, row.target, row.service, row.specialism))
            for row in QualificationExport.objects.select_related("by")[:EXPORTS_SHOWN]
        ],
    }
    if form.is_bound and form.is_valid():
        question = form.question
        answer = report.answer(question)
        context |= {
            "question": question,
            "answer": answer,
            "sections": [(label, answer.of(state)) for state, label in SECTIONS],
            "export_form": export_form,
            "shown_at_most": report.SHOWN_AT_MOST,
        }
    return TemplateResponse(request, "admin/vendors/vendor/qualified.html", context)

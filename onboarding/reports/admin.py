"""The page “Reports”, and each of its tables as a CSV file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from identity.admin_lists import ReadOnlyAdmin
from onboarding.models import Report
from onboarding.reports import charts, figures
from onboarding.reports.tables import TABLES, as_csv, rows_in_words, table

ROWS_SHOWN = 50


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="onboarding_report_changelist"),
            path("work-out/", view(self.work_out_view), name="onboarding_report_work_out"),
            path("csv/<slug:name>/", view(self.csv_view), name="onboarding_report_csv"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._check(request)
        if request.GET:  # there is nothing to filter
            return redirect("admin:onboarding_report_changelist")
        reports = {report.name: report for report in Report.objects.all()}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Reports"),
            "sections": [_section(about, reports.get(about.name)) for about in TABLES],
            "computed_at": min((report.computed_at for report in reports.values()), default=None),
        }
        return TemplateResponse(request, "admin/onboarding/report/page.html", context)

    def csv_view(self, request: HttpRequest, name: str) -> HttpResponse:
        self._check(request)
        if table(name) is None:
            raise Http404
        report = get_object_or_404(Report, name=name)
        file_name = f"passport-{name}-{report.computed_at:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
        return HttpResponse(as_csv(report), content_type="text/csv; charset=utf-8", headers=headers)

    def work_out_view(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            figures.work_out_soon()
        except figures.WorkedOutJustNow:
            messages.warning(
                request, _("The numbers were worked out less than five minutes ago. Try again a little later.")
            )
        else:
            messages.success(request, _("The numbers are being worked out. Check again in a minute."))
        return redirect("admin:onboarding_report_changelist")

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _section(about: Any, report: Report | None) -> dict[str, Any]:
    if report is None:
        return {"about": about, "report": None}
    return {
        "about": about,
        "report": report,
        "rows": rows_in_words(report, at_most=ROWS_SHOWN),
        "more": max(0, len(report.rows) - ROWS_SHOWN),
        "charts": _charts(report),
    }


def _charts(report: Report) -> list[charts.Chart]:
    if report.name == figures.FUNNEL:
        return charts.by_month(report)
    chart = charts.of_pairs(report) if report.name == figures.PAIRS else charts.of_counts(report)
    return [chart] if chart else []

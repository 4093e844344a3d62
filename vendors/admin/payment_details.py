"""Finance's pages about the accounts in force: to take over, to export, and one in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext

from identity.admin_lists import ReadOnlyAdmin
from identity.models import User
from identity.redirects import leads_to_the_tenant
from identity.sign_in import step_up
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.models import PaymentDetails
from vendors.payment import details as payment
from vendors.payment import disputes, entered_by_finance, spreadsheet
from vendors.payment.export_form import ExportForm
from vendors.reveals import REASON_MISSING, ReasonToLook

STEP_UP = step_up.Purpose.PAYMENT_EXPORT


@admin.register(PaymentDetails)
class PaymentDetailsAdmin(ReadOnlyAdmin):
    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        own = [
            path("export/", view(self.export_view), name="vendors_paymentdetails_export"),
            path("take-over/", view(self.take_over_view), name="vendors_paymentdetails_take_over"),
            path("<int:pk>/reveal/", view(self.reveal_view), name="vendors_paymentdetails_reveal"),
        ]
        return [*own, *super().get_urls()]

    @method_decorator(leads_to_the_tenant)  # type: ignore[arg-type]
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.GET:  # there is nothing to filter by
            return redirect("admin:vendors_paymentdetails_changelist")
        return self._list(request)

    @method_decorator(leads_to_the_tenant)  # type: ignore[arg-type]
    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The accounts in full, right after signing in again. Only as an answer to a POST."""
        chosen = self._chosen(request)
        if not step_up.is_proven(request, STEP_UP):
            messages.warning(request, _("That took more than five minutes, so nothing was exported. Sign in again."))
            return redirect("admin:vendors_paymentdetails_changelist")
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._list(request, form=form, chosen=chosen)
        file_format = form.cleaned_data["format"]
        try:
            rows = entered_by_finance.export(
                chosen, file_format=file_format, reason=form.cleaned_data["reason"], by=cast(User, request.user)
            )
        except entered_by_finance.NothingChosen as refusal:
            form.add_error(None, str(refusal))
            return self._list(request, form=form, chosen=chosen)
        step_up.use(request, STEP_UP)
        titles = [str(title) for title in entered_by_finance.COLUMNS.values()]
        content: Any = (
            [spreadsheet.workbook(titles, rows)] if file_format == spreadsheet.XLSX else spreadsheet.lines(titles, rows)
        )
        answer = StreamingHttpResponse(content, content_type=spreadsheet.CONTENT_TYPES[file_format])
        answer.headers["Content-Disposition"] = f'attachment; filename="payment-details.{file_format}"'
        return answer

    def take_over_view(self, request: HttpRequest) -> HttpResponse:
        chosen = self._chosen(request)
        try:
            done, left = entered_by_finance.take_over(chosen, by=cast(User, request.user))
        except entered_by_finance.NothingChosen as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:vendors_paymentdetails_changelist")
        if done:
            said = ngettext(
                "%(count)s account has been marked as entered.",
                "%(count)s accounts have been marked as entered.",
                done,
            )
            messages.success(request, said % {"count": done})
        if left:
            said = ngettext(
                "%(count)s account has not been marked: another one is in force now, or a colleague has already marked "
                "it.",
                "%(count)s accounts have not been marked: others are in force now, or a colleague has already marked "
                "them.",
                left,
            )
            messages.warning(request, said % {"count": left})
        return redirect("admin:vendors_paymentdetails_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self._find(request, object_id))

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same page with the account in full, once. Only as an answer to a POST."""
        if request.method != "POST" or not request.user.has_perm(payment.MAY_SEE):
            raise PermissionDenied
        details = self._find(request, str(pk))
        form = ReasonToLook(request.POST)
        if not form.is_valid():
            messages.error(request, str(REASON_MISSING))
            return redirect("admin:vendors_paymentdetails_change", pk)
        shown = payment.reveal(details, by=cast(User, request.user), reason=form.cleaned_data["reason"])
        return self._page(request, details, in_full=shown)

    def _chosen(self, request: HttpRequest) -> list[entered_by_finance.Version]:
        if request.method != "POST" or not request.user.has_perm(entered_by_finance.MAY_EXPORT):
            raise PermissionDenied
        chosen = [entered_by_finance.read_version(text) for text in request.POST.getlist("account")]
        if None in chosen:
            raise SuspiciousOperation("The choice was not sent by the page.")
        return cast(list[entered_by_finance.Version], chosen)

    def _find(self, request: HttpRequest, pk: str) -> PaymentDetails:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_whole_number(pk):
            raise Http404
        return get_object_or_404(PaymentDetails.objects.select_related("vendor", "taken_over_by"), pk=pk)

    def _list(
        self,
        request: HttpRequest,
        *,
        form: ExportForm | None = None,
        chosen: Sequence[entered_by_finance.Version] | None = None,
    ) -> HttpResponse:
        waiting: QuerySet[PaymentDetails] = PaymentDetails.objects.to_take_over()
        rows = list(
            waiting.defer("details")
            .select_related("vendor")
            .order_by("adopted_at", "pk")[: entered_by_finance.AT_MOST + 1]
        )
        versions = [(row, str(entered_by_finance.version_of(row))) for row in rows[: entered_by_finance.AT_MOST]]
        ticked = {str(version) for version in chosen} if chosen is not None else {text for _row, text in versions}
        may_export = request.user.has_perm(entered_by_finance.MAY_EXPORT)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Payment details to enter"),
            "rows": [(row, text, text in ticked) for row, text in versions],
            "is_capped": len(rows) > entered_by_finance.AT_MOST,
            "at_most": entered_by_finance.AT_MOST,
            "may_export": may_export,
            "is_proven": step_up.is_proven(request, STEP_UP),
            "step_up": STEP_UP,
            "form": form or ExportForm(),
        }
        return TemplateResponse(request, "admin/vendors/paymentdetails/list.html", context)

    def _page(
        self, request: HttpRequest, details: PaymentDetails, *, in_full: list[tuple[str, str]] | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Payment details: %(vendor)s") % {"vendor": details.vendor},
            "details": details,
            "shown": in_full or payment.summary(payment.in_part(details.details)),
            "is_in_full": in_full is not None,
            "is_disputed": disputes.open_dispute(details.vendor) is not None,
            "may_see": request.user.has_perm(payment.MAY_SEE) and in_full is None,
            "look": ReasonToLook(),
        }
        return TemplateResponse(request, "admin/vendors/paymentdetails/page.html", context)

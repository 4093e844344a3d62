"""Accounts that wait for a second person: what changes, who was called, and releasing or refusing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors import lifecycle, search
from vendors.admin.filters import WhoseVendorFilter
from vendors.models import PaymentRelease
from vendors.payment import details as payment
from vendors.payment import disputes, numbers_on_file, releases
from vendors.payment.release_form import CallForm, RefusalForm

State = PaymentRelease.State
TAGS = {State.PENDING: "warning", State.RELEASED: "good", State.REFUSED: "error", State.SUPERSEDED: ""}
REFUSALS = (
    releases.NotPending,
    releases.OwnApproval,
    releases.TooEarly,
    disputes.Disputed,
    lifecycle.WrongState,
)


@admin.register(PaymentRelease)
class PaymentReleaseAdmin(ReadOnlyAdmin):
    list_display = ["vendor", "shown_state", "approved_at", "approved_by", "decided_by"]
    list_filter = ["state", WhoseVendorFilter]
    list_select_related = ["vendor", "approved_by", "decided_by"]
    not_shown = ("before", "after", *search.WORDS_OF_THE_VENDOR)
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """A queue when they wait: who has waited longest comes first."""
        return ["approved_at"] if request.GET.get("state__exact") == State.PENDING else ["-approved_at", "-id"]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, release: PaymentRelease) -> str:
        return state_tag(release)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        steps = {"call": self.call_view, "release": self.release_view, "refuse": self.refuse_view}
        own = [
            path(f"<int:pk>/{name}/", view(step), name=f"vendors_paymentrelease_{name}") for name, step in steps.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._find(object_id))

    def call_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        release = self._to_decide(request, pk)
        form = CallForm(request.POST, numbers=_numbers(release))
        if not form.is_valid():
            return self._page(request, release, call=form)
        try:
            releases.record_call(
                release,
                person=form.cleaned_data["person"],
                number=form.cleaned_data["number"],
                at=form.at,
                by=cast(User, request.user),
            )
        except releases.CallNotThen as refusal:
            form.add_error("day", str(refusal))
            return self._page(request, release, call=form)
        except releases.NumberNotOnFile as refusal:
            form.add_error("number", str(refusal))
            return self._page(request, release, call=form)
        except releases.NotPending as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The call has been recorded."))
        return redirect("admin:vendors_paymentrelease_change", pk)

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        release = self._to_decide(request, pk)
        try:
            releases.release(release, by=cast(User, request.user))
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Released: %s will be paid into the new account from now on.") % release.vendor)
        return redirect("admin:vendors_paymentrelease_change", pk)

    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        release = self._to_decide(request, pk)
        form = RefusalForm(request.POST)
        if not form.is_valid():
            return self._page(request, release, refuse=form)
        try:
            releases.refuse(release, by=cast(User, request.user), reason=form.cleaned_data["reason"])
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Refused. The vendor gets an email with your reason."))
        return redirect("admin:vendors_paymentrelease_change", pk)

    def _to_decide(self, request: HttpRequest, pk: int) -> PaymentRelease:
        if request.method != "POST" or not request.user.has_perm(releases.MAY_RELEASE):
            raise PermissionDenied
        return self._find(str(pk))

    def _find(self, pk: str) -> PaymentRelease:
        if not is_whole_number(pk):
            raise Http404
        rows = PaymentRelease.objects.select_related("vendor__user", "approved_by", "called_by", "decided_by")
        return get_object_or_404(rows, pk=pk)

    def _page(self, request: HttpRequest, release: PaymentRelease, **typed: BaseForm) -> HttpResponse:
        user = cast(User, request.user)
        may_decide = release.is_pending and user.has_perm(releases.MAY_RELEASE)
        numbers = _numbers(release) if may_decide else []
        forms = {"call": CallForm(numbers=numbers), "refuse": RefusalForm()} | typed
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Payment details: %(vendor)s") % {"vendor": release.vendor},
            "release": release,
            "state_tag": state_tag(release),
            "before": payment.summary(release.before),
            "after": releases.shown(release),
            "may_decide": may_decide,
            "obstacle": _obstacle(release, user) if may_decide else "",
            "worker_from": releases.earliest(release, by_worker=True) if releases.worker_releases() else None,
            "numbers": numbers,
            "forms": forms,
            "form": next(iter(typed.values()), None),
        }
        return TemplateResponse(request, "admin/vendors/paymentrelease/page.html", context)


def _obstacle(release: PaymentRelease, user: User) -> str:
    """Why this colleague cannot release it now; empty if they can."""
    try:
        releases.check(release, by=user)
    except REFUSALS as refusal:
        return str(refusal)
    return ""


def _numbers(release: PaymentRelease) -> list[str]:
    """On file long enough for a call made at any time since the account was named."""
    moments = (release.named_at, timezone.now())
    return list(dict.fromkeys(number for at in moments for number in numbers_on_file.at(release.vendor, at)))


def state_tag(release: PaymentRelease) -> str:
    return tag(TAGS[State(release.state)], release.get_state_display())

"""What the wizard adds to VM's pages about vendors: who is stuck where, and a reminder by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from identity.admin_lists import references
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from onboarding.draft import progress, reminders
from onboarding.draft.steps import STEPS
from onboarding.models import Draft, Submission, of_vendors_in
from vendors.admin.filters import AwayFilter, CaseFilter, PaymentFilter
from vendors.admin.vendor import VendorAdmin
from vendors.lifecycle import WrongState
from vendors.models import Vendor, VendorEvent, VendorState
from vendors.next_action import Facts

MAY_REMIND = "vendors.invite_vendor"


# Choices of other filters that leave only vendors whose turn it is not.
OF_THE_APPROVED = {PaymentFilter.parameter_name: "missing", AwayFilter.parameter_name: "now"}


class StuckFilter(admin.SimpleListFilter):
    title = gettext_lazy("step they are stuck at")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (progress.ANYWHERE, _("anywhere")),
            *((step.name, step.title) for step in STEPS.values()),
            (progress.CHANGES, _("the changes you asked for")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value not in progress.PLACES:
            return queryset
        if any(request.GET.get(name) == chosen for name, chosen in OF_THE_APPROVED.items()):
            return queryset.none()  # PostgreSQL would look through everyone who is stuck
        stopped = progress.stopped_vendors(queryset, at=value)
        # Neither a search nor those who have a case are read in order of leaving: an index may say whose turn it is.
        is_read_in_order = not (request.GET.get(SEARCH_VAR) or CaseFilter.asks_for_open(request))
        return stopped if is_read_in_order else stopped.filter(state__in=Draft.EDITABLE_IN)


class StateFilter(admin.ChoicesFieldListFilter):
    """Of those who are stuck, told in the way that their list is looked up by."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = request.GET.get("state__exact", "")
        if shows_stuck(request) and state in VendorState.values:
            return of_vendors_in([state], queryset, state="state") if state in Draft.EDITABLE_IN else queryset.none()
        return cast(QuerySet, super().queryset(request, queryset))


def shows_stuck(request: HttpRequest) -> bool:
    return request.GET.get(StuckFilter.parameter_name) in progress.PLACES


@dataclass(frozen=True)
class Reminder:
    """Laid out as the actions of vendors.actions, whose page it uses."""

    label: str | Promise = gettext_lazy("Send a reminder")
    is_dangerous: bool = False


admin.site.unregister(Vendor)


@admin.register(Vendor)
class VendorInTheWizardAdmin(VendorAdmin):
    list_filter = [("state", StateFilter), *VendorAdmin.list_filter[1:], StuckFilter]
    change_form_template = "admin/onboarding/vendor/page.html"
    page_titles = {step.name: step.title for step in STEPS.values()}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vendor]:
        vendors = super().get_queryset(request)
        if not shows_stuck(request):
            return vendors
        return vendors.annotate(_left_at=F("draft__left_at"), _stopped_step=F("draft__current_step"))

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        """Also by the reference of a submission, since the vendor may quote it."""
        if not request.user.has_perm("onboarding.view_submission"):
            return super().ways_to_find(request, term)
        sent = Submission.objects.filter(reference__in=references(term)).order_by()
        return [Q(pk__in=sent.values("vendor")), *super().ways_to_find(request, term)]

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Who stopped first comes first."""
        return ["draft__left_at"] if shows_stuck(request) else super().get_ordering(request)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        return [*shown, "stuck_at"] if shows_stuck(request) else shown

    @admin.display(description=gettext_lazy("stuck"))
    def stuck_at(self, vendor: Vendor) -> str:
        draft = Draft(vendor=vendor, current_step=vendor._stopped_step)  # type: ignore[attr-defined]  # annotated
        since = timesince(vendor._left_at, depth=1)  # type: ignore[attr-defined]
        return _("at “%(step)s” for %(since)s") % {"step": ours(progress.stopped_at(draft)), "since": ours(since)}

    def _about(self, vendor: Vendor, request: HttpRequest) -> dict[str, Any]:
        about = super()._about(vendor, request) | self._about_submission(vendor, request)
        if vendor.state not in Draft.EDITABLE_IN:
            return about
        # Somebody who has not opened the wizard yet has no draft: it is their turn since they signed in.
        draft = Draft.objects.defer("answers").filter(vendor=vendor).first() or Draft(left_at=vendor.state_changed_at)
        draft.vendor = vendor
        since = draft.left_at or vendor.state_changed_at
        reminded = vendor.events.filter(kind=VendorEvent.Kind.REMINDED, at__gte=since).select_related("by")
        return about | {
            "draft": draft,
            "stopped_at": progress.stopped_at(draft),
            "reminded": reminded.order_by("at"),
            "may_remind": request.user.has_perm(MAY_REMIND),
        }

    def _about_submission(self, vendor: Vendor, request: HttpRequest) -> dict[str, Any]:
        """What the vendor sent last, and whether it waits for VM."""
        latest = Submission.objects.defer("answers").filter(vendor=vendor).order_by("-submitted_at").first()
        if latest is None:
            return {}
        waits = latest.is_waiting and vendor.state in (VendorState.SUBMITTED, VendorState.APPROVED)
        about: dict[str, Any] = {"submission": ("change" if latest.is_change else "first") if waits else ""}
        if request.user.has_perm("onboarding.view_submission"):
            about["submission_url"] = reverse("admin:onboarding_submission_change", args=[latest.pk])
        return about

    def _facts(self, vendor: Vendor, request: HttpRequest, about: dict[str, Any]) -> Facts:
        given, draft = super()._facts(vendor, request, about), about.get("draft")
        may_review = request.user.has_perm("vendors.review_vendor")
        if draft is not None and draft.left_at and draft.left_at <= timezone.now() - Draft.STOPPED_AFTER:
            given = replace(
                given,
                stopped_at=about["stopped_at"],
                stopped_since=timezone.localtime(draft.left_at).date(),
                may_be_reminded=not reminders.was_reminded_lately(draft),
                remind_url=reverse("admin:vendors_vendor_remind", args=[vendor.pk]) if about["may_remind"] else "",
            )
        return replace(
            given,
            submission=about.get("submission", ""),
            submission_url=about.get("submission_url", "") if may_review else "",
        )

    def get_urls(self) -> list:
        remind = path("<int:pk>/remind/", self.admin_site.admin_view(self.remind_view), name="vendors_vendor_remind")
        return [remind, *super().get_urls()]

    def remind_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        vendor = self._situation(request, pk, permission=MAY_REMIND).vendor
        if vendor.state not in Draft.EDITABLE_IN:
            messages.error(request, str(WrongState(vendor)))
            return redirect("admin:vendors_vendor_change", vendor.pk)
        if request.method == "POST":
            try:
                reminders.remind(vendor, by=cast(User, request.user))
            except (WrongState, reminders.RemindedAlready) as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("The reminder is on its way."))
            return redirect("admin:vendors_vendor_change", vendor.pk)
        consequences = [
            _("%(address)s gets an email that says where they stopped and how much is left, with a link to that step.")
            % {"address": vendor.address},
            _("This is recorded in the timeline. No automatic reminder will be sent for the next two days."),
        ]
        title = _("%(action)s: %(vendor)s") % {"action": ours(Reminder.label), "vendor": vendor}
        return self._page(
            request, "action", title=title, vendor=vendor, action=Reminder(), consequences=consequences, form=None
        )

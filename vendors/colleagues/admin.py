"""The page “Colleagues”: who is away and who covers, handing over all vendors, and one's own preferences."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from identity.admin_lists import ReadOnlyAdmin
from identity.models import User
from identity.text_direction import gettext as _
from vendors.colleagues import absences, handover, preferences
from vendors.colleagues.form import AbsenceForm, HandOverForm, PreferencesForm
from vendors.models import Absence, Handover

MAY_HAND_OVER = "vendors.change_vendor"
SHOWN_AT_MOST = 100
HANDOVERS_SHOWN = 10


@admin.register(Absence)
class ColleaguesAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="vendors_absence_changelist"),
            path("preferences/", view(self.preferences_view), name="vendors_absence_preferences"),
            path("hand-over/", view(self.hand_over_view), name="vendors_absence_hand_over"),
            path("<int:pk>/remove/", view(self.remove_view), name="vendors_absence_remove"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who is away or will be; a POST adds someone."""
        self._check(request)
        if request.GET:  # there is nothing to filter
            return redirect("admin:vendors_absence_changelist")
        user = cast(User, request.user)
        form = AbsenceForm(request.POST or None, today=timezone.localdate(), initial={"colleague": user})
        if request.method == "POST" and form.is_valid():
            try:
                absence = absences.add(**form.cleaned_data, by=user)
            except absences.Overlaps as refusal:
                form.add_error("starts_on", str(refusal))
            else:
                text = _("%(colleague)s is away %(days)s. Meanwhile, emails about their vendors go to %(cover)s.")
                said = {"colleague": absence.colleague, "days": absences.in_words(absence)}
                messages.success(request, text % {**said, "cover": absence.cover or _("the shared mailbox")})
                return redirect("admin:vendors_absence_changelist")
        return self._page(request, form)

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            absences.remove(pk)
        except absences.Gone as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The absence has been removed."))
        return redirect("admin:vendors_absence_changelist")

    def preferences_view(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = PreferencesForm(request.POST)
        if not form.is_valid():
            empty = AbsenceForm(today=timezone.localdate(), initial={"colleague": request.user})
            return self._page(request, empty, preferences_form=form)
        preferences.choose(cast(User, request.user), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("admin:vendors_absence_changelist")

    def hand_over_view(self, request: HttpRequest) -> HttpResponse:
        """The form, then a page that says how many it is about, then it happens."""
        if not request.user.has_perm(MAY_HAND_OVER):
            raise PermissionDenied
        form = HandOverForm(request.POST or None)
        page: dict[str, Any] = {"form": form, "title": _("Hand over all vendors")}
        if request.method != "POST" or "_edit" in request.POST or not form.is_valid():
            return self._render(request, "hand_over", page)
        previous, owner = form.cleaned_data["previous"], form.cleaned_data["owner"]
        if "_confirm" not in request.POST:
            vendors, cases = handover.how_many(previous)
            page |= {"previous": previous, "owner": owner, "vendors": vendors, "cases": cases}
            return self._render(request, "hand_over_confirm", page)
        try:
            done = handover.hand_over(previous, owner, by=cast(User, request.user))
        except handover.NothingToHandOver as refusal:
            messages.error(request, str(refusal))
        else:
            text = _("%(owner)s now owns %(vendors)s that %(previous)s owned, and has taken on %(cases)s.")
            vendors, cases = handover.vendors_in_words(done.vendors), handover.cases_in_words(done.cases)
            said = {"owner": owner, "previous": previous, "vendors": vendors, "cases": cases}
            messages.success(request, text % said)
        return redirect("admin:vendors_absence_changelist")

    def _check(self, request: HttpRequest) -> None:
        if not request.user.has_perm("vendors.view_absence"):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, form: AbsenceForm, preferences_form: PreferencesForm | None = None
    ) -> HttpResponse:
        chosen = preferences.of(cast(User, request.user))
        initial = {"first_page": chosen.first_page, "morning_email": chosen.morning_email}
        today = timezone.localdate()
        rows = Absence.objects.not_over(today=today).select_related("colleague", "cover", "set_by")
        return self._render(
            request,
            "page",
            {
                "title": _("Colleagues"),
                "form": form,
                "preferences_form": preferences_form or PreferencesForm(initial=initial),
                "absences": [(row, absences.in_words(row)) for row in rows[:SHOWN_AT_MOST]],
                "handovers": Handover.objects.select_related("previous", "owner", "by")[:HANDOVERS_SHOWN],
                "may_hand_over": request.user.has_perm(MAY_HAND_OVER),
                "today": today,
            },
        )

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/vendors/absence/{name}.html", context)

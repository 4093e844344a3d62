"""What vendors ask VM for: another email address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, at_address, tag
from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Prose
from identity.whole_numbers import is_whole_number
from vendors import lifecycle, search
from vendors.addresses import AddressTaken
from vendors.admin.filters import WhoseVendorFilter
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.models import EmailChangeRequest

REFUSALS = (
    AddressNotInvitable,
    AddressTaken,
    email_change.SameAddress,
    email_change.AddressBeforeOpenChange,
    email_requests.NotWaiting,
    lifecycle.WrongState,
)


class AnswerForm(forms.Form):
    answer = Prose(
        label=gettext_lazy("Reason for declining"),
        help_text=gettext_lazy("The vendor sees this."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say why you are declining the request.")},
    )


@admin.register(EmailChangeRequest)
class EmailChangeRequestAdmin(ReadOnlyAdmin):
    list_display = ["vendor", "new", "shown_state", "asked_at"]
    list_filter = ["state", WhoseVendorFilter]
    list_select_related = ["vendor"]
    not_shown = search.WORDS_OF_THE_VENDOR
    ordering = ["-asked_at"]
    search_help_text = gettext_lazy(
        "The first few characters of the new address, or anything that identifies the vendor."
    )

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        found = search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")
        return [*at_address(term, "new"), *found]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, request: EmailChangeRequest) -> str:
        return tag(request.state, request.get_state_display())

    def get_urls(self) -> list:
        decisions = [
            path(
                f"<int:pk>/{decision}/",
                self.admin_site.admin_view(self.decide_view),
                {"decision": decision},
                name=f"vendors_emailchangerequest_{decision}",
            )
            for decision in ("approve", "decline")
        ]
        return [*decisions, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        asked = get_object_or_404(
            EmailChangeRequest.objects.select_related("vendor", "account", "decided_by"),
            pk=object_id if is_whole_number(object_id) else 0,
        )
        if not self.has_view_permission(request, asked):
            raise PermissionDenied
        return self._page(request, asked, AnswerForm())

    def decide_view(self, request: HttpRequest, pk: int, decision: str) -> HttpResponse:
        if not request.user.has_perm("vendors.change_primary_email"):
            raise PermissionDenied
        asked = get_object_or_404(EmailChangeRequest.objects.select_related("vendor__user", "account"), pk=pk)
        form = AnswerForm(request.POST or None)
        by = cast(User, request.user)
        if request.method == "POST" and decision == "approve":
            try:
                email_requests.approve(asked, by=by, cut_off="cut_off" in request.POST)
            except REFUSALS as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Approved: %(new)s is being invited.") % {"new": asked.new})
                return redirect("admin:vendors_vendor_change", asked.vendor_id)
        elif request.method == "POST" and decision == "decline":
            if not form.is_valid():
                return self._page(request, asked, form)
            try:
                email_requests.decline(asked, by=by, answer=form.cleaned_data["answer"])
            except email_requests.NotWaiting as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Declined. The vendor gets an email with your reason."))
        return redirect("admin:vendors_emailchangerequest_change", asked.pk)

    def _page(self, request: HttpRequest, asked: EmailChangeRequest, form: AnswerForm) -> HttpResponse:
        may_decide = request.user.has_perm("vendors.change_primary_email")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(vendor)s has asked to change their email address") % {"vendor": asked.vendor},
            "asked": asked,
            "answer_form": form,
            "may_decide": may_decide and asked.state == EmailChangeRequest.State.WAITING,
        }
        return TemplateResponse(request, "admin/vendors/emailchangerequest/page.html", context)

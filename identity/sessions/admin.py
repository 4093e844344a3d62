"""People in the admin: where somebody of ours is signed in, ending it, and keeping them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from identity import person_page
from identity.admin_lists import ReadOnlyAdmin, at_address
from identity.models import User
from identity.sessions import active_sessions, staff_access
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed.fields import Name
from identity.whole_numbers import is_whole_number

REFUSALS = (staff_access.NotStaff, staff_access.OwnAccess, staff_access.SwitchedAlready)


@dataclass(frozen=True)
class Action:
    label: str | Promise
    consequences: Sequence[str | Promise]
    run: Callable[[User, User, str], str]  # whom, by whom, why; what to say then
    asks_reason: bool = False
    is_dangerous: bool = True


def _ended(count: int) -> str:
    return ngettext("%(count)s session has been ended.", "%(count)s sessions have been ended.", count) % {
        "count": count
    }


def _end_sessions(user: User, by: User, reason: str) -> str:
    return _ended(staff_access.end_sessions(user, by=by))


def _switch_off(user: User, by: User, reason: str) -> str:
    ended = staff_access.switch_off(user, by=by, reason=reason)
    return _("Access for %(user)s has been switched off. %(sessions)s") % {"user": user, "sessions": _ended(ended)}


def _switch_on(user: User, by: User, reason: str) -> str:
    staff_access.switch_on(user, by=by, reason=reason)
    return _("Access for %(user)s has been switched on again.") % {"user": user}


ACTIONS = {
    "end-sessions": Action(
        label=gettext_lazy("End all sessions"),
        consequences=[
            gettext_lazy(
                "The next page they open asks them to sign in, with whatever roles the tenant has given them by then."
            ),
            gettext_lazy("Anything they have typed but not saved stays on its page until they have signed in again."),
            gettext_lazy("They can sign in again straight away. To keep them out, switch off their access."),
        ],
        run=_end_sessions,
    ),
    "switch-off": Action(
        label=gettext_lazy("Switch off access"),
        consequences=[
            gettext_lazy("All their sessions end now, and they cannot sign in, whatever role the tenant gives them."),
            gettext_lazy("No emergency link can be made for their address, and any existing one stops working."),
            gettext_lazy("Records of what they did are kept. You can switch their access on again later."),
        ],
        run=_switch_off,
        asks_reason=True,
    ),
    "switch-on": Action(
        label=gettext_lazy("Switch access on again"),
        consequences=[gettext_lazy("They can sign in again, with whatever roles the tenant has given them by then.")],
        run=_switch_on,
        asks_reason=True,
        is_dangerous=False,
    ),
}


class ReasonForm(forms.Form):
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your colleagues. Kept in the person's record."),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["email", "is_staff", "shown_roles", "is_active", "created_at"]
    list_filter = ["is_staff", "is_active"]
    search_help_text = gettext_lazy("The first few characters of the address.")
    ordering = ["-created_at"]
    fields = ["email", "is_staff", "shown_roles", "is_active", "is_emergency", "created_at", "last_login"]
    readonly_fields = ["shown_roles"]
    change_form_template = "admin/identity/user/page.html"

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return list(at_address(term, "email"))

    @admin.display(description=gettext_lazy("roles"))
    def shown_roles(self, user: User) -> str:
        return ", ".join(user.roles)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        user = User.objects.filter(pk=object_id).first() if is_whole_number(object_id) else None
        if user and self.has_view_permission(request, user):
            is_staff = staff_access.is_staff(user)
            extra_context = {
                "person": user,
                "is_staff_person": is_staff,
                "person_url": "" if is_staff else person_page.url(user.pk),
                "sessions": active_sessions.of(user) if is_staff else [],
                "may_end_sessions": is_staff and request.user.has_perm("identity.end_sessions"),
                "may_switch_off": user.pk != request.user.pk,
                "events": user.events.select_related("by"),
            }
        return super().change_view(request, object_id, form_url, extra_context=extra_context)

    def get_urls(self) -> list:
        access = path(
            "<int:pk>/access/<slug:name>/", self.admin_site.admin_view(self.access_view), name="identity_user_access"
        )
        return [access, *super().get_urls()]

    def access_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """What will happen, and the button."""
        if not request.user.has_perm("identity.end_sessions"):
            raise PermissionDenied
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        user = get_object_or_404(User, pk=pk)
        if not staff_access.is_staff(user):
            messages.error(request, str(staff_access.NotStaff(user)))
            return redirect("admin:identity_user_change", user.pk)
        form = ReasonForm(request.POST or None) if action.asks_reason else None
        if request.method == "POST" and (form is None or form.is_valid()):
            reason = form.cleaned_data["reason"] if form else ""
            try:
                messages.success(request, action.run(user, cast(User, request.user), reason))
            except REFUSALS as refusal:
                messages.error(request, str(refusal))
            return redirect("admin:identity_user_change", user.pk)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(action)s: %(user)s") % {"action": ours(action.label), "user": user},
            "person": user,
            "action": action,
            "reason_form": form,
        }
        return TemplateResponse(request, "admin/identity/user/access.html", context)

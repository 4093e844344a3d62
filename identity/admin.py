"""What VM and operations may look at: failures to work on, and three read-only ledgers behind them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin_lists import CappedPaginator
from identity.failures import cases, reasons
from identity.invitations import wording
from identity.models import EntraAccount, Failure, Invitation, SignInAttempt, User


class ReadOnlyAdmin(admin.ModelAdmin):
    actions = None
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BeginsWith(ReadOnlyAdmin):
    """Found by the beginning of an address, whatever its case."""

    search_help_text = gettext_lazy("The beginning of the address.")


class ResolveForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=200,
        help_text=gettext_lazy("For your colleagues; kept with the case."),
    )


class WorkForm(forms.ModelForm):
    class Meta:
        model = Failure
        fields = ["assigned_to", "notes"]
        labels = {"assigned_to": gettext_lazy("Who looks after it"), "notes": gettext_lazy("Notes for your colleagues")}
        widgets = {"notes": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = forms.ModelChoiceField(
            User.objects.filter(is_staff=True, is_active=True).order_by("email"),
            label=self.fields["assigned_to"].label,
            required=False,
            empty_label=_("nobody yet"),
        )
        self.fields["assigned_to"] = staff


class MineFilter(admin.SimpleListFilter):
    title = gettext_lazy("who looks after it")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", _("I do")), ("nobody", _("nobody yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "me":
            return queryset.filter(assigned_to=cast(User, request.user))
        return queryset.filter(assigned_to=None) if self.value() == "nobody" else queryset


def tag(state: str, label: str) -> str:
    return format_html('<span class="tag tag-{}">{}</span>', state, label)


@admin.register(Failure)
class FailureAdmin(BeginsWith):
    list_display = ["reference", "who", "stage", "shown_reason", "count", "shown_state", "assigned_to", "last_seen_at"]
    list_filter = ["state", MineFilter, "stage"]
    list_select_related = ["assigned_to"]
    search_fields = ["reference__istartswith", "address__istartswith", "claimed_address__istartswith"]
    search_help_text = gettext_lazy("The reference, or the beginning of the address.")
    ordering = ["-last_seen_at"]
    fields = [
        "reference",
        "shown_state",
        "stage",
        "reason",
        "address",
        "claimed_address",
        "count",
        "first_seen_at",
        "last_seen_at",
        "mailed_at",
        "shown_detail",
        "assigned_to",
        "notes",
        "resolved_at",
        "resolved_by",
        "resolved_how",
    ]
    readonly_fields = ["shown_state", "shown_detail"]
    change_form_template = "admin/identity/failure/page.html"

    @admin.display(description=gettext_lazy("address"))
    def who(self, failure: Failure) -> str:
        if failure.address:
            return failure.address
        return _("says %(address)s") % {"address": failure.claimed_address} if failure.claimed_address else _("unknown")

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, failure: Failure) -> str:
        return str(reasons.get(failure.reason).vm_text)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, failure: Failure) -> str:
        return tag(failure.state, failure.get_state_display())

    @admin.display(description=gettext_lazy("for Microsoft support"))
    def shown_detail(self, failure: Failure) -> str:
        return ", ".join(f"{name}: {value}" for name, value in failure.detail.items()) or "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        failure = Failure.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        if failure and self.has_view_permission(request, failure):
            is_open = failure.state == Failure.State.OPEN
            extra_context = {
                "failure": failure,
                "reason": reasons.get(failure.reason),
                "may_resolve": is_open and request.user.has_perm("identity.resolve_failure"),
                "may_work": request.user.has_perm("identity.change_failure"),
            }
        return super().change_view(request, object_id, form_url, extra_context=extra_context)

    def get_urls(self) -> list:
        resolve = path(
            "<int:pk>/resolve/", self.admin_site.admin_view(self.resolve_view), name="identity_failure_resolve"
        )
        work = path("<int:pk>/work/", self.admin_site.admin_view(self.work_view), name="identity_failure_work")
        return [resolve, work, *super().get_urls()]

    def work_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who looks after it, and what they found out."""
        if not request.user.has_perm("identity.change_failure"):
            raise PermissionDenied
        failure = get_object_or_404(Failure, pk=pk)
        form = WorkForm(request.POST or None, instance=failure)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, _("Noted."))
            return redirect("admin:identity_failure_change", failure.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Failure %s: notes and who looks after it") % failure.reference,
            "failure": failure,
            "work_form": form,
        }
        return TemplateResponse(request, "admin/identity/failure/work.html", context)

    def resolve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("identity.resolve_failure"):
            raise PermissionDenied
        failure = get_object_or_404(Failure, pk=pk)
        form = ResolveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if cases.resolve(failure, by=cast(User, request.user), how=form.cleaned_data["note"]):
                messages.success(request, _("Failure %s is resolved.") % failure.reference)
            else:
                messages.warning(request, _("Failure %s was resolved already.") % failure.reference)
            return redirect("admin:identity_failure_change", failure.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Resolve failure %s") % failure.reference,
            "failure": failure,
            "reason": reasons.get(failure.reason),
            "resolve_form": form,
        }
        return TemplateResponse(request, "admin/identity/failure/resolve.html", context)


class StuckFilter(admin.SimpleListFilter):
    title = gettext_lazy("does not get out")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("queued for long, or refused"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        return queryset.stuck(now=timezone.now()) if self.value() == "1" else queryset


@admin.register(Invitation)
class InvitationAdmin(BeginsWith):
    list_display = ["address", "shown_state", "why", "attempts", "shown_reason", "queued_at", "next_try_at", "person"]
    list_filter = [StuckFilter, "state"]
    search_fields = ["address__istartswith"]
    ordering = ["-queued_at"]
    fields = [
        "address",
        "language",
        "shown_state",
        "why",
        "changes",
        "by",
        "attempts",
        "queued_at",
        "next_try_at",
        "sent_at",
        "closed_at",
        "shown_reason",
        "last_error",
        "request_id",
        "person",
    ]
    readonly_fields = ["shown_state", "changes", "shown_reason", "person"]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, invitation: Invitation) -> str:
        return tag(invitation.state, invitation.get_state_display())

    @admin.display(description=gettext_lazy("since the one before"))
    def changes(self, invitation: Invitation) -> str:
        old = wording.before(invitation)
        return " ".join(wording.for_vm(old, address=invitation.address)) if old else "–"

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, invitation: Invitation) -> str:
        return str(reasons.get(invitation.reason).vm_text) if invitation.reason else ""

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, invitation: Invitation) -> str:
        return person_link(invitation.user_id)


@admin.register(SignInAttempt)
class SignInAttemptAdmin(BeginsWith):
    list_display = ["started_at", "address", "shown_outcome", "person"]
    list_filter = ["outcome"]
    search_fields = ["address__istartswith"]
    ordering = ["-started_at"]
    fields = ["started_at", "address", "shown_outcome", "prompt", "claimed_at", "failure", "person"]
    readonly_fields = ["shown_outcome", "person"]

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, attempt: SignInAttempt) -> str:
        return attempt.get_outcome_display()

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, attempt: SignInAttempt) -> str:
        return person_link(attempt.user_id)


@admin.register(EntraAccount)
class EntraAccountAdmin(BeginsWith):
    list_display = ["address", "oid", "guest", "created_by_passport", "last_sign_in_at", "revoked_at", "person"]
    list_filter = ["guest"]
    search_fields = ["address__istartswith", "oid"]
    search_help_text = gettext_lazy("The beginning of the address, or the whole object id.")
    ordering = ["-created_at"]
    fields = [
        "address",
        "oid",
        "guest",
        "created_by_passport",
        "created_at",
        "first_sign_in_at",
        "last_sign_in_at",
        "signed_in_as",
        "confirmed_own_at",
        "revoked_at",
        "revoked_why",
        "guest_removed_at",
        "person",
    ]
    readonly_fields = ["person"]

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, account: EntraAccount) -> str:
        return person_link(account.user_id) if account.guest else ""


@admin.register(User)
class UserAdmin(BeginsWith):
    list_display = ["email", "is_staff", "shown_roles", "is_active", "created_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email__istartswith"]
    ordering = ["-created_at"]
    fields = ["email", "is_staff", "shown_roles", "is_active", "is_emergency", "created_at", "last_login"]
    readonly_fields = ["shown_roles"]

    @admin.display(description=gettext_lazy("roles"))
    def shown_roles(self, user: User) -> str:
        return ", ".join(user.roles)


def person_link(user_id: int | None) -> str:
    """identity knows no vendors; the site does (admin:person)."""
    if user_id is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("admin:person", args=[user_id]), _("their page"))

"""The pages “Texts”: the words of each email to vendors, and what VM sets itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from identity.admin_lists import ReadOnlyAdmin
from identity.models import User
from identity.whole_numbers import is_whole_number
from vendors.models import Text, TextChange
from vendors.texts import choices, lifecycle, rendering
from vendors.texts.emails import catalogue
from vendors.texts.form import ChoicesForm, EmailForm
from vendors.texts.rendering import Words

MAY_CHANGE = "vendors.change_texts"
CHANGES_SHOWN = 20


@admin.register(Text)
class TextAdmin(ReadOnlyAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_CHANGE)

    def has_view_permission(self, request: HttpRequest, obj: Text | None = None) -> bool:
        return request.user.has_perm(MAY_CHANGE)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="vendors_text_changelist"),
            path("email/<slug:slug>/", view(self.email_view), name="vendors_text_email"),
            path("choices/", view(self.choices_view), name="vendors_text_choices"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._check(request)
        if request.GET:  # there is nothing to filter
            return redirect("admin:vendors_text_changelist")
        rows = {row.key: row for row in Text.objects.select_related("changed_by").defer("value")}
        emails = [(email, rows.get(email.key)) for email in catalogue().values()]
        page = {"title": _("Texts"), "emails": emails, "choices": rows.get(choices.KEY)}
        return self._render(request, "list", page)

    def email_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        self._check(request)
        email = next((email for email in catalogue().values() if email.slug == slug), None)
        if email is None:
            raise Http404
        row = Text.objects.select_related("changed_by").filter(key=email.key).first()
        if request.method == "POST" and "_restore" in request.POST:
            return self._restore(request, email.key)
        words = Words(**row.value) if row else rendering.original(email)
        initial = {**words._asdict(), "seen": row.version if row else 0}
        form = EmailForm(request.POST or None, email=email, initial=initial)
        preview = None
        if request.method == "POST" and form.is_valid():
            if "_preview" in request.POST:
                preview = rendering.example(email, form.words)
            elif self._is_saved(request, form, email.key, dict(form.words._asdict())):
                return redirect("admin:vendors_text_changelist")
        page = {
            "title": email.title,
            "email": email,
            "form": form,
            "row": row,
            "preview": preview,
            "original": rendering.original(email),
            "safety": rendering.safety(email),
            "of_subject": email.of_subject.values(),
            "of_body": email.of_body.values(),
            "changes": _changes(email.key),
        }
        return self._render(request, "email", page)

    def choices_view(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        row = Text.objects.select_related("changed_by").filter(key=choices.KEY).first()
        if request.method == "POST" and "_restore" in request.POST:
            return self._restore(request, choices.KEY)
        initial = {**choices.of(row.value if row else None)._asdict(), "seen": row.version if row else 0}
        form = ChoicesForm(request.POST or None, initial=initial)
        if (
            request.method == "POST"
            and form.is_valid()
            and self._is_saved(request, form, choices.KEY, dict(form.chosen._asdict()))
        ):
            return redirect("admin:vendors_text_changelist")
        page = {"title": _("Reminders, reviews and invoices"), "form": form, "row": row}
        return self._render(request, "choices", page | {"changes": _changes(choices.KEY)})

    def _is_saved(self, request: HttpRequest, form: EmailForm | ChoicesForm, key: str, new: Mapping[str, Any]) -> bool:
        """False if a colleague was first: the page says so, and keeps what was typed."""
        try:
            lifecycle.save(key, new, seen=form.cleaned_data["seen"], by=cast(User, request.user))
        except lifecycle.ChangedMeanwhile as refusal:
            form.add_error(None, str(refusal))
            current = Text.objects.filter(key=key).values_list("version", flat=True).first()
            form.data = {**form.data.dict(), "seen": str(current or 0)}  # type: ignore[attr-defined]
            return False
        messages.success(request, _("Saved. The next email or page will use it."))
        return True

    def _restore(self, request: HttpRequest, key: str) -> HttpResponse:
        seen = request.POST.get("seen", "")
        if not is_whole_number(seen):
            raise SuspiciousOperation("The version was not sent by the page.")
        try:
            lifecycle.restore(key, seen=int(seen), by=cast(User, request.user))
        except lifecycle.ChangedMeanwhile as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The original is in use again."))
        return redirect("admin:vendors_text_changelist")

    def _check(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MAY_CHANGE):
            raise PermissionDenied

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/vendors/text/{name}.html", context)


def _changes(key: str) -> list[dict[str, Any]]:
    """The latest ones, each with what it became, line by line."""
    rows = TextChange.objects.filter(key=key).select_related("by")[:CHANGES_SHOWN]
    return [{"row": row, "after": _in_words(row.after)} for row in rows]


def _in_words(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return ""
    parts = (", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in value.values())
    return "\n\n".join(filter(None, parts))

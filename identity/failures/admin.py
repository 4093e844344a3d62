"""Cases that VM works on: who looks after each, what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from identity import people_search, person_page, text_direction
from identity.admin_lists import ReadOnlyAdmin, SearchedChangeList, at_address, references, tag
from identity.failures import case_text, cases, ownership, people, reasons, related_cases
from identity.failures.admin_list import (
    AUDIENCES,
    AudienceFilter,
    OwnerFilter,
    ResolveForm,
    StateFilter,
    WhoseCasesFilter,
    resolve_selected,
)
from identity.failures.headlines import headline
from identity.models import Failure, FailurePerson, User
from identity.text_direction import gettext as _
from identity.typed.fields import Prose
from identity.whole_numbers import is_whole_number


class WorkForm(forms.ModelForm):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Failure
        fields = ["assigned_to", "notes"]
        labels = {"assigned_to": gettext_lazy("Owner"), "notes": gettext_lazy("Notes for your colleagues")}
        field_classes = {"notes": Prose}
        widgets = {"notes": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = ownership.version_of_work(self.instance)
        staff = forms.ModelChoiceField(
            User.objects.filter(is_staff=True, is_active=True).order_by("email"),
            label=self.fields["assigned_to"].label,
            required=False,
            empty_label=_("No one yet"),
        )
        self.fields["assigned_to"] = staff


class CaseList(SearchedChangeList):
    """Knows the names of those in it. Identity knows no vendors, so settings name who can tell (NAMES_PEOPLE)."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = cast(list[Failure], self.result_list)
        names = import_string(settings.NAMES_PEOPLE)({failure.user_id for failure in shown if failure.user_id})
        for failure in shown:
            failure.name = names.get(failure.user_id, "")  # type: ignore[attr-defined]


@admin.register(Failure)
class FailureAdmin(ReadOnlyAdmin):
    actions = [resolve_selected]
    list_display = ["reference", "whose", "shown_reason", "age", "dealt_with_by", "assigned_to", "shown_state"]
    list_filter = [StateFilter, AudienceFilter, OwnerFilter, WhoseCasesFilter, "stage"]
    list_select_related = ["assigned_to"]
    everything = {"state__exact": "all"}
    not_shown = ("found_by",)
    search_help_text = gettext_lazy(
        "The reference, an address or its domain, or the vendor's name. The first few characters are enough."
    )
    ordering = ["-last_seen_at"]
    fields = [
        "reference",
        "shown_state",
        "stage",
        "reason",
        "who",
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
    readonly_fields = ["shown_state", "shown_detail", "who"]
    change_form_template = "admin/identity/failure/page.html"

    @admin.display(description=gettext_lazy("address"))
    def who(self, failure: Failure) -> str:
        if reasons.is_about_running(failure.reason):
            return _("Passport itself")
        if failure.address:
            return (
                _("%(address)s (typed, not proven)") % {"address": failure.address}
                if failure.is_typed
                else text_direction.isolated(failure.address)
            )
        return (
            _("%(address)s (according to Microsoft)") % {"address": failure.claimed_address}
            if failure.claimed_address
            else _("unknown")
        )

    @admin.display(description=gettext_lazy("vendor"))
    def whose(self, failure: Failure) -> str:
        """By name, and by address where there is none. In the list only, which knows the names."""
        if name := getattr(failure, "name", ""):
            return format_html('<span title="{}">{}</span>', failure.address, text_direction.isolated(name))
        return self.who(failure)

    @admin.display(description=gettext_lazy("problem"))
    def shown_reason(self, failure: Failure) -> str:
        times = f" ×{failure.count}" if failure.count > 1 else ""
        text = str(reasons.get(failure.reason).vm_text)
        return format_html('<span title="{}">{}{}</span>', text, headline(failure.reason), times)

    @admin.display(description=gettext_lazy("open for"))
    def age(self, failure: Failure) -> str:
        until = failure.resolved_at or timezone.now()
        opened = date_format(timezone.localtime(failure.opened_at), "DATETIME_FORMAT")
        return format_html('<span title="{}">{}</span>', opened, timesince(failure.opened_at, until, depth=1))

    @admin.display(description=gettext_lazy("team"))
    def dealt_with_by(self, failure: Failure) -> str:
        return str(AUDIENCES[reasons.get(failure.reason).audience])

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, failure: Failure) -> str:
        return tag(failure.state, failure.get_state_display())

    @admin.display(description=gettext_lazy("details for Microsoft support"))
    def shown_detail(self, failure: Failure) -> str:
        typed = {"reach": _("other contact (typed, not proven)")}
        shown = {name: " ".join(value) if isinstance(value, list) else value for name, value in failure.detail.items()}
        return ", ".join(f"{typed.get(name, name)}: {value}" for name, value in shown.items()) or "–"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CaseList]:
        return CaseList

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("identity.resolve_failure")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        """Also by those in a case: strangers are given a reference of their own."""
        printed = references(term)
        people = [Q(reference__in=printed), *at_address(term, "address")]
        by_people = [Q(pk__in=FailurePerson.objects.filter(way).values("failure")) for way in people]
        return [
            Q(reference__in=printed),
            *by_people[:1],
            *at_address(term, "address", "claimed_address"),
            *by_people[1:],
            *(Q(reference__startswith=beginning) for beginning in printed),
            *people_search.ways_to_find(term, by=cast(User, request.user)),
            *list(at_address(term, "address", domains=True))[2:],
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        failure = (
            Failure.objects.select_related("assigned_to").filter(pk=object_id).first()
            if is_whole_number(object_id)
            else None
        )
        if failure and self.has_view_permission(request, failure):
            is_open = failure.state == Failure.State.OPEN
            extra_context = {
                "failure": failure,
                "reason": reasons.of(failure.reason, failure.detail),
                "button": case_text.button(failure),
                "in_app": case_text.in_app(failure.detail),
                "codes": case_text.codes(failure),
                "found": failure.detail.get("said", "") if reasons.is_about_running(failure.reason) else "",
                "people": [(row, people.since(row)) for row in failure.people.all()[: case_text.LISTED_AT_MOST]],
                "person_url": person_page.url(failure.user_id) if failure.user_id else "",
                "may_resolve": is_open and self.has_resolve_permission(request),
                "may_work": request.user.has_perm("identity.change_failure"),
                "of_same_person": [(each, headline(each.reason)) for each in related_cases.of_same_person(failure)],
                "for_same_reason": related_cases.for_same_reason(failure),
            }
        return super().change_view(request, object_id, form_url, extra_context=extra_context)

    def get_urls(self) -> list:
        resolve = path(
            "<int:pk>/resolve/", self.admin_site.admin_view(self.resolve_view), name="identity_failure_resolve"
        )
        work = path("<int:pk>/work/", self.admin_site.admin_view(self.work_view), name="identity_failure_work")
        take = path("<int:pk>/take/", self.admin_site.admin_view(self.take_view), name="identity_failure_take")
        return [resolve, work, take, *super().get_urls()]

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """“I'm on it”: for everyone to see, and never in place of a colleague unseen."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("identity.change_failure"):
            raise PermissionDenied
        failure = get_object_or_404(Failure, pk=pk)
        seen = request.POST.get("seen", "")
        if seen and not is_whole_number(seen):
            raise SuspiciousOperation("The owner was not sent by the page.")
        try:
            ownership.take(failure, by=cast(User, request.user), seen=int(seen) if seen else None)
        except ownership.TakenMeanwhile as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You are on it. Your colleagues can see that."))
        return redirect("admin:identity_failure_change", failure.pk)

    def work_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who looks after it, and what they found out."""
        if not request.user.has_perm("identity.change_failure"):
            raise PermissionDenied
        failure = get_object_or_404(Failure, pk=pk)
        form, theirs = WorkForm(request.POST or None, instance=failure), None
        if request.method == "POST" and form.is_valid():
            owner, notes = form.cleaned_data["assigned_to"], form.cleaned_data["notes"]
            try:
                ownership.work_on(failure, owner=owner, notes=notes, seen=form.cleaned_data["seen"])
            except ownership.ChangedMeanwhile as refusal:
                theirs = Failure.objects.select_related("assigned_to").get(pk=pk)
                typed = request.POST.copy()
                typed["seen"] = ownership.version_of_work(theirs)  # saving once more replaces it, knowingly
                form = WorkForm(typed, instance=failure)
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("admin:identity_failure_change", failure.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Case %s: notes and owner") % failure.reference,
            "failure": failure,
            "theirs": theirs,
            "work_form": form,
        }
        return TemplateResponse(request, "admin/identity/failure/work.html", context)

    def resolve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_resolve_permission(request):
            raise PermissionDenied
        failure = get_object_or_404(Failure, pk=pk)
        form = ResolveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if cases.resolve(failure, by=cast(User, request.user), how=form.cleaned_data["note"]):
                messages.success(request, _("Case %s has been resolved.") % failure.reference)
            else:
                messages.warning(request, _("Case %s had already been resolved.") % failure.reference)
            return redirect("admin:identity_failure_change", failure.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Resolve case %s") % failure.reference,
            "failure": failure,
            "reason": reasons.get(failure.reason),
            "resolve_form": form,
        }
        return TemplateResponse(request, "admin/identity/failure/resolve.html", context)

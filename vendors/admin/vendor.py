"""VM's pages about vendors. State is read-only; buttons call the domain functions and report each refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from identity import accounts
from identity.failures import reasons
from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import Failure, User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed.fields import Name
from identity.whole_numbers import is_whole_number
from vendors import actions, lifecycle, search
from vendors.actions import ACTIONS, REFUSALS
from vendors.addresses import AddressTaken
from vendors.admin import approved, data_requests, duplicates, facts, own_pages, profile_only, retention
from vendors.admin.filters import (
    AwayFilter,
    CarriedOverFilter,
    CaseFilter,
    ClosedAsFilter,
    EmailChangeFilter,
    LinguistsFilter,
    OwnerFilter,
    PaymentFilter,
    StillRightFilter,
    WaitsFilter,
    WhoseFilter,
)
from vendors.admin.forms import AddVendorForm, ChangeEmailForm, ReasonForm, taken
from vendors.agreements import acceptances
from vendors.away import lifecycle as away
from vendors.bulk import admin as bulk_admin
from vendors.closing.form import ClosingForm
from vendors.consequences import what_changing_the_email_does
from vendors.duplicates import lifecycle as found_duplicates
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.history import pages
from vendors.models import AwayPeriod, EmailChange, Vendor, VendorState
from vendors.next_action import Facts
from vendors.notes import admin as notes_admin
from vendors.profile import admin as profile_admin
from vendors.rate_proposals import admin as rate_proposals_admin
from vendors.situation import Situation
from vendors.tags import admin as tags_admin
from vendors.test_translations import admin as tests_admin

CASES_SHOWN = 20


@admin.register(Vendor)
class VendorAdmin(profile_only.HidesWork, bulk_admin.ActsOnMany):
    list_display = ["shown_name", "primary_email", "shown_state", "waiting", "owner", "shown_tags", "open_failures"]
    list_display_links = ["shown_name"]
    list_filter = [
        "state",
        ClosedAsFilter,
        WaitsFilter,
        CaseFilter,
        EmailChangeFilter,
        OwnerFilter,
        WhoseFilter,
        AwayFilter,
        StillRightFilter,
        LinguistsFilter,
        PaymentFilter,
        CarriedOverFilter,
    ]
    page_titles: Mapping[str, str | Promise] = {}  # of the wizard, which stands above this app
    list_select_related = ["owner"]
    not_shown = search.WORDS
    search_help_text = gettext_lazy(
        "A name or company, a tag, any address the vendor ever had or its domain, a phone, tax, VAT or registration "
        "number, or a reference. The beginning of a word is enough, and accents do not matter."
    )
    fields = ["name", "language", "owner"]
    formfield_overrides = {models.CharField: {"form_class": Name}}
    change_form_template = "admin/vendors/vendor/page.html"

    # The list

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """A list of one state is a queue: who waits longest comes first."""
        return ["state_changed_at"] if request.GET.get("state__exact") else ["-created_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vendor]:
        cases = Failure.objects.open().filter(user=OuterRef("user")).order_by().values("user")
        away_now = AwayPeriod.objects.current(today=timezone.localdate())
        return (
            super()
            .get_queryset(request)
            .annotate(_open_failures=Coalesce(Subquery(cases.annotate(number=Count("pk")).values("number")), 0))
            .prefetch_related(Prefetch("away_periods", queryset=away_now, to_attr="away_now"), tags_admin.PREFETCH)
        )

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        has_case = CaseFilter.asks_for_open(request)
        return search.ways_to_find(term, by=cast(User, request.user), have_open_case=has_case)

    def offers(self, request: HttpRequest, term: str) -> list[tuple[str, str]]:
        others = super().offers(request, term)
        if not self.has_add_permission(request):
            return others
        is_address = "@" in term[1:-1] and " " not in term
        label, field = (_("Add this address"), "primary_email") if is_address else (_("Add a vendor"), "name")
        return [(label, f"{reverse('admin:vendors_vendor_add')}?{urlencode({field: term})}"), *others]

    @admin.display(description=gettext_lazy("name"))
    def shown_name(self, vendor: Vendor) -> str:
        return str(vendor)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, vendor: Vendor) -> str:
        """For an approved vendor also whether they are away today, and until when."""
        tag, now = state_tag(vendor), away.until(vendor.away_now, today=timezone.localdate())  # type: ignore[attr-defined]
        if now is None or vendor.state != VendorState.APPROVED:
            return tag
        text = _("%(away)s until %(day)s") % {"away": ours(now[0]), "day": ours(date_format(now[1], "j F"))}
        return format_html('{} <span class="tag tag-warning">{}</span>', tag, text)

    @admin.display(description=gettext_lazy("in this state for"))
    def waiting(self, vendor: Vendor) -> str:
        return timesince(vendor.state_changed_at, depth=1)

    @admin.display(description=gettext_lazy("tags"))
    def shown_tags(self, vendor: Vendor) -> str:
        names = (tag.tag_id for tag in vendor.vendor_tags.all())
        return format_html_join(" ", '<span class="tag">{}</span>', ((name,) for name in names))

    @admin.display(description=gettext_lazy("open cases"))
    def open_failures(self, vendor: Vendor) -> str:
        number = vendor._open_failures  # type: ignore[attr-defined]  # annotated by get_queryset
        return format_html('<span class="tag tag-problem">{}</span>', number) if number else ""

    # Who may

    def has_delete_permission(self, request: HttpRequest, obj: Vendor | None = None) -> bool:
        return False  # erasing is a command of its own

    def has_change_permission(self, request: HttpRequest, obj: Vendor | None = None) -> bool:
        is_erased = obj is not None and obj.state == VendorState.ERASED
        return not is_erased and super().has_change_permission(request, obj)

    # Adding

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        may_invite = request.user.has_perm("vendors.invite_vendor")
        looked_for = {name: request.GET[name] for name in ("name", "primary_email") if name in request.GET}
        form = AddVendorForm(request.POST or None, initial={"owner": request.user.pk, **looked_for})
        if request.method == "POST" and form.is_valid():
            values = {key: form.cleaned_data[key] for key in ("name", "primary_email", "language", "owner")}
            try:
                vendor = lifecycle.add(**values, by=cast(User, request.user))
            except AddressTaken as error:
                form.add_error("primary_email", taken(error))
            except AddressNotInvitable as error:
                form.add_error("primary_email", str(error))
            else:
                self.log_addition(request, vendor, [{"added": {}}])
                if "_invite" in request.POST and may_invite:
                    lifecycle.invite(vendor, by=cast(User, request.user))
                    messages.success(request, _("%s has been added, and the invitation is queued.") % vendor)
                else:
                    messages.success(request, _("%s has been added and prepared, but not invited yet.") % vendor)
                for pair in found_duplicates.look(vendor.pk)[: found_duplicates.SHOWN_AT_MOST]:
                    messages.warning(request, _("Possible duplicate: %s") % pair.other(vendor))
                return redirect("admin:vendors_vendor_change", vendor.pk)
        return self._page(request, "add", title=_("Add a vendor"), form=form, may_invite=may_invite)

    # The vendor's page

    def get_form(self, request: HttpRequest, obj: Vendor | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "name" in form.base_fields:
            form.base_fields["name"].error_messages["required"] = _("Enter the vendor's name.")
        if "language" in form.base_fields:
            form.base_fields["language"].error_messages["required"] = _("Choose a language.")
        if "owner" in form.base_fields:
            widget = form.base_fields["owner"].widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return form

    def save_model(self, request: HttpRequest, obj: Vendor, form: ModelForm, change: bool) -> None:
        """Only what was typed: the state may have moved on since the page was opened.

        Another name is copied to the vendor's accounts and cases, so the person is locked first, as everywhere.
        """
        accounts.lock_person(obj.user_id)
        obj.save(update_fields=form.changed_data)

    def response_post_save_change(self, request: HttpRequest, obj: Vendor) -> HttpResponseRedirect:
        return redirect("admin:vendors_vendor_change", obj.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        vendor = (
            Vendor.objects.select_related("user", "profile").filter(pk=object_id).first()
            if is_whole_number(object_id)
            else None
        )
        may_see = vendor is not None and self.has_view_permission(request, vendor)
        if vendor and may_see and request.method != "POST" and profile_only.is_all_they_see(request):
            return profile_only.page(request, self.admin_site, vendor)
        context = self._about(vendor, request) if vendor and may_see else {}
        if vendor and context:
            context |= facts.next_of(self._facts(vendor, request, context), context["possible"])
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False, "show_close": False}
        return super().change_view(request, object_id, form_url, extra_context=context)

    def _about(self, vendor: Vendor, request: HttpRequest) -> dict[str, Any]:
        user = cast(User, request.user)
        situation = Situation(vendor)
        possible = actions.possible(situation, user)
        cases = Failure.objects.open().filter(user=vendor.user_id).order_by("-last_seen_at")[:CASES_SHOWN]
        changes = vendor.email_changes.exclude(mode=EmailChange.Mode.REPAIR).order_by("-created_at")
        return {
            "vendor": vendor,
            "state_tag": state_tag(vendor),
            "situation": situation,
            "possible": possible,
            "may_see_as_vendor": vendor.state == VendorState.APPROVED and user.has_perms(profile_admin.MAY_LOOK),
            "may_change_email": actions.may_change_email(situation, user),
            "may_end_sessions": (vendor.is_live and situation.has_signed_in and user.has_perm("vendors.end_sessions")),
            "asked": email_requests.waiting(vendor),
            "timeline": self._timeline(vendor, request),
            "cases": [(case, reasons.of(case.reason, case.detail)) for case in cases],
            "may_see_cases": user.has_perm("identity.view_failure"),
            "agreements": acceptances.standing(vendor) if user.has_perm("vendors.view_acceptance") else [],
            **approved.about(vendor, user),
            **duplicates.about(vendor, user),
            **tags_admin.about(vendor, user),
            **notes_admin.about(vendor, user),
            **rate_proposals_admin.about(vendor, user),
            **tests_admin.about(vendor, user),
            **retention.about(vendor, user),
            **data_requests.about(vendor, user),
            "away": list(vendor.away_periods.not_over(today=timezone.localdate())),
            "today": timezone.localdate(),
            "check_now": timezone.now(),
            "checks": vendor.profile_checks.select_related("by"),
            "training": vendor.training_records.all(),
            "changes": changes if user.has_perm("vendors.view_emailchange") else [],
        }

    def _facts(self, vendor: Vendor, request: HttpRequest, about: dict[str, Any]) -> Facts:
        return facts.facts(vendor, about, cast(User, request.user))

    def _timeline(self, vendor: Vendor, request: HttpRequest) -> pages.Page | None:
        user = cast(User, request.user)
        if not user.has_perm("vendors.view_vendorevent"):
            return None
        wanted, before = request.GET.getlist("show"), request.GET.get("before", "")
        return pages.page(vendor, user=user, titles=self.page_titles, wanted=wanted, before=before)

    # Buttons

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        email = path("<int:pk>/change-email/", view(self.change_email_view), name="vendors_vendor_change_email")
        action = path("<int:pk>/<slug:name>/", view(self.action_view), name="vendors_vendor_action")
        *urls, any_object = super().get_urls()
        return [email, *own_pages.urls(self.admin_site), *urls, action, any_object]

    def action_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        situation = self._situation(request, pk, permission=action.permission)
        vendor = situation.vendor
        if not action.is_possible(situation):
            messages.error(request, str(lifecycle.WrongState(vendor)))
            return redirect("admin:vendors_vendor_change", vendor.pk)
        form = _form_of(action, vendor, request)
        if request.method == "POST" and (form is None or form.is_valid()):
            values = form.cleaned_data if form else {}
            try:
                action.run(
                    situation,
                    by=cast(User, request.user),
                    reason=values.get("reason", ""),
                    closed_as=values.get("closed_as", ""),
                    written=form.written if isinstance(form, ClosingForm) else None,
                )
            except (*REFUSALS, AddressTaken, AddressNotInvitable) as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(action.success))
            return redirect("admin:vendors_vendor_change", vendor.pk)
        return self._page(
            request,
            "action",
            title=_("%(action)s: %(vendor)s") % {"action": ours(action.label), "vendor": vendor},
            vendor=vendor,
            action=action,
            consequences=action.consequences(situation),
            form=form,
        )

    def change_email_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form, then a page that says what will happen, then it happens."""
        situation = self._situation(request, pk, permission="vendors.change_primary_email")
        vendor = situation.vendor
        if not vendor.is_live:
            messages.error(request, str(lifecycle.WrongState(vendor)))
            return redirect("admin:vendors_vendor_change", vendor.pk)
        form = ChangeEmailForm(request.POST or None, vendor=vendor, initial=self._from_failure(request, vendor))
        asked = email_requests.waiting(vendor)
        page = {"title": _("Change primary email: %s") % vendor, "vendor": vendor, "form": form, "situation": situation}
        page["asked"] = asked
        if request.method != "POST" or "_edit" in request.POST or not form.is_valid():
            return self._page(request, "change_email", **page)
        new, cut_off = form.cleaned_data["new"], form.wants_cut_off
        if "_confirm" not in request.POST:
            consequences = what_changing_the_email_does(situation, new=new, cut_off=cut_off)
            page |= {"new": new, "is_asked_for": asked is not None and asked.new.lower() == new.lower()}
            return self._page(request, "change_email_confirm", **page, consequences=consequences)
        try:
            email_change.start(
                vendor,
                new=new,
                cut_off=cut_off,
                reason=form.cleaned_data["reason"],
                how_known=form.cleaned_data.get("how_known", ""),
                by=cast(User, request.user),
            )
        except (*REFUSALS, AddressTaken, AddressNotInvitable) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The primary email is now %s.") % new)
        return redirect("admin:vendors_vendor_change", vendor.pk)

    @staticmethod
    def _from_failure(request: HttpRequest, vendor: Vendor) -> dict[str, str]:
        """Whoever comes from a failure finds the form filled in with what the failure knows."""
        reference = request.GET.get("failure", "")
        failure = Failure.objects.filter(reference=reference, user=vendor.user_id).first() if reference else None
        if failure is None:
            return {}
        reason = f"{failure.reference}: {reasons.get(failure.reason).vm_text}"
        new = failure.address if failure.reason == "change_disputed" else failure.claimed_address
        return {"new": new, "reason": reason[:300]}

    def _situation(self, request: HttpRequest, pk: int, *, permission: str) -> Situation:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return Situation(get_object_or_404(Vendor.objects.select_related("user"), pk=pk))

    def _page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/vendors/vendor/{name}.html", context)


def _form_of(action: actions.Action, vendor: Vendor, request: HttpRequest) -> ReasonForm | ClosingForm | None:
    if action.tells_about is not None:
        return ClosingForm(request.POST or None, vendor=vendor, about=action.tells_about, ways=action.ways)
    return ReasonForm(request.POST or None) if action.asks_reason else None


def state_tag(vendor: Vendor) -> str:
    tag = format_html('<span class="tag tag-{}">{}</span>', vendor.state, vendor.get_state_display())
    if not vendor.is_carried_over:
        return tag
    return format_html('{} <span class="tag tag-warning">{}</span>', tag, _("carried over"))

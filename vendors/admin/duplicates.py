"""Pairs of vendors that may be the same: the queue, both side by side, and what VM decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import isolated
from identity.typed import cleaning
from identity.typed.fields import AddressToJudge
from identity.whole_numbers import is_whole_number
from vendors import addresses
from vendors.closing import notices
from vendors.closing.form import ClosingForm
from vendors.duplicates import lifecycle as duplicates
from vendors.duplicates import side_by_side
from vendors.models import PossibleDuplicate, Vendor, VendorNotice, VendorState

MAY_DECIDE = "vendors.merge_vendors"
State = PossibleDuplicate.State


class CompareForm(forms.Form):
    other = AddressToJudge(
        label=gettext_lazy("One of the other vendor's addresses"),
        max_length=254,
        help_text=gettext_lazy("Any address that the other vendor has or had."),
        error_messages={"required": gettext_lazy("Enter one of the other vendor's addresses.")},
    )

    def clean_other(self) -> Vendor:
        address = self.cleaned_data["other"]
        holder = Vendor.objects.at_address(address).first()
        found = [holder] if holder is not None else addresses.former_holders(address)
        if not found:
            raise ValidationError(_("No vendor has, or ever had, this address."), code="unknown")
        return found[0]


class StateFilter(admin.SimpleListFilter):
    """What is to be decided comes first; the rest is for looking things up."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(State.DIFFERENT, State.DIFFERENT.label), ("closed", _("one was closed")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        default, *others = super().choices(changelist)
        return [{**default, "display": State.OPEN.label}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        states = {
            "all": list(State),
            "closed": [State.FIRST_CLOSED, State.SECOND_CLOSED],
            State.DIFFERENT.value: [State.DIFFERENT],
        }.get(self.value() or "", [State.OPEN])
        return queryset if self.value() == "all" else queryset.filter(state__in=states)


@admin.register(PossibleDuplicate)
class PossibleDuplicateAdmin(ReadOnlyAdmin):
    list_display = ["pair", "shown_signs", "shown_state", "found_at"]
    list_filter = [StateFilter]
    list_select_related = ["first", "second"]
    ordering = ["-found_at", "-pk"]
    everything = {"state": "all"}
    search_help_text = gettext_lazy("The full address of either vendor, current or previous.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        holder = Vendor.objects.at_address(term).values("pk")
        former = [vendor.pk for vendor in addresses.former_holders(cleaning.address(term))]
        return [Q(**{f"{side}__in": found}) for found in (holder, former) for side in ("first", "second")]

    def get_ordering(self, request: HttpRequest) -> Any:
        """A queue when they are to be decided: the oldest comes first."""
        return ["-found_at", "-pk"] if request.GET.get("state") else ["found_at", "pk"]

    @admin.display(description=gettext_lazy("vendors"))
    def pair(self, pair: PossibleDuplicate) -> str:
        return format_html("{} · {}", isolated(pair.first), isolated(pair.second))

    @admin.display(description=gettext_lazy("what they have in common"))
    def shown_signs(self, pair: PossibleDuplicate) -> str:
        return ", ".join(pair.sign_names)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, pair: PossibleDuplicate) -> str:
        return tag("warning" if pair.state == State.OPEN else "info", pair.get_state_display())

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        different = path("<int:pk>/different/", view(self.different_view), name="vendors_possibleduplicate_different")
        close = path("<int:pk>/close/<int:vendor_pk>/", view(self.close_view), name="vendors_possibleduplicate_close")
        return [different, close, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        pair = self._pair(int(object_id) if is_whole_number(object_id) else 0)
        may_decide = request.user.has_perm(MAY_DECIDE)
        return self._page(
            request,
            "page",
            pair,
            title=_("Are these the same?"),
            rows=side_by_side.rows(pair, by=cast(User, request.user)),
            may_rule_out=may_decide and pair.state == State.OPEN,
            may_close=_may_be_closed(pair) if may_decide else [],
        )

    def different_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(MAY_DECIDE):
            raise PermissionDenied
        pair = self._pair(pk)
        try:
            duplicates.rule_out(pair, by=cast(User, request.user))
        except duplicates.AlreadyDecided as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:vendors_possibleduplicate_change", pk)
        messages.success(request, _("Noted. These two will not be shown as possible duplicates again."))
        return redirect("admin:vendors_possibleduplicate_changelist")

    def close_view(self, request: HttpRequest, pk: int, vendor_pk: int) -> HttpResponse:
        """What will happen, why, and what the vendor is told; then it happens."""
        if not request.user.has_perm(MAY_DECIDE):
            raise PermissionDenied
        pair = self._pair(pk)
        duplicate = next((vendor for vendor in (pair.first, pair.second) if vendor.pk == vendor_pk), None)
        if duplicate is None:
            raise Http404
        if duplicate not in _may_be_closed(pair):
            messages.error(request, str(duplicates.AlreadyDecided(pair)))
            return redirect("admin:vendors_possibleduplicate_change", pk)
        about = VendorNotice.About.ENDED if duplicate.can("end") else VendorNotice.About.CLOSED
        form = ClosingForm(request.POST or None, vendor=duplicate, about=about)
        kept = pair.other(duplicate)
        if request.method == "POST" and form.is_valid():
            by, address = cast(User, request.user), duplicate.address
            try:
                with transaction.atomic():
                    duplicates.close_as_duplicate(pair, duplicate, by=by, reason=form.cleaned_data["reason"])
                    if form.written is not None:
                        notices.queue(duplicate, form.written, about=about, address=address, by=by)
            except duplicates.REFUSALS as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:vendors_possibleduplicate_change", pk)
            sentence = _("%(duplicate)s has been closed as a duplicate. This is the vendor that was kept.")
            messages.success(request, sentence % {"duplicate": duplicate})
            return redirect("admin:vendors_vendor_change", kept.pk)
        title = _("Close %(duplicate)s as a duplicate of %(kept)s") % {"duplicate": duplicate, "kept": kept}
        consequences = side_by_side.what_closing_does(pair, duplicate)
        return self._page(request, "close", pair, title=title, consequences=consequences, form=form)

    @staticmethod
    def _pair(pk: int) -> PossibleDuplicate:
        related = [f"{side}__{name}" for side in ("first", "second") for name in ("user", "owner", "profile")]
        related += ["first__payment_details", "second__payment_details", "decided_by"]
        return get_object_or_404(PossibleDuplicate.objects.select_related(*related), pk=pk)

    def _page(self, request: HttpRequest, name: str, pair: PossibleDuplicate, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "pair": pair, **context}
        return TemplateResponse(request, f"admin/vendors/possibleduplicate/{name}.html", context)


def _may_be_closed(pair: PossibleDuplicate) -> list[Vendor]:
    if pair.closed is not None:
        return []
    both = (pair.first, pair.second)
    return [] if any(vendor.state == VendorState.ERASED or not vendor.address for vendor in both) else list(both)


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """What the vendor's page says."""
    if not user.has_perm("vendors.view_possibleduplicate"):
        return {}
    open_pairs = PossibleDuplicate.objects.open().about(vendor).select_related("first", "second")
    return {
        "possible_duplicates": [(pair, pair.other(vendor)) for pair in open_pairs[: duplicates.SHOWN_AT_MOST]],
        "kept_vendor": duplicates.kept_instead_of(vendor),
        "may_compare": user.has_perm(MAY_DECIDE) and bool(vendor.address) and vendor.state != VendorState.ERASED,
    }


def urls(site: AdminSite) -> list[URLPattern]:
    """The page on which VM names the other vendor."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return compare_view(request, site, pk)

    return [path("<int:pk>/compare/", site.admin_view(view), name="vendors_vendor_compare")]


def compare_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm(MAY_DECIDE):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor, pk=pk)
    form = CompareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pair = duplicates.compare(vendor, form.cleaned_data["other"])
        except duplicates.SameVendor as refusal:
            form.add_error("other", str(refusal))
        else:
            return redirect("admin:vendors_possibleduplicate_change", pair.pk)
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Compare %(vendor)s with another vendor") % {"vendor": vendor},
        "vendor": vendor,
        "form": form,
    }
    return TemplateResponse(request, "admin/vendors/vendor/compare.html", context)

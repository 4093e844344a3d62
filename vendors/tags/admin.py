"""The page "Tags" of a vendor in the admin."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from vendors.models import Vendor, VendorState, VendorTag
from vendors.tags import lifecycle as tags

SEPARATOR = ", "
MAY_CHANGE = "vendors.change_vendor"
# For lists of vendors.
PREFETCH = Prefetch("vendor_tags", queryset=VendorTag.objects.order_by("tag"))


class TagsForm(forms.Form):
    tags = Name(
        label=gettext_lazy("Tags"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy(
            "Separated by commas. Capital letters make no difference. The vendor may ask to read them."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_tags(self) -> list[str]:
        try:
            return tags.parse(self.cleaned_data["tags"])
        except tags.NotATag as error:
            raise ValidationError(str(error), code="not_a_tag") from error


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return tags_view(request, site, pk)

    return [path("<int:pk>/tags/", site.admin_view(view), name="vendors_vendor_tags")]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """For the vendor's page."""
    may_change = vendor.state != VendorState.ERASED and user.has_perm(MAY_CHANGE)
    return {"tags": tags.of(vendor), "may_change_tags": may_change}


def tags_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor.objects.exclude(state=VendorState.ERASED), pk=pk)
    now = tags.of(vendor)
    shown = SEPARATOR.join(now)
    form = TagsForm(request.POST or None, initial={"tags": shown, "seen": shown})
    if request.method == "POST" and form.is_valid():
        seen = list(filter(None, form.cleaned_data["seen"].split(SEPARATOR)))
        try:
            changed = tags.replace(vendor, form.cleaned_data["tags"], by=cast(User, request.user), instead_of=seen)
        except tags.ChangedMeanwhile as error:
            form.add_error("tags", f"{error} {_('To replace them with what you typed, save again.')}")
            form.data = {**form.data.dict(), "seen": shown}  # type: ignore[attr-defined]
        else:
            messages.success(request, _said(vendor, form.cleaned_data["tags"], changed=changed))
            return redirect("admin:vendors_vendor_change", vendor.pk)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Tags: %s") % vendor,
        "opts": Vendor._meta,
        "vendor": vendor,
        "form": form,
        "known": [tag for tag in tags.known() if tag not in now],
    }
    return TemplateResponse(request, "admin/vendors/vendor/tags.html", context)


def _said(vendor: Vendor, given: list[str], *, changed: bool) -> str:
    if not changed:
        return _("Nothing has changed.")
    if not given:
        return _("%(vendor)s has no tags any more.") % {"vendor": vendor}
    return _("The tags of %(vendor)s are now: %(tags)s.") % {"vendor": vendor, "tags": ", ".join(given)}

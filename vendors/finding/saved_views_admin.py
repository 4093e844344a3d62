"""Saving a view of "Find vendors" in the admin, renaming and deleting it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from vendors.finding import saved_views
from vendors.finding.form import MAY_FIND, FindForm
from vendors.models import SavedView, Vendor

PRIVATE, SHARED = "private", "shared"


class ViewForm(forms.Form):
    name = Name(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={
            "required": gettext_lazy("Enter a name for this view."),
            "max_length": gettext_lazy("Shorten the name to 80 characters or fewer."),
        },
    )
    seen_by = forms.ChoiceField(
        label=gettext_lazy("Who can see it"),
        choices=[
            (PRIVATE, gettext_lazy("only me")),
            (SHARED, gettext_lazy("all colleagues who can find vendors")),
        ],
        widget=forms.RadioSelect,
        initial=PRIVATE,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose who can see this view.")),
    )

    @property
    def given(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"], "is_shared": self.cleaned_data["seen_by"] == SHARED}


def urls(site: AdminSite) -> list[URLPattern]:
    def save(request: HttpRequest) -> HttpResponse:
        return save_view(request, site)

    def change(request: HttpRequest, pk: int) -> HttpResponse:
        return change_view(request, site, pk)

    return [
        path("find/views/add/", site.admin_view(save), name="vendors_vendor_save_view"),
        path("find/views/<int:pk>/", site.admin_view(change), name="vendors_vendor_saved_view"),
    ]


def save_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The address has what is looked for, as that of the page it comes from."""
    user = _who(request)
    find = FindForm(QueryDict(request.GET.urlencode()), by=user)
    if not find.is_valid():
        return redirect(f"{reverse('admin:vendors_vendor_find')}?{request.GET.urlencode()}")
    form = ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            view = saved_views.save(**form.given, query=find.address(), by=user)
        except saved_views.NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved as “%(name)s”. It's on your home page.") % {"name": view.name})
            return redirect(f"{reverse('admin:vendors_vendor_find')}?{view.query}")
    return _page(request, site, form, title=_("Save this view"))


def change_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    user = _who(request)
    view = get_object_or_404(SavedView, pk=pk, owner=user)
    if request.method == "POST" and "_delete" in request.POST:
        view.delete()
        messages.success(request, _("The view “%(name)s” has been deleted.") % {"name": view.name})
        return redirect("admin:index")
    initial = {"name": view.name, "seen_by": SHARED if view.is_shared else PRIVATE}
    form = ViewForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved_views.change(view, **form.given)
        except saved_views.NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The view “%(name)s” has been saved.") % {"name": form.given["name"]})
            return redirect("admin:index")
    return _page(request, site, form, title=_("Change the view: %s") % view.name, view=view)


def _who(request: HttpRequest) -> User:
    if not request.user.has_perms(MAY_FIND):
        raise PermissionDenied
    return cast(User, request.user)


def _page(request: HttpRequest, site: AdminSite, form: ViewForm, **context: Any) -> HttpResponse:
    context |= {**site.each_context(request), "opts": Vendor._meta, "form": form}
    return TemplateResponse(request, "admin/vendors/vendor/saved_view.html", context)

"""Writing a note on the vendor's page in the admin, and changing it later."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors.models import Note, Vendor
from vendors.notes import lifecycle as notes
from vendors.notes.form import NewNoteForm, NoteForm


def urls(site: AdminSite) -> list[URLPattern]:
    def add(request: HttpRequest, pk: int) -> HttpResponse:
        return add_view(request, site, pk)

    def change(request: HttpRequest, pk: int, note: int) -> HttpResponse:
        return change_view(request, site, pk, note)

    return [
        path("<int:pk>/notes/", site.admin_view(add), name="vendors_vendor_notes"),
        path("<int:pk>/notes/<int:note>/", site.admin_view(change), name="vendors_vendor_note"),
    ]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """What the vendor's page shows of them besides the timeline."""
    if not user.has_perm("vendors.view_note"):
        return {"may_see_notes": False}
    may_add = user.has_perm("vendors.add_note")
    return {
        "may_see_notes": True,
        "pinned_notes": vendor.notes.filter(is_pinned=True).select_related("by"),
        "note_form": NewNoteForm() if may_add else None,
        "may_change_notes": user.has_perm("vendors.change_note"),
    }


def add_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm("vendors.add_note"):
        raise PermissionDenied
    vendor = get_object_or_404(Vendor, pk=pk)
    form = NewNoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            notes.add(vendor, by=cast(User, request.user), **form.cleaned_data)
        except notes.Erased as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The note has been added."))
        return redirect("admin:vendors_vendor_change", vendor.pk)
    return _page(request, site, vendor, title=_("Add a note: %(vendor)s") % {"vendor": vendor}, form=form)


def change_view(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    user = cast(User, request.user)
    if not user.has_perm("vendors.change_note"):
        raise PermissionDenied
    note = get_object_or_404(Note.objects.select_related("vendor", "by"), pk=number, vendor=pk)
    form = NoteForm(request.POST if "_save" in request.POST else None, initial={"text": note.text})
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        try:
            done = _carry_out(request, note, form)
        except (notes.NotYours, notes.ChangedMeanwhile) as refusal:
            messages.error(request, str(refusal))
            note.refresh_from_db()
        else:
            if done:
                messages.success(request, done)
            return redirect("admin:vendors_vendor_change", pk)
    title = _("Note about %(vendor)s") % {"vendor": note.vendor}
    is_own = note.by_id == user.pk and not note.is_struck
    return _page(request, site, note.vendor, title=title, form=form if is_own else None, note=note)


def _carry_out(request: HttpRequest, note: Note, form: NoteForm) -> str:
    """What was done, as a sentence. Raise what notes.edit, notes.strike and notes.pin raise."""
    version, by = request.POST.get("version", ""), cast(User, request.user)
    seen = int(version) if is_whole_number(version) else 0
    if form.is_bound:
        notes.edit(note, text=form.cleaned_data["text"], version=seen, by=by)
        return _("The note has been saved. What it said before is kept.")
    if "_strike" in request.POST:
        notes.strike(note, version=seen, by=by)
        return _("The note has been struck out. It can still be read.")
    if "_pin" in request.POST:
        notes.pin(note, is_pinned=True)
        return _("The note is pinned.")
    if "_unpin" in request.POST:
        notes.pin(note, is_pinned=False)
        return _("The note is no longer pinned.")
    return ""


def _page(request: HttpRequest, site: AdminSite, vendor: Vendor, **context: Any) -> HttpResponse:
    context = {**site.each_context(request), "opts": Vendor._meta, "vendor": vendor, **context}
    return TemplateResponse(request, "admin/vendors/vendor/note.html", context)

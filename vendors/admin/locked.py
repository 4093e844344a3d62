"""What is locked of an erased vendor, shown to whoever may see it and says why."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.documents import storage as document_storage
from vendors.models import LockedRecord, Vendor
from vendors.privacy import locks
from vendors.reveals import REASON_MISSING, ReasonToLook

# A link to a file belongs to the page that was shown for a reason, and to whoever gave it.
SALT, LINK_LASTS = "locked file", 600


def urls(site: AdminSite) -> list[URLPattern]:
    def look(request: HttpRequest, pk: int, section: str) -> HttpResponse:
        return locked_view(request, site, pk, section)

    def file(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
        return file_view(request, pk, token)

    return [
        path("<int:pk>/locked/file/<str:token>/", site.admin_view(file), name="vendors_vendor_locked_file"),
        path("<int:pk>/locked/<slug:section>/", site.admin_view(look), name="vendors_vendor_locked"),
    ]


def locked_view(request: HttpRequest, site: AdminSite, pk: int, section: str) -> HttpResponse:
    """Only as an answer to a POST, so that nobody looks without meaning to."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user = cast(User, request.user)
    if not user.has_perm(locks.MAY_SEE):
        raise PermissionDenied
    record = get_object_or_404(LockedRecord.objects.select_related("vendor"), vendor=pk, section=section)
    if not locks.may_see(user, record):
        raise PermissionDenied
    form = ReasonToLook(request.POST)
    if not form.is_valid():
        messages.error(request, str(REASON_MISSING))
        return redirect("admin:vendors_vendor_change", pk)
    content = locks.reveal(record, by=user, reason=form.cleaned_data["reason"])
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Locked %(section)s: %(vendor)s")
        % {"section": ours(record.get_section_display()), "vendor": record.vendor},
        "vendor": record.vendor,
        "record": record,
        "who": _lines(content["who"]),
        "tables": [(heading, [_lines(row) for row in rows]) for heading, rows in content["rows"].items()],
        "files": [
            (locks.name_of_file(record, stored), _link(record, number, user))
            for number, stored in enumerate(record.files)
        ],
    }
    return TemplateResponse(request, "admin/vendors/vendor/locked.html", context)


def _lines(row: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """A label and what stands beside it, a line for each part."""
    return [(name.replace("_", " ").capitalize(), _parts(value)) for name, value in row.items() if name != "file"]


def _parts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [part for each in value for part in _parts(each)]
    if isinstance(value, dict):
        return [", ".join(f"{name.replace('_', ' ')}: {part}" for name, part in value.items() if part)]
    return [str(value)]


def _link(record: LockedRecord, number: int, user: User) -> str:
    token = signing.dumps([record.pk, number, user.pk], salt=SALT)
    return reverse("admin:vendors_vendor_locked_file", args=[record.vendor_id, token])


def file_view(request: HttpRequest, pk: int, token: str) -> FileResponse:
    """For ten minutes after the page that named the reason, and for nobody else."""
    user = cast(User, request.user)
    if not user.has_perm(locks.MAY_SEE):
        raise PermissionDenied
    try:
        record_pk, number, user_pk = signing.loads(token, salt=SALT, max_age=LINK_LASTS)
    except signing.BadSignature as error:
        raise Http404 from error
    record = get_object_or_404(LockedRecord, pk=record_pk, vendor=pk)
    if user_pk != user.pk or not locks.may_see(user, record):
        raise PermissionDenied
    stored = record.files[number]
    try:
        content = default_storage.open(stored, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return document_storage.as_download(content, locks.name_of_file(record, stored))

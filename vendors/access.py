"""Whose pages somebody may open: only their own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from vendors.models import Vendor


def vendor_of(request: HttpRequest) -> Vendor:
    vendor = getattr(request.user, "vendor", None)
    if vendor is None or getattr(request.user, "is_staff", False):
        raise PermissionDenied
    return vendor

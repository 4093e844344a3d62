"""What Vendor Management does at the admin, as a person with a browser."""

from __future__ import annotations

from typing import Any

from onboarding.models import Submission
from tests.person import Page, Person
from vendors.models import Vendor


def add_vendor(vera: Person, *, name: str, address: str, button: str = "_invite", **fields: Any) -> Page:
    """Through the links that she sees: the list of vendors, then "Add"."""
    vera.go("/admin/")
    vera.follow("/admin/vendors/vendor/")
    vera.follow("/admin/vendors/vendor/add/")
    return vera.submit(button=button, name=name, primary_email=address, **fields)


def open_vendor(vera: Person, vendor: Vendor) -> Page:
    return vera.go(page_of(vendor, "change"))


def page_of(vendor: Vendor, name: str) -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/{name}/"


def press(vera: Person, vendor: Vendor, action: str, **fields: Any) -> Page:
    """A button of the vendor's page, by its name in the URL: it leads to a page that says what will happen, and has the
    button again.
    """
    open_vendor(vera, vendor)
    vera.follow(page_of(vendor, action))
    assert "consequences" in vera.page.ids, vera.page
    return vera.submit(**fields)


def change_email(vera: Person, vendor: Vendor, *, new: str, **fields: Any) -> Page:
    """The form; answers the page that says what will happen."""
    open_vendor(vera, vendor)
    vera.follow(page_of(vendor, "change-email"))
    return vera.submit(new=new, reason="asked for it", **fields)


def decide(vera: Person, vendor: Vendor, decision: str, **fields: Any) -> Page:
    """Read what waits, then approve, request-changes or decline."""
    open_vendor(vera, vendor)
    page = f"/admin/onboarding/submission/{waiting(vendor).pk}"
    vera.follow(f"{page}/change/")
    vera.follow(f"{page}/{decision}/")
    return vera.submit(**fields)


def mark(vera: Person, vendor: Vendor, step: str, reason: str) -> Page:
    """Mark a section "please change"."""
    page = f"/admin/onboarding/submission/{waiting(vendor).pk}"
    vera.go(f"{page}/change/")
    return vera.submit(f"{page}/section/{step}/", button=("verdict", "change"), reason=reason)


def waiting(vendor: Vendor) -> Submission:
    return Submission.objects.awaiting_review().get(vendor=vendor)

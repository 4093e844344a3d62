"""What Vendor Management does at the admin, as a person with a browser."""

from __future__ import annotations

from typing import Any

from onboarding.models import Submission
from tests.person import Page, Person
from vendors.models import Vendor


def add_vendor(vera: Person, *, name: str, address: str, button: str = "Add and invite", **fields: Any) -> Page:
    """Through the links that she sees: the list of vendors, then "Add"."""
    vera.go("/admin/")
    vera.follow("Vendors")
    vera.follow("Add vendor")
    return vera.submit(button=button, name=name, primary_email=address, **fields)


def open_vendor(vera: Person, vendor: Vendor) -> Page:
    return vera.go(f"/admin/vendors/vendor/{vendor.pk}/change/")


def press(vera: Person, vendor: Vendor, label: str, **fields: Any) -> Page:
    """A button of the vendor's page: it leads to a page that says what will happen, and has the button again."""
    open_vendor(vera, vendor)
    vera.follow(label)
    assert "What will happen" in vera.page.headings, vera.page
    return vera.submit(button=label, **fields)


def change_email(vera: Person, vendor: Vendor, *, new: str, **fields: Any) -> Page:
    """The form; answers the page that says what will happen."""
    open_vendor(vera, vendor)
    vera.follow("Change primary email")
    return vera.submit(button="Go on", new=new, reason="asked for it", **fields)


def decide(vera: Person, vendor: Vendor, label: str, **fields: Any) -> Page:
    """Read what waits, then decide."""
    open_vendor(vera, vendor)
    vera.follow("Review the submission")
    assert vera.page.path == f"/admin/onboarding/submission/{waiting(vendor).pk}/change/"
    vera.follow(label)
    return vera.submit(button=label, **fields)


def mark(vera: Person, vendor: Vendor, step: str, reason: str) -> Page:
    """Mark a section "please change"."""
    page = f"/admin/onboarding/submission/{waiting(vendor).pk}"
    vera.go(f"{page}/change/")
    form = next(name for name, form in vera.page.forms.items() if form.action.endswith(f"/section/{step}/"))
    return vera.submit(form, button=("verdict", "change"), reason=reason)


def waiting(vendor: Vendor) -> Submission:
    return Submission.objects.awaiting_review().get(vendor=vendor)

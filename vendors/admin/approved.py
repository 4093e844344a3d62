"""What the vendor's page shows of the approved profile."""

from __future__ import annotations

from typing import Any

from identity.models import User
from vendors.admin import documents, tax_checks
from vendors.evidence import marks
from vendors.models import Vendor, VendorKind, VendorState
from vendors.payment import releases as payment_releases
from vendors.profile import company, outstanding, tax
from vendors.reveals import ReasonToLook


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """As much of the approved profile as this colleague may see."""
    about: dict[str, Any] = documents.about(vendor, user) | tax_checks.about(vendor, user)
    if user.has_perm("vendors.view_profile"):
        about |= _about_who(vendor, user)
    if user.has_perms(("vendors.view_languagepair", "vendors.view_rate")):
        about["pairs"] = vendor.language_pairs.prefetch_related("rates")
        of_vendor = about.get("marks") or marks.of_vendor(vendor)
        about |= {"marks": of_vendor, "rates_carried_over": of_vendor.of_rates(about["pairs"])}
    waiting = payment_releases.pending_of(vendor)
    if user.has_perm("vendors.view_paymentrelease"):
        about["waiting_account"] = waiting
    if user.has_perm("vendors.view_paymentdetails"):
        about["account"] = getattr(vendor, "payment_details", None)
    if vendor.state == VendorState.APPROVED:
        about["outstanding"] = outstanding.of(
            has_payment=vendor.has_payment_details or waiting is not None,
            findings=about.get("findings", []),
            documents=vendor.documents.current(),
        )
    return about


def _about_who(vendor: Vendor, user: User) -> dict[str, Any]:
    profile = getattr(vendor, "profile", None)
    if profile is None:
        return {"profile": None}
    may_see = profile.has_personal_numbers and user.has_perm(tax.MAY_SEE)
    return {
        "profile": profile,
        **(company.of_vendor(vendor) if profile.kind == VendorKind.COMPANY else {}),
        "tax_rows": tax.rows(profile),
        "may_see_tax_numbers": may_see,
        "look": ReasonToLook(),
    }

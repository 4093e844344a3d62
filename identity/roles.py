"""What each app role may do in the admin. Roles come with the ID token of a staff member and with nothing else."""

from __future__ import annotations

from collections.abc import Iterable

VENDOR_MANAGER = "VendorManager"
FINANCE = "Finance"
OPERATIONS = "Operations"
AUDITOR = "Auditor"
ADMINISTRATOR = "Administrator"

_LOOK = frozenset(
    {
        "vendors.view_vendor",
        "vendors.view_emailchange",
        "vendors.view_emailchangerequest",
        "vendors.view_vendorevent",
        "vendors.view_profile",
        "vendors.view_languagepair",
        "vendors.view_rate",
        "vendors.view_qualification",
        "vendors.view_acceptance",
        "onboarding.view_submission",
        "identity.view_failure",
        "identity.view_invitation",
        "identity.view_signinattempt",
    }
)
_MANAGE_VENDORS = frozenset(
    {
        "vendors.add_vendor",
        "vendors.change_vendor",
        "vendors.invite_vendor",
        "vendors.change_primary_email",
        "vendors.review_vendor",
        "vendors.suspend_vendor",
        "vendors.view_document",
        "vendors.view_paymentdetails",
        "identity.change_failure",
        "identity.resolve_failure",
    }
)
_PAY = frozenset({"vendors.view_paymentdetails", "vendors.see_payment_details", "vendors.view_document"})
_OPERATE = frozenset(
    {
        "vendors.invite_vendor",
        "identity.view_user",
        "identity.view_entraaccount",
        "identity.change_failure",
        "identity.resolve_failure",
    }
)

PERMISSIONS: dict[str, frozenset[str]] = {
    VENDOR_MANAGER: _LOOK | _MANAGE_VENDORS,
    FINANCE: _LOOK | _PAY,
    OPERATIONS: _LOOK | _OPERATE,
    AUDITOR: _LOOK | {"vendors.view_document", "identity.view_user", "identity.view_entraaccount"},
    ADMINISTRATOR: _LOOK | _MANAGE_VENDORS | _PAY | _OPERATE,
}


def staff_roles(roles: Iterable[str]) -> list[str]:
    """Those of a token's roles that mean something here, in a stable order."""
    return sorted(set(roles) & PERMISSIONS.keys())


def permissions(roles: Iterable[str]) -> set[str]:
    return set().union(*(PERMISSIONS.get(role, frozenset()) for role in roles))

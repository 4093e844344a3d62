"""Every app role may see what vendors have sent; deciding on it is a matter of the vendor itself."""

from __future__ import annotations

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, VENDOR_MANAGER

_LOOK = frozenset({"onboarding.view_submission"})
_COUNT = frozenset({"onboarding.view_report"})

PERMISSIONS: dict[str, frozenset[str]] = {
    VENDOR_MANAGER: _LOOK | _COUNT,
    FINANCE: _LOOK,
    OPERATIONS: _LOOK,
    AUDITOR: _LOOK | _COUNT,
    ADMINISTRATOR: _LOOK | _COUNT,
}

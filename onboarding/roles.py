"""Every app role may see what vendors have sent; deciding on it is a matter of the vendor itself."""

from __future__ import annotations

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, VENDOR_MANAGER

_LOOK = frozenset({"onboarding.view_submission"})

PERMISSIONS: dict[str, frozenset[str]] = dict.fromkeys(
    (VENDOR_MANAGER, FINANCE, OPERATIONS, AUDITOR, ADMINISTRATOR), _LOOK
)

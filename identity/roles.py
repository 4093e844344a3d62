"""What each app role may do in the admin. Roles come with the ID token of a staff member and with nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

VENDOR_MANAGER = "VendorManager"
PROJECT_MANAGER = "ProjectManager"
FINANCE = "Finance"
OPERATIONS = "Operations"
AUDITOR = "Auditor"
ADMINISTRATOR = "Administrator"

_LOOK = frozenset({"identity.view_failure", "identity.view_invitation", "identity.view_signinattempt"})
_WORK = frozenset({"identity.change_failure", "identity.resolve_failure"})
_SEE_PEOPLE = frozenset({"identity.view_user", "identity.view_entraaccount"})
_END_SESSIONS = frozenset({"identity.end_sessions"})

# In this app; the other apps add what each role may do in theirs (ROLE_PERMISSIONS).
PERMISSIONS: dict[str, frozenset[str]] = {
    VENDOR_MANAGER: _LOOK | _WORK,
    PROJECT_MANAGER: frozenset(),
    FINANCE: _LOOK,
    OPERATIONS: _LOOK | _WORK | _SEE_PEOPLE | _END_SESSIONS,
    AUDITOR: _LOOK | _SEE_PEOPLE,
    ADMINISTRATOR: _LOOK | _WORK | _SEE_PEOPLE | _END_SESSIONS,
}


def staff_roles(roles: Iterable[str]) -> list[str]:
    """Those of a token's roles that mean something here, in a stable order."""
    return sorted(set(roles) & PERMISSIONS.keys())


def permissions(roles: Iterable[str]) -> set[str]:
    """What they may do in all apps together."""
    return set().union(*(_permissions_of(role) for role in roles))


@cache
def _permissions_of(role: str) -> frozenset[str]:
    tables: list[dict[str, frozenset[str]]] = [import_string(name) for name in settings.ROLE_PERMISSIONS]
    return frozenset().union(*(table.get(role, frozenset()) for table in tables))

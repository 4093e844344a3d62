"""Can every encrypted value be read? All of them, once a night."""

from __future__ import annotations

from collections.abc import Iterator

from passport.self_check.findings import Finding, found
from vendors.answers import key_rotation

REASON = "rows_unreadable"


def look() -> Iterator[Finding]:
    """The first in each column that no key opens is enough for a case; `manage.py check` counts them."""
    unreadable = [str(column) for column in key_rotation.encrypted_columns() if _has_unreadable(column)]
    problem = f"At least one value of {', '.join(unreadable)} cannot be read with any key." if unreadable else ""
    yield found("encrypted values", REASON, problem, well="All of them can be read.")


def _has_unreadable(column: key_rotation.EncryptedColumn) -> bool:
    return any(key is None for key, _write_anew in column.values())

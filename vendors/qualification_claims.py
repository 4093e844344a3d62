"""What a vendor says and shows of its qualification, wherever that is kept: in answers, the profile or its history."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from vendors.models import Document


@dataclass(frozen=True)
class File:
    """A document, as much of it as matters here."""

    pk: uuid.UUID | None
    slot: str
    sha256: str = ""
    certificate: str = ""
    number: str = ""
    scope: str = ""
    issued_by: str = ""
    expires_on: dt.date | None = None
    is_refused: bool = False

    @classmethod
    def of(cls, row: Document, **given: Any) -> Self:
        """`given` is what the answers say of a file that is not in force yet. A row of the history will do as well."""
        values = {
            name: getattr(row, name)
            for name in ("slot", "sha256", "certificate", "number", "scope", "issued_by", "expires_on")
        }
        return cls(pk=row.id, is_refused=row.state == Document.State.REFUSED, **values | given)

    def counts(self, *, today: dt.date) -> bool:
        """Neither refused nor out of date."""
        return not self.is_refused and (self.expires_on is None or self.expires_on >= today)


@dataclass(frozen=True)
class RegisterEntry:
    """Of a sworn translator."""

    authority: str
    number: str = ""
    until: dt.date | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self | None:
        """From answers or from the profile, which keep it under the same names."""
        until = given.get("sworn_until") or None
        if isinstance(until, str):
            until = dt.date.fromisoformat(until)
        authority = given.get("sworn_authority")
        return cls(authority, given.get("sworn_number", ""), until) if authority else None


@dataclass(frozen=True)
class Claims:
    """`degrees`, `experience`, `linguists` and `pairs` are rows as the profile keeps them."""

    is_company: bool = False
    pairs: Sequence[Mapping[str, Any]] = ()
    specialisms: Sequence[str] = ()
    degrees: Sequence[Mapping[str, Any]] = ()
    experience: Sequence[Mapping[str, Any]] = ()
    register: RegisterEntry | None = None
    files: Mapping[str, File] = field(default_factory=dict)  # by slot
    undertakes: bool = False
    linguists: Sequence[Mapping[str, Any]] = ()

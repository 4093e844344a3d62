"""The texts vendors accept: `<document>/<version>.txt`, and beside each a `.toml`: since when, for whom, what is new.

Versions that VM has published itself are rows; those that came with Passport are files.

A published text is never changed or removed, so that whatever was accepted can be shown again by its hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.compiled_queries import Compiled
from vendors.models import AgreementVersion, VendorKind

TITLES = {
    "confidentiality": _("Confidentiality agreement"),
    "cooperation": _("Terms of cooperation"),
    "privacy": _("Privacy notice"),
}
# Whom a text is for. A freelancer with a company of their own is a freelancer.
FREELANCER, COMPANY = "freelancer", "company"
EVERYONE = frozenset({FREELANCER, COMPANY})
READ_ONLY = {"privacy"}  # a notice is read, not agreed to
GRACE = dt.timedelta(days=30)


@dataclass(frozen=True)
class Agreement:
    document: str
    version: str
    text: str
    since: dt.date
    changed: str = ""
    language: str = "en"
    audience: frozenset[str] = EVERYONE
    grace: dt.timedelta = GRACE

    @property
    def title(self) -> str:
        return str(TITLES[self.document])

    @property
    def body(self) -> str:
        """Without the first line, which is the title."""
        return self.text.partition("\n")[2].strip()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def required_from(self) -> dt.date:
        """Until then, an answer is not overdue."""
        return self.since + self.grace


def audience_of(kind: str) -> str:
    return COMPANY if kind == VendorKind.COMPANY else FREELANCER


def current(*, on: dt.date | None = None, audience: str = FREELANCER) -> tuple[Agreement, ...]:
    """The version of each document that is in force for them, in the order in which they are shown."""
    day = on or timezone.now().date()
    theirs = (agreement for agreement in published() if audience in agreement.audience)
    newest = {agreement.document: agreement for agreement in theirs if agreement.since <= day}
    return tuple(newest[document] for document in TITLES if document in newest)


def news(agreement: Agreement, *, after: str, audience: str = FREELANCER) -> list[Agreement]:
    """The versions for them that came after the one somebody accepted, up to this one."""
    return [
        later
        for later in published()
        if audience in later.audience
        and later.document == agreement.document
        and _order(after) < _order(later.version) <= _order(agreement.version)
    ]


def with_hash(sha256: str) -> Agreement | None:
    """The text that somebody saw, in force or not."""
    return next((agreement for agreement in published() if agreement.sha256 == sha256), None)


def title(document: str) -> str:
    return str(TITLES.get(document, document))


PUBLISHED = Compiled(lambda: AgreementVersion.objects.filter(state=AgreementVersion.State.PUBLISHED))


def published() -> tuple[Agreement, ...]:
    """Every version of every document, older ones first. One statement."""
    versions = (*_read(Path(settings.AGREEMENTS)), *map(of_row, PUBLISHED.all()))
    places = list(TITLES)
    return tuple(sorted(versions, key=lambda each: (places.index(each.document), _order(each.version))))


def of_row(row: AgreementVersion) -> Agreement:
    """A draft counts from today."""
    return Agreement(
        row.document,
        row.version,
        row.text,
        since=row.since or timezone.now().date(),
        changed=row.changed,
        audience=frozenset({row.audience}) if row.audience else EVERYONE,
        grace=dt.timedelta(days=row.grace_days),
    )


@cache
def _read(root: Path) -> tuple[Agreement, ...]:
    return tuple(agreement for document in TITLES for agreement in _versions(root / document))


def _versions(folder: Path) -> Iterator[Agreement]:
    for path in sorted(folder.glob("*.txt"), key=lambda path: _order(path.stem)):
        about = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8")
        yield Agreement(
            folder.name,
            path.stem,
            text,
            since=about["since"],
            changed=about.get("changed", ""),
            audience=frozenset(about.get("audience", EVERYONE)),
        )


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]

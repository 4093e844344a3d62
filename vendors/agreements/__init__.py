"""The texts vendors accept: `<document>/<version>.txt` beside this module. A published file is never changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

TITLES = {
    "confidentiality": _("Confidentiality agreement"),
    "cooperation": _("Terms of cooperation"),
    "privacy": _("Privacy notice"),
}


@dataclass(frozen=True)
class Agreement:
    document: str
    version: str
    text: str
    language: str = "en"

    @property
    def title(self) -> str:
        return str(TITLES[self.document])

    @property
    def body(self) -> str:
        """Without the first line, which is the title."""
        return self.text.partition("\n")[2].strip()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def current() -> tuple[Agreement, ...]:
    """The latest version of each document, in the order in which they are shown."""
    return tuple(_latest(document) for document in TITLES)


def title(document: str) -> str:
    return str(TITLES.get(document, document))


def _latest(document: str) -> Agreement:
    files = (Path(__file__).parent / document).glob("*.txt")
    latest = max(files, key=lambda path: [int(part) for part in path.stem.split(".")])
    return Agreement(document=document, version=latest.stem, text=latest.read_text(encoding="utf-8"))

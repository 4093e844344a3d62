"""New versions of the texts that vendors accept, as files, the way we publish them."""

from __future__ import annotations

import datetime as dt
import shutil
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.utils import timezone

from vendors.agreements import texts as agreements
from vendors.agreements.texts import Agreement


class Publish(Protocol):
    def __call__(
        self,
        version: str,
        *,
        document: str = ...,
        days_ago: int = ...,
        changed: str = ...,
        body: str = ...,
        audience: str = ...,
    ) -> Agreement: ...


@pytest.fixture
def publish(settings: Any, tmp_path: Path) -> Publish:
    """Put another version beside those that there are; in a new folder, as files once read are not read again."""
    numbers = count(1)

    def _publish(
        version: str,
        *,
        document: str = "cooperation",
        days_ago: int = 1,
        changed: str = "We pay within 14 days.",
        body: str = "",
        audience: str = "",
    ) -> Agreement:
        root = tmp_path / f"agreements-{next(numbers)}"
        shutil.copytree(settings.AGREEMENTS, root)
        since = timezone.now().date() - dt.timedelta(days=days_ago)
        text = f"{document.capitalize()}\n\n{body or f'All of version {version}.'}\n"
        (root / document / f"{version}.txt").write_text(text, encoding="utf-8")
        about = f'since = {since}\nchanged = "{changed}"\n' + (f'audience = ["{audience}"]\n' if audience else "")
        (root / document / f"{version}.toml").write_text(about, encoding="utf-8")
        settings.AGREEMENTS = root
        found = next(each for each in agreements.published() if (each.document, each.version) == (document, version))
        return found

    return _publish

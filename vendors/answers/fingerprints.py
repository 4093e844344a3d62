"""Finding what is encrypted: an HMAC of a number, under a key derived from a field key.

Nobody learns a number from its fingerprint, not even by trying all that there are, without the field key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.contrib.postgres.fields import ArrayField
from django.db import models

from identity.encrypted import field_keys
from identity.typed import cleaning

# Shorter than any number that there is; fewer would find the wrong ones by their beginnings.
SHORTEST = 5


class FingerprintsField(ArrayField):
    """Fingerprints of numbers that stand in encrypted fields of the same row.

    `source` names the property that gives those numbers in full; `rotate_field_keys` computes them anew from it.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        self.source = source
        kwargs.pop("base_field", None)
        super().__init__(models.CharField(max_length=64), default=list, blank=True)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, _args, _kwargs = super().deconstruct()
        return name, path, [], {"source": self.source}


def of(numbers: Iterable[str], *, key: str = "") -> list[str]:
    """Of each number with and without the letters of a country in front; by the newest key unless another is named."""
    spellings = {spelling for number in numbers for spelling in _spellings(number)}
    return sorted(_fingerprint(spelling, key or field_keys()[0]) for spelling in spellings)


def to_look_for(text: str) -> list[str]:
    """Whatever key was the newest when the number was kept; nothing for what cannot be a number."""
    compact = _compact(text)
    if len(compact) < SHORTEST or not any(letter.isdecimal() for letter in compact):
        return []
    return [_fingerprint(spelling, key) for key in field_keys() for spelling in _spellings(text)]


def _spellings(number: str) -> set[str]:
    compact = _compact(number)
    without_country = re.fullmatch(r"[A-Z]{2}(.*[0-9].*)", compact)
    return {compact, *(without_country.groups() if without_country else ())} - {""}


def _compact(text: str) -> str:
    return re.sub(r"[\W_]", "", cleaning.code(text)).upper()


def _fingerprint(spelling: str, key: str) -> str:
    return hmac.new(_derived(key), spelling.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=16)
def _derived(key: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"fingerprints of numbers").derive(base64.urlsafe_b64decode(key))

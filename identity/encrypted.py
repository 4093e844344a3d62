"""A model field that is encrypted at rest."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class CannotDecrypt(Exception):
    """No key in FIELD_ENCRYPTION_KEYS opens this value."""


@lru_cache(maxsize=2)
def _ciphers(keys: tuple[str, ...]) -> list[Fernet]:
    try:
        return [Fernet(key) for key in keys]
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS must be Fernet keys, separated by commas.") from error


def field_keys() -> tuple[str, ...]:
    """Newest first, each once."""
    return tuple(dict.fromkeys(settings.FIELD_ENCRYPTION_KEYS))


def _configured() -> list[Fernet]:
    return _ciphers(field_keys())


def encrypt(value: Any) -> bytes:
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return _configured()[0].encrypt(text.encode())


def decrypt(token: bytes) -> Any:
    """Raise CannotDecrypt when no key fits."""
    try:
        return json.loads(MultiFernet(_configured()).decrypt(bytes(token)))
    except InvalidToken as error:
        raise CannotDecrypt("The value was encrypted with a key that is no longer configured.") from error


def encrypt_anew(token: bytes) -> bytes:
    """The same value under the newest key. Raise CannotDecrypt when no key fits."""
    try:
        return MultiFernet(_configured()).rotate(token)
    except InvalidToken as error:
        raise CannotDecrypt("The value was encrypted with a key that is no longer configured.") from error


def key_of(token: bytes) -> int | None:
    """Which of the configured keys opens it, counted from 0, the newest; None where none does."""
    for place, cipher in enumerate(_configured()):
        try:
            cipher.decrypt(token)
        except InvalidToken:
            continue
        return place
    return None


def key_names() -> list[str]:
    """What each configured key may be called in public: the beginning of its hash tells nothing of it."""
    return [hashlib.sha256(key.encode()).hexdigest()[:8] for key in field_keys()]


class EncryptedJSONField(models.BinaryField):
    """JSON that the database only ever sees encrypted (the newest key writes, every key reads).

    It cannot be searched or compared in SQL. `rotate_field_keys` finds every field of this class, and nothing else.
    """

    # For the type checker: the value is whatever the JSON holds, not bytes.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else super().get_db_prep_value(encrypt(value), connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("An encrypted field cannot be serialised.")

"""A model field that is encrypted at rest."""

from __future__ import annotations

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
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS must be Fernet keys, separated by commas.") from error


def encrypt(value: Any) -> bytes:
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(token: bytes) -> Any:
    """Raise CannotDecrypt when no key fits."""
    try:
        return json.loads(_cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(bytes(token)))
    except InvalidToken as error:
        raise CannotDecrypt("The value was encrypted with a key that is no longer configured.") from error


class EncryptedJSONField(models.BinaryField):
    """JSON that the database only ever sees encrypted (MultiFernet: newest key writes, every key reads).

    It cannot be searched or compared in SQL.
    """

    # For the type checker: the value is whatever the JSON holds, not bytes.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else super().get_db_prep_value(encrypt(value), connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("An encrypted field is not serialised.")

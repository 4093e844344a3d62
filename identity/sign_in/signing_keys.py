"""The tenant's signing keys, kept per process as Microsoft's rollover guidance asks.

Refreshed hourly, at once for an unknown `kid` (not twice within UNKNOWN, so that forged tokens cannot make us fetch),
by one thread at a time. Good keys survive a failing refresh, and one without a usable key, for MAX_AGE, and it is not
repeated for RETRY. Who needs a key that is not there tries again at once, but who only waited for a fetch that failed
does not fetch once more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

log = logging.getLogger(__name__)

Key = dict[str, Any]

ALGORITHM = "RS256"
LEAST_BITS = 2048


def usable(keys: Iterable[Key]) -> list[Key]:
    """Those that may sign an ID token. The others are not kept: their `kid` would count as known for an hour."""
    return [key for key in keys if _is_usable(key)]


def _is_usable(key: Key) -> bool:
    if not isinstance(key.get("kid"), str) or not key["kid"] or key.get("kty") != "RSA":
        return False
    if key.get("use", "sig") != "sig" or key.get("alg", ALGORITHM) != ALGORITHM:
        return False
    operations = key.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return False
    try:
        public = RSAAlgorithm.from_jwk(key)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return False
    return isinstance(public, RSAPublicKey) and public.key_size >= LEAST_BITS


class SigningKeys:
    REFRESH = 3600.0
    UNKNOWN = 5.0
    RETRY = 60.0
    MAX_AGE = 86400.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        self._keys: dict[str, Key] = {}
        self._fetched_at = self._answered_at = self._failed_at = float("-inf")
        self._error: Exception | None = None

    def get(self, kid: str, fetch: Callable[[], Iterable[Key]]) -> Key | None:
        """The key of that id, or None. Raise what `fetch` raises when there is no usable key."""
        asked_at = time.monotonic()
        age = asked_at - self._fetched_at
        key = self._keys.get(kid)
        if key is not None and age < self.REFRESH:
            return key
        serves = key is not None and age < self.MAX_AGE
        if not self._lock.acquire(blocking=not serves):
            return key  # another thread is fetching, and this key still counts
        try:
            now = time.monotonic()
            if kid in self._keys and now - self._fetched_at < self.REFRESH:
                return self._keys[kid]  # fetched while we waited
            if serves and now - self._failed_at < self.RETRY:
                return key
            if self._error is not None and self._failed_at > asked_at:
                raise self._error
            if now - self._answered_at < self.UNKNOWN:
                return key if serves else None
            try:
                keys = {key["kid"]: key for key in fetch()}
            except Exception as error:
                self._failed_at, self._error = time.monotonic(), error
                if not serves:
                    raise
                log.warning(
                    "Signing keys were not refreshed (%s); the old ones are still in use.", type(error).__name__
                )
                return key
            self._answered_at, self._error = now, None
            if not keys and serves:
                self._failed_at = now
                log.warning("The tenant publishes no usable signing key; the old ones are still in use.")
                return key
            if keys:
                self._keys, self._fetched_at = keys, now
            return keys.get(kid)
        finally:
            self._lock.release()

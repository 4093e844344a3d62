"""Where a pending sign-in is kept: one row and one cookie per press of "Sign in", no session.

A Django session is loaded whole and saved whole, so two tabs that sign in at once would lose each other's state.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from social_core.exceptions import AuthPolicyError
from social_core.storage import BaseStorage, NonceMixin
from social_django.storage import DjangoUserMixin
from social_django.strategy import DjangoStrategy

from identity import networks
from identity.compiled_queries import Compiled, CompiledInsert, CompiledUpdate, Given
from identity.models import SignInAttempt, User
from identity.sessions import devices

LIFETIME = dt.timedelta(minutes=30)
MAX_COOKIES = 8
_PREFIX = "entra_oauth2_state_"
_INDEX = "entra_oauth2_transaction_index"

INSERT = CompiledInsert(SignInAttempt)

BY_HASH = Compiled(lambda: SignInAttempt.objects.select_related("user").filter(pk=Given("hash")))

CLAIM = CompiledUpdate(
    lambda: SignInAttempt.objects.filter(pk=Given("hash"), claimed_at=None), claimed_at=Given("now"), transaction={}
)


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cookie_name(state_hash: str) -> str:
    return f"{settings.SIGN_IN_COOKIE_PREFIX}{state_hash[:16]}"


class AttemptStrategy(DjangoStrategy):
    """Keeps social-auth's transactions in SignInAttempt rows."""

    def __init__(self, storage: Any, request: Any = None, tpl: Any = None) -> None:
        super().__init__(storage, request, tpl)
        self._pending: dict[str, dict[str, Any]] = {}
        self.attempt: SignInAttempt | None = None  # the row that the callback names, begun by this browser or not
        self.is_ours = False  # begun by this browser
        self.open_session: Callable[[Any], None] | None = None  # what follows when the pipeline lets somebody in

    def absolute_uri(self, path: str | None = None) -> str:
        """Addresses come from BASE_URL, never from the Host header."""
        return path or ""

    def random_string(self, length: int = 12, chars: str = "") -> str:
        """State, nonce and verifier: six bits a character, read at once and not one by one."""
        return secrets.token_urlsafe(length)[:length]

    def redirect(self, url: str) -> HttpResponse:
        """It is an address: Django's redirect() would look for a view of that name first."""
        return HttpResponseRedirect(url)

    def parameters(self, name: str) -> list[str]:
        """Every value of a parameter that the callback was given."""
        return self._require_request().GET.getlist(name)

    def session_get(self, name: str, default: Any = None) -> Any:
        if name == _INDEX:
            return default
        if not name.startswith(_PREFIX):
            return super().session_get(name, default)
        state = name.removeprefix(_PREFIX)
        if state in self._pending:
            return self._pending[state]
        key = hashed(state)
        self.attempt = BY_HASH.first(hash=key)
        if self.attempt is None:
            return default
        cookie = self.request.COOKIES.get(cookie_name(key), "") if self.request else ""
        self.is_ours = hmac.compare_digest(hashed(cookie), self.attempt.binding_hash)
        if not self.is_ours or self.attempt.claimed_at is not None:
            return default
        return {**self.attempt.transaction, "state": state}

    def session_set(self, name: str, value: Any) -> None:
        if name == _INDEX:
            return
        if name.startswith(_PREFIX):
            self._pending[name.removeprefix(_PREFIX)] = value
        else:
            super().session_set(name, value)

    def session_pop(self, name: str) -> Any:
        if name == _INDEX or name.startswith(_PREFIX):
            return None
        return super().session_pop(name)

    def authenticate(self, backend: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the pipeline straight: Django's authenticate() would ask every backend and swallow refusals.

        One transaction, the session included: somebody is signed in with everything that follows from it, or not at
        all. The pipeline holds the account's row, so whoever revokes it meanwhile finds the session and ends it.
        """
        try:
            with transaction.atomic():
                user = backend.run_authentication(*args, **{**kwargs, "strategy": self, "storage": self.storage})
                if self.open_session is not None:
                    self.open_session(user)
                return user
        except AuthPolicyError as refusal:
            if consequence := getattr(refusal, "consequence", None):
                consequence()
            raise

    def save_attempt(self, response: HttpResponse, begin: Any) -> HttpResponse:
        """Keep what was begun. Call once, with the redirect to the tenant. Raises networks.TooManyFromHere."""
        in_app = {"in_app": begin.in_app} if begin.in_app else {}
        for state, begun in self._pending.items():
            key, binding = hashed(state), secrets.token_urlsafe(32)
            attempt = SignInAttempt(
                state_hash=key,
                binding_hash=hashed(binding),
                transaction={name: value for name, value in {**begun, **in_app}.items() if name != "state"},
                user_id=begin.user_id,
                invitation_id=begin.invitation,
                address=begin.address,
                purpose=begin.purpose,
                prompt=begin.prompt,
                next_url=begin.next_url[:500],
                again=begin.again,
                by_program=begin.by_program,
                started_at=dt.datetime.fromtimestamp(begun["timestamp"], dt.UTC),
            )
            if network := self._counted_network(begin):
                networks.insert_unless_over(attempt, network, networks.START)
            else:
                INSERT(attempt)
            mine = [name for name in self._require_request().COOKIES if name.startswith(settings.SIGN_IN_COOKIE_PREFIX)]
            for name in mine[: max(0, len(mine) - MAX_COOKIES + 1)]:
                self._set_cookie(response, name, "", 0)
            self._set_cookie(response, cookie_name(key), binding, int(LIFETIME.total_seconds()))
        return response

    def _counted_network(self, begin: Any) -> str:
        """Empty for whom an account, an invitation or a device names: none of them is ever sent away."""
        request = self._require_request()
        is_known = begin.user_id is not None or devices.of(request) is not None
        return "" if is_known else networks.network_of(request)

    def forget_attempt(self, response: HttpResponse) -> HttpResponse:
        """Call once, with the answer to the callback."""
        if self.attempt is not None and cookie_name(self.attempt.pk) in self._require_request().COOKIES:
            self._set_cookie(response, cookie_name(self.attempt.pk), "", 0)
        return response

    @staticmethod
    def _set_cookie(response: HttpResponse, name: str, value: str, max_age: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path="/",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


class AttemptNonce(NonceMixin):
    @classmethod
    def use(cls, server_url: str, timestamp: int, salt: str) -> bool:
        return True  # save_attempt() inserts; the state is 190 random bits and a primary key

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Claim the attempt, once. The sign-in views run outside transactions, so no rollback can undo the claim."""
        return CLAIM(hash=hashed(salt), now=timezone.now()) == 1


class _Users(DjangoUserMixin):
    """Only what BaseAuth.get_user() needs; there are no UserSocialAuth rows."""

    @classmethod
    def user_model(cls) -> type[User]:  # type: ignore[override]
        return User

    @classmethod
    def get_social_auth(cls, *args: Any, **kwargs: Any) -> None:
        return None


class PassportStorage(BaseStorage):
    user = _Users
    nonce = AttemptNonce

    @classmethod
    def is_integrity_error(cls, exception: Exception) -> bool:
        return isinstance(exception, IntegrityError)

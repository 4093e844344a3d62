"""Microsoft Entra ID by OpenID Connect, for one tenant, with every check of the token that social-auth leaves open."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from jwt.utils import base64url_decode
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.exceptions import (
    AuthCredentialError,
    AuthInputError,
    AuthProviderError,
    AuthResponseError,
    SocialAuthBaseException,
)
from social_core.utils import http_error, redact_request_error

from identity import roles
from identity.compiled_queries import Compiled, Given
from identity.microsoft import authority, credentials, http
from identity.microsoft.error_answers import GUID, diagnostics
from identity.models import User
from identity.sign_in import signing_keys
from identity.sign_in.attempts import AttemptStrategy, PassportStorage
from identity.sign_in.signing_keys import SigningKeys

CALLBACK = "identity:complete"
KEYS = SigningKeys()  # one tenant, so one set per process

_TENANT_PLACEHOLDER = re.compile(r"\{tenantid\}", re.IGNORECASE)
_SIGNATURE_ALONE: Any = {
    "verify_signature": True,
    **dict.fromkeys(["verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub"], False),
}
# What prompt=none answers when it would have to show something.
NEEDS_INTERACTION = {"login_required", "interaction_required", "consent_required", "account_selection_required"}


@dataclass(frozen=True)
class Begin:
    """What one press of "Sign in" asks for. Every field comes from us, never straight from the request."""

    address: str = ""  # whom we think it is; kept with the attempt
    login_hint: str = ""  # what Microsoft is told; see hints.py
    prompt: str = ""
    max_age: int | None = None
    purpose: str = ""
    next_url: str = ""
    invitation: uuid.UUID | None = None
    user_id: int | None = None
    expected_oid: str = ""
    again: bool = False
    in_app: str = ""  # see identity/in_app_browsers.py
    by_program: bool = False  # see identity/sessions/human_presses.py


def _header(id_token: str) -> dict[str, Any]:
    """Without the rest, which PyJWT would decode and check as well: it does so when the token is decoded."""
    return jwt.get_unverified_header(f"{id_token.partition('.')[0]}..")


class EntraOpenIdConnect(OpenIdConnectAuth):
    name = "entra"
    title = "Microsoft"

    ID_KEY = "oid"
    REQUIRES_USER_ID = True
    EXTRA_DATA: list = []
    DEFAULT_SCOPE = ["openid", "profile", "email"]  # oid comes with profile; no offline_access, no token is kept
    REDIRECT_STATE = False
    DEFAULT_USE_PKCE = True
    JWT_ALGORITHMS = ["RS256"]
    JWT_LEEWAY = 60.0
    JWT_DECODE_OPTIONS = {
        "require": ["iss", "aud", "exp", "iat", "nbf", "sub", "oid", "tid", "nonce", "ver"],
        "strict_aud": True,
    }
    ID_TOKEN_MAX_AGE = 900  # Entra backdates iat by five minutes
    TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_post"  # keeps social-auth from reading discovery to find out

    strategy: AttemptStrategy
    begin = Begin()
    account: Any = None  # the EntraAccount that the pipeline found
    refused_claims: Mapping[str, Any] = MappingProxyType({})  # of a token with a good signature; they prove nothing

    def setting(self, name: str, default: Any = None) -> Any:
        """Upstream tries three names for each of the dozens that it asks for; ours have one."""
        return getattr(settings, f"SOCIAL_AUTH_ENTRA_{name}", default)

    def authorization_url(self) -> str:
        return authority.tenant_url("oauth2/v2.0/authorize")

    def access_token_url(self) -> str:
        return authority.token_url()

    def jwks_uri(self) -> str:
        return authority.tenant_url("discovery/v2.0/keys")

    def id_token_issuer(self) -> str:
        return authority.issuer()

    def auth_params(self, state: str | None = None) -> dict[str, Any]:
        parameters = super().auth_params(state)
        begin = self.begin
        if begin.login_hint and begin.prompt != "select_account":  # Entra takes one or the other
            parameters["login_hint"] = begin.login_hint
        if begin.prompt:
            parameters["prompt"] = begin.prompt
        if begin.max_age is not None:
            parameters["max_age"] = str(begin.max_age)
        key = self.transaction_key(state or "")
        self.strategy.session_set(
            key,
            {
                **self.strategy.session_get(key),
                "prompt": begin.prompt,
                "next": begin.next_url,
                "purpose": begin.purpose,
                "expected_oid": begin.expected_oid,
            },
        )
        return parameters

    def auth_url(self) -> str:
        """Upstream unquotes the whole query after encoding it: "+" in a login_hint becomes a space, "&" a parameter."""
        parameters = self.auth_params(self.get_or_create_state())
        parameters.update(self.get_scope_argument())
        return f"{self.authorization_url()}?{urlencode(parameters)}"

    @classmethod
    def of(cls, request: HttpRequest) -> EntraOpenIdConnect:
        return cls(AttemptStrategy(PassportStorage, request), redirect_uri=f"{settings.BASE_URL}{reverse(CALLBACK)}")

    def go(self, begin: Begin) -> HttpResponse:
        """Send the browser to the tenant, with all that its coming back is checked against kept here."""
        self.begin = begin
        return self.strategy.save_attempt(self.start(), begin)

    # The nonce lives in the one-use transaction that is bound to this browser. Upstream keeps it in a table as well;
    # validate_claims() has compared it with the transaction before it asks for that row.

    def get_and_store_nonce(self, url: str, state: str) -> str:
        return self.strategy.random_string(64)

    def get_nonce(self, nonce: str) -> SimpleNamespace:
        return SimpleNamespace(id=None, assoc_type=self.transaction.get("state"))

    def remove_nonce(self, nonce_id: Any) -> None:
        pass

    @property
    def transaction(self) -> dict[str, Any]:
        """What this browser began and has now claimed; empty before that."""
        return self._oauth2_transaction or {}

    def auth_complete(self, *args: Any, **kwargs: Any) -> Any:
        issuers = self.strategy.parameters("iss")
        if any(issuer != self.id_token_issuer() for issuer in issuers):  # RFC 9207; Entra sends none
            self.validate_state()
            raise self.refused("issuer_mismatch", "not from our tenant", claim="iss", stage="callback")
        # Upstream raises for ?error= before it looks at state, so anybody could make us report a failed sign-in.
        if "error" in self.data or not self.data.get("code"):
            self.validate_state()
            self.process_error(self.data)
            raise AuthInputError(self, parameter="code", code="missing_parameter", stage="callback")
        return super().auth_complete(*args, **kwargs)

    def request_access_token(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        response = super().request_access_token(*args, **kwargs)
        if str(response.get("token_type", "")).lower() != "bearer":
            raise self.refused("invalid_claim", "not a bearer token", claim="token_type")
        return response

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        parameters = super().auth_complete_params(state)
        if not settings.ENTRA_CLIENT_SECRET:
            parameters.pop("client_secret", None)
            parameters |= credentials.client_assertion(
                settings.ENTRA_CLIENT_ID, settings.ENTRA_CLIENT_CERTIFICATE, self.access_token_url()
            )
        return parameters

    def find_valid_key(self, id_token: str) -> dict[str, Any]:
        """The RSA signing key that the token names; jwt.decode() checks the signature with it."""
        header = _header(id_token)
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid or header.get("alg") not in self.JWT_ALGORITHMS:
            raise self.refused("invalid_signature", "alg or kid")
        key = KEYS.get(kid, self._published_keys)
        if key is None:
            raise self.refused("invalid_signature", "unknown signing key")
        return {**key, "alg": header["alg"]}

    def decode_and_validate_id_token(self, id_token: str, access_token: str) -> dict[str, Any]:
        claims = super().decode_and_validate_id_token(id_token, access_token)
        header = self._header_without_members_named_twice(id_token)
        # An access token (at+jwt) or a logout token is signed with the same keys.
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise self.refused("invalid_claim", "another kind of token", claim="typ")
        return claims

    def _header_without_members_named_twice(self, id_token: str) -> dict[str, Any]:
        """JSON does not say which of two members counts, so whoever reads it next might see another token."""
        twice = False

        def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            nonlocal twice
            named = dict(pairs)
            twice = twice or len(named) != len(pairs)
            return named

        header, _claims = [
            json.loads(base64url_decode(part), object_pairs_hook=members) for part in id_token.split(".")[:2]
        ]
        if twice:
            raise self.refused("invalid_claim", "a member appears twice")
        return header

    def _published_keys(self) -> list[dict[str, Any]]:
        keys = signing_keys.usable(self.get_remote_jwks_keys(self.jwks_uri()))
        return [key for key in keys if self._is_of_our_tenant(key)]

    def _is_of_our_tenant(self, key: Mapping[str, Any]) -> bool:
        """Compared only where it is said: Microsoft prints the issuer with a literal {tenantid} or with the GUID."""
        issuer = key.get("issuer")
        return issuer is None or _TENANT_PLACEHOLDER.sub(settings.ENTRA_TENANT_ID, str(issuer)) in (
            self.id_token_issuer(),
            f"https://login.microsoftonline.com/{settings.ENTRA_TENANT_ID}/v2.0",
        )

    def validate_and_return_id_token(self, id_token: str, access_token: str) -> dict[str, Any]:
        try:
            return super().validate_and_return_id_token(id_token, access_token)
        except SocialAuthBaseException:
            self.refused_claims = self._signed_claims(id_token)
            raise

    def _signed_claims(self, id_token: str) -> Mapping[str, Any]:
        """What a refused token says, if Microsoft has signed it: VM is told the address, as not proven."""
        try:
            key = jwt.PyJWK(self.find_valid_key(id_token))
            return jwt.decode(id_token, key, algorithms=self.JWT_ALGORITHMS, options=_SIGNATURE_ALONE)
        except (jwt.PyJWTError, SocialAuthBaseException):
            return {}

    def validate_claims(self, id_token: dict[str, Any]) -> None:
        for claim in ("iat", "nbf", "exp"):
            if isinstance(id_token.get(claim), bool) or not isinstance(id_token.get(claim), int | float):
                raise self.refused("invalid_claim", "not a number", claim=claim)
        super().validate_claims(id_token)  # age and the nonce of this browser's transaction
        if id_token["iat"] > time.time() + self.JWT_LEEWAY:
            raise self.refused("response_not_yet_valid", "issued in the future", claim="iat")
        for claim, expected in (("tid", settings.ENTRA_TENANT_ID), ("ver", "2.0")):
            if id_token.get(claim) != expected:
                raise self.refused("invalid_claim", "not ours", claim=claim)
        oid = id_token.get("oid")
        if not isinstance(oid, str) or not GUID.fullmatch(oid):
            raise self.refused("invalid_claim", "not a GUID", claim="oid")
        if not isinstance(id_token.get("sub"), str) or not id_token["sub"]:
            raise self.refused("invalid_claim", "empty", claim="sub")

    def validate_temporal_claims(self, id_token: dict[str, Any]) -> None:
        # PyJWT has checked nbf with leeway; upstream checks it again without, which refuses a clock one second apart.
        super().validate_temporal_claims({**id_token, "nbf": 0})

    def refused(self, code: str, detail: str, *, claim: str = "", stage: Any = "token_validation") -> AuthResponseError:
        return AuthResponseError(self, detail, code=code, claim=claim or None, stage=stage)

    # Only signed claims: neither the token answer nor UserInfo says who somebody is.

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}

    def get_user_id(self, details: Any, response: Any) -> str:
        return str(uuid.UUID((self.id_token or {})["oid"]))

    def get_user_details(self, response: Any) -> dict[str, Any]:
        return {"email": claimed_address(self.id_token)}

    def extra_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}

    def get_provider_error(
        self, data: object, *, stage: Any = "callback", status_code: int | None = None, retry_after: str | None = None
    ) -> SocialAuthBaseException | None:
        error = super().get_provider_error(data, stage=stage, status_code=status_code, retry_after=retry_after)
        if error is None or not isinstance(data, Mapping):
            return error
        if error.provider_code in NEEDS_INTERACTION:
            error = AuthCredentialError(
                self,
                code="reauthentication_required",
                source="provider_response",
                stage=stage,
                provider_code=error.provider_code,
                status_code=status_code,
            )
        error.context.update(diagnostics(data))
        return error

    def request(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str | bytes] | None = None,
        data: dict | None = None,
        json: dict | None = None,
        auth: Any = None,
        params: dict | None = None,
        timeout: float | None = None,
        stage: Any = "user_info",
    ) -> requests.Response:
        """As upstream's, but with a limit on the whole call and without following redirects."""
        try:
            response = http.call(
                method,
                url,
                total_seconds=timeout or http.TOTAL_SECONDS,
                headers=headers,
                data=data,
                json=json,
                auth=auth,
                params=params,
            )
            if response.is_redirect:
                raise AuthProviderError(self, "unexpected redirect", code="http_error", stage=stage)
            response.raise_for_status()
        except requests.exceptions.SSLError as error:
            redact_request_error(error, request_url=url)
            raise AuthProviderError(self, code="tls_error", stage=stage) from error
        except requests.Timeout as error:
            redact_request_error(error, request_url=url)
            raise AuthProviderError(self, code="timeout", stage=stage) from error
        except requests.HTTPError as error:
            redact_request_error(error, request_url=url)
            raise http_error(self, error, stage=stage) from error
        except requests.RequestException as error:
            redact_request_error(error, request_url=url)
            raise AuthProviderError(self, code="connection_failed", stage=stage) from error
        return response


BY_ID = Compiled(lambda: User.objects.filter(pk=Given("id")))


class Permissions(ModelBackend):
    """Says what a signed-in person may do, by the roles of their last sign-in, and signs nobody in."""

    def get_user(self, user_id: int) -> User | None:
        user = BY_ID.first(id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **credentials: Any) -> None:
        return None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or not user_obj.is_staff or obj is not None:
            return set()
        return roles.permissions(user_obj.roles)


# As loose as Microsoft is, but nothing that reads like a sentence or a link.
_ADDRESS = re.compile(r'[^\s@"<>()\[\]\\,;:/]+@[^\s@"<>()\[\]\\,;:/]+')


def claimed_address(claims: Mapping[str, Any] | None) -> str:
    """What Microsoft says the address is: shown to people, never matched."""
    for name in ("email", "preferred_username"):
        value = (claims or {}).get(name)
        if isinstance(value, str):
            visible = "".join(character for character in value if character.isprintable())[:254]
            if _ADDRESS.fullmatch(visible):
                return visible
    return ""

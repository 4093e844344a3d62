"""Microsoft Graph: the only module that speaks to it, and exactly what it sends.

Of a person Graph is given the address to invite and nothing else, ever.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import math
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings
from social_core.exceptions import SocialAuthBaseException

from identity import outbound
from identity.microsoft import answer_counts, authority, credentials, http, http_dates, throttling
from identity.microsoft.error_answers import diagnostics

log = logging.getLogger(__name__)


class GraphError(Exception):
    """Graph did not do it. `reason` is a code of failures/reasons.py; `summary`, for the record, names no address."""

    reason = "graph_unavailable"
    is_outcome_unknown = False  # Graph was asked, and may have done it all the same

    def __init__(self, summary: str, *, retry_after: float | None = None, request_id: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.retry_after = retry_after
        self.request_id = request_id


class Unavailable(GraphError):
    """No answer, or one that says "later". Worth another try."""


class AnswerLost(Unavailable):
    """The request went out, and no answer says what came of it."""

    is_outcome_unknown = True


class ServerError(AnswerLost):
    """A plain 500: usually passing, but Graph also answers it to an address that it will never take."""


class Throttled(Unavailable):
    """Too many requests at once, which says nothing against this one."""


class OnHold(Unavailable):
    """Nothing is asked: outgoing traffic is on hold."""


class NotPermitted(GraphError):
    """A right is missing, or the tenant forbids it. Goes away when an administrator acts."""

    reason = "graph_not_permitted"


class CredentialRefused(GraphError):
    """Our own secret or certificate is wrong or has expired."""

    reason = "graph_credential"


class Refused(GraphError):
    """Graph's final answer to this address."""

    reason = "address_refused"


class InvitationFailed(Refused):
    """Graph took the invitation and says that it came to nothing; the guest may be there all the same."""

    reason = "invitation_failed"
    is_outcome_unknown = True


class IsMember(Refused):
    """The address belongs to an account of our own organisation."""

    reason = "address_is_member"


class NotFound(GraphError):
    """No such object."""


@dataclass(frozen=True)
class Invited:
    oid: uuid.UUID
    graph_id: str
    request_id: str


_token_lock = threading.Lock()
_token: tuple[str, float] = ("", 0.0)
EARLY = 300  # seconds before its end a token is not used any more
TOKEN = "token"  # the kind of request that asks for one
SECONDS_ON_HOLD = 60.0
LONGEST = 366 * 86400.0  # seconds; a date further away is no answer to be kept


def app_token() -> str:
    """The app's own token for Graph, kept in the process until five minutes before its end."""
    global _token
    with _token_lock:
        value, ends_at = _token
        if value and time.monotonic() < ends_at - EARLY:
            return value
        token, lifetime = ask_for_token(settings.GRAPH_CLIENT_ID, settings.GRAPH_CLIENT_SECRET)
        _token = (token, time.monotonic() + lifetime)
        return token


def ask_for_token(client_id: str, client_secret: str) -> tuple[str, float]:
    """A new token for Graph, and for how many seconds. Without a secret it is asked for with the certificate."""
    url = authority.token_url()
    form = {"grant_type": "client_credentials", "client_id": client_id, "scope": f"{settings.GRAPH_URL}/.default"}
    if client_secret:
        form["client_secret"] = client_secret
    else:
        try:
            form |= credentials.client_assertion(client_id, settings.ENTRA_CLIENT_CERTIFICATE, url)
        except SocialAuthBaseException as error:
            raise CredentialRefused("No usable client secret or certificate is configured.") from error
    _keep_pause(TOKEN)
    try:
        answer = _call(TOKEN, "POST", url, data=form)
    except AnswerLost as error:
        raise Unavailable(error.summary) from error  # of Graph itself nothing was asked yet
    body = _json(answer)
    _note_pause(TOKEN, answer)
    if answer.status_code == 429:
        raise Throttled("The token endpoint returned 429.", retry_after=_retry_after(answer))
    if answer.status_code >= 500:
        raise Unavailable(f"The token endpoint returned {answer.status_code}.", retry_after=_retry_after(answer))
    if answer.status_code != 200:
        code = diagnostics(body).get("aadsts", "")
        raise CredentialRefused(f"The token endpoint returned {answer.status_code} {body.get('error', '')} {code}.")
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unavailable("The token endpoint's response has no token.")
    seconds = str(body.get("expires_in", ""))
    return token, float(seconds) if seconds.isdigit() else 3599.0


def forget_token() -> None:
    global _token
    with _token_lock:
        _token = ("", 0.0)


def _call(kind: str, method: str, url: str, **kwargs: Any) -> requests.Response:
    try:
        response = http.call(method, url, **kwargs)
    except requests.RequestException as error:
        answer_counts.add_none(kind, error)
        if isinstance(error, requests.Timeout):
            raise AnswerLost("Microsoft did not respond in time.") from error
        raise AnswerLost(f"Microsoft could not be reached ({type(error).__name__}).") from error
    answer_counts.add(kind, str(response.status_code))
    return response


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait, from Retry-After as a number (Graph also sends fractions) or as a date."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = http_dates.moment(value)
        if until is None:
            return None
        # By the clock of whoever says it, where the answer shows it: ours may be ahead.
        now = http_dates.moment(response.headers.get("Date", "")) or dt.datetime.now(dt.UTC)
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else None


def _keep_pause(kind: str) -> None:
    """Wait until Graph wants requests of this kind again. Raise Throttled if that is long."""
    if seconds := throttling.wait(kind):
        raise Throttled("Graph is not accepting any more requests for a while.", retry_after=seconds)


def _note_pause(kind: str, answer: requests.Response) -> None:
    """Hold everybody back for as long as Graph says, or for a moment where a 429 says nothing."""
    wait = _retry_after(answer)
    if answer.status_code == 429 or (answer.status_code == 503 and wait is not None):
        throttling.begin(kind, seconds=wait)


def _request(method: str, path: str, **kwargs: Any) -> requests.Response:
    """One call, with a fresh token once when the kept one has become invalid."""
    if outbound.reason():
        raise OnHold("Outgoing traffic is on hold, so nothing was sent to Graph.", retry_after=SECONDS_ON_HOLD)
    kind = path.partition("/")[0].partition("?")[0]
    _keep_pause(kind)
    for attempt in (1, 2):
        headers = {"Authorization": f"Bearer {app_token()}", "Accept": "application/json"}
        response = _call(kind, method, f"{settings.GRAPH_URL}/v1.0/{path}", headers=headers, **kwargs)
        if response.status_code != 401 or attempt == 2:
            break
        forget_token()
    status = response.status_code
    if status < 300:
        return response
    _note_pause(kind, response)
    error = _json(response).get("error")
    code = str(error.get("code", ""))[:60] if isinstance(error, dict) else ""
    request_id = response.headers.get("request-id", "")[:64]
    summary = f"Graph returned {status} {code}".strip() + "."
    if status == 401:
        raise CredentialRefused(summary, request_id=request_id)
    if status == 403:
        raise NotPermitted(summary, request_id=request_id)
    if status == 404:
        raise NotFound(summary, request_id=request_id)
    if status == 500:
        raise ServerError(summary, retry_after=_retry_after(response), request_id=request_id)
    if status == 429:
        raise Throttled(summary, retry_after=_retry_after(response), request_id=request_id)
    if status == 408 or status > 500:
        raise AnswerLost(summary, retry_after=_retry_after(response), request_id=request_id)
    if status in (423, 425) or 300 <= status < 400:
        raise Unavailable(summary, retry_after=_retry_after(response), request_id=request_id)
    message = str(error.get("message", "")) if isinstance(error, dict) else ""
    # The code is a bare BadRequest; only the text tells a member from an address that Graph does not like.
    if "already exists in the directory" in message or "Non-external user" in message:
        raise IsMember(summary, request_id=request_id)
    raise Refused(summary, request_id=request_id)


def invite(address: str, *, redirect_url: str, language: str, mails: bool = True) -> Invited:
    """Invite the address as a guest. Inviting again is harmless: the guest stays the same.

    `mails` is whether Microsoft mails the invitation.
    """
    response = _request(
        "POST",
        "invitations",
        json={
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": redirect_url,
            "sendInvitationMessage": mails,
            "invitedUserMessageInfo": {"messageLanguage": language},
        },
    )
    body = _json(response)
    request_id = response.headers.get("request-id", "")[:64]
    if str(body.get("status", "")).lower() == "error":
        raise InvitationFailed("Graph's response has the status Error.", request_id=request_id)
    guest = body.get("invitedUser")
    try:
        oid = uuid.UUID(str(guest["id"]))  # type: ignore[index]
    except (TypeError, KeyError, ValueError) as error:
        raise AnswerLost("Graph's response does not name a guest.", request_id=request_id) from error
    return Invited(oid=oid, graph_id=str(body.get("id", ""))[:64], request_id=request_id)


def users_at(address: str) -> dict[uuid.UUID, dt.datetime | None]:
    """Who has this address already, and since when. Raise NotPermitted without the right to look."""
    quoted = address.replace("'", "''")
    conditions = [f"mail eq '{quoted}'", f"otherMails/any(a:a eq '{quoted}')"]
    conditions += [f"proxyAddresses/any(a:a eq '{kind}:{quoted}')" for kind in ("smtp", "SMTP")]
    parameters = {"$select": "id,createdDateTime", "$filter": " or ".join(conditions), "$top": "5"}
    response = _request("GET", "users", params=parameters)
    entries = _json(response).get("value")
    if not isinstance(entries, list):
        raise Unavailable("Graph's response is not a list.", request_id=response.headers.get("request-id", "")[:64])
    return {_oid(entry): _moment(entry.get("createdDateTime")) for entry in entries if isinstance(entry, dict)}


def _moment(text: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def failed_sign_ins(since: dt.datetime) -> Iterator[dict[str, Any]]:
    """Entries of Entra's sign-in log for our own app that ended with an error, since then.

    Raise NotPermitted without AuditLog.Read.All (or without the licence that the log needs).
    """
    conditions = [f"appId eq '{settings.ENTRA_CLIENT_ID}'", f"createdDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"]
    for entry in pages("auditLogs/signIns", {"$filter": " and ".join(conditions), "$top": "100"}):
        status = entry.get("status")
        if isinstance(status, dict) and status.get("errorCode"):
            yield entry


@dataclass(frozen=True)
class Guest:
    oid: uuid.UUID
    addresses: tuple[str, ...]
    name: str
    state: str
    is_enabled: bool
    mail: str = ""

    @property
    def address(self) -> str:
        return self.addresses[0] if self.addresses else self.name


PENDING, ACCEPTED = "PendingAcceptance", "Accepted"  # of externalUserState; empty for who came another way
GUEST_PROPERTIES = "id,mail,otherMails,userPrincipalName,externalUserState,accountEnabled"


def guests() -> Iterator[Guest]:
    """Every guest of the tenant. Raise NotPermitted without User.Read.All."""
    parameters = {"$select": GUEST_PROPERTIES, "$filter": "userType eq 'Guest'", "$top": "999"}
    for entry in pages("users", parameters):
        others = entry.get("otherMails")
        named = [entry.get("mail"), *(others if isinstance(others, list) else [])]
        yield Guest(
            oid=_oid(entry),
            addresses=tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name)),
            name=str(entry.get("userPrincipalName") or ""),
            state=str(entry.get("externalUserState") or ""),
            is_enabled=entry.get("accountEnabled") is not False,
            mail=str(entry.get("mail") or ""),
        )


def has_accepted(oid: uuid.UUID) -> bool:
    """Has this guest accepted an invitation at Microsoft? Raise NotFound, or NotPermitted without User.Read.All."""
    body = _json(_request("GET", f"users/{oid}", params={"$select": "id,externalUserState"}))
    return body.get("externalUserState") == ACCEPTED


def deleted_users() -> set[uuid.UUID]:
    """Who was deleted in the last 30 days and can still be restored."""
    entries = pages("directory/deletedItems/microsoft.graph.user", {"$select": "id", "$top": "999"})
    return {_oid(entry) for entry in entries}


def _oid(entry: dict[str, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(str(entry.get("id")))
    except ValueError as error:
        raise Unavailable("An entry in Graph's list has no object ID.") from error


def pages(path: str, parameters: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every entry of a listing. Raise Unavailable when it cannot be read to its end: half a list says wrong things."""
    response = _request("GET", path, params=parameters)
    start = f"{settings.GRAPH_URL}/v1.0/"
    seen: set[str] = set()
    while True:
        body = _json(response)
        entries = body.get("value")
        if not isinstance(entries, list):
            raise Unavailable("Graph's response is not a list.", request_id=response.headers.get("request-id", "")[:64])
        yield from (entry for entry in entries if isinstance(entry, dict))
        link = body.get("@odata.nextLink")
        if link is None:
            return
        if not isinstance(link, str) or not link.startswith(start) or link in seen:
            raise Unavailable("The next page of Graph's list is at another address.")
        seen.add(link)
        response = _request("GET", link.removeprefix(start))


def delete_user(oid: uuid.UUID) -> None:
    """Delete the guest; one that is gone already counts as deleted."""
    with contextlib.suppress(NotFound):
        _request("DELETE", f"users/{oid}")

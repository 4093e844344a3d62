"""The part of Microsoft Graph that Passport and its operators use."""

import json
import re
import secrets
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from . import invitation_mail, odata
from .directory import PRIVATE
from .errors import graph_error
from .web import Request, Response, json_answer

if TYPE_CHECKING:
    from .server import Sandbox

READ = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("User.ReadWrite.All", "Directory.ReadWrite.All")
INVITE = ("User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All")
AUDIT = ("AuditLog.Read.All",)
DELETE = (*WRITE, "User.DeleteRestore.All")

DEFAULT_PROPERTIES = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
CHANGEABLE = {
    "accountEnabled",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "otherMails",
    "preferredLanguage",
    "surname",
}
INVITATION_PROPERTIES = {
    "invitedUserEmailAddress",
    "inviteRedirectUrl",
    "invitedUserDisplayName",
    "invitedUserType",
    "sendInvitationMessage",
    "invitedUserMessageInfo",
    "resetRedemption",
    "invitedUser",
    "invitedUserSponsors@odata.bind",
}
NOT_PERMITTED = re.compile(r"[~!#$%^&*()+=\[\]{}\\/|;:\"<>?,\s]")
NOT_IN_URL = re.compile(r"[\x00-\x20\x7f<>\"]")
LOCAL_PART = re.compile(r"(?![.-])[^@]+(?<![.-])")
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


class GraphRefusal(Exception):
    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


class Throttle:
    """Lets so many requests through in so many seconds, and says how long to wait."""

    def __init__(self):
        self._taken: deque[float] = deque()

    def seconds_to_wait(self, limit: int, window: float) -> float:
        now = time.monotonic()
        while self._taken and now - self._taken[0] >= window:
            self._taken.popleft()
        if limit and len(self._taken) >= limit:
            return window - (now - self._taken[0])
        self._taken.append(now)
        return 0


def handler(function, *permissions: str, throttle: str = ""):
    """Wrap an operation in what all of Graph has in common: token, permission, throttle, error envelope."""

    def handle(sandbox: "Sandbox", request: Request, **path: str) -> Response:
        try:
            check_token(sandbox, request)
            if throttle:
                _check_throttle(sandbox, throttle)
            if permissions and not set(permissions) & set(sandbox.state.settings["permissions"]):
                raise GraphRefusal(
                    403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
                )
            response = function(sandbox, request, **path)
            response.headers.append(("request-id", str(uuid.uuid4())))
            return response
        except GraphRefusal as refusal:
            return graph_error(
                refusal.status, refusal.code, str(refusal), now=sandbox.state.now(), headers=refusal.headers
            )

    return handle


def check_token(sandbox: "Sandbox", request: Request) -> None:
    given = request.headers.get("Authorization", "")
    token = sandbox.app_tokens.get(given.removeprefix("Bearer ")) if given.startswith("Bearer ") else None
    if token is None:
        message = "CompactToken parsing failed with error code: 80049217" if given else "Access token is empty."
        raise GraphRefusal(401, "InvalidAuthenticationToken", message)
    if token.expires_at <= sandbox.state.now():
        raise GraphRefusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")


def _check_throttle(sandbox: "Sandbox", kind: str) -> None:
    settings = sandbox.state.settings
    limits = {
        "invitations": (settings["invitations_per_window"], settings["window_seconds"]),
        "reports": (settings["reports_per_10_seconds"], 10),
    }
    wait = sandbox.throttles[kind].seconds_to_wait(*limits[kind])
    if wait:
        raise GraphRefusal(429, "TooManyRequests", "Please retry again later.", {"Retry-After": f"{wait:.3f}"})


def _body(request: Request) -> dict[str, Any]:
    try:
        data = request.json
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise GraphRefusal(400, "BadRequest", "Unable to read JSON request payload.")
    return data


def invite(sandbox: "Sandbox", request: Request) -> Response:
    _check_inviting_allowed(sandbox)
    body = _body(request)
    if unknown := set(body) - INVITATION_PROPERTIES:
        name = min(unknown)
        raise GraphRefusal(
            400, "BadRequest", f"The property '{name}' does not exist on type 'microsoft.graph.invitation'."
        )
    address = _invited_address(body)
    redirect_url = _redirect_url(body)
    if not sandbox.domain_allowed(address):
        raise GraphRefusal(
            400,
            "BadRequest",
            "The invited user's domain is not allowed by this organization's collaboration restrictions.",
        )
    if body.get("resetRedemption"):
        user = _reset(sandbox, body, address)
    else:
        user = _invited_user(sandbox, address)
    invitation = {
        "id": str(uuid.uuid4()),
        "ticket": secrets.token_urlsafe(24),
        "user_id": user["id"],
        "address": address,
        "redirect_url": redirect_url,
        "language": (body.get("invitedUserMessageInfo") or {}).get("messageLanguage"),
        "created_at": sandbox.state.now(),
    }
    sandbox.state.invitations[invitation["id"]] = invitation
    sandbox.state.changed()
    if body.get("sendInvitationMessage") and user["externalUserState"] == "PendingAcceptance":
        invitation_mail.send(sandbox, invitation, authority=request.origin)
    return json_answer(_invitation_answer(sandbox, request, body, invitation, user), status=201)


def _check_inviting_allowed(sandbox: "Sandbox") -> None:
    settings = sandbox.state.settings
    restricted = settings["allow_invites_from"] in (
        "adminsAndGuestInviters",
        "adminsGuestInvitersAndAllMembers",
    )
    if settings["allow_invites_from"] == "none" or (restricted and "User.Invite.All" not in settings["permissions"]):
        raise GraphRefusal(
            403,
            "Forbidden",
            "Guest invitations not allowed for your company. Contact your company administrator for more details.",
        )


def _invited_address(body: dict) -> str:
    address = body.get("invitedUserEmailAddress")
    if not isinstance(address, str) or not address:
        raise GraphRefusal(400, "BadRequest", "Invalid value specified for property 'invitedUserEmailAddress'.")
    local, _, domain = address.lower().rpartition("@")
    if NOT_PERMITTED.search(address) or not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(_ascii(domain)):
        raise GraphRefusal(400, "BadRequest", "The invited user email address is not valid.")
    return address.lower()


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def _redirect_url(body: dict) -> str:
    url = body.get("inviteRedirectUrl")
    if isinstance(url, str) and not NOT_IN_URL.search(url):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc:
            return url if parts.path else f"{url}/"
    raise GraphRefusal(400, "BadRequest", "Invalid value specified for property 'inviteRedirectUrl'.")


def _invited_user(sandbox: "Sandbox", address: str) -> dict:
    existing = sandbox.directory.with_address(address)
    if existing is None and sandbox.is_own_domain(address):
        raise GraphRefusal(
            400,
            "BadRequest",
            "This user can't be invited to this directory. Please try a different email address for the user "
            "or create a user account for them in your Azure AD directory.",
        )
    if existing is not None and existing["userType"] != "Guest":
        message = f"The invited user already exists in the directory as object ID: {existing['id']}"
        if existing["accountEnabled"]:
            message += ". They can use that account to sign in to shared apps and resources."
        else:
            message += (
                ", but the account is blocked from signing in. If the account is unblocked, they can use "
                "that account to sign in to shared apps and resources."
            )
        raise GraphRefusal(400, "BadRequest", message)
    user, _ = sandbox.directory.invite(address)
    return user


def _reset(sandbox: "Sandbox", body: dict, address: str) -> dict:
    if not set(WRITE) & set(sandbox.state.settings["permissions"]):
        raise GraphRefusal(403, "Forbidden", "Generic authorization exception.")
    user = sandbox.state.users.get((body.get("invitedUser") or {}).get("id", ""))
    if user is None:
        raise GraphRefusal(400, "BadRequest", "Invalid value specified for property 'invitedUser'.")
    if address not in {mail.lower() for mail in [user["mail"] or "", *user["otherMails"]]}:
        raise GraphRefusal(
            400,
            "BadRequest",
            "The email you're using to invite this user doesn't match any emails on the user object. "
            "Please add this email to the user object and try again.",
        )
    sandbox.directory.reset_redemption(user)
    return user


def _invitation_answer(sandbox: "Sandbox", request: Request, body: dict, invitation: dict, user: dict) -> dict:
    message = body.get("invitedUserMessageInfo") or {}
    return {
        "@odata.context": f"{request.origin}/v1.0/$metadata#invitations/$entity",
        "id": invitation["id"],
        "inviteRedeemUrl": invitation_mail.redeem_url(sandbox, invitation, authority=request.origin),
        "invitedUserDisplayName": body.get("invitedUserDisplayName"),
        "invitedUserType": body.get("invitedUserType") or "Guest",
        "invitedUserEmailAddress": body["invitedUserEmailAddress"],
        "sendInvitationMessage": bool(body.get("sendInvitationMessage")),
        "resetRedemption": bool(body.get("resetRedemption")),
        "inviteRedirectUrl": invitation["redirect_url"],
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": {
            "messageLanguage": message.get("messageLanguage"),
            "customizedMessageBody": message.get("customizedMessageBody"),
            "ccRecipients": message.get("ccRecipients") or [{"emailAddress": {"name": None, "address": None}}],
        },
        "invitedUser": {"id": user["id"], "userPrincipalName": user["userPrincipalName"]},
    }


def list_users(sandbox: "Sandbox", request: Request) -> Response:
    condition = _condition(request)
    if condition is not None and condition.addresses is not None:
        users = sandbox.directory.with_any_address(condition.addresses)
    else:
        users = list(sandbox.state.users.values())
    visible = [user for user in users if _visible(sandbox, user)]
    return _collection(request, visible, context="users", default=DEFAULT_PROPERTIES)


def get_user(sandbox: "Sandbox", request: Request, key: str) -> Response:
    user = _user(sandbox, key)
    shown = _selected(user, request.query.get("$select", ""), DEFAULT_PROPERTIES)
    return json_answer({"@odata.context": f"{request.origin}/v1.0/$metadata#users/$entity", **shown})


def update_user(sandbox: "Sandbox", request: Request, key: str) -> Response:
    user = _user(sandbox, key)
    changes = _body(request)
    if unknown := set(changes) - CHANGEABLE:
        raise GraphRefusal(400, "Request_BadRequest", f"Property '{min(unknown)}' is read-only or unknown.")
    user |= changes
    if {"mail", "otherMails"} & set(changes):
        user["proxyAddresses"] = [f"SMTP:{user['mail']}"] if user["mail"] else []
        user["proxyAddresses"] += [f"smtp:{mail}" for mail in user["otherMails"] if mail != user["mail"]]
    sandbox.directory.addresses_changed()
    sandbox.directory.audit("Update user", user)
    return Response(status=204)


def delete_user(sandbox: "Sandbox", request: Request, key: str) -> Response:
    sandbox.directory.delete(_user(sandbox, key))
    return Response(status=204)


def revoke_sessions(sandbox: "Sandbox", request: Request, key: str) -> Response:
    """For guests this does nothing, as in real life: their session is not ours."""
    _user(sandbox, key)
    return json_answer({"@odata.context": f"{request.origin}/v1.0/$metadata#Edm.Boolean", "value": True})


def list_deleted(sandbox: "Sandbox", request: Request) -> Response:
    default = (*DEFAULT_PROPERTIES, "deletedDateTime")
    return _collection(request, list(sandbox.state.deleted.values()), context="directoryObjects", default=default)


def get_deleted(sandbox: "Sandbox", request: Request, key: str) -> Response:
    return json_answer(_selected(_deleted(sandbox, key), "", (*DEFAULT_PROPERTIES, "deletedDateTime")))


def restore_deleted(sandbox: "Sandbox", request: Request, key: str) -> Response:
    _deleted(sandbox, key)
    return json_answer(_selected(sandbox.directory.restore(key), "", DEFAULT_PROPERTIES))


def purge_deleted(sandbox: "Sandbox", request: Request, key: str) -> Response:
    _deleted(sandbox, key)
    del sandbox.state.deleted[key]
    sandbox.state.changed()
    return Response(status=204)


def list_sign_ins(sandbox: "Sandbox", request: Request) -> Response:
    cutoff = sandbox.state.now() - sandbox.state.settings["sign_in_log_delay_seconds"]
    entries = [entry for entry in reversed(sandbox.state.sign_ins) if entry["writtenAt"] <= cutoff]
    shown = [{name: value for name, value in entry.items() if name != "writtenAt"} for entry in entries]
    return _collection(request, shown, context="auditLogs/signIns")


def list_directory_audits(sandbox: "Sandbox", request: Request) -> Response:
    return _collection(request, list(reversed(sandbox.state.audits)), context="auditLogs/directoryAudits")


def batch(sandbox: "Sandbox", request: Request) -> Response:
    parts = _body(request).get("requests")
    if not isinstance(parts, list) or len(parts) > 20:
        raise GraphRefusal(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
    statuses: dict[str, int] = {}
    answers = []
    for part in parts:
        if any(statuses.get(key, 500) >= 400 for key in part.get("dependsOn", [])):
            response = graph_error(424, "FailedDependency", "Failed dependency", now=sandbox.state.now())
        else:
            response = sandbox.dispatch(_batch_part(request, part))
        statuses[part["id"]] = response.status
        answers.append(
            {
                "id": part["id"],
                "status": response.status,
                "headers": {"Content-Type": response.content_type, **dict(response.headers)},
                "body": json.loads(response.body) if response.body else None,
            }
        )
    return json_answer({"responses": answers})


def _batch_part(request: Request, part: dict) -> Request:
    return Request(
        method=part["method"].upper(),
        target="/v1.0/" + part["url"].lstrip("/"),
        headers={"Host": request.host, "Authorization": request.headers.get("Authorization", "")},
        body=json.dumps(part["body"]).encode() if "body" in part else b"",
    )


def unknown(sandbox: "Sandbox", request: Request, path: str) -> Response:
    raise GraphRefusal(400, "BadRequest", f"Resource not found for the segment '{path.split('/')[0]}'.")


def _visible(sandbox: "Sandbox", user: dict) -> bool:
    return user["visibleAt"] <= sandbox.state.now()


def _user(sandbox: "Sandbox", key: str) -> dict:
    user = sandbox.directory.with_id(key)
    if user is None or not _visible(sandbox, user):
        raise _missing(key)
    return user


def _deleted(sandbox: "Sandbox", key: str) -> dict:
    if key not in sandbox.state.deleted:
        raise _missing(key)
    return sandbox.state.deleted[key]


def _missing(key: str) -> GraphRefusal:
    return GraphRefusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )


def _selected(item: dict, select: str, default: tuple[str, ...]) -> dict:
    names = [name.strip() for name in select.split(",") if name.strip()] or default
    shown = {name: item.get(name) for name in names if name not in PRIVATE}
    return {"id": item["id"], **shown} if select else shown


def _condition(request: Request) -> odata.Condition | None:
    if "$filter" not in request.query:
        return None
    try:
        return odata.parse(request.query["$filter"])
    except odata.InvalidFilter as problem:
        raise GraphRefusal(400, "BadRequest", f"Invalid filter clause: {problem}") from None


def _collection(request: Request, items: list[dict], *, context: str, default: tuple[str, ...] = ()) -> Response:
    query = request.query
    if condition := _condition(request):
        items = [item for item in items if condition.met_by(item)]
    try:
        size = int(query.get("$top", "100"))
        start = int(query.get("$skiptoken", "0"))
    except ValueError:
        raise GraphRefusal(400, "BadRequest", "Invalid page size or token.") from None
    if not 1 <= size <= 999:
        raise GraphRefusal(400, "Request_BadRequest", "Invalid page size specified: must be between 1 and 999.")
    shown = items[start : start + size]
    if default:
        shown = [_selected(item, query.get("$select", ""), default) for item in shown]
    answer: dict[str, Any] = {"@odata.context": f"{request.origin}/v1.0/$metadata#{context}"}
    if query.get("$count") == "true":
        answer["@odata.count"] = len(items)
    if start + size < len(items):
        kept = [(name, value) for name, value in request.query_pairs if name != "$skiptoken"]
        pairs = [*kept, ("$skiptoken", str(start + size))]
        text = "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in pairs)
        answer["@odata.nextLink"] = f"{request.origin}{request.path}?{text}"
    return json_answer(answer | {"value": shown})

"""Inviting guests through Graph."""

import re
import secrets
import uuid
from urllib.parse import urlsplit

from .. import invitation_mail
from ..tenant import Tenant
from ..web import Request, Response, json_answer
from .errors import GraphRefusal
from .operation import WRITE, json_object

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


def invite(tenant: Tenant, request: Request) -> Response:
    _check_inviting_allowed(tenant)
    body = json_object(request)
    if unknown := set(body) - INVITATION_PROPERTIES:
        name = min(unknown)
        raise GraphRefusal(
            400, "BadRequest", f"The property '{name}' does not exist on type 'microsoft.graph.invitation'."
        )
    address = _invited_address(body)
    redirect_url = _redirect_url(body)
    if not tenant.domain_allowed(address):
        raise GraphRefusal(
            400,
            "BadRequest",
            "The invited user's domain is not allowed by this organization's collaboration restrictions.",
        )
    if body.get("resetRedemption"):
        user = _reset(tenant, body, address)
    else:
        user = _invited_user(tenant, address)
    invitation = {
        "id": str(uuid.uuid4()),
        "ticket": secrets.token_urlsafe(24),
        "user_id": user["id"],
        "address": address,
        "redirect_url": redirect_url,
        "language": (body.get("invitedUserMessageInfo") or {}).get("messageLanguage"),
        "created_at": tenant.state.now(),
    }
    tenant.state.invitations[invitation["id"]] = invitation
    tenant.state.changed()
    if body.get("sendInvitationMessage") and user["externalUserState"] == "PendingAcceptance":
        invitation_mail.send(tenant, invitation, authority=request.origin)
    return json_answer(_invitation_answer(tenant, request, body, invitation, user), status=201)


def _check_inviting_allowed(tenant: Tenant) -> None:
    settings = tenant.state.settings
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


def _invited_user(tenant: Tenant, address: str) -> dict:
    existing = tenant.directory.with_address(address)
    if existing is None and tenant.is_own_domain(address):
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
    user, _ = tenant.directory.invite(address)
    return user


def _reset(tenant: Tenant, body: dict, address: str) -> dict:
    if not set(WRITE) & set(tenant.state.settings["permissions"]):
        raise GraphRefusal(403, "Forbidden", "Generic authorization exception.")
    user = tenant.state.users.get((body.get("invitedUser") or {}).get("id", ""))
    if user is None:
        raise GraphRefusal(400, "BadRequest", "Invalid value specified for property 'invitedUser'.")
    if address not in {mail.lower() for mail in [user["mail"] or "", *user["otherMails"]]}:
        raise GraphRefusal(
            400,
            "BadRequest",
            "The email you're using to invite this user doesn't match any emails on the user object. "
            "Please add this email to the user object and try again.",
        )
    tenant.directory.reset_redemption(user)
    return user


def _invitation_answer(tenant: Tenant, request: Request, body: dict, invitation: dict, user: dict) -> dict:
    message = body.get("invitedUserMessageInfo") or {}
    return {
        "@odata.context": f"{request.origin}/v1.0/$metadata#invitations/$entity",
        "id": invitation["id"],
        "inviteRedeemUrl": invitation_mail.redeem_url(tenant, invitation, authority=request.origin),
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

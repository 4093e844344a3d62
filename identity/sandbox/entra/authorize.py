"""The authorize endpoint: where a sign-in starts, or is answered at once."""

import re
import uuid

from ..entra_errors import Refusal
from ..grants import Authorization
from ..tenant import Tenant
from ..web import Request, Response
from . import authorization_response, browser_sessions, sign_in
from .error_responses import error_page
from .login_hint import account_of_hint

SCOPES = {"openid", "profile", "email", "offline_access"}


def authorize(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    try:
        authorization = _checked(tenant, request, tenant_id)
    except Refusal as refusal:
        return error_page(refusal, now=tenant.state.now(), correlation=str(uuid.uuid4()))
    try:
        _check_answerable(request, authorization)
    except Refusal as refusal:
        return authorization_response.refuse(tenant, authorization, refusal)
    if fault := tenant.faults.take_authorization(authorization.hint, before=True):
        return authorization_response.fail(tenant, authorization, fault, account=authorization.hint, user=None)
    if "none" in authorization.prompts:
        return _silent(tenant, request, authorization)
    return sign_in.begin(tenant, request, authorization=authorization)


def _checked(tenant: Tenant, request: Request, tenant_id: str) -> Authorization:
    """The request, if it may be answered by a redirect at all."""
    tenant.check_id(tenant_id)
    pairs = request.query_pairs + (request.form_pairs if request.method == "POST" else [])
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Refusal(90013)
    client_id = given.get("client_id", "")
    names = {"client_id": client_id, "organisation": tenant.configuration.organisation}
    if not client_id:
        raise Refusal(900144, parameter="client_id")
    if client_id != tenant.configuration.client_id:
        raise Refusal(700016, **names)
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in tenant.application.redirect_uris:
        raise Refusal(50011, redirect_uri=redirect_uri, **names)
    return Authorization(
        client_id=client_id,
        redirect_uri=redirect_uri,
        response_mode=given.get("response_mode") or "query",
        state=given.get("state"),
        nonce=given.get("nonce", ""),
        scopes=set(given.get("scope", "").split()),
        challenge=given.get("code_challenge", ""),
        challenge_method=given.get("code_challenge_method") or "plain",
        prompts=set(given.get("prompt", "").split()),
        hint=account_of_hint(given.get("login_hint", "")),
        max_age=int(age) if (age := given.get("max_age", "")).isdecimal() else None,
    )


def _check_answerable(request: Request, authorization: Authorization) -> None:
    given = request.query | (request.form if request.method == "POST" else {})
    if given.get("response_type") != "code":
        raise Refusal(700054, "unsupported_response_type")
    if authorization.response_mode not in ("query", "fragment", "form_post"):
        authorization.response_mode = "query"
        raise Refusal(90013, "invalid_request")
    if not authorization.scopes or authorization.scopes - SCOPES:
        raise Refusal(70011, "invalid_scope")
    if authorization.prompts - {"none", "login", "consent", "select_account"}:
        raise Refusal(90013, "invalid_request")
    if authorization.challenge and (
        authorization.challenge_method not in ("S256", "plain")
        or not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", authorization.challenge)
    ):
        raise Refusal(50147, "invalid_request")


def _silent(tenant: Tenant, request: Request, authorization: Authorization) -> Response:
    """prompt=none: never a page, whatever the matter is."""
    accounts = browser_sessions.accounts(tenant, request)
    if authorization.hint:
        account = browser_sessions.account_with(tenant, request, authorization.hint)
    else:
        account = accounts[0] if len(accounts) == 1 else None
    if account is None or not authorization.fresh_enough(account, now=tenant.state.now()):
        return authorization_response.refuse(tenant, authorization, Refusal(50058, "login_required"))
    identity = tenant.directory.identity(account["account"])
    user = tenant.directory.signing_in(identity)
    names = tenant.names(identity)
    if user is None:
        return authorization_response.refuse(tenant, authorization, Refusal(16000, "interaction_required", **names))
    refusal = None
    if not user["accountEnabled"]:
        refusal = Refusal(50057, "interaction_required")
    elif tenant.state.settings["assignment_required"] and not user["assigned"]:
        refusal = Refusal(50105, "interaction_required", **names)
    elif user["externalUserState"] == "PendingAcceptance":
        refusal = Refusal(65001, "consent_required", **names)
    elif tenant.state.settings["silent_needs_mfa"]:
        refusal = Refusal(50076, "interaction_required", **names)
    if refusal is not None:
        return authorization_response.refuse(tenant, authorization, refusal)
    if tenant.directory.person(account["account"])["other_host"]:
        return sign_in.begin(tenant, request, authorization=authorization)
    response = Response()
    account = browser_sessions.sign_in(tenant, request, response, identity, fresh=False)
    answer = authorization_response.grant(tenant, request, authorization, user=user, account=account)
    answer.headers += response.headers
    return answer

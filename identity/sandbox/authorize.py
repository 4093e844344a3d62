"""The OpenID Connect front door: metadata, authorize, logout."""

import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from . import errors, tokens
from .configuration import origin_of
from .errors import Refusal
from .faults import use_up
from .web import Request, Response, add_query, json_answer, page, redirect

if TYPE_CHECKING:
    from .server import Sandbox

CODE_SECONDS = 600
SCOPES = {"openid", "profile", "email", "offline_access"}


@dataclass
class Authorization:
    """A valid request to the authorize endpoint."""

    client_id: str
    redirect_uri: str
    response_mode: str
    state: str | None
    nonce: str
    scopes: set[str]
    challenge: str
    challenge_method: str
    prompts: set[str]
    hint: str
    max_age: int | None
    correlation: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Code:
    authorization: Authorization
    oid: str
    account: str
    sid: str
    auth_time: float
    authority: str
    issued_at: float
    used: bool = False


@dataclass
class AuthorizeFault:
    """How the next sign-ins end otherwise than by a code.

    `never` leaves the person on a page of Microsoft's, as does `page` with its AADSTS number (which the sign-in
    log then has); `error` goes to the application. `parameters` are put into the answer or, when null, left out
    of it. `before` strikes before the login pages.
    """

    never: bool = False
    page: int = 0
    error: str = ""
    error_description: str = ""
    error_subcode: str = ""
    parameters: dict[str, str | None] = field(default_factory=dict)
    before: bool = False
    match: str = ""
    count: int | None = 1


def discovery(sandbox: "Sandbox", request: Request, tenant: str) -> Response:
    sandbox.check_tenant(tenant)
    host = request.origin
    base = f"{host}/{sandbox.configuration.tenant_id}"
    return json_answer(
        {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/v2.0",
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{host}/oidc/userinfo",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "claims_supported": [
                "sub",
                "iss",
                "cloud_instance_name",
                "cloud_instance_host_name",
                "cloud_graph_host_name",
                "msgraph_host",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "acr",
                "nonce",
                "preferred_username",
                "name",
                "tid",
                "ver",
                "at_hash",
                "c_hash",
                "email",
            ],
            "kerberos_endpoint": f"{base}/kerberos",
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
            "rbac_url": "https://pas.windows.net",
        },
        headers={"Cache-Control": "max-age=86400, private", "Access-Control-Allow-Origin": "*"},
    )


def signing_keys(sandbox: "Sandbox", request: Request, tenant: str) -> Response:
    sandbox.check_tenant(tenant)
    keys = [key.public_jwk(host=request.origin) for key in sandbox.keys.keys]
    return json_answer({"keys": keys}, headers={"Cache-Control": "max-age=86400, private"})


def authorize(sandbox: "Sandbox", request: Request, tenant: str) -> Response:
    try:
        authorization = _checked(sandbox, request, tenant)
    except Refusal as refusal:
        return errors.error_page(refusal, now=sandbox.state.now(), correlation=str(uuid.uuid4()))
    try:
        _check_answerable(request, authorization)
    except Refusal as refusal:
        return refuse(sandbox, authorization, refusal)
    if fault := _fault(sandbox, authorization.hint, before=True):
        return _struck(sandbox, authorization, fault, account=authorization.hint, user=None)
    if "none" in authorization.prompts:
        return _silent(sandbox, request, authorization)
    return sandbox.sign_ins.begin(request, authorization=authorization)


def _checked(sandbox: "Sandbox", request: Request, tenant: str) -> Authorization:
    """The request, if it may be answered by a redirect at all."""
    sandbox.check_tenant(tenant)
    pairs = request.query_pairs + (request.form_pairs if request.method == "POST" else [])
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Refusal(90013)
    client_id = given.get("client_id", "")
    names = {"client_id": client_id, "organisation": sandbox.configuration.organisation}
    if not client_id:
        raise Refusal(900144, parameter="client_id")
    if client_id != sandbox.configuration.client_id:
        raise Refusal(700016, **names)
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in sandbox.redirect_uris:
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
        hint=tokens.account_of_hint(given.get("login_hint", "")),
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


def _silent(sandbox: "Sandbox", request: Request, authorization: Authorization) -> Response:
    """prompt=none: never a page, whatever the matter is."""
    accounts = sandbox.browsers.accounts(request)
    if authorization.hint:
        account = sandbox.browsers.account(request, authorization.hint)
    else:
        account = accounts[0] if len(accounts) == 1 else None
    if account is None or not fresh_enough(sandbox, authorization, account):
        return refuse(sandbox, authorization, Refusal(50058, "login_required"))
    identity = sandbox.directory.identity(account["account"])
    user = sandbox.directory.signing_in(identity)
    names = sandbox.names(identity)
    if user is None:
        return refuse(sandbox, authorization, Refusal(16000, "interaction_required", **names))
    refusal = None
    if not user["accountEnabled"]:
        refusal = Refusal(50057, "interaction_required")
    elif sandbox.state.settings["assignment_required"] and not user["assigned"]:
        refusal = Refusal(50105, "interaction_required", **names)
    elif user["externalUserState"] == "PendingAcceptance":
        refusal = Refusal(65001, "consent_required", **names)
    elif sandbox.state.settings["silent_needs_mfa"]:
        refusal = Refusal(50076, "interaction_required", **names)
    if refusal is not None:
        return refuse(sandbox, authorization, refusal)
    if sandbox.directory.person(account["account"])["other_host"]:
        return sandbox.sign_ins.begin(request, authorization=authorization)
    response = Response()
    account = sandbox.browsers.sign_in(request, response, identity, fresh=False)
    answer = grant(sandbox, request, authorization, user=user, account=account)
    answer.headers += response.headers
    return answer


def fresh_enough(sandbox: "Sandbox", authorization: Authorization, account: dict) -> bool:
    if authorization.max_age is None:
        return True
    return sandbox.state.now() - account["auth_time"] < authorization.max_age


def grant(sandbox: "Sandbox", request: Request, authorization: Authorization, *, user: dict, account: dict) -> Response:
    """Send the person back to the application with a code."""
    if fault := _fault(sandbox, account["account"], before=False):
        return _struck(sandbox, authorization, fault, account=account["account"], user=user)
    # About as long as Entra's, which matters to servers that limit the request line.
    code = f"1.{secrets.token_urlsafe(600)}"
    sandbox.codes[code] = Code(
        authorization=authorization,
        oid=user["id"],
        account=account["account"],
        sid=account["sid"],
        auth_time=account["auth_time"],
        authority=request.origin,
        issued_at=sandbox.state.now(),
    )
    if authorization.client_id not in account["apps"]:
        account["apps"].append(authorization.client_id)
    sandbox.log_sign_in(authorization, account=account["account"], user=user, number=0)
    return answer(authorization, {"code": code, "session_state": account["sid"]})


def refuse(sandbox: "Sandbox", authorization: Authorization, refusal: Refusal, *, subcode: str = "") -> Response:
    parameters = {
        "error": refusal.error,
        "error_description": errors.description(
            refusal, now=sandbox.state.now(), correlation=authorization.correlation
        ),
    }
    if subcode:
        parameters["error_subcode"] = subcode
    return answer(authorization, parameters)


def answer(authorization: Authorization, parameters: dict[str, str]) -> Response:
    if authorization.state is not None:
        parameters = {**parameters, "state": authorization.state}
    if authorization.response_mode == "form_post":
        return page(
            "form_post.html",
            {"action": authorization.redirect_uri, "fields": list(parameters.items())},
            form_targets=(origin_of(authorization.redirect_uri),),
        )
    if authorization.response_mode == "fragment":
        return redirect(f"{authorization.redirect_uri}#{urlencode(parameters)}")
    return redirect(add_query(authorization.redirect_uri, parameters))


def _fault(sandbox: "Sandbox", account: str, *, before: bool) -> AuthorizeFault | None:
    for fault in sandbox.authorize_faults:
        if fault.before == before and fault.match.lower() in account:
            use_up(sandbox.authorize_faults, fault)
            return fault
    return None


def _struck(
    sandbox: "Sandbox",
    authorization: Authorization,
    fault: AuthorizeFault,
    *,
    account: str,
    user: dict | None,
) -> Response:
    now = sandbox.state.now()
    if fault.page:
        sandbox.log_sign_in(authorization, account=account, user=user, number=fault.page)
        refusal = Refusal(fault.page, client_id=authorization.client_id, account=account)
        return errors.error_page(refusal, now=now, correlation=authorization.correlation)
    if fault.never:
        return page("stuck.html")
    if fault.error:
        parameters = {"error": fault.error}
        if fault.error_description:
            parameters["error_description"] = fault.error_description
        if fault.error_subcode:
            parameters["error_subcode"] = fault.error_subcode
    else:
        parameters = {"code": "0." + secrets.token_urlsafe(40)}
    parameters |= {name: value for name, value in fault.parameters.items() if value is not None}
    for name in [name for name, value in fault.parameters.items() if value is None]:
        parameters.pop(name, None)
        if name == "state":
            authorization.state = None
    if "state" in parameters:
        authorization.state = parameters.pop("state")
    return answer(authorization, parameters)


def log_out(sandbox: "Sandbox", request: Request, tenant: str) -> Response:
    sandbox.check_tenant(tenant)
    given = request.query | (request.form if request.method == "POST" else {})
    accounts = sandbox.browsers.accounts(request)
    named = tokens.account_of_hint(given.get("logout_hint", "")) or given.get("account", "")
    if named:
        accounts = [account for account in accounts if account["account"] == named]
    elif len(accounts) > 1:
        return page(
            "pick_logout.html",
            {"accounts": accounts, "action": request.target},
            form_targets=sandbox.application_origins,
        )
    frames = []
    for account in accounts:
        sandbox.browsers.sign_out(request, account)
        if account["apps"] and sandbox.logout_url:
            frames.append(add_query(sandbox.logout_url, {"sid": account["sid"]}))
    target = given.get("post_logout_redirect_uri", "")
    if target not in sandbox.redirect_uris:
        target = ""
    elif "state" in given:
        target = add_query(target, {"state": given["state"]})
    if target and not frames:
        return redirect(target)
    # Microsoft's page goes on by script; a Refresh header leaves the frames time to load and needs none.
    return page(
        "signed_out.html",
        {"frames": frames, "target": target},
        frames=tuple(origin_of(frame) for frame in frames),
        headers=[("Refresh", f"1; url={target}")] if target else [],
    )

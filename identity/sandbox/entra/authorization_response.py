"""How the tenant sends the person back to the application: with a code, with an error, or wrongly when told to."""

import secrets
from urllib.parse import urlencode

from ..configuration import origin_of
from ..entra_errors import Refusal, description
from ..faults import AuthorizeFault
from ..grants import Authorization, Code
from ..tenant import Tenant
from ..web import Request, Response, add_query, page, redirect
from .error_responses import error_page


def grant(tenant: Tenant, request: Request, authorization: Authorization, *, user: dict, account: dict) -> Response:
    """Send the person back to the application with a code."""
    if fault := tenant.faults.take_authorization(account["account"], before=False):
        return fail(tenant, authorization, fault, account=account["account"], user=user)
    # About as long as Entra's, which matters to servers that limit the request line.
    code = f"1.{secrets.token_urlsafe(600)}"
    tenant.codes[code] = Code(
        authorization=authorization,
        oid=user["id"],
        account=account["account"],
        sid=account["sid"],
        auth_time=account["auth_time"],
        authority=request.origin,
        issued_at=tenant.state.now(),
    )
    if authorization.client_id not in account["apps"]:
        account["apps"].append(authorization.client_id)
    tenant.log_sign_in(authorization, account=account["account"], user=user, number=0)
    return _answer(authorization, {"code": code, "session_state": account["sid"]})


def refuse(tenant: Tenant, authorization: Authorization, refusal: Refusal, *, subcode: str = "") -> Response:
    parameters = {
        "error": refusal.error,
        "error_description": description(refusal, now=tenant.state.now(), correlation=authorization.correlation),
    }
    if subcode:
        parameters["error_subcode"] = subcode
    return _answer(authorization, parameters)


def _answer(authorization: Authorization, parameters: dict[str, str]) -> Response:
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


def fail(
    tenant: Tenant,
    authorization: Authorization,
    fault: AuthorizeFault,
    *,
    account: str,
    user: dict | None,
) -> Response:
    """End the sign-in as the fault wants it."""
    now = tenant.state.now()
    if fault.page:
        tenant.log_sign_in(authorization, account=account, user=user, number=fault.page)
        refusal = Refusal(fault.page, client_id=authorization.client_id, account=account)
        return error_page(refusal, now=now, correlation=authorization.correlation)
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
    return _answer(authorization, parameters)

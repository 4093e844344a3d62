"""Signing out at the tenant, which tells the application through a frame."""

from ..configuration import origin_of
from ..tenant import Tenant
from ..web import Request, Response, add_query, page, redirect
from . import browser_sessions
from .login_hint import account_of_hint


def log_out(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    tenant.check_id(tenant_id)
    given = request.query | (request.form if request.method == "POST" else {})
    accounts = browser_sessions.accounts(tenant, request)
    named = account_of_hint(given.get("logout_hint", "")) or given.get("account", "")
    if named:
        accounts = [account for account in accounts if account["account"] == named]
    elif len(accounts) > 1:
        return page(
            "pick_logout.html",
            {"accounts": accounts, "action": request.target},
            form_targets=tenant.application.origins,
        )
    frames = []
    for account in accounts:
        browser_sessions.sign_out(tenant, request, account)
        if account["apps"] and tenant.application.logout_url:
            frames.append(add_query(tenant.application.logout_url, {"sid": account["sid"]}))
    target = given.get("post_logout_redirect_uri", "")
    if target not in tenant.application.redirect_uris:
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

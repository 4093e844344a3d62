"""The pages of a sign-in as the browser gets them, and the addresses that go with them."""

from ..configuration import origin_of
from ..directory import Identity
from ..entra_errors import Refusal
from ..login import Login
from ..tenant import Tenant
from ..web import Response, page
from .error_responses import error_page

ANOTHER_ACCOUNT_MAY_DO = (50020, 50034)


def login_page(tenant: Tenant, template: str, login: Login, **context: object) -> Response:
    return page(
        template,
        {
            "login": login,
            "action": _path(tenant),
            "organisation": tenant.configuration.organisation,
            **context,
        },
        form_targets=_form_targets(tenant, login),
    )


def consent_page(tenant: Tenant, login: Login, identity: Identity) -> Response:
    return login_page(
        tenant,
        "consent.html",
        login,
        domain=tenant.configuration.initial_domain,
        name=tenant.directory.person(identity.account)["name"],
        account=identity.account,
    )


def refusal_page(tenant: Tenant, login: Login, identity: Identity, *, user: dict | None, refusal: Refusal) -> Response:
    tenant.log_sign_in(login, account=identity.account, user=user, number=refusal.number)
    return error_page(
        refusal,
        now=tenant.state.now(),
        correlation=login.correlation,
        form_targets=_form_targets(tenant, login),
        login=login if refusal.number in ANOTHER_ACCOUNT_MAY_DO else None,
        action=_path(tenant),
    )


def expired_page() -> Response:
    return page("lost.html", status=400)


def login_url(tenant: Tenant, host: str, login: Login) -> str:
    return f"http://{host}{_path(tenant)}?ctx={login.key}"


def other_name(host: str) -> str:
    """The other name of this machine, which makes it another origin to a browser."""
    name, _, port = host.partition(":")
    other = "127.0.0.1" if name == "localhost" else "localhost"
    return f"{other}:{port}" if port else other


def _path(tenant: Tenant) -> str:
    return f"/{tenant.configuration.tenant_id}/login"


def _form_targets(tenant: Tenant, login: Login) -> tuple[str, ...]:
    targets = [
        f"http://{login.host}",
        f"http://{other_name(login.host)}",
        *tenant.application.origins,
    ]
    if login.invitation_id:
        targets.append(origin_of(tenant.state.invitations[login.invitation_id]["redirect_url"]))
    return tuple(targets)

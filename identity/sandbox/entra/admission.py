"""Whether somebody who has shown who they are is let in to the application."""

from .. import people
from ..directory import Identity
from ..entra_errors import Refusal
from ..grants import Authorization
from ..login import Login
from ..tenant import Tenant
from ..web import Request, Response
from . import authorization_response
from .login_page import consent_page, refusal_page


def admit(
    tenant: Tenant,
    request: Request,
    login: Login,
    authorization: Authorization,
    identity: Identity,
    *,
    account: dict,
) -> Response:
    user = tenant.directory.signing_in(identity)
    refusal = _reason_to_refuse(tenant, identity, user)
    if user is None or refusal is not None:
        return refusal_page(tenant, login, identity, user=user, refusal=refusal or Refusal(50020))
    pending = user["externalUserState"] == "PendingAcceptance"
    if pending or "consent" in authorization.prompts:
        if login.consented is None:
            return consent_page(tenant, login, identity)
        if not login.consented:
            tenant.log_sign_in(login, account=identity.account, user=user, number=65004)
            declined = Refusal(65004, "access_denied")
            return authorization_response.refuse(tenant, authorization, declined, subcode="cancel")
        if pending:
            tenant.directory.redeem(user, identity)
    return authorization_response.grant(tenant, request, authorization, user=user, account=account)


def _reason_to_refuse(tenant: Tenant, identity: Identity, user: dict | None) -> Refusal | None:
    number = 0
    if user is None:
        number = 50034 if identity.provider == people.HOME else 50020
    elif not user["accountEnabled"]:
        number = 50057
    elif tenant.state.settings["assignment_required"] and not user["assigned"]:
        number = 50105
    elif user["externalUserState"] == "PendingAcceptance" and not tenant.domain_allowed(identity.account):
        number = 500213
    return Refusal(number, **tenant.names(identity)) if number else None

"""Whether an account may redeem the invitation whose link was opened, and what comes of it."""

from ..directory import Identity
from ..entra_errors import Refusal
from ..login import Login
from ..tenant import Tenant
from ..web import Response, page, redirect
from .login_page import consent_page, refusal_page


def redeem(tenant: Tenant, login: Login, identity: Identity) -> Response:
    invitation = tenant.state.invitations[login.invitation_id]
    invited = tenant.state.users.get(invitation["user_id"])
    number = _reason_to_refuse(tenant, identity, invited)
    if invited is None or number:
        names = tenant.names(identity)
        return refusal_page(tenant, login, identity, user=invited, refusal=Refusal(number, **names))
    if invited["externalUserState"] == "Accepted":
        return redirect(invitation["redirect_url"])
    if login.consented is None:
        return consent_page(tenant, login, identity)
    if not login.consented:
        tenant.log_sign_in(login, account=identity.account, user=invited, number=65004)
        return page("declined.html", {"organisation": tenant.configuration.organisation})
    tenant.directory.redeem(invited, identity)
    tenant.log_sign_in(login, account=identity.account, user=invited, number=0)
    return redirect(invitation["redirect_url"])


def _reason_to_refuse(tenant: Tenant, identity: Identity, invited: dict | None) -> int:
    if invited is None:
        return 50020
    if not invited["accountEnabled"]:
        return 50057
    current = tenant.directory.signing_in(identity)
    if invited["externalUserState"] == "Accepted":
        return 0 if current is invited else 50020
    taken = current is not None and current is not invited and current["externalUserState"] != "PendingAcceptance"
    return 50020 if taken or not tenant.domain_allowed(identity.account) else 0

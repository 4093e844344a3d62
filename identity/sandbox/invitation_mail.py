"""Microsoft's invitation mail and the page behind its "Block future invitations"."""

from urllib.parse import quote, urlencode

from .tenant import Tenant
from .web import Request, Response, page


def redeem_url(tenant: Tenant, invitation: dict, *, authority: str) -> str:
    target = "https://invitations.microsoft.com/redeem/?" + urlencode(
        {
            "tenant": tenant.configuration.tenant_id,
            "user": invitation["id"],
            "ticket": invitation["ticket"],
            "ver": "2.0",
        }
    )
    return f"{authority}/redeem?rd={quote(target, safe='')}"


def send(tenant: Tenant, invitation: dict, *, authority: str) -> None:
    address = invitation["address"]
    if address in tenant.state.unsubscribed:
        tenant.directory.audit("Email not sent, user unsubscribed", tenant.state.users[invitation["user_id"]])
        return
    organisation = tenant.configuration.organisation
    accept = redeem_url(tenant, invitation, authority=authority)
    block = f"{authority}/unsubscribe?{urlencode({'address': address, 'ticket': invitation['ticket']})}"
    tenant.mailboxes.deliver(
        address,
        sender=f"Microsoft Invitations on behalf of {organisation} <invites@microsoft.com>",
        subject=f"{organisation} invited you to access applications within their organization",
        text=(
            "Please only act on this email if you trust the organization represented below. In rare cases, "
            "people may receive fraudulent invitations from bad actors posing as legitimate companies. If you "
            "were not expecting this invitation, proceed with caution.\n\n"
            f"Organization: {organisation}\nDomain: {tenant.configuration.initial_domain}\n\n"
            f"If you accept this invitation, you'll be sent to {invitation['redirect_url']}\n\n"
            f"Accept invitation: {accept}\n\n"
            f"Block future invitations from this organization: {block}\n\n"
            "This invitation email is from "
            f"{organisation} ({tenant.configuration.initial_domain}) and may include advertising content. "
            f"{organisation} has not provided a link to their privacy statement for you to review.\n"
            "Microsoft Corporation, One Microsoft Way, Redmond, WA 98052\n"
        ),
        source="invitation",
        language=invitation["language"],
        accept_url=accept,
        block_url=block,
        redirect_url=invitation["redirect_url"],
        domain=tenant.configuration.initial_domain,
    )


def unsubscribe(tenant: Tenant, request: Request) -> Response:
    given = request.query | request.form
    address = given.get("address", "").lower()
    known = any(
        invitation["address"] == address and invitation["ticket"] == given.get("ticket")
        for invitation in tenant.state.invitations.values()
    )
    blocked = known and request.method == "POST"
    if blocked and address not in tenant.state.unsubscribed:
        tenant.state.unsubscribed.append(address)
        tenant.state.changed()
    return page(
        "unsubscribe.html",
        {
            "address": address,
            "ticket": given.get("ticket", ""),
            "organisation": tenant.configuration.organisation,
            "known": known,
            "blocked": blocked,
        },
        status=200 if known else 404,
    )

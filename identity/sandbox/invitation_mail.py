"""Microsoft's invitation mail and the page behind its "Block future invitations"."""

from urllib.parse import quote, urlencode

from .configuration import Configuration
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


# Until December 2025. A tenant whose INVITATION_SENDER this is still sends what Microsoft sent then.
EARLIER_SENDER = "invites@microsoft.com"


def sender_and_subject(configuration: Configuration) -> tuple[str, str]:
    """As on Microsoft's page "Elements of the B2B collaboration invitation email"."""
    organisation, domain = configuration.organisation, configuration.initial_domain
    if configuration.invitation_sender == EARLIER_SENDER:
        return (
            f"Microsoft Invitations on behalf of {organisation} <{EARLIER_SENDER}>",
            f"{organisation} invited you to access applications within their organization",
        )
    address = configuration.invitation_sender or f"invites@{domain}"
    return (
        f"Microsoft Invitations on behalf of {domain} <{address}>",
        f"{organisation} invited you to collaborate with {domain}",
    )


def send(tenant: Tenant, invitation: dict, *, authority: str) -> None:
    address = invitation["address"]
    if address in tenant.state.unsubscribed:
        tenant.directory.audit("Email not sent, user unsubscribed", tenant.state.users[invitation["user_id"]])
        return
    organisation = tenant.configuration.organisation
    accept = redeem_url(tenant, invitation, authority=authority)
    block = f"{authority}/unsubscribe?{urlencode({'address': address, 'ticket': invitation['ticket']})}"
    sender, subject = sender_and_subject(tenant.configuration)
    tenant.mailboxes.deliver(
        address,
        sender=sender,
        subject=subject,
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

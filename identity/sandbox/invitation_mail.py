"""Microsoft's invitation mail and the page behind its "Block future invitations"."""

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from .web import Request, Response, page

if TYPE_CHECKING:
    from .server import Sandbox


def redeem_url(sandbox: "Sandbox", invitation: dict, *, authority: str) -> str:
    target = "https://invitations.microsoft.com/redeem/?" + urlencode(
        {
            "tenant": sandbox.configuration.tenant_id,
            "user": invitation["id"],
            "ticket": invitation["ticket"],
            "ver": "2.0",
        }
    )
    return f"{authority}/redeem?rd={quote(target, safe='')}"


def send(sandbox: "Sandbox", invitation: dict, *, authority: str) -> None:
    address = invitation["address"]
    if address in sandbox.state.unsubscribed:
        sandbox.directory.audit("Email not sent, user unsubscribed", sandbox.state.users[invitation["user_id"]])
        return
    organisation = sandbox.configuration.organisation
    accept = redeem_url(sandbox, invitation, authority=authority)
    block = f"{authority}/unsubscribe?{urlencode({'address': address, 'ticket': invitation['ticket']})}"
    sandbox.mailboxes.deliver(
        address,
        sender=f"Microsoft Invitations on behalf of {organisation} <invites@microsoft.com>",
        subject=f"{organisation} invited you to access applications within their organization",
        text=(
            "Please only act on this email if you trust the organization represented below. In rare cases, "
            "people may receive fraudulent invitations from bad actors posing as legitimate companies. If you "
            "were not expecting this invitation, proceed with caution.\n\n"
            f"Organization: {organisation}\nDomain: {sandbox.configuration.initial_domain}\n\n"
            f"If you accept this invitation, you'll be sent to {invitation['redirect_url']}\n\n"
            f"Accept invitation: {accept}\n\n"
            f"Block future invitations from this organization: {block}\n\n"
            "This invitation email is from "
            f"{organisation} ({sandbox.configuration.initial_domain}) and may include advertising content. "
            f"{organisation} has not provided a link to their privacy statement for you to review.\n"
            "Microsoft Corporation, One Microsoft Way, Redmond, WA 98052\n"
        ),
        source="invitation",
        language=invitation["language"],
        accept_url=accept,
        block_url=block,
        redirect_url=invitation["redirect_url"],
        domain=sandbox.configuration.initial_domain,
    )


def unsubscribe(sandbox: "Sandbox", request: Request) -> Response:
    given = request.query | request.form
    address = given.get("address", "").lower()
    known = any(
        one["address"] == address and one["ticket"] == given.get("ticket") for one in sandbox.state.invitations.values()
    )
    done = known and request.method == "POST"
    if done and address not in sandbox.state.unsubscribed:
        sandbox.state.unsubscribed.append(address)
        sandbox.state.changed()
    return page(
        "unsubscribe.html",
        {
            "address": address,
            "ticket": given.get("ticket", ""),
            "organisation": sandbox.configuration.organisation,
            "known": known,
            "done": done,
        },
        status=200 if known else 404,
    )

"""The front page with its people, and everybody's mailboxes."""

import datetime
from urllib.parse import quote

from . import people
from .tenant import Tenant
from .web import Request, Response, page, redirect

MOST_LISTED = 50


def front(tenant: Tenant, request: Request) -> Response:
    state = tenant.state
    vm = [address.lower() for address in tenant.configuration.vm_addresses]
    staff: list[dict] = []
    vendors: list[dict] = []
    for person in state.people.values():
        entry = {
            **person,
            "mails": len(state.mailboxes.get(person["address"], [])),
            "guest": _guest_state(tenant, person["address"]),
        }
        (staff if person["provider"] == people.HOME else vendors).append(entry)
    listed = {*state.people, *vm}
    others = [address for address in state.mailboxes if address not in listed]
    return page(
        "people.html",
        {
            "organisation": tenant.configuration.organisation,
            "base_url": tenant.configuration.base_url,
            "staff": staff,
            "vendors": vendors,
            "teams": [_mailbox_entry(tenant, address) for address in vm],
            "others": [_mailbox_entry(tenant, address) for address in reversed(others[-MOST_LISTED:])],
            "unlisted": str(max(0, len(others) - MOST_LISTED)),
        },
    )


def _mailbox_entry(tenant: Tenant, address: str) -> dict:
    return {
        "address": address,
        "mails": len(tenant.mailboxes.of(address)),
        "guest": _guest_state(tenant, address),
    }


def _guest_state(tenant: Tenant, address: str) -> str:
    user = tenant.directory.with_address(address)
    if user is None or user["userType"] != "Guest":
        return ""
    return {"PendingAcceptance": "invited", "Accepted": "accepted"}.get(user["externalUserState"], "")


def find(tenant: Tenant, request: Request) -> Response:
    address = request.query.get("address", "").strip().lower()
    return redirect(f"/mail/{quote(address, safe='@')}/" if address else "/", status=303)


def mailbox(tenant: Tenant, request: Request, address: str) -> Response:
    mails = [_shown(mail) for mail in reversed(tenant.mailboxes.of(address))]
    return page("mailbox.html", {"address": address.lower(), "mails": mails})


def mail(tenant: Tenant, request: Request, address: str, number: str) -> Response:
    mail = tenant.mailboxes.mail(address, int(number)) if number.isdecimal() else None
    if mail is None:
        return page("missing.html", status=404)
    return page(
        "mail.html",
        {
            "address": address.lower(),
            "mail": _shown(mail),
            "organisation": tenant.configuration.organisation,
        },
    )


def _shown(mail: dict) -> dict:
    received = datetime.datetime.fromtimestamp(mail["received_at"], datetime.UTC)
    return {**mail, "number": str(mail["number"]), "received": received.strftime("%d %b %Y, %H:%M UTC")}

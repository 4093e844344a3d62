"""The front page with its people, and everybody's mailboxes."""

import datetime
from typing import TYPE_CHECKING

from . import people
from .web import Request, Response, page

if TYPE_CHECKING:
    from .server import Sandbox

SIGNS_IN_AT = {
    people.GOOGLE: "Google",
    people.MICROSOFT: "Microsoft account",
    people.COMPANY: "company page",
    people.MAILED_CODE: "code by mail",
    people.HOME: "staff",
}


def front(sandbox: "Sandbox", request: Request) -> Response:
    state = sandbox.state
    vm = [address.lower() for address in sandbox.configuration.vm_addresses]
    staff: list[dict] = []
    vendors: list[dict] = []
    for person in state.people.values():
        entry = {
            **person,
            "signs_in_at": SIGNS_IN_AT[person["provider"]],
            "mails": len(state.mailboxes.get(person["address"], [])),
            "guest": _guest_state(sandbox, person["address"]),
        }
        (staff if person["provider"] == people.HOME else vendors).append(entry)
    others = sorted(set(state.mailboxes) - set(state.people) - set(vm))
    return page(
        "people.html",
        {
            "organisation": sandbox.configuration.organisation,
            "base_url": sandbox.configuration.base_url,
            "staff": staff,
            "vendors": vendors,
            "teams": [{"address": address, "mails": len(state.mailboxes.get(address, []))} for address in vm],
            "others": [{"address": address, "mails": len(state.mailboxes[address])} for address in others],
        },
        form_targets=(),
    )


def _guest_state(sandbox: "Sandbox", address: str) -> str:
    user = sandbox.directory.with_address(address)
    if user is None or user["userType"] != "Guest":
        return ""
    return {"PendingAcceptance": "invited", "Accepted": "accepted"}.get(user["externalUserState"], "")


def mailbox(sandbox: "Sandbox", request: Request, address: str) -> Response:
    mails = [_shown(mail) for mail in reversed(sandbox.mailboxes.of(address))]
    return page("mailbox.html", {"address": address.lower(), "mails": mails})


def mail(sandbox: "Sandbox", request: Request, address: str, number: str) -> Response:
    found = sandbox.mailboxes.mail(address, int(number)) if number.isdecimal() else None
    if found is None:
        return page("missing.html", status=404)
    return page(
        "mail.html",
        {
            "address": address.lower(),
            "mail": _shown(found),
            "organisation": sandbox.configuration.organisation,
        },
    )


def _shown(mail: dict) -> dict:
    received = datetime.datetime.fromtimestamp(mail["received_at"], datetime.UTC)
    return {**mail, "number": str(mail["number"]), "received": received.strftime("%d %b %Y, %H:%M UTC")}

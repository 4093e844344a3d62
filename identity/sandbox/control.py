"""Switches and windows for tests and rehearsals: JSON over /control/, answered on loopback only."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import mail, people
from .authorize import AuthorizeFault
from .directory import Identity
from .faults import build
from .tokens import Tampering
from .web import Request, Response, json_answer

if TYPE_CHECKING:
    from .server import Sandbox


class Unknown(Exception):
    """There is no such thing."""


def handler(function):
    def handle(sandbox: "Sandbox", request: Request, **path: str) -> Response:
        # A browser cannot send this type across origins without asking first, so no page can press our
        # switches.
        if request.method != "GET" and request.headers.get("Content-Type", "").split(";")[0] != "application/json":
            return json_answer({"error": "Content-Type must be application/json"}, status=415)
        try:
            return json_answer(function(sandbox, request, **path))
        except Unknown as problem:
            return json_answer({"error": str(problem)}, status=404)
        except (ValueError, TypeError, KeyError) as problem:
            return json_answer({"error": f"{type(problem).__name__}: {problem}"}, status=400)

    return handle


def overview(sandbox: "Sandbox", request: Request) -> Any:
    state = sandbox.state
    return {
        "tenant_id": sandbox.configuration.tenant_id,
        "client_id": sandbox.configuration.client_id,
        "smtp_port": sandbox.mail_server.port,
        "settings": state.settings,
        "guests": sum(user["userType"] == "Guest" for user in state.users.values()),
        "mails": sum(len(box) for box in state.mailboxes.values()),
        "faults": sandbox.switchboard.listed(),
    }


def reset(sandbox: "Sandbox", request: Request) -> Any:
    """A fresh tenant. Signing keys, registered addresses and the members' object ids stay."""
    sandbox.reset()
    return overview(sandbox, request)


def change_settings(sandbox: "Sandbox", request: Request) -> Any:
    settings = sandbox.state.settings
    if unknown := set(request.json) - set(settings):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(settings))}")
    settings |= request.json
    sandbox.state.changed()
    return settings


def register(sandbox: "Sandbox", request: Request) -> Any:
    """Move the application to another address, as an administrator would in its registration."""
    sandbox.register(request.json["base_url"].rstrip("/"))
    return {"redirect_uris": sandbox.redirect_uris, "logout_url": sandbox.logout_url}


def list_faults(sandbox: "Sandbox", request: Request) -> Any:
    return sandbox.switchboard.listed()


def add_fault(sandbox: "Sandbox", request: Request) -> Any:
    known = sandbox.operations | {"*", "graph"}
    if request.json.get("operation") not in known:
        raise ValueError(f"operation must be one of {', '.join(sorted(known))}")
    sandbox.switchboard.add(request.json)
    return sandbox.switchboard.listed()


def clear_faults(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.switchboard.clear()
    sandbox.tampering.clear()
    sandbox.authorize_faults.clear()
    sandbox.mail_server.switches.faults.clear()
    sandbox.mail_server.set_down(False)
    return []


def add_tampering(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.tampering.append(build(Tampering, request.json))
    return [asdict(one) for one in sandbox.tampering]


def add_authorize_fault(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.authorize_faults.append(build(AuthorizeFault, request.json))
    return [asdict(one) for one in sandbox.authorize_faults]


def roll_keys(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.keys.roll(keep_old=request.json.get("keep_old", True))
    return {"kids": [key.kid for key in sandbox.keys.keys]}


def expire_app_tokens(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.app_tokens.clear()
    return {}


def end_sessions(sandbox: "Sandbox", request: Request) -> Any:
    """Sign everybody out of their identity providers."""
    sandbox.state.browsers.clear()
    sandbox.state.changed()
    return {}


def list_people(sandbox: "Sandbox", request: Request) -> Any:
    return list(sandbox.state.people.values())


def put_person(sandbox: "Sandbox", request: Request) -> Any:
    """Make a person or change some traits of one; `roles` are a member's app roles."""
    data = dict(request.json)
    address = data.pop("address").lower()
    if address in sandbox.state.people:
        person = sandbox.state.people[address]
        if unknown := set(data) - set(person):
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        person |= data
    else:
        person = sandbox.state.people[address] = people.person(address, **data)
    sandbox.directory.add_members()
    user = sandbox.directory.with_address(address)
    if user is not None and user["userType"] == "Member" and person["roles"] is not None:
        user["roles"] = person["roles"]
    sandbox.state.changed()
    return person


def list_guests(sandbox: "Sandbox", request: Request) -> Any:
    return [user for user in sandbox.state.users.values() if user["userType"] == "Guest"]


def add_guest(sandbox: "Sandbox", request: Request) -> Any:
    """A guest that somebody other than Passport invited; accepted already with `"accepted": true`."""
    user, _ = sandbox.directory.invite(request.json["address"])
    if request.json.get("accepted"):
        sandbox.directory.redeem(user, sandbox.directory.identity(request.json["address"]))
    return user


def change_guest(sandbox: "Sandbox", request: Request, key: str) -> Any:
    """Set any property; `"redeemed_by": <address>` binds the guest to another account."""
    user = _user(sandbox, key)
    data = dict(request.json)
    if address := data.pop("redeemed_by", None):
        identity: Identity = sandbox.directory.identity(address)
        sandbox.directory.redeem(user, identity)
    if unknown := set(data) - set(user):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    user |= data
    sandbox.directory.addresses_changed()
    return user


def delete_guest(sandbox: "Sandbox", request: Request, key: str) -> Any:
    user = _user(sandbox, key)
    sandbox.directory.delete(user)
    return user


def restore_guest(sandbox: "Sandbox", request: Request, key: str) -> Any:
    if key not in sandbox.state.deleted:
        raise Unknown(key)
    return sandbox.directory.restore(key)


def _user(sandbox: "Sandbox", key: str) -> dict:
    user = sandbox.directory.with_address(key) or sandbox.directory.with_id(key)
    if user is None:
        raise Unknown(key)
    return user


def list_requests(sandbox: "Sandbox", request: Request) -> Any:
    """Everything that was sent to Graph, oldest first."""
    return sandbox.recorded


def clear_requests(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.recorded.clear()
    return []


def list_mails(sandbox: "Sandbox", request: Request) -> Any:
    if "to" in request.query:
        found = sandbox.mailboxes.of(request.query["to"])
    else:
        found = [one for box in sandbox.state.mailboxes.values() for one in box]
    return [{**one, "links": mail.links_in(one)} for one in found]


def clear_mails(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.state.mailboxes.clear()
    sandbox.state.changed()
    return []


def change_smtp(sandbox: "Sandbox", request: Request) -> Any:
    """`{"down": true}` takes the server away; `{"fault": {...}}` adds one; `{"faults": []}` clears them."""
    data = request.json
    switches = sandbox.mail_server.switches
    if "faults" in data:
        switches.faults[:] = [build(mail.SmtpFault, fault) for fault in data["faults"]]
    if "fault" in data:
        switches.faults.append(build(mail.SmtpFault, data["fault"]))
    if "down" in data:
        sandbox.mail_server.set_down(data["down"])
    return switches.listed()


def list_sign_ins(sandbox: "Sandbox", request: Request) -> Any:
    return sandbox.state.sign_ins


def add_sign_in(sandbox: "Sandbox", request: Request) -> Any:
    """Write a line into the sign-in log, such as one of an error that this tenant does not produce by
    itself.
    """
    data = request.json
    sandbox.directory.log_sign_in(
        client_id=data.get("client_id", sandbox.configuration.client_id),
        account=data["account"],
        user=sandbox.directory.with_address(data["account"]),
        number=data["number"],
        reason=data.get("reason", ""),
        correlation=data.get("correlation_id", "00000000-0000-0000-0000-000000000000"),
    )
    return sandbox.state.sign_ins[-1]

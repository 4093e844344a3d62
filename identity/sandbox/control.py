"""Switches and windows for tests and rehearsals: JSON over /control/, answered on loopback only."""

from collections.abc import Collection
from typing import Any

from . import people
from .directory import Identity
from .faults import AuthorizeFault, OperationFault, SmtpFault, Tampering, build
from .mailboxes import links_in
from .tenant import Tenant
from .web import Request, Response, json_answer


class Unknown(Exception):
    """There is no such thing."""


def handler(function):
    def handle(tenant: Tenant, request: Request, **path: str) -> Response:
        # A browser cannot send this type across origins without asking first, so no page can press our
        # switches.
        if request.method != "GET" and request.headers.get("Content-Type", "").split(";")[0] != "application/json":
            return json_answer({"error": "Content-Type must be application/json"}, status=415)
        try:
            return json_answer(function(tenant, request, **path))
        except Unknown as problem:
            return json_answer({"error": str(problem)}, status=404)
        except (ValueError, TypeError, KeyError) as problem:
            return json_answer({"error": f"{type(problem).__name__}: {problem}"}, status=400)

    return handle


def overview(tenant: Tenant, request: Request) -> Any:
    state = tenant.state
    return {
        "tenant_id": tenant.configuration.tenant_id,
        "client_id": tenant.configuration.client_id,
        "smtp_port": tenant.mail_server.port,
        "settings": state.settings,
        "guests": sum(user["userType"] == "Guest" for user in state.users.values()),
        "mails": sum(len(box) for box in state.mailboxes.values()),
        "faults": tenant.faults.listed(OperationFault),
    }


def reset(tenant: Tenant, request: Request) -> Any:
    """A fresh tenant. Signing keys, registered addresses and the members' object IDs stay."""
    tenant.reset()
    return overview(tenant, request)


def change_settings(tenant: Tenant, request: Request) -> Any:
    settings = tenant.state.settings
    if unknown := set(request.json) - set(settings):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(settings))}")
    settings |= request.json
    tenant.state.changed()
    return settings


def register(tenant: Tenant, request: Request) -> Any:
    """Move the application to another address, as an administrator would in its registration."""
    tenant.application.move_to(request.json["base_url"].rstrip("/"))
    return {"redirect_uris": tenant.application.redirect_uris, "logout_url": tenant.application.logout_url}


def list_faults(tenant: Tenant, request: Request) -> Any:
    return tenant.faults.listed(OperationFault)


def add_fault(tenant: Tenant, request: Request, *, operations: Collection[str]) -> Any:
    known = {*operations, "*", "graph"}
    if request.json.get("operation") not in known:
        raise ValueError(f"operation must be one of {', '.join(sorted(known))}")
    tenant.faults.add(OperationFault, request.json)
    return tenant.faults.listed(OperationFault)


def clear_faults(tenant: Tenant, request: Request) -> Any:
    tenant.clear_faults()
    return []


def add_tampering(tenant: Tenant, request: Request) -> Any:
    tenant.faults.add(Tampering, request.json)
    return tenant.faults.listed(Tampering)


def add_authorize_fault(tenant: Tenant, request: Request) -> Any:
    tenant.faults.add(AuthorizeFault, request.json)
    return tenant.faults.listed(AuthorizeFault)


def roll_keys(tenant: Tenant, request: Request) -> Any:
    tenant.keys.roll(keep_old=request.json.get("keep_old", True))
    return {"kids": [key.kid for key in tenant.keys.keys]}


def expire_app_tokens(tenant: Tenant, request: Request) -> Any:
    tenant.app_tokens.clear()
    return {}


def end_sessions(tenant: Tenant, request: Request) -> Any:
    """Sign everybody out of their identity providers."""
    tenant.state.browsers.clear()
    tenant.state.changed()
    return {}


def list_people(tenant: Tenant, request: Request) -> Any:
    return list(tenant.state.people.values())


def put_person(tenant: Tenant, request: Request) -> Any:
    """Make a person or change some traits of one; `roles` are a member's app roles."""
    data = dict(request.json)
    address = data.pop("address").lower()
    if address in tenant.state.people:
        person = tenant.state.people[address]
        if unknown := set(data) - set(person):
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        person |= data
    else:
        person = tenant.state.people[address] = people.person(address, **data)
    tenant.directory.add_members()
    user = tenant.directory.with_address(address)
    if user is not None and user["userType"] == "Member" and person["roles"] is not None:
        user["roles"] = person["roles"]
    tenant.state.changed()
    return person


def list_guests(tenant: Tenant, request: Request) -> Any:
    return [user for user in tenant.state.users.values() if user["userType"] == "Guest"]


def add_guest(tenant: Tenant, request: Request) -> Any:
    """A guest that somebody other than Passport invited; accepted already with `"accepted": true`."""
    user, _ = tenant.directory.invite(request.json["address"])
    if request.json.get("accepted"):
        tenant.directory.redeem(user, tenant.directory.identity(request.json["address"]))
    return user


def change_guest(tenant: Tenant, request: Request, key: str) -> Any:
    """Set any property; `"redeemed_by": <address>` binds the guest to another account."""
    user = _user(tenant, key)
    data = dict(request.json)
    if address := data.pop("redeemed_by", None):
        identity: Identity = tenant.directory.identity(address)
        tenant.directory.redeem(user, identity)
    if unknown := set(data) - set(user):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    user |= data
    tenant.directory.addresses_changed()
    return user


def delete_guest(tenant: Tenant, request: Request, key: str) -> Any:
    user = _user(tenant, key)
    tenant.directory.delete(user)
    return user


def restore_guest(tenant: Tenant, request: Request, key: str) -> Any:
    if key not in tenant.state.deleted:
        raise Unknown(key)
    return tenant.directory.restore(key)


def _user(tenant: Tenant, key: str) -> dict:
    user = tenant.directory.with_address(key) or tenant.directory.with_id(key)
    if user is None:
        raise Unknown(key)
    return user


def list_requests(tenant: Tenant, request: Request) -> Any:
    """Everything that was sent to Graph, oldest first."""
    return tenant.graph_requests


def clear_requests(tenant: Tenant, request: Request) -> Any:
    tenant.graph_requests.clear()
    return []


def list_mails(tenant: Tenant, request: Request) -> Any:
    if "to" in request.query:
        mails = tenant.mailboxes.of(request.query["to"])
    else:
        mails = [mail for box in tenant.state.mailboxes.values() for mail in box]
    return [{**mail, "links": links_in(mail)} for mail in mails]


def clear_mails(tenant: Tenant, request: Request) -> Any:
    tenant.state.mailboxes.clear()
    tenant.state.changed()
    return []


def change_smtp(tenant: Tenant, request: Request) -> Any:
    """`{"down": true}` takes the server away; `{"fault": {...}}` adds one; `{"faults": []}` clears them."""
    data = request.json
    switches = tenant.mail_server.switches
    if "faults" in data:
        switches.faults[:] = [build(SmtpFault, fault) for fault in data["faults"]]
    if "fault" in data:
        switches.faults.append(build(SmtpFault, data["fault"]))
    if "down" in data:
        tenant.mail_server.set_down(data["down"])
    return switches.listed()


def list_sign_ins(tenant: Tenant, request: Request) -> Any:
    return tenant.state.sign_ins


def clear_sign_ins(tenant: Tenant, request: Request) -> Any:
    tenant.state.sign_ins.clear()
    tenant.state.changed()
    return []


def add_sign_in(tenant: Tenant, request: Request) -> Any:
    """Write a line into the sign-in log, such as one of an error that this tenant does not produce by
    itself.
    """
    data = request.json
    tenant.directory.log_sign_in(
        client_id=data.get("client_id", tenant.configuration.client_id),
        account=data["account"],
        user=tenant.directory.with_address(data["account"]),
        number=data["number"],
        reason=data.get("reason", ""),
        correlation=data.get("correlation_id", "00000000-0000-0000-0000-000000000000"),
    )
    return tenant.state.sign_ins[-1]

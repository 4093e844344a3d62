"""Graph's user objects, the deleted ones as well."""

from ..tenant import Tenant
from ..web import Request, Response, json_answer
from .collection import collection, condition_of, selected
from .errors import GraphRefusal
from .operation import json_object

DEFAULT_PROPERTIES = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
CHANGEABLE = {
    "accountEnabled",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "otherMails",
    "preferredLanguage",
    "surname",
}


def list_users(tenant: Tenant, request: Request) -> Response:
    condition = condition_of(request)
    if condition is not None and condition.addresses is not None:
        users = tenant.directory.with_any_address(condition.addresses)
    else:
        users = list(tenant.state.users.values())
    visible = [user for user in users if _visible(tenant, user)]
    return collection(request, visible, context="users", default=DEFAULT_PROPERTIES)


def get_user(tenant: Tenant, request: Request, key: str) -> Response:
    user = _user(tenant, key)
    shown = selected(user, request.query.get("$select", ""), DEFAULT_PROPERTIES)
    return json_answer({"@odata.context": f"{request.origin}/v1.0/$metadata#users/$entity", **shown})


def update_user(tenant: Tenant, request: Request, key: str) -> Response:
    user = _user(tenant, key)
    changes = json_object(request)
    if unknown := set(changes) - CHANGEABLE:
        raise GraphRefusal(400, "Request_BadRequest", f"Property '{min(unknown)}' is read-only or unknown.")
    user |= changes
    if {"mail", "otherMails"} & set(changes):
        user["proxyAddresses"] = [f"SMTP:{user['mail']}"] if user["mail"] else []
        user["proxyAddresses"] += [f"smtp:{mail}" for mail in user["otherMails"] if mail != user["mail"]]
    tenant.directory.addresses_changed()
    tenant.directory.audit("Update user", user)
    return Response(status=204)


def delete_user(tenant: Tenant, request: Request, key: str) -> Response:
    tenant.directory.delete(_user(tenant, key))
    return Response(status=204)


def revoke_sessions(tenant: Tenant, request: Request, key: str) -> Response:
    """For guests this does nothing, as in real life: their session is not ours."""
    _user(tenant, key)
    return json_answer({"@odata.context": f"{request.origin}/v1.0/$metadata#Edm.Boolean", "value": True})


def list_deleted(tenant: Tenant, request: Request) -> Response:
    default = (*DEFAULT_PROPERTIES, "deletedDateTime")
    return collection(request, list(tenant.state.deleted.values()), context="directoryObjects", default=default)


def get_deleted(tenant: Tenant, request: Request, key: str) -> Response:
    return json_answer(selected(_deleted(tenant, key), "", (*DEFAULT_PROPERTIES, "deletedDateTime")))


def restore_deleted(tenant: Tenant, request: Request, key: str) -> Response:
    _deleted(tenant, key)
    return json_answer(selected(tenant.directory.restore(key), "", DEFAULT_PROPERTIES))


def purge_deleted(tenant: Tenant, request: Request, key: str) -> Response:
    _deleted(tenant, key)
    del tenant.state.deleted[key]
    tenant.state.changed()
    return Response(status=204)


def _visible(tenant: Tenant, user: dict) -> bool:
    return user["visibleAt"] <= tenant.state.now()


def _user(tenant: Tenant, key: str) -> dict:
    user = tenant.directory.with_id(key)
    if user is None or not _visible(tenant, user):
        raise _missing(key)
    return user


def _deleted(tenant: Tenant, key: str) -> dict:
    if key not in tenant.state.deleted:
        raise _missing(key)
    return tenant.state.deleted[key]


def _missing(key: str) -> GraphRefusal:
    return GraphRefusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )

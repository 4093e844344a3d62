"""Graph's logs of sign-ins and of changes to the directory."""

from ..tenant import Tenant
from ..web import Request, Response
from .collection import collection


def list_sign_ins(tenant: Tenant, request: Request) -> Response:
    cutoff = tenant.state.now() - tenant.state.settings["sign_in_log_delay_seconds"]
    entries = [entry for entry in reversed(tenant.state.sign_ins) if entry["writtenAt"] <= cutoff]
    shown = [{name: value for name, value in entry.items() if name != "writtenAt"} for entry in entries]
    return collection(request, shown, context="auditLogs/signIns")


def list_directory_audits(tenant: Tenant, request: Request) -> Response:
    return collection(request, list(reversed(tenant.state.audits)), context="auditLogs/directoryAudits")

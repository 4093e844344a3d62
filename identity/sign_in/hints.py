"""Which address Microsoft's page may suggest: one that this browser, or the invitation in its hands, stands for now."""

from __future__ import annotations

from django.http import HttpRequest

from identity.models import EntraAccount, Invitation
from identity.sessions import devices


def of(request: HttpRequest, invitation: Invitation | None, *, user_id: int | None) -> str:
    """The address of an open invitation, or of the live device of this person; else nothing."""
    if invitation is not None and invitation.state in Invitation.OPEN:
        return invitation.address
    device = devices.of(request)
    return device.account.address if device is not None and device.account.user_id == user_id else ""


def is_on_device(request: HttpRequest, account: EntraAccount) -> bool:
    """Does this browser stay signed in with this account?"""
    device = devices.of(request)
    return device is not None and device.account_id == account.pk

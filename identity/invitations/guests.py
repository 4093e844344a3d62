"""Removing from the tenant the guests that Passport made and that nobody needs any more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from identity.failures import cases
from identity.jobs.retries import RetryLater
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, User

LEFT_OVER = "guest_left_over"
ERASED_LEFT_OVER = "erased_guest_left_over"
TRY_AGAIN_AFTER = 300.0  # seconds


def delete_in_tenant(account: EntraAccount, *, try_again_after: float = TRY_AGAIN_AFTER) -> bool:
    """Delete the guest if Passport made it and its account is revoked. False when that is not for Passport to do.

    Raise RetryLater when Graph may do it later.
    """
    if not account.created_by_passport or account.is_live or account.guest_removed_at:
        return False
    try:
        graph.delete_user(account.oid)
    except graph.NotPermitted:
        return False
    except graph.GraphError as error:
        raise RetryLater(max(error.retry_after or 0, try_again_after)) from error
    EntraAccount.objects.filter(pk=account.pk).update(guest_removed_at=timezone.now())
    return True


def disowned(user: User, oids: Iterable[uuid.UUID]) -> list[EntraAccount]:
    """Those of these guests of whom the person has said that they are not their account."""
    theirs = EntraAccount.objects.filter(user=user, tenant_id=settings.ENTRA_TENANT_ID, oid__in=list(oids))
    return list(theirs.filter(revoked_why=EntraAccount.Revoked.DISOWNED))


def remove_disowned(account: EntraAccount) -> bool:
    """Make way for a new guest at the same address. False when that is not for Passport to do. Raise GraphError."""
    if not account.created_by_passport:
        return False
    try:
        graph.delete_user(account.oid)
    except graph.NotPermitted:
        return False
    EntraAccount.objects.filter(pk=account.pk).update(guest_removed_at=timezone.now())
    return True


def remove(account: EntraAccount) -> None:
    """Tidy the guest away if its account is still revoked, or have somebody do it by hand. Raise RetryLater."""
    if account.is_live or account.guest_removed_at or not account.guest:
        return
    if delete_in_tenant(account):
        forget_removed()
    elif account.revoked_why == EntraAccount.Revoked.ERASED:
        report_erased(account)
    else:
        _report(account)


def _report(account: EntraAccount) -> None:
    oid = str(account.oid)
    if not Failure.objects.filter(user=account.user, reason=LEFT_OVER, people__detail__oid=oid).exists():
        cases.report(
            stage=Failure.Stage.INVITATION,
            reason=LEFT_OVER,
            user=account.user,
            address=account.address,
            topic=oid,
            detail={"oid": oid},
        )


def report_erased(account: EntraAccount) -> None:
    """A case, once, that tells by the object ID alone what to remove by hand."""
    oid = str(account.oid)
    if not Failure.objects.filter(subject=f"oid:{oid}", reason=ERASED_LEFT_OVER).exists():
        cases.report(stage=Failure.Stage.INVITATION, reason=ERASED_LEFT_OVER, oid=oid, detail={"oid": oid})


def forget_removed(*, dry_run: bool = False) -> int:
    """Forget the object IDs of erased people once Passport has removed the guest, or someone has closed its case."""
    closed = Failure.objects.filter(reason=ERASED_LEFT_OVER, state=Failure.State.RESOLVED)
    oids = [uuid.UUID(subject.removeprefix("oid:")) for subject in closed.values_list("subject", flat=True)]
    removed = EntraAccount.objects.filter(revoked_why=EntraAccount.Revoked.ERASED).filter(
        Q(guest_removed_at__isnull=False) | Q(oid__in=oids)
    )
    if dry_run:
        return removed.count()
    with transaction.atomic():
        closed.delete()
        return removed.delete()[1].get(EntraAccount._meta.label, 0)

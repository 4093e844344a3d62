"""Removing what identity holds about one person. The caller's transaction makes it all or nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.utils import timezone

from identity.jobs.queue import defer
from identity.models import EntraAccount, User, new_username
from identity.privacy import personal_data

ERASED = "(erased)"


def erase(user: User, *, addresses: Collection[str]) -> None:
    """Leave a user without anything, and of the accounts only what is needed to remove guests from the tenant."""
    pattern = personal_data.pattern_for(addresses)
    for failure in personal_data.mentions(user, addresses=addresses):
        failure.address = _without(failure.address, pattern, instead="")
        failure.claimed_address = _without(failure.claimed_address, pattern, instead="")
        failure.notes = _without(failure.notes, pattern)
        failure.resolved_how = _without(failure.resolved_how, pattern)
        failure.detail = _without(failure.detail, pattern)
        failure.save(update_fields=["address", "claimed_address", "notes", "resolved_how", "detail"])
    for person in personal_data.named_in(addresses):
        person.claimed_address = _without(person.claimed_address, pattern, instead="")
        # A number of its own in place of the address: two accounts stay two.
        person.topic = _without(person.topic, pattern, instead=f"{ERASED} {person.pk}")
        person.save(update_fields=["claimed_address", "topic"])
    personal_rows = personal_data.rows(user, addresses=addresses)
    accounts = personal_rows.pop("accounts")
    # The ids first: some of the rows are found by others.
    doomed = [(rows.model, list(rows.values_list("pk", flat=True))) for rows in personal_rows.values()]
    for model, pks in doomed:
        model._base_manager.filter(pk__in=pks).delete()
    for account in accounts:
        _forget(account)
    User.objects.filter(pk=user.pk).update(
        username=new_username(), email="", is_active=False, is_staff=False, roles=[], last_login=None
    )


def _forget(account: EntraAccount) -> None:
    if not account.guest or account.guest_removed_at:
        account.delete()
        return
    EntraAccount.objects.filter(pk=account.pk).update(
        address="",
        signed_in_as="",
        revoked_at=account.revoked_at or timezone.now(),
        revoked_why=EntraAccount.Revoked.ERASED,
    )
    defer("identity.tasks.remove_guest", account_id=account.pk)


def _without(value: Any, pattern: re.Pattern[str], *, instead: str = ERASED) -> Any:
    if isinstance(value, str):
        return pattern.sub(instead, value)
    if isinstance(value, list):
        return [_without(item, pattern) for item in value if not (isinstance(item, str) and pattern.fullmatch(item))]
    if isinstance(value, dict):
        return {key: _without(item, pattern) for key, item in value.items()}
    return value

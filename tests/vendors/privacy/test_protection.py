"""The record is protected against mistakes, not against erasing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from identity.models import EntraAccount, UserEvent, protected_rows
from tests.factories import create_account, create_failure, create_staff, create_vendor
from vendors import lifecycle
from vendors.models import Acceptance, Vendor, VendorEvent, VendorState

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    vendor = create_vendor(state=VendorState.APPROVED)
    lifecycle.record(vendor, VendorEvent.Kind.APPROVED, reason="As agreed.")
    create_failure(user=vendor.user)
    Vendor.objects.filter(pk=vendor.pk).update(name="Another name")
    UserEvent.objects.create(user=vendor.user, kind=UserEvent.Kind.SESSIONS_ENDED)
    return vendor


def raw(statement: str) -> Callable[[Vendor], None]:
    def run(vendor: Vendor) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


REFUSED: dict[str, Callable[[Vendor], object]] = {
    "event's reason": lambda vendor: vendor.events.update(reason=""),
    "event's time": lambda vendor: vendor.events.update(at=timezone.now()),
    "event saved": lambda vendor: vendor.events.first().save(),
    "event's person": lambda vendor: vendor.events.update(by=create_staff()),
    "events deleted": lambda vendor: vendor.events.all().delete(),
    "events deleted in SQL": raw("DELETE FROM vendors_vendorevent"),
    "event of one of ours": lambda vendor: UserEvent.objects.update(reason="Another reason."),
    "events of ours deleted": lambda vendor: UserEvent.objects.all().delete(),
    "acceptance's version": lambda vendor: vendor.acceptances.update(version="9"),
    "acceptance saved": lambda vendor: vendor.acceptances.first().save(),
    "acceptances deleted": lambda vendor: vendor.acceptances.all().delete(),
    "acceptances changed in SQL": raw("UPDATE vendors_acceptance SET address = ''"),
    "history changed": lambda vendor: vendor.history.update(name=""),
    "history deleted": lambda vendor: vendor.history.all().delete(),
    "account's tenant": lambda vendor: vendor.user.accounts.update(tenant_id=uuid.uuid4()),
    "account's object ID": lambda vendor: vendor.user.accounts.update(oid=uuid.uuid4()),
    "account's user": lambda vendor: vendor.user.accounts.update(user=create_staff()),
    "case's reason": lambda vendor: vendor.user.failures.update(reason="declined"),
    "case's subject": lambda vendor: vendor.user.failures.update(subject="address:other@mail.example"),
    "case's first sighting": lambda vendor: vendor.user.failures.update(first_seen_at=timezone.now()),
    "account's user in SQL": raw("UPDATE identity_entraaccount SET user_id = (SELECT min(id) FROM identity_user) - 1"),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_record_is_not_changed_by_mistake(vendor, change):
    with (
        pytest.raises(ProgrammingError, match=r"^pgtrigger: Cannot (update|delete|update or delete) rows"),
        transaction.atomic(),
    ):
        change(vendor)


def test_everything_else_of_an_account_changes_as_before(vendor):
    account = create_account(user=vendor.user, address="other@mail.example")
    EntraAccount.objects.filter(pk=account.pk).update(address="new@mail.example", revoked_at=timezone.now())
    account.save()

    assert EntraAccount.objects.filter(pk=account.pk).delete()[0] == 1


def test_protection_is_lifted_inside_and_there_again_after(vendor):
    with protected_rows.lifted():
        vendor.events.update(reason="")
        vendor.acceptances.all().delete()
        vendor.user.accounts.update(oid=uuid.uuid4())
        Vendor.objects.filter(pk=vendor.pk).update(name="A third name")
    create_account(user=vendor.user, address="other@mail.example")

    assert not Acceptance.objects.exists()
    assert vendor.history.filter(name="A third name").exists()  # the history goes on meanwhile
    with pytest.raises(ProgrammingError), transaction.atomic():
        vendor.events.all().delete()


def test_protection_is_back_after_a_mistake_inside(vendor):
    def mistake() -> None:
        with protected_rows.lifted():
            vendor.events.update(reason="")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        mistake()

    with pytest.raises(ProgrammingError), transaction.atomic():
        vendor.events.update(reason="")
    assert vendor.events.filter(reason="As agreed.").exists()

import pytest

from identity.jobs.retries import RetryLater
from identity.models import EntraAccount
from tests.factories import create_email_change, create_vendor
from vendors import tasks
from vendors.models import EmailChange, VendorState

pytestmark = pytest.mark.django_db


@pytest.fixture
def change():
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="new@mail.example")
    return create_email_change(vendor=vendor, old="old@mail.example")


@pytest.mark.parametrize("mode", ["planned", "cut_off"])
def test_old_address_is_told_without_the_new_one(change, mailoutbox, mode):
    EmailChange.objects.update(mode=mode)

    tasks.tell_old_address(email_change_id=change.pk)

    [mail] = mailoutbox
    assert mail.to == ["old@mail.example"]
    assert mail.reply_to == ["vm@sandberg.example"]
    assert "new@" not in mail.body + mail.subject
    assert "Sandberg" in mail.subject
    assert ("until you first sign in with the new one" in mail.body) == (mode == "planned")
    assert ("can no longer sign in" in mail.body) == (mode == "cut_off")
    assert mail.extra_headers["Message-ID"].startswith("<email-changed-")


@pytest.mark.parametrize("state", ["undone", "superseded"])
def test_old_address_is_not_told_of_what_is_no_longer_so(change, mailoutbox, state):
    EmailChange.objects.update(state=state)

    tasks.tell_old_address(email_change_id=change.pk)

    assert mailoutbox == []


def test_repair_does_nothing_twice(change):
    EmailChange.objects.update(mode="repair", state="undone")

    tasks.repair_sign_in(email_change_id=change.pk)

    assert not change.vendor.user.invitations.filter(state="queued").exists()


def test_repair_waits_when_graph_is_down(tenant, change):
    account = EntraAccount.objects.get()
    EntraAccount.objects.update(revoked_at="2026-01-01T00:00Z", revoked_why="repaired")
    EmailChange.objects.update(mode="repair", old_account=account)
    tenant.fault("users.delete", status=503)

    with pytest.raises(RetryLater):
        tasks.repair_sign_in(email_change_id=change.pk)

    assert not change.vendor.user.invitations.filter(state="queued").exists()
    tasks.repair_sign_in(email_change_id=change.pk)
    assert change.vendor.user.invitations.filter(state="queued").count() == 1

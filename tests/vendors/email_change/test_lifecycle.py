"""Every branch of the change of the primary email, against the sandbox tenant where Graph has a say."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from identity import accounts
from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import EntraAccount, Failure, Invitation, Session
from tests.clients import signed_in
from tests.factories import become, create_account, create_email_change, create_vendor
from tests.records import events, jobs, live_addresses
from vendors import addresses, lifecycle
from vendors.email_change import lapsed
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor, VendorState
from vendors.tasks import repair_sign_in

pytestmark = pytest.mark.django_db

OLD, NEW = "old@mail.example", "new@mail.example"


def approved(**fields):
    return create_vendor(state=VendorState.APPROVED, primary_email=OLD, **fields)


def start(vendor, *, new=NEW, **fields):
    return email_change.start(vendor, new=new, reason="moved house", **fields)


def sign_in(vendor, *, address):
    """What the pipeline does once Microsoft has said who it is."""
    account = EntraAccount.objects.live().get(user=vendor.user, address=address)
    now = timezone.now()
    EntraAccount.objects.filter(pk=account.pk).update(first_sign_in_at=now, last_sign_in_at=now)
    email_change.note_sign_in(vendor, account=account)
    return account


def reload(*rows):
    for row in rows:
        row.refresh_from_db()


# Starting


def test_planned_keeps_the_old_sign_in_and_invites_the_new_address(vera):
    vendor = approved()

    change = start(vendor, how_known="called", by=vera)

    reload(vendor)
    assert vendor.primary_email == NEW
    assert vendor.state == VendorState.APPROVED
    assert (change.old, change.new, change.mode, change.state) == (OLD, NEW, "planned", "open")
    assert (change.reason, change.how_known, change.by) == ("moved house", "called", vera)
    assert live_addresses(vendor.user) == [OLD]
    invitation = Invitation.objects.get(state="queued")
    assert (invitation.address, invitation.why, invitation.by) == (NEW, "email_change", vera)
    assert change.invitation == invitation
    assert events(vendor) == ["email_change_started"]
    assert vendor.events.get().data == {"email_change": change.pk, "mode": "planned"}
    assert jobs("vendors.tasks.tell_old_address") == [{"email_change_id": change.pk}]


def test_cut_off_closes_the_old_sign_in_now():
    vendor = approved()
    signed_in(vendor.user)
    Session.objects.update(account=EntraAccount.objects.get())

    change = start(vendor, cut_off=True)

    assert change.mode == "cut_off"
    assert live_addresses(vendor.user) == []
    assert EntraAccount.objects.get().revoked_why == "cut_off"
    assert not Session.objects.exists()
    assert jobs("vendors.tasks.tell_old_address") == [{"email_change_id": change.pk}]


@pytest.mark.parametrize("cut_off", [False, True])
def test_address_nobody_signed_in_with_is_corrected_without_mail_to_it(cut_off):
    vendor = create_vendor(state=VendorState.INVITED, primary_email=OLD)
    first = Invitation.objects.get()

    change = start(vendor, cut_off=cut_off)

    reload(vendor, first)
    assert (change.mode, change.state) == ("correction", "open")
    assert live_addresses(vendor.user) == []
    assert EntraAccount.objects.get().revoked_why == "corrected"
    assert first.state == "superseded"
    assert Invitation.objects.get(state="queued").address == NEW
    assert vendor.state == VendorState.INVITED
    assert jobs("vendors.tasks.tell_old_address") == []


def test_prepared_vendor_simply_has_another_address():
    vendor = create_vendor(primary_email=OLD)

    change = start(vendor)

    reload(vendor)
    assert vendor.primary_email == NEW
    assert (change.mode, change.state, change.invitation) == ("correction", "confirmed", None)
    assert not Invitation.objects.exists()
    assert jobs("vendors.tasks.tell_old_address") == []


def test_account_that_was_disowned_does_not_count_as_having_signed_in():
    vendor = create_vendor(state=VendorState.INVITED, primary_email=OLD)
    EntraAccount.objects.update(
        first_sign_in_at=timezone.now(), revoked_at=timezone.now(), revoked_why=EntraAccount.Revoked.DISOWNED
    )

    assert start(vendor).mode == "correction"


def test_same_address_is_refused_whatever_its_case():
    with pytest.raises(email_change.SameAddress):
        start(approved(), new="OLD@mail.example")


def test_malformed_address_is_refused():
    vendor = approved()

    with pytest.raises(AddressNotInvitable):
        start(vendor, new="new")

    assert not EmailChange.objects.exists()


def test_address_of_another_vendor_is_refused_and_changes_nothing():
    vendor = approved()
    holder = create_vendor(primary_email="New@mail.example")

    with pytest.raises(addresses.AddressTaken) as caught:
        start(vendor)

    reload(vendor)
    assert caught.value.vendor == holder
    assert vendor.primary_email == OLD
    assert live_addresses(vendor.user) == [OLD]
    assert not EmailChange.objects.exists()


def test_address_in_another_vendors_open_change_is_refused():
    create_email_change(vendor=create_vendor(), old=NEW)

    with pytest.raises(addresses.AddressTaken):
        start(approved())


@pytest.mark.parametrize("state", [VendorState.SUSPENDED, VendorState.ENDED, VendorState.DECLINED, VendorState.ERASED])
def test_whoever_may_not_come_in_gets_no_new_address(state):
    vendor = create_vendor(state=state)

    with pytest.raises(lifecycle.WrongState):
        start(vendor)


# A second change while one is open


def test_second_change_supersedes_the_open_one_and_keeps_what_old_means(tenant, send):
    vendor = approved()
    mistake = start(vendor, new="mistake@mail.example")
    send(vendor.user)
    assert live_addresses(vendor.user) == ["mistake@mail.example", OLD]

    change = start(vendor)

    reload(vendor, mistake)
    assert mistake.state == "superseded"
    assert (change.old, change.new, change.mode) == (OLD, NEW, "planned")
    assert vendor.primary_email == NEW
    assert live_addresses(vendor.user) == [OLD]
    assert EntraAccount.objects.get(address="mistake@mail.example").revoked_why == "corrected"
    assert Invitation.objects.get(state="queued").address == NEW


def test_second_change_can_cut_off_what_the_first_left_working():
    vendor = approved()
    start(vendor, new="mistake@mail.example")

    change = start(vendor, cut_off=True)

    assert (change.old, change.mode) == (OLD, "cut_off")
    assert live_addresses(vendor.user) == []


def test_second_correction_stays_a_correction():
    vendor = create_vendor(state=VendorState.INVITED, primary_email=OLD)
    start(vendor, new="mistake@mail.example")

    change = start(vendor, cut_off=True)

    assert (change.old, change.mode) == (OLD, "correction")


def test_second_change_after_a_cut_off_leaves_nothing_to_plan():
    vendor = approved()
    start(vendor, new="mistake@mail.example", cut_off=True)

    assert start(vendor, cut_off=False).mode == "cut_off"


def test_going_back_while_open_is_an_undo():
    vendor = approved()
    start(vendor)

    with pytest.raises(email_change.AddressBeforeOpenChange):
        start(vendor, new=OLD)


# The first sign-in with the new address


def test_first_sign_in_with_the_new_address_confirms_and_ends_the_old(tenant, send):
    vendor = approved()
    change = start(vendor)
    send(vendor.user)
    signed_in(vendor.user)
    Session.objects.update(account=EntraAccount.objects.get(address=OLD))
    assert live_addresses(vendor.user) == [NEW, OLD]

    sign_in(vendor, address=NEW)

    reload(change)
    assert change.state == "confirmed"
    assert change.closed_at is not None
    assert live_addresses(vendor.user) == [NEW]
    assert EntraAccount.objects.get(address=OLD).revoked_why == "replaced"
    assert not Session.objects.exists()
    assert events(vendor) == [
        "email_change_started",
        "invitation_sent",
        "email_change_confirmed",
        "invitation_accepted",
    ]


def test_sign_in_with_the_old_address_of_a_planned_change_confirms_nothing(tenant, send):
    vendor = approved()
    change = start(vendor)
    send(vendor.user)

    sign_in(vendor, address=OLD)

    reload(change)
    assert change.state == "open"
    assert live_addresses(vendor.user) == [NEW, OLD]


def test_second_sign_in_with_the_new_address_changes_nothing_more(tenant, send):
    vendor = approved()
    start(vendor)
    send(vendor.user)
    sign_in(vendor, address=NEW)
    before = events(vendor)

    sign_in(vendor, address=NEW)

    assert events(vendor) == before


def test_back_to_a_former_address(tenant, send):
    vendor = approved()
    start(vendor, new=NEW)
    send(vendor.user)
    sign_in(vendor, address=NEW)
    former = EntraAccount.objects.get(address=OLD)
    tenant_guest = tenant.add_guest(OLD, accepted=True)
    become(EntraAccount.objects.filter(pk=former.pk), tenant_guest)

    change = start(vendor, new=OLD)
    send(vendor.user)
    reload(vendor)
    assert live_addresses(vendor.user) == [NEW, OLD]
    assert vendor.primary_email == OLD
    sign_in(vendor, address=OLD)

    reload(change)
    assert change.state == "confirmed"
    assert live_addresses(vendor.user) == [OLD]
    assert EntraAccount.objects.filter(user=vendor.user).count() == 2
    assert not Invitation.objects.filter(state="sent").exists()


# The new address is an alias of the same guest


def alias_of_the_same_guest(tenant, vendor):
    tenant.person(OLD, aliases=[NEW])
    guest = tenant.add_guest(OLD, accepted=True)
    become(EntraAccount.objects.filter(user=vendor.user), guest)


@pytest.mark.parametrize("cut_off", [False, True])
def test_alias_of_the_same_guest_is_confirmed_at_once(tenant, send, cut_off):
    vendor = approved()
    alias_of_the_same_guest(tenant, vendor)
    change = start(vendor, cut_off=cut_off)

    send(vendor.user)

    reload(change, vendor)
    assert change.state == "confirmed"
    assert vendor.primary_email == NEW
    assert EntraAccount.objects.get(user=vendor.user).is_live
    assert "email_change_confirmed" in events(vendor)


# Undo


def test_undo_of_a_planned_change(tenant, send):
    vendor = approved()
    change = start(vendor)
    invitation = send(vendor.user)

    email_change.undo(change, reason="they stay")

    reload(vendor, change, invitation)
    assert vendor.primary_email == OLD
    assert change.state == "undone"
    assert live_addresses(vendor.user) == [OLD]
    assert EntraAccount.objects.get(address=NEW).revoked_why == "undone"
    assert invitation.state == "withdrawn"
    assert not Invitation.objects.open().exists()
    assert events(vendor)[-1] == "email_change_undone"
    assert vendor.events.first().reason == "they stay"


@pytest.mark.parametrize("cut_off", [True, False])
def test_undo_of_a_closed_old_address_invites_it_again(cut_off):
    vendor = approved() if cut_off else create_vendor(state=VendorState.INVITED, primary_email=OLD)
    change = start(vendor, cut_off=cut_off)

    email_change.undo(change)

    reload(vendor)
    invitation = Invitation.objects.get(state="queued")
    assert (invitation.address, invitation.why) == (OLD, "undo")
    assert vendor.primary_email == OLD


def test_undo_of_a_cut_off_lets_the_old_guest_in_again(tenant, send):
    vendor = approved()
    guest = tenant.add_guest(OLD, accepted=True)
    become(EntraAccount.objects.filter(user=vendor.user), guest)
    change = start(vendor, cut_off=True)
    send(vendor.user)

    email_change.undo(change)
    send(vendor.user)

    assert live_addresses(vendor.user) == [OLD]
    assert EntraAccount.objects.get(address=OLD).oid.hex == guest["id"].replace("-", "")


def test_undo_before_graph_answered_lets_nobody_in_by_the_new_address(tenant, send):
    vendor = approved()
    change = start(vendor)

    email_change.undo(change)

    assert not Invitation.objects.open().exists()
    assert live_addresses(vendor.user) == [OLD]


def test_undo_twice_is_refused():
    vendor = approved()
    change = start(vendor)
    stale = EmailChange.objects.get(pk=change.pk)
    email_change.undo(change)

    with pytest.raises(email_change.NotOpen):
        email_change.undo(stale)

    assert events(vendor).count("email_change_undone") == 1


def test_undo_after_the_new_address_was_used_is_refused(tenant, send):
    vendor = approved()
    change = start(vendor)
    send(vendor.user)
    sign_in(vendor, address=NEW)

    with pytest.raises(email_change.NotOpen):
        email_change.undo(change)

    reload(vendor)
    assert vendor.primary_email == NEW
    assert live_addresses(vendor.user) == [NEW]


def test_undo_resolves_its_cases():
    vendor = approved()
    change = start(vendor)
    email_change.dispute(change)

    email_change.undo(change)

    assert Failure.objects.get().state == "resolved"


# Cutting off an open planned change


def test_cut_off_of_an_open_planned_change():
    vendor = approved()
    change = start(vendor)

    email_change.cut_off(change, reason="laptop stolen")

    reload(change)
    assert (change.mode, change.state) == ("cut_off", "open")
    assert live_addresses(vendor.user) == []
    assert EntraAccount.objects.get().revoked_why == "cut_off"
    assert events(vendor) == ["email_change_started", "email_change_cut_off"]


def test_cut_off_twice_is_refused():
    change = start(approved())
    stale = EmailChange.objects.get(pk=change.pk)
    email_change.cut_off(change)

    with pytest.raises(email_change.NotPlanned):
        email_change.cut_off(stale)


def test_cut_off_of_a_closed_change_is_refused():
    vendor = approved()
    change = start(vendor)
    email_change.undo(change)

    with pytest.raises(email_change.NotOpen):
        email_change.cut_off(change)

    assert live_addresses(vendor.user) == [OLD]


# Cases


def test_planned_change_not_accepted_for_14_days_becomes_one_case():
    vendor = approved()
    change = start(vendor)
    now = timezone.now()

    assert lapsed.report(now=now + dt.timedelta(days=13, hours=23)) == 0
    assert lapsed.report(now=now + dt.timedelta(days=14, hours=1)) == 1
    assert lapsed.report(now=now + dt.timedelta(days=15)) == 0

    failure = Failure.objects.get()
    assert (failure.stage, failure.reason, failure.user, failure.address, failure.count) == (
        "email_change",
        "change_not_accepted",
        vendor.user,
        NEW,
        1,
    )
    email_change.cut_off(change)
    reload(failure)
    assert failure.state == "resolved"


@pytest.mark.parametrize("how", ["cut_off", "undone"])
def test_lapse_is_no_case_once_decided(how):
    vendor = approved()
    change = start(vendor)
    email_change.cut_off(change) if how == "cut_off" else email_change.undo(change)

    assert lapsed.report(now=timezone.now() + dt.timedelta(days=20)) == 0


def test_sign_in_resolves_the_lapse_but_not_the_dispute(tenant, send):
    vendor = approved()
    change = start(vendor)
    send(vendor.user)
    lapsed.report(now=timezone.now() + dt.timedelta(days=15))
    email_change.dispute(change)

    sign_in(vendor, address=NEW)

    states = dict(Failure.objects.values_list("reason", "state"))
    assert states == {"change_not_accepted": "resolved", "change_disputed": "open"}


# Repair


def test_repair_replaces_a_guest_that_passport_made(tenant, send):
    vendor = approved()
    guest = tenant.add_guest(OLD, accepted=True)
    become(EntraAccount.objects.filter(user=vendor.user), guest)

    change = email_change.repair(vendor, reason="moved to another provider")
    assert live_addresses(vendor.user) == []
    run_repair(change)
    send(vendor.user)

    reload(vendor, change)
    assert vendor.primary_email == OLD
    assert (change.mode, change.state) == ("repair", "open")
    old, new = EntraAccount.objects.filter(user=vendor.user).order_by("created_at")
    assert (old.is_live, old.revoked_why, old.guest_removed_at is not None) == (False, "repaired", True)
    assert new.is_live
    assert new.oid != old.oid
    assert "sign_in_repaired" in events(vendor)
    sign_in(vendor, address=OLD)
    reload(change)
    assert change.state == "confirmed"


def test_repair_where_passport_may_not_remove_the_guest_becomes_a_case(tenant, send):
    vendor = approved()
    guest = tenant.add_guest(OLD, accepted=True)
    become(EntraAccount.objects.filter(user=vendor.user), guest, created_by_passport=False)

    change = email_change.repair(vendor)
    assert live_addresses(vendor.user) == [OLD]
    run_repair(change)
    send(vendor.user)

    reload(change)
    assert change.state == "undone"
    assert live_addresses(vendor.user) == [OLD]
    failure = Failure.objects.get(reason="repair_needs_it")
    assert failure.detail == {"oid": guest["id"]}
    assert tenant.guest(OLD) is not None
    assert "sign_in_not_repaired" in events(vendor)


def test_repair_after_it_removed_the_guest_binds_the_new_one(tenant, send):
    vendor = approved()
    EntraAccount.objects.filter(user=vendor.user).update(created_by_passport=False)

    change = email_change.repair(vendor)
    run_repair(change)
    send(vendor.user)

    old, new = EntraAccount.objects.filter(user=vendor.user).order_by("created_at")
    assert (old.is_live, new.is_live) == (False, True)
    assert "sign_in_repaired" in events(vendor)


def test_repair_is_refused_without_a_working_sign_in_or_during_a_change():
    with pytest.raises(email_change.NotToBeRepaired):
        email_change.repair(create_vendor(state=VendorState.INVITED))
    vendor = approved()
    start(vendor)
    with pytest.raises(email_change.NotToBeRepaired):
        email_change.repair(vendor)
    with pytest.raises(lifecycle.WrongState):
        email_change.repair(create_vendor(state=VendorState.SUSPENDED))


def run_repair(change):
    assert jobs("vendors.tasks.repair_sign_in") == [{"email_change_id": change.pk}]
    repair_sign_in(email_change_id=change.pk)


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_undo_and_first_sign_in_at_once_end_in_one_state_with_one_account():
    vendor = approved()
    change = start(vendor)
    new_account = create_account(user=vendor.user, address=NEW, used=True)
    change.invitation.account = new_account
    change.invitation.save()
    both_ready = threading.Barrier(2)
    problems = []

    def run(command):
        try:
            both_ready.wait(timeout=10)
            command()
        except email_change.NotOpen:
            pass
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=[command])
        for command in (
            lambda: email_change.undo(EmailChange.objects.select_related("vendor").get(pk=change.pk)),
            lambda: email_change.note_sign_in(Vendor.objects.get(pk=vendor.pk), account=new_account),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    reload(vendor, change)
    assert problems == []
    assert (change.state, vendor.primary_email, live_addresses(vendor.user)) in [
        ("undone", OLD, [OLD]),
        ("confirmed", NEW, [NEW]),
    ]


def test_there_are_never_more_than_two_live_accounts(tenant, send):
    vendor = approved()
    for number in range(3):
        start(vendor, new=f"new-{number}@mail.example")
        send(vendor.user)
        assert accounts.live_accounts(vendor.user).count() == 2

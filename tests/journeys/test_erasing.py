"""A vendor is erased: nothing that was known of them is left anywhere, and nothing of anybody else is gone."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from identity import tasks as identity_tasks
from identity.jobs.retries import RetryLater
from identity.models import EntraAccount, Failure, Invitation, protected_rows
from tests.journeys import everything
from tests.journeys.everything import NOW, OLD, WORDS, found, kept
from tests.processes import start_command
from tests.waiting import somebody_waits_for_us, wait_for
from vendors import lifecycle
from vendors import tasks as vendors_tasks
from vendors.bulk_import import examination, runs
from vendors.bulk_import.csv_rows import Lists
from vendors.models import Document, ImportRow, LockedRecord, Vendor, VendorImport, VendorState
from vendors.privacy import erasure, locks

WHY = "Asked for it on 3 May, ticket 4711"
# She worked for us: who she is, what tax law asks for, and what shows that she was qualified.
LOCKED = [
    NOW,
    "Łucja Nowak-Åberg",
    "ul. Prosta 1",
    "MA in Applied Linguistics",
    "Uniwersytet Warszawski",
    "twelve years at sea",
    "My CV.pdf",
    "a seminar on sea law",
    "asked at the harbour",
]


def erase(address: str = NOW) -> None:
    call_command("erase_vendor", address, "--reason", WHY, "--yes")


def test_nothing_is_left_and_nobody_else_is_touched(passport, media_root):
    known = everything.make(passport)
    vendor = known.vendor
    oids = [str(oid) for oid in EntraAccount.objects.filter(user=vendor.user).values_list("oid", flat=True)]
    words = [*WORDS, *oids, f"user:{vendor.user_id}", vendor.user.username]
    assert found(words, kept(media_root)) == words, "the search finds all of it before"
    other_before = everything.of_other(known.other)
    assert known.browser.go(f"{passport.url}/profile/").path == "/profile/"
    guests = [OLD, NOW, everything.MISTYPED]
    assert [bool(passport.tenant.guest(address)) for address in guests] == [True, True, True]

    erase()

    assert found([*WORDS, vendor.user.username], kept(media_root)) == LOCKED
    passport.work()
    assert found(words, kept(media_root)) == LOCKED
    assert [passport.tenant.guest(address) for address in guests] == [None, None, None]

    assert everything.of_other(known.other) == other_before
    about_other = Failure.objects.filter(user=known.other.user)
    assert {case.claimed_address for case in about_other} == {""}
    assert about_other.get(reason="declined").notes == f"Ewa <{everything.OTHER}> shares a desk with <(erased)>."
    common = Failure.objects.get(reason="microsoft_timeout")
    assert [person.address for person in common.people.all()] == [everything.OTHER]
    assert list(ImportRow.objects.order_by("line").values_list("address", "sentence")) == [
        (everything.OTHER, f"Belongs to {everything.OTHER_NAME}."),
        ("paul@mail.example", "This is too much like –."),
    ]
    only_dates_and_ground_are_left(vendor)
    known.browser.go(f"{passport.url}/profile/")
    assert known.browser.page.path == "/sign-in/", "the session has ended"


def only_dates_and_ground_are_left(vendor: Vendor) -> None:
    added_at, user = vendor.created_at, vendor.user
    vendor.refresh_from_db()
    assert (vendor.state, vendor.name, vendor.primary_email, vendor.created_at) == (
        "erased",
        "",
        f"erased-{vendor.pk}@erased.invalid",
        added_at,
    )
    assert str(vendor) == f"erased vendor {vendor.pk}"
    events = list(vendor.events.order_by("at", "id"))
    assert [event.kind for event in events][:2] == ["added", "invited"]
    assert (events[-1].kind, events[-1].reason, events[-1].via) == ("erased", WHY, "erase_vendor")
    assert set(events[-1].data) <= {"locked"}
    assert {(event.reason, str(event.data)) for event in events[:-1]} == {("", "{}")}
    acceptances = list(vendor.acceptances.values("address", "oid", "version", "sha256", "accepted_at"))
    assert acceptances
    assert all(row["address"] == "" and row["oid"] is None for row in acceptances)
    assert all(row["version"] and row["sha256"] and row["accepted_at"] for row in acceptances)
    user.refresh_from_db()
    assert (user.email, user.is_active, user.accounts.count()) == ("", False, 0)


# Killed


def killed_at(table: str) -> None:
    """Start the command, hold it up when it wants to write there, and kill it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        process = start_command("erase_vendor", OLD, "--reason", WHY, "--yes", stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: somebody_waits_for_us() or process.poll() is not None)
        finally:
            process.kill()
        assert process.wait() == -signal.SIGKILL, "it ended before it was killed"


def test_killed_at_any_point_it_goes_on(passport, media_root):
    vendor = everything.make(passport).vendor
    before = vendor.state
    for table in ["vendors_vendorevent", "identity_entraaccount", "identity_session"]:
        killed_at(table)
        vendor.refresh_from_db()
        assert vendor.state == before, "the first step is whole or did not happen"
        assert EntraAccount.objects.live().filter(user=vendor.user).exists()
        assert Path(Document.objects.filter(vendor=vendor).first().file.path).exists()
    tables = ["django_admin_log", "onboarding_draft", "identity_failure", "identity_user", "vendors_ratehistory"]
    for table in [*tables, "pghistory_context"]:
        killed_at(table)
        vendor.refresh_from_db()
        assert (vendor.state, vendor.primary_email) == (VendorState.ERASED, NOW)
        assert not EntraAccount.objects.live().filter(user=vendor.user).exists()
        assert vendor.submissions.exists(), "the second step is whole or did not happen"
        assert vendor.events.filter(kind="erased").count() == 1

    erase()

    passport.work()
    assert found(WORDS, kept(media_root)) == LOCKED
    only_dates_and_ground_are_left(vendor)
    with pytest.raises(CommandError, match="has already been erased. Still locked: "):
        erase()
    for record in LockedRecord.objects.all():
        locks.forget(record, via="purge")
    assert found(WORDS, kept(media_root)) == []
    with pytest.raises(CommandError, match="No vendor has, or ever had, the address"):
        erase()


def test_worker_finishes_what_was_killed(passport, media_root):
    vendor = everything.make(passport).vendor
    lifecycle.erase(vendor, reason=WHY, via="erase_vendor")

    passport.work()

    assert found(WORDS, kept(media_root)) == LOCKED
    only_dates_and_ground_are_left(vendor)


# Tasks under way


def test_waits_for_a_task_that_may_still_write(passport):
    vendor, other = passport.invited(NOW), passport.invited(OLD)
    theirs, of_other = (str(Invitation.objects.get(user=each.user).pk) for each in (vendor, other))
    identity_tasks.mail_invitation.defer(invitation_id=theirs)
    identity_tasks.mail_invitation.defer(invitation_id=of_other)
    lifecycle.erase(vendor, reason=WHY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")

    with pytest.raises(erasure.StillBusy):
        erasure.finish(vendor)
    vendor.refresh_from_db()
    assert vendor.primary_email == NOW
    assert erasure.finish_all() == 0

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
    assert erasure.finish_all() == 1
    left = ProcrastinateJob.objects.filter(task_name="identity.tasks.mail_invitation", status="todo")
    assert [job.args for job in left] == [{"invitation_id": of_other}]


def test_import_that_is_under_way_does_not_add_them_again(passport):
    vendor = passport.invited(NOW)
    run = VendorImport.objects.create(name="f.csv", rows=2, state="running", heading=["name", "email"])
    for line, address in ((2, NOW), (3, OLD)):
        run.lines.create(line=line, kind="added", is_taken=True, name="Dora", address=address, cells={"raw": [address]})
    lifecycle.erase(vendor, reason=WHY)
    erasure.finish(vendor)

    vendors_tasks.run_import(run.pk)

    assert not Vendor.objects.filter(primary_email=NOW).exists()
    assert Vendor.objects.filter(primary_email=OLD).exists()
    run.refresh_from_db()
    assert run.state == "done"


@pytest.mark.django_db(transaction=True)
def test_erased_while_their_row_is_being_added_they_are_not_added(vera):
    """The row is gone when it is to be marked as done, so what was added for it goes as well."""
    run = VendorImport.objects.create(name="f.csv", rows=1, state="running", heading=["name", "email"])
    run.lines.create(line=2, kind="added", is_taken=True, name="Dora", address=NOW, cells={"raw": [NOW]})
    rows = list(examination.examined(run.lines.all(), run, Lists.of_today()))
    runs.forget_people([NOW], names=[])

    runs._carry_out(run, *rows[0])

    assert not Vendor.objects.exists()


# The guest


def test_guest_that_passport_did_not_make_becomes_a_case_without_an_address(passport, media_root):
    passport.tenant.add_guest(NOW)
    vendor = passport.invited(NOW)
    oid = str(EntraAccount.objects.get().oid)

    erase()
    passport.work()
    passport.work()

    assert passport.tenant.guest(NOW)
    case = Failure.objects.get(reason="erased_guest_left_over")
    assert (case.subject, case.address, case.user, case.count, case.detail) == (f"oid:{oid}", "", None, 1, {"oid": oid})
    assert found([NOW], kept(media_root)) == []

    call_command("purge")
    assert EntraAccount.objects.filter(user=vendor.user).exists(), "nobody has said that it is gone"
    Failure.objects.filter(pk=case.pk).update(state="resolved", resolved_at=case.last_seen_at)
    call_command("purge")
    assert found([oid], kept(media_root)) == []


def test_guest_stays_until_graph_answers(passport):
    passport.invited(NOW)
    account = EntraAccount.objects.get()
    erase()
    passport.tenant.fault("users.delete", status=503)

    with pytest.raises(RetryLater):
        identity_tasks.remove_guest(account_id=account.pk)
    assert EntraAccount.objects.filter(pk=account.pk).exists()
    identity_tasks.remove_guest(account_id=account.pk)

    assert passport.tenant.guest(NOW) is None
    assert not EntraAccount.objects.exists()


@pytest.mark.parametrize("made_by_passport", [True, False])
def test_address_can_be_invited_again_as_a_new_vendor(passport, made_by_passport):
    """Also while the guest of before is still there: Graph answers with it, and it belongs to the new vendor now."""
    if not made_by_passport:
        passport.tenant.add_guest(NOW)
    erased = passport.invited(NOW)
    passport.signed_in(NOW)
    oid = EntraAccount.objects.get().oid
    erase()
    if not made_by_passport:
        passport.work()
        assert Failure.objects.filter(reason="erased_guest_left_over").exists()
    vendor = lifecycle.add(name="Dora again", primary_email=NOW, language="en-GB")
    invitation = lifecycle.invite(vendor)
    identity_tasks.send_invitation(str(invitation.pk))

    account = EntraAccount.objects.get()
    assert (account.oid, account.user, account.is_live, account.first_sign_in_at) == (oid, vendor.user, True, None)
    passport.work()
    assert passport.tenant.guest(NOW), "it is needed again"
    assert not Failure.objects.filter(reason="erased_guest_left_over").exists()
    passport.signed_in(NOW)
    vendor.refresh_from_db()
    erased.refresh_from_db()
    assert (vendor.state, erased.state) == ("onboarding", "erased")


def test_live_guest_of_somebody_else_is_still_refused(passport):
    vendor = passport.invited(NOW)
    guest = EntraAccount.objects.get()
    other = lifecycle.add(name="Other", primary_email=OLD, language="en-GB")
    with protected_rows.lifted():
        EntraAccount.objects.filter(pk=guest.pk).update(user=other.user)
    lifecycle.resend_invitation(vendor)

    passport.work()

    assert EntraAccount.objects.get().user == other.user
    assert Failure.objects.filter(reason="guest_of_other_person").exists()

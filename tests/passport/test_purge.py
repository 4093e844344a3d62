"""Everything that may be kept no longer goes, counted, and nothing else does."""

import datetime as dt
import json
import os
import uuid

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from identity import tasks as identity_tasks
from identity.models import (
    Device,
    EmergencyLink,
    EntraAccount,
    Failure,
    FailurePerson,
    LoggedSignIn,
    NetworkCount,
    SentEmail,
    Session,
    SignInAttempt,
)
from onboarding import tasks
from onboarding.draft import retention
from onboarding.models import Draft, Submission
from tests.factories import (
    create_account,
    create_attempt,
    create_draft,
    create_failure,
    create_staff,
    create_submission,
    create_vendor,
)
from vendors import tasks as vendors_tasks
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF
from vendors.models import (
    Absence,
    AwayPeriod,
    BulkRow,
    BulkRun,
    Document,
    LockedRecord,
    RetentionEntry,
    Vendor,
    VendorImport,
    VendorState,
)
from vendors.privacy import periods

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
YEAR = dt.timedelta(days=365)


def purge(capsys, *arguments: str) -> dict[str, int]:
    capsys.readouterr()
    call_command("purge", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def attempt(started_at: dt.datetime, **transaction: str) -> None:
    made = create_attempt(user=create_staff(), started_at=started_at)
    SignInAttempt.objects.filter(pk=made.pk).update(transaction=transaction)


def job(finished_at: dt.datetime, *, status: str = "succeeded") -> None:
    identity_tasks.send_invitation.defer(invitation_id=str(uuid.uuid4()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
        cursor.execute(f"UPDATE procrastinate_jobs SET status = '{status}' WHERE status = 'doing' RETURNING id")
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE at > now() - interval '1 hour'", [finished_at])


def stored(vendor: Vendor, content: bytes, *, kind: str = "cv") -> Document:
    return documents.store(vendor, slot=kind, upload=SimpleUploadedFile("cv.pdf", content), content_type=PDF)


def one_of_each(late: dt.timedelta) -> None:
    """Of every kind one that has been kept this much longer than it may be (or less long, when negative)."""
    now = timezone.now() - late
    attempt(now - 30 * MINUTE, nonce="n")
    attempt(now - 90 * DAY, **({"nonce": "n"} if late > dt.timedelta(0) else {}))
    account = create_account(user=create_staff(), address="a@mail.example")
    NetworkCount.objects.create(network=uuid.uuid4().hex, kind="start", count=1, since=now - 60 * MINUTE)
    LoggedSignIn.objects.create(log_id=str(uuid.uuid4()), account=account, code="50105", at=now - 90 * DAY)
    SentEmail.objects.create(token=uuid.uuid4().hex, address="a@mail.example", sent_at=now - 30 * DAY)
    SentEmail.objects.create(
        token=uuid.uuid4().hex,
        address="a@mail.example",
        sent_at=now - YEAR,
        template="identity/mail/reminder",
        content={"subject": "Reminder", "text": "Hello,"},
    )
    removed_at = now if late > dt.timedelta(0) else None
    guest = create_account(user=create_staff(), address="")
    EntraAccount.objects.filter(pk=guest.pk).update(revoked_why="erased", guest_removed_at=removed_at)
    failure = create_failure(state="resolved")
    Failure.objects.filter(pk=failure.pk).update(resolved_at=now - YEAR)
    in_an_open_case = dict.fromkeys(["first_seen_at", "last_seen_at", "reported_at", "resolved_at"], now - YEAR)
    FailurePerson.objects.create(failure=create_failure(), who="user:0", **in_an_open_case)
    Session.objects.create(session_key=uuid.uuid4().hex, expire_date=now)
    Device.objects.create(id_hash=uuid.uuid4().hex, account=account, interactive_at=now - 90 * DAY)
    EmergencyLink.objects.create(
        token_hash=uuid.uuid4().hex, user=create_staff(), role="Operations", reason="r", created_at=now - YEAR
    )
    job(now - 7 * DAY)
    draft_of("approved", decided_at=now - 30 * DAY)
    draft_of("", updated_at=now - YEAR)
    draft_of("", updated_at=now - 30 * DAY, state="declined", closed_as="withdrew")
    last_day = now.date() - YEAR - (DAY if late > dt.timedelta(0) else dt.timedelta(0))
    AwayPeriod.objects.create(vendor=create_vendor(), starts_on=last_day, ends_on=last_day)
    Absence.objects.create(colleague=create_staff(), starts_on=last_day, ends_on=last_day)
    examined, done = (
        VendorImport.objects.create(name="f.csv", rows=1, state=state, finished_at=now - 30 * DAY)
        for state in ("examined", "done")
    )
    VendorImport.objects.filter(pk=examined.pk).update(created_at=now - DAY)
    done = BulkRun.objects.create(action="invite", state="done", examined_at=now, finished_at=now - 90 * DAY)
    BulkRow.objects.create(run=done, vendor=create_vendor())
    vendor = create_vendor()
    replaced = stored(vendor, os.urandom(9))
    stored(vendor, os.urandom(9))
    Document.objects.filter(pk=replaced.pk).update(replaced_at=now - DAY)
    orphan = default_storage.path(f"documents/ab/{uuid.uuid4().hex}")
    os.makedirs(os.path.dirname(orphan), exist_ok=True)
    with open(orphan, "wb") as file:
        file.write(b"left by a crash")
    os.utime(orphan, ((now - DAY).timestamp(),) * 2)
    about_to_go(late)


def about_to_go(late: dt.timedelta) -> None:
    """Each on the list for 30 days, and its own time just over; or a day less."""
    today = timezone.localdate()
    days = DAY if late > dt.timedelta(0) else 0 * DAY
    for state, months in (("declined", 12), ("prepared", 6), ("ended", 24)):
        closed_on = periods.after(today, -months) - days
        at = timezone.make_aware(dt.datetime.combine(closed_on, dt.time()))
        vendor = create_vendor(state=state, state_changed_at=at)
        _listed(vendor, {"prepared": "never_signed_in"}.get(state, state), closed_on, today + DAY - days)
    erased = create_vendor(state="erased", primary_email=f"erased-{uuid.uuid4().hex}@erased.invalid")
    LockedRecord.objects.create(
        vendor=erased,
        section="tax",
        content={"who": {}, "rows": {}},
        counted_from=today - 9 * YEAR,
        until=today - days,
    )
    _listed(erased, "locked_tax", today - 9 * YEAR, today + DAY - days)


def _listed(vendor: Vendor, what: str, counted_from: dt.date, goes_on: dt.date) -> None:
    RetentionEntry.objects.create(
        vendor=vendor, what=what, counted_from=counted_from, listed_on=goes_on - 30 * DAY, goes_on=goes_on
    )


def draft_of(
    decision: str,
    *,
    decided_at: dt.datetime | None = None,
    updated_at: dt.datetime | None = None,
    state: str = "",
    **vendor_fields: object,
) -> Draft:
    """A draft and, when there is a decision, the submission that was made of it; all of it long ago."""
    long_ago = timezone.now() - 3 * YEAR
    state = state or {"approved": "approved", "declined": "declined"}.get(decision, "onboarding")
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changed = {"state_changed_at": updated_at or decided_at or long_ago, **vendor_fields}
    Vendor.objects.filter(pk=vendor.pk).update(state=state, **changed)
    EntraAccount.objects.filter(user=vendor.user).update(last_sign_in_at=long_ago)
    draft = create_draft(vendor=vendor, answers={"about": {"full_name": ["Dora"]}})
    Draft.objects.filter(pk=draft.pk).update(updated_at=updated_at or long_ago)
    if decision:
        sent = create_submission(vendor=vendor, state=decision)
        Submission.objects.filter(pk=sent.pk).update(submitted_at=long_ago, reviewed_at=decided_at)
    return draft


EACH = {
    "sign_in_secrets": 2,
    "sign_in_attempts": 1,
    "logged_sign_ins": 1,
    "people_in_failures": 1,
    "resolved_failures": 1,
    "ended_sessions": 1,
    "ended_devices": 1,
    "network_counts": 1,
    "sent_emails": 2,
    "emergency_links": 1,
    "guests_of_erased_people": 1,
    "finished_jobs": 1,
    "decided_drafts": 1,
    "untouched_drafts": 1,
    "withdrawn_drafts": 1,
    "times_away": 1,
    "absences": 1,
    "files_of_forgotten_drafts": 0,
    "rows_of_erased_vendors": 0,
    "declined_vendors": 1,
    "vendors_never_signed_in": 1,
    "ended_vendors": 1,
    "locked_records": 1,
    "stopped_by_the_brake": 0,
    "actions_for_many": 1,
    "imports": 2,
    "replaced_files": 1,
    "feed_lines": 0,
    "orphaned_files": 1,
}
VENDORS = ("declined_vendors", "vendors_never_signed_in", "ended_vendors", "locked_records")
NOTHING = dict.fromkeys(EACH, 0)


def rows() -> int:
    models = [
        SignInAttempt,
        LoggedSignIn,
        Failure,
        Session,
        Device,
        NetworkCount,
        SentEmail,
        EmergencyLink,
        Draft,
        VendorImport,
        BulkRun,
        Absence,
        AwayPeriod,
        Document,
        EntraAccount,
    ]
    return sum(model.objects.count() for model in models) + ProcrastinateJob.objects.count()


def test_what_is_a_minute_too_old_goes_and_is_counted(capsys, media_root):
    one_of_each(MINUTE)
    one_of_each(-MINUTE)
    before = rows(), len(list(media_root.rglob("*")))

    assert purge(capsys, "--dry-run") == EACH
    assert (rows(), len(list(media_root.rglob("*")))) == before
    assert SignInAttempt.objects.exclude(transaction={}).count() == 3

    assert purge(capsys) == EACH
    # Emptying takes no row away, an orphan has none, people are counted with their cases, and of vendors rows stay.
    uncounted = ("sign_in_secrets", "orphaned_files", "people_in_failures", *VENDORS)
    guests_to_remove = 2  # a job for each of the erased vendors that had one
    assert rows() == before[0] - sum(EACH.values()) + sum(EACH[kind] for kind in uncounted) + guests_to_remove
    assert purge(capsys) == NOTHING == purge(capsys, "--dry-run")


def test_nightly_tasks_do_the_same(capsys):
    one_of_each(MINUTE)

    identity_tasks.purge_identity(0)
    tasks.forget_drafts(0)
    tasks.sweep_documents(0)
    vendors_tasks.forget_imports(0)
    vendors_tasks.forget_times_away(0)
    vendors_tasks.forget_bulk_runs(0)
    vendors_tasks.finish_erasures(0)
    vendors_tasks.erase_what_is_due(0)

    assert purge(capsys) == NOTHING


def test_table_for_people(capsys):
    one_of_each(MINUTE)

    call_command("purge", "--dry-run")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["kind", "would", "be", "deleted"]
    assert ["sign", "in", "attempts", "1"] in lines
    assert len(lines) == 1 + len(EACH)


def test_jobs_that_wait_or_run_stay(capsys):
    job(timezone.now() - YEAR, status="doing")
    identity_tasks.send_invitation.defer(invitation_id=str(uuid.uuid4()))

    assert purge(capsys)["finished_jobs"] == 0
    assert ProcrastinateJob.objects.count() == 2


@pytest.mark.parametrize(
    ("decision", "decided", "fields"),
    [
        ("approved", 29 * DAY, {}),
        ("declined", 29 * DAY, {}),
        # Sent long ago, and VM has not said yet whether the wizard must open again.
        ("waiting", None, {"state": "submitted"}),
        ("waiting", None, {"state": "suspended", "suspended_from": "submitted"}),
        # The vendor is to answer; the clock runs from when VM asked.
        ("changes_requested", 364 * DAY, {"state": "changes_requested"}),
        ("changes_requested", 364 * DAY, {"state": "suspended", "suspended_from": "changes_requested"}),
        # Approved once, and somebody has opened the wizard again.
        ("approved", 364 * DAY, {"state": "onboarding"}),
    ],
)
def test_draft_that_is_still_needed_stays(capsys, decision, decided, fields):
    now = timezone.now()
    decided_at = now - decided if decided else None
    draft_of(decision, decided_at=decided_at, **fields)

    assert purge(capsys) == NOTHING


def test_draft_saved_again_after_the_decision_stays_for_a_month():
    now = timezone.now()
    draft_of("approved", decided_at=now - 90 * DAY, updated_at=now - 29 * DAY)

    assert retention.purge(now=now)["decided_drafts"] == 0
    assert retention.purge(now=now + DAY + SECOND)["decided_drafts"] == 1


@pytest.mark.parametrize("touch", ["saved", "signed in", "moved"])
def test_draft_is_untouched_when_nothing_at_all_happened_for_a_year(touch):
    now = timezone.now()
    draft = draft_of("")
    lately = now - YEAR + SECOND
    if touch == "saved":
        Draft.objects.update(updated_at=lately)
    elif touch == "signed in":
        EntraAccount.objects.filter(user=draft.vendor.user).update(last_sign_in_at=lately)
    else:
        Vendor.objects.update(state_changed_at=lately)

    assert retention.purge(now=now)["untouched_drafts"] == 0
    assert retention.purge(now=now + 2 * SECOND)["untouched_drafts"] == 1


def test_vendor_whose_draft_went_stays_and_can_start_anew(client):
    draft = draft_of("")
    vendor = draft.vendor
    document = stored(vendor, b"never sent")
    retention.purge()

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    document.refresh_from_db()
    assert document.replaced_at is not None
    client.force_login(vendor.user)
    assert client.get("/onboarding/").status_code == 200
    assert Draft.objects.get(vendor=vendor).answers == {}


def test_files_that_were_sent_once_stay(capsys):
    draft = draft_of("changes_requested", decided_at=timezone.now() - 3 * YEAR, state="changes_requested")
    stored(draft.vendor, b"sent")

    assert purge(capsys) == NOTHING | {"untouched_drafts": 1}
    assert Document.objects.get().replaced_at is None

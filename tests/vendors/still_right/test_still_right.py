""" "Is this still right?", and training and practice."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import changing
from tests.records import events
from tests.vendors.profiles import approved_vendor
from vendors import lifecycle
from vendors.models import ProfileCheck, TrainingRecord, Vendor, VendorState
from vendors.still_right import lifecycle as still_right

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
CONFIRM, TRAINING = "/profile/still-right/", "/profile/training/"


@pytest.fixture
def vendor():
    return approved_vendor()


@pytest.fixture
def as_vendor(vendor):
    return signed_in(vendor.user)


def mails() -> list[dict]:
    return list(
        ProcrastinateJob.objects.filter(task_name="vendors.tasks.mail_still_right")
        .order_by("pk")
        .values_list("args", flat=True)
    )


def test_asked_once_a_year_reminded_twice_and_then_in_the_queue(vendor, as_vera):
    now = timezone.now()
    for state in (VendorState.SUSPENDED, VendorState.ENDED, VendorState.SUBMITTED):
        Vendor.objects.filter(pk=create_vendor(state=state).pk).update(confirmed_at=now - 400 * DAY)
    assert still_right.ask_due(now=now + 364 * DAY) == 0
    Vendor.objects.filter(pk=vendor.pk).update(confirmed_at=now - 365 * DAY)

    assert (still_right.ask_due(now=now), still_right.ask_due(now=now)) == (1, 0)
    check = ProfileCheck.objects.get()
    assert (check.vendor, check.by, check.due_at) == (vendor, None, now + 30 * DAY)
    for days, reminded in ((9, 0), (10, 1), (11, 0), (20, 1), (29, 0)):
        assert still_right.remind_due(now=now + days * DAY) == reminded, days
    assert [mail["number"] for mail in mails()] == [0, 1, 2]
    assert not ProfileCheck.objects.overdue(now=now + 29 * DAY).exists()
    assert ProfileCheck.objects.overdue(now=now + 30 * DAY).get() == check

    ProfileCheck.objects.update(due_at=now - DAY)
    [row] = as_vera.get("/admin/vendors/vendor/?still_right=overdue").context["cl"].result_list
    assert row == vendor
    assert 'class="tag tag-error"' in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    lifecycle.suspend(vendor)
    assert not ProfileCheck.objects.overdue(now=now).exists()


def test_whoever_missed_a_reminder_gets_one_not_two(vendor):
    check = still_right.ask(vendor)

    assert still_right.remind_due(now=check.asked_at + 25 * DAY) == 1
    assert [mail["number"] for mail in mails()] == [0, 2]


def test_one_press_confirms_all_of_it_once(vendor, as_vendor, as_vera, vera):
    assert 'id="confirm"' not in as_vendor.get("/profile/").text
    as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/ask-still-right/")
    assert ProfileCheck.objects.get().by == vera
    assert "ask-still-right" not in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    with pytest.raises(still_right.AskedAlready):
        still_right.ask(vendor)
    before = timezone.now()

    assert 'id="confirm"' in as_vendor.get("/profile/").text
    assert as_vendor.get(CONFIRM).url == "/profile/", "looking answers nothing"
    for _press in range(2):
        assert as_vendor.post(CONFIRM).url == "/profile/"

    assert ProfileCheck.objects.get().answer == "confirmed"
    vendor.refresh_from_db()
    assert vendor.confirmed_at >= before
    assert events(vendor).count("still_right") == 1
    assert 'id="confirm"' not in as_vendor.get("/profile/").text
    assert still_right.ask_due(now=timezone.now() + 364 * DAY) == 0
    assert still_right.ask_due(now=timezone.now() + 366 * DAY) == 1


def test_sending_changes_is_an_answer(db):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(vendor)
    client = signed_in(vendor.user)
    still_right.ask(vendor)
    page = client.get("/profile/").text
    assert 'href="/profile/changes/"' in page

    changing.save(client, "about", {"kind": "freelancer", "full_name": "Ana Almeida", "display_name": "Ani"})
    assert ProfileCheck.objects.get().answered_at is None, "saved is not sent"
    changing.send(client)

    assert ProfileCheck.objects.get().answer == "changed"
    assert "still_right" in events(vendor)


def test_training_is_listed_with_its_dates_and_seen_by_vm(vendor, as_vendor, as_vera):
    typed = {"what": "Webinar on contract terminology", "month": "3/2026", "hours": "1,5 h"}
    for _press in range(2):
        assert as_vendor.post(TRAINING, typed).url == TRAINING
    assert as_vendor.post(TRAINING, {"what": "Patents", "month": "2025", "hours": "120"}).url == TRAINING
    assert [(row.month, row.what, str(row.hours)) for row in vendor.training_records.all()] == [
        ("2026-03", "Webinar on contract terminology", "1.5"),
        ("2025-12", "Patents", "120.0"),
    ]

    assert "Webinar on contract terminology" in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "March 2026" in as_vendor.get("/profile/").text
    others = TrainingRecord.objects.create(
        vendor=create_vendor(state=VendorState.APPROVED), what="Theirs", month="2026-01", hours=1
    )
    for pk in (others.pk, vendor.training_records.last().pk, "x"):
        as_vendor.post(TRAINING, {"remove": pk})
    assert [row.what for row in vendor.training_records.all()] == ["Webinar on contract terminology"]
    assert TrainingRecord.objects.filter(pk=others.pk).exists()
    assert events(vendor) == ["training_added", "training_added", "training_removed"]
    assert TrainingRecord.history.rel.related_model.objects.filter(pgh_label="delete", what="Patents").exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("what", ""),
        ("month", ""),
        ("month", "soon"),
        ("month", "12/2099"),
        ("hours", ""),
        ("hours", "0"),
        ("hours", "9999"),
    ],
)
def test_what_is_wrong_about_training_is_said(vendor, as_vendor, field, typed):
    page = as_vendor.post(TRAINING, {"what": "Webinar", "month": "3/2026", "hours": "2", field: typed})

    assert page.context["form"].errors.keys() == {field}
    assert page.context["form"][field].value() == typed
    assert not vendor.training_records.exists()


def test_profile_costs_the_same_however_much_is_listed(vendor, as_vendor):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vendor.get("/profile/").status_code == 200
        return len(captured)

    before = statements()
    still_right.ask(vendor)
    for number in range(1, 6):
        TrainingRecord.objects.create(vendor=vendor, what=f"Course {number}", month=f"2026-0{number}", hours=1)
        vendor.away_periods.create(starts_on=f"2026-0{number}-01", ends_on=f"2099-0{number}-02")

    assert statements() == before


def test_only_an_approved_vendor_is_asked_and_answers(vendor):
    still_right.ask(vendor)
    lifecycle.suspend(vendor)
    with pytest.raises(lifecycle.WrongState):
        still_right.confirm(vendor)
    with pytest.raises(lifecycle.WrongState):
        still_right.ask(create_vendor(state=VendorState.SUBMITTED))
    assert still_right.remind_due(now=timezone.now() + 25 * DAY) == 0
    assert signed_in(create_vendor(state=VendorState.ONBOARDING).user).get(TRAINING).url == "/onboarding/"

"""The page “Colleagues”: absences, preferences, handing over."""

import datetime as dt

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import Failure
from identity.roles import AUDITOR
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor
from vendors.models import Absence, Handover, Vendor

pytestmark = pytest.mark.django_db
PAGE = "/admin/vendors/absence/"
HAND_OVER = f"{PAGE}hand-over/"
DAY = dt.timedelta(days=1)
TODAY = timezone.localdate()


@pytest.fixture
def otto():
    return create_staff(email="otto@sandberg.example")


def written(day: dt.date) -> str:
    return day.strftime("%d %B %Y")


def enter(client, colleague, *, cover=None, first: int = 1, last: int | None = 3):
    return client.post(
        PAGE,
        {
            "colleague": colleague.pk,
            "starts_on": written(TODAY + first * DAY),
            "ends_on": "" if last is None else written(TODAY + last * DAY),
            "cover": cover.pk if cover else "",
        },
        follow=True,
    )


def test_colleague_enters_an_absence_for_another(as_vera, vera, otto):
    page = enter(as_vera, otto, cover=vera).text

    row = Absence.objects.get()
    assert (row.colleague, row.cover, row.set_by) == (otto, vera, vera)
    assert (row.starts_on, row.ends_on) == (TODAY + DAY, TODAY + 3 * DAY)
    assert "emails about their vendors go to" in page
    assert "Entered by" in page


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"first": 3, "last": 1}, "The last day is before the first."),
        ({"first": -3, "last": -2}, "The last day has passed."),
    ],
)
def test_days_that_cannot_be_are_refused_and_kept(as_vera, otto, days, sentence):
    page = enter(as_vera, otto, **days).text

    assert sentence in page
    assert written(TODAY + days["first"] * DAY) in page
    assert not Absence.objects.exists()


def test_no_one_covers_for_themselves(as_vera, otto):
    assert "This colleague is the one who is away." in enter(as_vera, otto, cover=otto).text


def test_absences_of_one_colleague_do_not_overlap(as_vera, otto):
    enter(as_vera, otto)

    assert "is already away" in enter(as_vera, otto, first=2, last=9).text
    assert Absence.objects.count() == 1


def test_absence_is_removed_once(as_vera, otto):
    enter(as_vera, otto)
    path = f"{PAGE}{Absence.objects.get().pk}/remove/"

    assert "The absence has been removed." in as_vera.post(path, follow=True).text
    assert "A colleague has already removed this absence." in as_vera.post(path, follow=True).text


def test_page_costs_the_same_however_many_are_away(as_vera, vera, otto):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get(PAGE).status_code == 200
        return len(captured)

    enter(as_vera, otto, cover=vera)
    first = statements()
    for number in range(5):
        enter(as_vera, create_staff(), cover=otto, first=number)

    assert statements() == first


# Handing over


def test_hand_over_is_previewed_and_then_recorded(as_vera, vera, otto):
    mine, others = create_vendor(owner=otto), create_vendor(owner=create_staff())
    case = create_failure()
    Failure.objects.update(assigned_to=otto)

    preview = as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": vera.pk}).text
    assert "1 vendor" in preview
    assert "1 open case" in preview
    assert Vendor.objects.get(pk=mine.pk).owner == otto

    done = as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": vera.pk, "_confirm": "1"}, follow=True).text

    assert "now owns" in done
    assert Vendor.objects.get(pk=mine.pk).owner == vera
    assert Vendor.objects.get(pk=others.pk).owner == others.owner
    assert Failure.objects.get(pk=case.pk).assigned_to == vera
    row = Handover.objects.get()
    assert (row.previous, row.owner, row.by, row.vendors, row.cases) == (otto, vera, vera, 1, 1)


def test_hand_over_takes_as_many_statements_for_many_vendors(as_vera, vera, otto):
    def statements(count: int) -> int:
        for _number in range(count):
            create_vendor(owner=otto)
        with CaptureQueriesContext(connection) as captured:
            as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": vera.pk, "_confirm": "1"})
        return len(captured)

    assert statements(1) == statements(12)


def test_nothing_to_hand_over_says_so_and_records_nothing(as_vera, vera, otto):
    page = as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": vera.pk, "_confirm": "1"}, follow=True).text

    assert "owns no vendors and has no open cases" in page
    assert not Handover.objects.exists()


def test_hand_over_to_oneself_is_refused(as_vera, otto):
    page = as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": otto.pk}).text

    assert "this is the current owner" in page


def test_what_was_handed_over_is_never_rewritten(as_vera, vera, otto):
    create_vendor(owner=otto)
    as_vera.post(HAND_OVER, {"previous": otto.pk, "owner": vera.pk, "_confirm": "1"})

    with pytest.raises(ProgrammingError):
        Handover.objects.update(vendors=0)


def test_auditor_has_no_such_page():
    client = signed_in(create_staff(role=AUDITOR))

    assert client.get(PAGE).status_code == 403
    assert client.get(HAND_OVER).status_code == 403

"""The page “Reports”: what the numbers say, who may read them, and what a spreadsheet makes of them."""

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from identity import roles
from identity.models import Failure, protected_rows
from onboarding import tasks
from onboarding.models import Report
from onboarding.reports import figures
from tests.clients import signed_in
from tests.factories import create_draft, create_failure, create_staff, create_vendor
from tests.vendors.profiles import approved, pair
from tests.vendors.verified import verify
from vendors.models import AwayPeriod, VendorEvent, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

PAGE = "/admin/onboarding/report/"
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
Kind = VendorEvent.Kind


def happened(vendor, kind: str, *, days_ago: float) -> None:
    event = VendorEvent.objects.create(vendor=vendor, kind=kind)
    with protected_rows.lifted():
        VendorEvent.objects.filter(pk=event.pk).update(at=NOW - days_ago * DAY)


def vendor_who(**days_ago: float):
    vendor = create_vendor()
    for kind, days in days_ago.items():
        happened(vendor, kind, days_ago=days)
    return vendor


def offering(*offers, **fields):
    vendor = create_vendor(state=VendorState.APPROVED)
    approved_profile.adopt(vendor, approved(pairs=list(offers), **fields))
    return vendor


def test_vendors_are_counted_in_the_month_in_which_they_reached_a_stage():
    vendor_who(invited=40, signed_in_first=35, submitted=10)
    vendor = vendor_who(invited=3)
    happened(vendor, Kind.INVITED, days_ago=2)  # twice in a month is one vendor
    vendor_who(invited=400)

    rows = figures.funnel(NOW)

    assert [row[0] for row in (rows[0], rows[-1])] == ["2025-12", "2026-11"]
    assert len(rows) == 12
    assert rows[-2] == ["2026-10", 1, 1, 0, 0]
    assert rows[-1] == ["2026-11", 1, 0, 1, 0]


def test_days_are_counted_from_the_first_time_and_the_middle_one_is_told():
    vendor_who(invited=20, signed_in_first=18, submitted=15, approved=10)
    vendor_who(invited=20, signed_in_first=10)
    vendor_who(invited=20, signed_in_first=16)
    vendor_who(signed_in_first=5)  # nobody knows when they were invited

    days = {(row[0], row[1]): row[2:] for row in figures.days_between(NOW)}

    assert days["invited", "signed_in_first"] == [3, 4.0]
    assert days["signed_in_first", "submitted"] == [1, 3.0]
    assert days["invited", "approved"] == [1, 10.0]
    assert days["submitted", "approved"] == [1, 5.0]


def test_nothing_happened_yet():
    figures.work_out()

    assert [row[2:] for row in Report.objects.get(name="days").rows] == [[0, None]] * 4
    assert Report.objects.get(name="pairs").rows == []


def test_where_people_stop():
    for step in ("rates", "rates", "about"):
        create_draft(
            vendor=create_vendor(state=VendorState.ONBOARDING), current_step=step, left_at=timezone.now() - 4 * DAY
        )
    create_draft(vendor=create_vendor(state=VendorState.ONBOARDING), current_step="tax")
    create_draft(vendor=create_vendor(state=VendorState.SUSPENDED), current_step="tax", left_at=NOW - 9 * DAY)

    assert figures.stops(timezone.now()) == [["rates", 2], ["about", 1]]


def test_open_cases_by_reason():
    for reason in ("declined", "stuck", "stuck"):
        create_failure(reason=reason)
    create_failure(reason="declined", state=Failure.State.RESOLVED)
    today = timezone.now().date().isoformat()

    assert figures.open_cases(timezone.now()) == [["stuck", 2, today], ["declined", 1, today]]


def test_pairs_and_services_with_who_is_away_and_the_median_rate():
    for amount in ("0.08", "0.10", "0.20"):
        vendor = offering(pair("de", "pl", amount))
    today = timezone.now().date()
    for days in (0, 9):
        AwayPeriod.objects.create(vendor=vendor, starts_on=today + days * DAY, ends_on=today + days * DAY)
    offering(pair("en-GB", "pl", "0.09"))
    suspended = offering(pair("de", "pl", "0.99"))
    suspended.__class__.objects.filter(pk=suspended.pk).update(state=VendorState.SUSPENDED)

    assert figures.pairs(timezone.now()) == [
        ["de", "pl", "translation", 3, 0, 1, "source_word", "EUR", 0.1, 3],
        ["en-GB", "pl", "translation", 1, 0, 0, "source_word", "EUR", 0.09, 1],
    ]


def test_verified_vendors_are_told_from_those_who_only_claim_it(as_vera, vera):
    degree = {"subject": "translation", "title": "MA", "institution": "UJ", "country": "PL", "year": 2012}
    qualification = approved_profile.ApprovedQualification(route="translation_degree", degrees=[degree])
    shown, suspended, _claimed = (offering(pair("de", "pl", "0.08"), qualification=qualification) for _number in "123")
    for vendor in (shown, suspended):
        verify(vendor, "degree", by=vera)
    suspended.__class__.objects.filter(pk=suspended.pk).update(state=VendorState.SUSPENDED)
    talks = replace(pair("de", "pl", "0.08"), services=["interpreting"], rates=[])
    offering(talks)
    figures.work_out()

    page = as_vera.get(PAGE).text
    rows = list(csv.DictReader(io.StringIO(as_vera.get(f"{PAGE}csv/pairs/").content.decode("utf-8-sig"))))

    assert [(row["Service"], row["Approved"], row["Verified"]) for row in rows] == [
        ("Translation", "2", "1"),
        ("Interpreting", "1", ""),
    ]
    assert "<td>Translation</td><td>2</td><td>1</td><td>0</td>" in page
    text = page.partition('<desc id="pairs-text">')[2].partition("</desc>")[0]
    assert "German → Polish, Translation: 2 approved, 1 verified." in text
    assert "German → Polish, Interpreting: 1 approved." in text
    assert re.search(r"1 of 2\s*</text>", page)


def test_working_it_out_takes_as_many_statements_for_many_vendors():
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures.work_out()
        return len(captured)

    offering(pair("de", "pl", "0.08"))
    figures.work_out()
    first = statements()
    for number in range(5):
        offering(pair("de", "pl", "0.08"), pair("fr", "pl", f"0.1{number}"))
        create_failure()

    assert statements() == first


# The page


def test_page_shows_numbers_charts_and_their_text(as_vera):
    create_failure(reason="stuck")
    offering(pair("de", "pl", "0.08"))
    tasks.work_out_reports(0)

    page = as_vera.get(PAGE).text

    assert page.count("<desc") == 6
    assert "German → Polish" in page
    assert "<td>per source word</td><td>EUR</td><td>0.08</td>" in page
    assert f"{timezone.now():%B %Y}: 0. " in page


def test_page_costs_the_same_whatever_there_is(as_vera):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get(PAGE).status_code == 200
        return len(captured)

    before = statements()
    for number in range(60):
        create_failure(reason=f"reason-{number}")
    figures.work_out()

    assert statements() == before
    assert "10 more rows are in the CSV file." in as_vera.get(PAGE).text


def test_page_says_when_there_are_no_numbers_yet(as_vera):
    assert "There are no numbers yet" in as_vera.get(PAGE).text
    assert as_vera.get(f"{PAGE}csv/funnel/").status_code == 404
    assert as_vera.get(f"{PAGE}csv/nothing/").status_code == 404


def test_numbers_are_worked_out_at_once_and_not_twice(as_vera):
    def press() -> str:
        return as_vera.post(f"{PAGE}work-out/", follow=True).text

    assert "being worked out" in press()
    assert ProcrastinateJob.objects.filter(task_name="onboarding.tasks.work_out_reports_now").count() == 1
    tasks.work_out_reports_now()
    assert "less than five minutes ago" in press()


def test_file_is_a_table_without_formulas(as_vera):
    Report.objects.create(
        name="pairs",
        rows=[["de", "pl", "=HYPERLINK(1)", 3, 2, 1, "", "-EUR", None, 0]],
        computed_at=timezone.now(),
    )

    answer = as_vera.get(f"{PAGE}csv/pairs/")

    assert answer["Content-Disposition"].startswith('attachment; filename="passport-pairs-')
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:5] == ["Language pair", "Service", "Approved", "Verified", "Away"]
    assert row == ["German → Polish", "'=HYPERLINK(1)", "3", "2", "1", "", "'-EUR", "", ""]


@pytest.mark.parametrize("name", figures.REPORTS)
def test_each_table_has_a_file(as_vera, name):
    create_failure()
    figures.work_out()

    assert len(as_vera.get(f"{PAGE}csv/{name}/").content.decode().splitlines()) >= 1


MAY = {roles.VENDOR_MANAGER, roles.AUDITOR, roles.ADMINISTRATOR}


@pytest.mark.parametrize("role", roles.PERMISSIONS)
def test_who_reads_reports(role):
    figures.work_out()
    client = signed_in(create_staff(role=role))

    for path in (PAGE, f"{PAGE}csv/funnel/"):
        assert client.get(path).status_code == (200 if role in MAY else 403)

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.qualifications.experience import Period, full_time_months

TODAY = dt.date(2026, 11, 25)
MONTHS = st.integers(min_value=1950 * 12, max_value=2030 * 12)


def named(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


@st.composite
def periods(draw: st.DrawFn) -> Period:
    since, length = draw(MONTHS), draw(st.integers(min_value=0, max_value=600))
    until = "" if draw(st.booleans()) else named(since + length)
    return Period(named(since), until, draw(st.integers(min_value=1, max_value=100)))


ROWS = st.lists(periods(), max_size=8)


def months(*rows: Period) -> int:
    return full_time_months(rows, today=TODAY)


def month_by_month(rows: list[Period]) -> int:
    """The same in the plainest way."""
    total = 0
    for month in range(1940 * 12, 2040 * 12):
        name = named(month)
        if name <= f"{TODAY:%Y-%m}":
            total += min(100, sum(row.share for row in rows if row.since <= name <= (row.until or "9999-99")))
    return total // 100


@given(ROWS)
def test_it_is_what_counting_month_by_month_gives(rows):
    assert months(*rows) == month_by_month(rows)


@given(ROWS)
def test_never_more_months_than_the_calendar_has(rows):
    first = min((row.since for row in rows), default="2026-12")
    there_were = (TODAY.year * 12 + TODAY.month - 1) - (int(first[:4]) * 12 + int(first[5:]) - 1) + 1

    assert 0 <= months(*rows) <= max(0, there_were)


@given(ROWS, periods())
def test_another_row_never_makes_it_less(rows, another):
    assert months(*rows, another) >= months(*rows)


@given(ROWS, st.randoms())
def test_order_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)

    assert months(*shuffled) == months(*rows)


@given(MONTHS, st.integers(min_value=0, max_value=600))
def test_two_half_time_jobs_in_the_same_months_are_one_full_time_job(since, length):
    half = Period(named(since), named(since + length), 50)

    assert months(half, half) == months(Period(named(since), named(since + length)))


@given(MONTHS, st.integers(min_value=1, max_value=300), st.integers(min_value=1, max_value=300))
def test_periods_that_touch_are_as_long_as_one(since, length, more):
    middle, end = since + length - 1, since + length + more - 1
    whole = Period(named(since), named(end))

    assert months(Period(named(since), named(middle)), Period(named(middle + 1), named(end))) == months(whole)
    assert months(Period(named(since), named(middle)), Period(named(middle), named(end))) == months(whole)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 0),
        ([Period("2026-11")], 1),
        ([Period("2026-12")], 0),
        ([Period("2012-01")], 179),
        ([Period("2012-01", "2012-12")], 12),
        ([Period("2012-01", "2012-12", 25)], 3),
        ([Period("2012-01", "2012-11", 25)], 2),
        ([Period("2012-01", "2012-12"), Period("2012-06", "2013-05", 50)], 14),
        ([Period("2013-01", "2012-01")], 0),
    ],
)
def test_examples(rows, count):
    assert months(*rows) == count

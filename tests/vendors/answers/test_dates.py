import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import dates
from vendors.answers.dates import NotADate, is_still, month_name, parse_day, parse_month, written_month


@pytest.mark.parametrize(
    "text",
    ["03/2012", "3/2012", "3.2012", "03.2012", "2012-03", "2012/3", "2012 03", "March 2012", "march, 2012", "Mar 2012"]
    + ["Mar. 2012", "2012 March", "15.03.2012", "2012-03-15", "15/3/2012", "15 March 2012", "March 15th, 2012"]
    + ["\uff12\uff10\uff11\uff12-\uff10\uff13"],
)
def test_months_are_read_as_people_write_them(text):
    assert parse_month(text) == dt.date(2012, 3, 1)


def test_year_alone_is_its_first_or_its_last_month():
    assert parse_month(" 2012 ") == dt.date(2012, 1, 1)
    assert parse_month("2012", of_a_year=12) == dt.date(2012, 12, 1)


@pytest.mark.parametrize(
    "text",
    ["long ago", "12", "13/2012", "0/2012", "03/12", "2012/2013", "March", "-", "31.02.2012", "20123"],
)
def test_what_is_no_month_is_told_how_to_be_written(text):
    with pytest.raises(NotADate) as refused:
        parse_month(text)

    assert f"“{text}”" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31 March 2027", (2027, 3, 31)),
        ("March 31, 2027", (2027, 3, 31)),
        ("31.3.2027", (2027, 3, 31)),
        ("4.3.2027", (2027, 3, 4)),
        ("2027-03-31", (2027, 3, 31)),
        ("31/03/2027", (2027, 3, 31)),
        ("03/31/2027", (2027, 3, 31)),
        ("3/3/2027", (2027, 3, 3)),
        ("02/2028", (2028, 2, 29)),
        ("March 2027", (2027, 3, 31)),
        ("2027", (2027, 12, 31)),
        ("31st of March 2027", (2027, 3, 31)),
        ("31 de marzo de 2027", (2027, 3, 31)),
        ("31.III.2027", (2027, 3, 31)),
        ("20270331", (2027, 3, 31)),
        ("Wednesday, 31 March 2027", (2027, 3, 31)),
        ("mer. 31 mars 2027", (2027, 3, 31)),
        ("Mar 2027", (2027, 3, 31)),
        ("Mar 31 2027", (2027, 3, 31)),
        ("valid until: 31/03/2027", (2027, 3, 31)),
        ("gültig bis 31.03.2027", (2027, 3, 31)),
        ("2027-03-31T00:00:00Z", (2027, 3, 31)),
        ("2027-03-31 23:59", (2027, 3, 31)),
        ("1.º de janeiro de 2028", (2028, 1, 1)),
        ("31 مارس 2027", (2027, 3, 31)),
        ("31 במרץ 2027", (2027, 3, 31)),
        ("31 मार्च 2027", (2027, 3, 31)),
        ("31. März 2027", (2027, 3, 31)),
        ("31 marca 2027", (2027, 3, 31)),
        ("1er mars 2027", (2027, 3, 1)),
        ("31 марта 2027 г.", (2027, 3, 31)),
        ("31 marca 2027 r.", (2027, 3, 31)),
        ("2027 m. kovo 31 d.", (2027, 3, 31)),
        ("2027年3月31日", (2027, 3, 31)),
        ("2027년 3월 31일", (2027, 3, 31)),
        ("٣١/٠٣/٢٠٢٧", (2027, 3, 31)),
        ("３１．０３．２０２７", (2027, 3, 31)),
        ("\u200b31\u00a0March\u202f2027", (2027, 3, 31)),
        ("31.12.27", (2027, 12, 31)),
        ("3.4.27", (2027, 4, 3)),
        ("31/12/27", (2027, 12, 31)),
        ("12/31/27", (2027, 12, 31)),
        ("31 Dec 27", (2027, 12, 31)),
        ("Dec 31, '27", (2027, 12, 31)),
        ("31. Dez. 27", (2027, 12, 31)),
        ("27年12月31日", (2027, 12, 31)),
        ("٣١/١٢/٢٧", (2027, 12, 31)),
        ("31122027", (2027, 12, 31)),
        ("12312027", (2027, 12, 31)),
        ("03032027", (2027, 3, 3)),
        ("20122027", (2027, 12, 20)),
        ("valid until 31122027", (2027, 12, 31)),
        ("٣١١٢٢٠٢٧", (2027, 12, 31)),
        ("31 ธันวาคม 2027", (2027, 12, 31)),
        ("31 ธ.ค. 2027", (2027, 12, 31)),
        ("31 ធ្នូ 2027", (2027, 12, 31)),
        ("31 ဒီဇင်ဘာ 2027", (2027, 12, 31)),
        ("31 ഡിസംബർ 2027", (2027, 12, 31)),
        ("ngày 31 tháng 12 năm 2027", (2027, 12, 31)),
        ("2027. gada 31. decembris", (2027, 12, 31)),
        ("2027年12月31日(金)", (2027, 12, 31)),
        ("vigente hasta el 31 de diciembre de 2027", (2027, 12, 31)),
        ("gültig bis zum 31.12.2027", (2027, 12, 31)),
        ("ważny do 31.12.2027", (2027, 12, 31)),
        ("действителен до 31.12.2027", (2027, 12, 31)),
        ("geldig tot 31-12-2027", (2027, 12, 31)),
        ("有効期限:2027年12月31日", (2027, 12, 31)),
        ("Friday, December 31, 2027 at 12:00 AM", (2027, 12, 31)),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    assert parse_day(text) == dt.date(*day)


def test_day_that_can_be_read_in_two_ways_is_asked_for_again():
    with pytest.raises(NotADate, match="Enter 3 April 2027 or 4 March 2027"):
        parse_day("03/04/2027")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("03/04/2027", ["3 April 2027", "4 March 2027"]),
        ("3/4/27", ["3 April 2027", "4 March 2027"]),
        ("03/04/2027.", ["3 April 2027", "4 March 2027"]),
        ("03042027", ["3 April 2027", "4 March 2027"]),
        ("31132027", []),
        ("31022027", []),
        ("311227", ["31 December 2027", "27 December 2031"]),
        ("310127", ["31 January 2027", "27 January 2031"]),
        ("133127", []),
        ("122027", ["20 December 2027", "31 December 2027"]),
        ("202712", ["31 December 2027"]),
        ("31-12-27", ["31 December 2027", "27 December 2031"]),
        ("12/27", ["31 December 2027"]),
        ("31.12.98", []),
        ("31/12/2570", ["31 December 2027"]),
        ("29/02/2571", ["29 February 2028"]),
        ("03/04/2570", ["3 April 2027", "4 March 2027"]),
        ("29/02/2570", []),
        ("๓๑ ธันวาคม ๒๕๗๐", ["31 December 2027"]),
        ("1406/10/10", []),
        ("30.02.27", []),
    ],
)
def test_days_that_may_be_meant_are_offered(text, meant):
    with pytest.raises(NotADate) as refused:
        parse_day(text)

    assert refused.value.meant == meant
    assert all(map(parse_day, meant))


@given(st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31)))
def test_year_of_two_digits_is_one_of_this_century(day):
    assert parse_day(f"{day:%d.%m.%y}") == day
    assert parse_day(f"{day:%d %B %y}") == day


@pytest.mark.parametrize(
    "text", ["soon", "31", "31 listopad 2027", "9" * 5000, "31.02.2027", "1.2.3", "32 March 2027", "1 2 March 2027"]
)
def test_what_is_no_day_is_told_how_to_be_written(text):
    with pytest.raises(NotADate, match="Enter "):
        parse_day(text)


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_refused(text):
    for parse in (parse_month, parse_day):
        with contextlib.suppress(NotADate):
            assert isinstance(parse(text), dt.date)


@given(st.dates(dt.date(1800, 1, 1), dt.date(2400, 1, 1)))
def test_what_is_kept_is_read_back(day):
    assert parse_month(written_month(day.isoformat()[:7])) == day.replace(day=1)
    assert parse_day(day.isoformat()) == day


def test_still():
    assert all(map(is_still, ["", " still ", "NOW", "–", "present"]))
    assert not is_still("2012")


def test_month_by_name():
    assert month_name("2012-03") == "March 2012"


# Days of the next months

NEAR = {
    ("24 December", True): "2026-12-24",
    ("24.12.", True): "2026-12-24",
    ("24/12", True): "2026-12-24",
    ("12/24", True): "2026-12-24",
    ("1 Nov", True): "2027-11-01",
    ("29 Feb", True): "2028-02-29",
    ("from 3rd of January", True): "2027-01-03",
    ("3. Januar", True): "2027-01-03",
    ("today", True): "2026-11-29",
    ("Tomorrow", True): "2026-11-30",
    ("August", True): "2027-08-01",
    ("August", False): "2027-08-31",
    ("February", False): "2027-02-28",
    ("August 2028", True): "2028-08-01",
    ("August 2028", False): "2028-08-31",
    ("2027-01-05", False): "2027-01-05",
    ("5.1.27", True): "2027-01-05",
    ("29 November", True): "2026-11-29",
}


@pytest.mark.parametrize(("typed", "is_first"), NEAR)
def test_near_day_needs_no_year(typed, is_first):
    today = dt.date(2026, 11, 29)

    found = dates.parse_near_day(typed, today=today, not_before=today, is_first=is_first)

    assert found.isoformat() == NEAR[typed, is_first]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("5/6", ["5 June 2027", "6 May 2027"]), ("soon", []), ("15", []), ("31 June", []), ("13/13", []), ("", [])],
)
def test_near_day_that_cannot_be_read_is_asked_about(typed, meant):
    today = dt.date(2026, 11, 29)

    with pytest.raises(dates.NotADate) as refused:
        dates.parse_near_day(typed, today=today, not_before=today)

    assert refused.value.meant == meant

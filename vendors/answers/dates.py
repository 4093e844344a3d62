"""Months and days as people write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache

from babel.dates import get_day_names, get_month_names
from django.utils import timezone, translation
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.typed import cleaning

LONGEST = 80
LONGEST_AHEAD = 50  # years
EARLIEST_YEAR, BUDDHIST_ERA = 1800, 543

_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|er|re|[.]?[oaºª°])(?![^\W_])")
# Between the parts of a date: "31 de diciembre de 2027", "31st of December", "2027年12月31日".
_BETWEEN = {"de", "del", "of", "the", "le", "den", "der", "d", "di", "il", "dnia", "г", "року", "рік"} | {
    *("r", "rok", "roku", "m", "metų", "года", "год", "gada", "ngày", "tháng", "năm"),
}
# Words in front that say what the date is: "valid until: 31/12/2027", "gültig bis 31.12.2027".
_IN_FRONT = """
from valid validity until till thru through to up expires expiry expiration exp date on by since
gültig gültigkeit bis zum ablaufdatum seit valable validité jusqu jusque au depuis
válido valido válida valida validez validade validità vigente vigencia vence vencimiento vencimento caduca hasta el
desde até fino al scade scadenza il dal geldig tot vervaldatum sinds gyldig giltig til till utgår
ważny ważna ważne ważność do dnia platí platný platná platnost platnosť érvényes valabil până la
действителен действительна действительно срок действия до по с дійсний дійсна дійсне чинний валиден валидно
ισχύει μέχρι έως geçerlilik tarihi 有効期限 有效期至 有效期 유효기간
"""
# Letters, and the accents and vowel signs that are none to Python, from India to Cambodia.
_WORD = re.compile(r"\d+|(?:[^\W\d_]|[\u0300-\u036f\u0900-\u109f\u1780-\u17d3])+")
_POINT_IN_THAI = re.compile(r"(?<=[\u0e01-\u0e4e])\.")  # ธ.ค.
# A time of day behind, as computers write it: "2027-12-31T00:00:00Z", "2027-12-31 23:59".
_TIME = re.compile(
    r"(?<=\d)(?:t|,? (?:at )?)\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?(?:[ap]m|z|[+-]\d{2}:?\d{2}))?$"
)
_PARTS_OF_CHINESE_DATES = re.compile("[年月日年월일년号號]")

# Month names are looked for in these when English and the language of the page do not have them.
_LANGUAGES = """
am ar az bg bn bs ca cs cy da de el es et eu fa fi fr ga gl gu he hi hr hu hy id is it ka kk km kn ko lo lt lv mk ml mn
mr ms mt my nb ne nl nn pa pl pt ro ru si sk sl sq sr sr_Latn sv sw ta te th tr uk ur uz vi
"""

_ROMAN = {
    roman: number
    for number, roman in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], start=1)
}

STILL = {"", "-", "–", "—", "still", "now", "today", "present", "to date", "ongoing", "until now", "till now"}


class NotADate(Exception):
    """The message says how to write it, to the person who did; `meant` are the days they may have meant."""

    def __init__(self, message: str, *, meant: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.meant = list(meant)


def parse_month(text: str, *, of_a_year: int = 1) -> dt.date:
    """The first day of the month; of a year alone, `of_a_year` says which month is meant."""
    words = _words(text)
    names = [word for word in words if not word.isdecimal()]
    numbers = [word for word in words if word.isdecimal()]
    years = [int(word) for word in numbers if len(word) == 4]
    others = [int(word) for word in numbers if len(word) < 4]
    months = [number for name in names if (number := _month_named(name))]
    if len(years) != 1 or len(months) != len(names):
        raise _not_a_month(text)
    if months:  # "March 2012", "15 March 2012"
        month = months[0] if len(months) == 1 and len(others) <= 1 else 0
    elif len(others) == 1:
        month = others[0]
    elif len(others) == 2:  # a whole date; the day does not matter
        month = _month_of_a_day(text).month
    else:
        month = 0 if others else of_a_year
    return _date(years[0], month, 1, otherwise=_not_a_month(text))


def parse_day(text: str) -> dt.date:
    """A month alone is its last day: that is how long a document that names no day holds.

    A year of two digits is one of this century, not too far from now. Years of other calendars are asked about: 2570 of
    Thailand, 1406 of Iran, 1449 of Saudi Arabia.
    """
    years = [int(word) for word in _words(text) if word.isdecimal() and len(word) == 4]
    if len(years) == 1 and _is_of_buddhist_era(years[0]):
        raise _asked_about_era(text, years[0])
    day = _parse_day(text)
    if day.year < EARLIEST_YEAR:
        raise NotADate(_shown(text, _("Enter the year as in the Western calendar, for example 2027.")))
    return day


def _is_of_buddhist_era(year: int) -> bool:
    return -LONGEST_AHEAD < year - BUDDHIST_ERA - timezone.localdate().year <= LONGEST_AHEAD


def _asked_about_era(text: str, year: int) -> NotADate:
    """Read in the other calendar, since its leap years are not ours."""
    try:
        day = _parse_day(cleaning.code(text).replace(str(year), str(year - BUDDHIST_ERA)))
    except NotADate as error:
        return error if error.meant else _not_a_day(text)
    meant = date_format(day, "j F Y")
    message = _("The year %(year)s is a long way off. Did you mean %(day)s?") % {"year": year, "day": meant}
    return NotADate(message, meant=[meant])


def _parse_day(text: str) -> dt.date:
    words = _words(text)
    others = [word for word in words if not (word.isdecimal() and len(word) == 4)]
    if len(others) == 2 and len(words) == 3:
        return _month_of_a_day(text)
    if len(words) == 3:
        return _day_of_a_short_year(text, words)
    if len(words) == 1 and re.fullmatch(r"[0-9]{6}", words[0]):
        raise _asked(text, _days_in_six_digits(words[0]))
    if len(words) == 2 and all(word.isdecimal() and len(word) <= 2 for word in words):
        raise _asked(text, _valid([(_year(words[1]), int(words[0]), None)]))
    try:
        first = parse_month(text, of_a_year=12)
    except NotADate:
        raise _not_a_day(text) from None
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def parse_near_day(text: str, *, today: dt.date, not_before: dt.date, is_first: bool = False) -> dt.date:
    """A day of the next months, as people write those: 24 December, 24.12., tomorrow. Without a year it is the next
    one that is not before that day. A month alone is its last day, or its first.
    """
    said = text.strip().casefold()
    for word, day in ((_("today"), today), (_("tomorrow"), today + dt.timedelta(days=1))):
        if said in (word.casefold(), {today: "today"}.get(day, "tomorrow")):
            return day
    words = _words(text)
    if any(word.isdecimal() and len(word) == 4 for word in words):
        if is_first and len(words) < 3:
            return parse_month(text)
        return parse_day(text)
    names = [word for word in words if not word.isdecimal()]
    numbers = [int(word) for word in words if word.isdecimal()]
    if len(names) == 1 and len(numbers) < 2:
        ways = [(_month_named(names[0]), numbers[0] if numbers else 1 if is_first else 31)]
    elif not names and len(numbers) == 2:
        one, other = numbers
        ways = [(other, one)] if "." in text else [(other, one), (one, other)]
    else:
        return parse_day(text)
    days = list(dict.fromkeys(filter(None, (_next(month, day, not_before, bool(numbers)) for month, day in ways))))
    if len(days) == 1:
        return days[0]
    if days:
        raise _two_ways(text, [date_format(day, "j F Y") for day in days])
    raise _not_a_day(text)


def _next(month: int, day: int, not_before: dt.date, is_exact: bool) -> dt.date | None:
    """The next 29 February may be years away; the last day of a month is asked for as its 31st."""
    if not 1 <= month <= 12:
        return None
    for year in range(not_before.year, not_before.year + 9):
        last = calendar.monthrange(year, month)[1]
        if 1 <= day <= last or not is_exact:
            found = dt.date(year, month, min(day, last))
            if found >= not_before:
                return found
    return None


def is_still(text: str) -> bool:
    words = {_("still"), _("now"), _("today"), _("present")}
    return text.strip().casefold() in STILL | {word.casefold() for word in words}


def written_month(month: str) -> str:
    """2012-03 as it is typed: the way back from parse_month."""
    year, _dash, number = month.partition("-")
    return f"{number}/{year}"


def month_name(month: str) -> str:
    year, _dash, number = month.partition("-")
    return date_format(dt.date(int(year), int(number), 1), "F Y")


def _words(text: str) -> list[str]:
    text = cleaning.code(text).casefold()
    if len(text) > LONGEST:
        return []
    text = _PARTS_OF_CHINESE_DATES.sub(" ", _TIME.sub("", text))
    words = _WORD.findall(_POINT_IN_THAI.sub("", _ORDINAL.sub("", text)))
    words = [word for word in words if word not in _BETWEEN]
    in_front = _IN_FRONT.split()
    while len(words) > 1 and words[0] in in_front:
        del words[0]
    for at in (0, -1):
        if len(words) > 3 and words[at] in _week_days():  # beside a whole date: "mar." is March as well
            del words[at]
    if len(words) == 1 and re.fullmatch(r"(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-9]{2}", words[0]):  # as computers write days
        return [words[0][:4], words[0][4:6], words[0][6:]]
    if len(words) == 1 and re.fullmatch(r"[0-9]{4}(19|20)[0-9]{2}", words[0]):  # 31122027
        return [words[0][:2], words[0][2:4], words[0][4:]]
    return words


def _month_of_a_day(text: str) -> dt.date:
    """Day, month and year in any order that can be read in one way only."""
    words = _words(text)
    refused = _not_a_day(text)
    if len(words) != 3:
        raise refused
    if named := [word for word in words if not word.isdecimal()]:
        month = _month_named(named[0])
        first, second = (
            sorted((int(word) for word in words if word.isdecimal()), reverse=True) if len(named) == 1 else (0, 0)
        )
        return _date(first, month, second, otherwise=refused)
    numbers = [int(word) for word in words]
    if len(words[0]) == 4:
        return _date(numbers[0], numbers[1], numbers[2], otherwise=refused)
    if len(words[2]) != 4:
        raise refused
    first, second, year = numbers
    if "." in text.strip(" .") or first > 12 or first == second:  # with points it is day, month, year everywhere
        return _date(year, second, first, otherwise=refused)
    if second > 12:
        return _date(year, first, second, otherwise=refused)
    ways = [
        date_format(_date(year, month, day, otherwise=refused), "j F Y")
        for day, month in ((first, second), (second, first))
    ]
    raise _two_ways(text, ways)


def _day_of_a_short_year(text: str, words: list[str]) -> dt.date:
    """31.12.27 and 31 Dec 27: as with four digits, but with dashes the year may be in front."""
    refused = _not_a_day(text)
    if any(word.isdecimal() and len(word) > 2 for word in words):
        raise refused
    named = [at for at, word in enumerate(words) if not word.isdecimal()]
    if named:
        month = _month_named(words[named[0]])
        day, year = (word for word in words if word.isdecimal()) if len(named) == 1 and named[0] < 2 else ("0", "0")
        return _date(_year(year), month, int(day), otherwise=refused)
    first, second, last = words
    ways = [(_year(last), int(second), int(first))]
    if "年" in text or "년" in text:
        ways = [(_year(first), int(second), int(last))]
    elif "." not in text:
        ways.append((_year(last), int(first), int(second)))
        if "-" in cleaning.code(text):
            ways.append((_year(first), int(second), int(last)))
    days = _valid(ways)
    if len(days) == 1:
        return days[0]
    raise _asked(text, days)


def _days_in_six_digits(digits: str) -> list[dt.date]:
    """311227 may have its parts in any order, and 122027 is a month."""
    first, second, last = digits[:2], digits[2:4], digits[4:]
    ways: list[tuple[int, int, int | None]] = [
        (_year(last), int(second), int(first)),
        (_year(last), int(first), int(second)),
        (_year(first), int(second), int(last)),
    ]
    for year, month in ((digits[2:], first), (digits[:4], last)):
        if year.startswith(("19", "20")):
            ways.append((int(year), int(month), None))
    return _valid(ways)


def _year(word: str) -> int:
    """Of two digits. No document is valid for longer, so that 98 is refused and not a year in the far future."""
    year = 2000 + int(word)
    return year if len(word) == 2 and year <= timezone.localdate().year + LONGEST_AHEAD else 0


def _valid(ways: Iterable[tuple[int, int, int | None]]) -> list[dt.date]:
    """Those of these that there are, as year, month and day; without a day it is the last of the month."""
    days = []
    for year, month, day in ways:
        with suppress(ValueError):
            days.append(dt.date(year, month, day or calendar.monthrange(year, month)[1]))
    return list(dict.fromkeys(days))


def _asked(text: str, days: list[dt.date]) -> NotADate:
    """Nobody guesses which of these it is; none of them if it is no day at all."""
    if not days:
        return _not_a_day(text)
    shown = [date_format(day, "j F Y") for day in days]
    if len(shown) > 1:
        return _two_ways(text, shown)
    message = _shown(text, _("Enter the year with four digits, for example %(day)s.") % {"day": shown[0]})
    return NotADate(message, meant=shown)


def _two_ways(text: str, ways: list[str]) -> NotADate:
    message = _("“%(text)s” can be read in two ways. Enter %(one)s or %(other)s.")
    return NotADate(message % {"text": text.strip(), "one": ways[0], "other": ways[1]}, meant=ways)


def _date(year: int, month: int, day: int, *, otherwise: NotADate) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise otherwise from None


def _month_named(word: str) -> int:
    """A month in English, the page's language or any other where it is clear; short forms and Roman numerals too."""
    if word in _ROMAN:
        return _ROMAN[word]
    for language in dict.fromkeys(("en", translation.get_language() or "en")):
        with translation.override(language):
            for number in range(1, 13):
                forms = {
                    str(names[number]).casefold().rstrip(".") for names in (MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP)
                }
                if word in forms or (len(word) >= 3 and str(MONTHS[number]).casefold().startswith(word)):
                    return number
    word = word.removeprefix("ב")  # "in", which Hebrew writes in one with the month
    months = _months_elsewhere().get(cleaning.folded(word), set()) if len(word) >= 3 or _is_thai(word) else set()
    return next(iter(months)) if len(months) == 1 else 0


def _is_thai(word: str) -> bool:
    """Its short forms have two letters."""
    return len(word) == 2 and "\u0e01" <= word[0] <= "\u0e4e"


@cache
def _week_days() -> set[str]:
    """What each day of the week is called, in the languages whose months we know."""
    return {
        cleaning.code(name).casefold().strip(".")
        for language in ["en", "ja", "zh", *_LANGUAGES.split()]
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, context, language).values()
    }


@cache
def _months_elsewhere() -> dict[str, set[int]]:
    """Kept apart, as it reads the data of many languages. Listopad is October to some and November to others."""
    known: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    known.setdefault(cleaning.folded(name).replace(".", ""), set()).add(number)
    return known


def _not_a_month(text: str) -> NotADate:
    return NotADate(
        _shown(text, _("Enter the month and year, for example 03/2012, or just the year, for example 2012."))
    )


def _not_a_day(text: str) -> NotADate:
    return NotADate(_shown(text, _("Enter the day, month and year, for example 31 March 2027.")))


def _shown(text: str, hint: str) -> str:
    return _("We can't read “%(text)s”. %(hint)s") % {"text": text.strip()[:40], "hint": hint}

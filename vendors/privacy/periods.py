"""For how long what is kept, by the settings KEEP_…_MONTHS."""

from __future__ import annotations

import calendar
import datetime as dt

from django.conf import settings
from django.utils.translation import ngettext

from vendors.models import RetentionEntry, Section

# VM sees for so long what is about to go.
LISTED_FOR = dt.timedelta(days=30)
SHORTEST, LONGEST = 1, 360  # months
OF_A_SECTION = {
    Section.TAX: "KEEP_ENDED_TAX_MONTHS",
    Section.PAYMENT: "KEEP_ENDED_PAYMENT_MONTHS",
    Section.EVIDENCE: "KEEP_ENDED_EVIDENCE_MONTHS",
    Section.AGREEMENTS: "KEEP_ENDED_AGREEMENTS_MONTHS",
}
OF_A_VENDOR = {
    RetentionEntry.What.DECLINED: "KEEP_DECLINED_MONTHS",
    RetentionEntry.What.NEVER_SIGNED_IN: "KEEP_NEVER_SIGNED_IN_MONTHS",
    RetentionEntry.What.ENDED: "KEEP_ENDED_PROFILE_MONTHS",
}


def months(name: str) -> int:
    return int(getattr(settings, name))


def after(day: dt.date, number: int) -> dt.date:
    """So many months later; the last of the month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def at_most_before(day: dt.date, number: int) -> dt.date:
    """No day later than this is `number` months old on `day`: to look for those that may be, before counting."""
    return after(day, -number) + dt.timedelta(days=3)


def of_vendor(what: RetentionEntry.What | str, counted_from: dt.date) -> dt.date:
    """The first night on which the vendor goes."""
    return after(counted_from, months(OF_A_VENDOR[RetentionEntry.What(what)])) + dt.timedelta(days=1)


def of_section(section: Section | str, counted_from: dt.date) -> dt.date:
    """The last day on which a section is kept."""
    return after(counted_from, months(OF_A_SECTION[Section(section)]))


def in_words(name: str) -> str:
    """As people say it: 6 months, 2 years."""
    number = months(name)
    years, rest = divmod(number, 12)
    if rest:
        return ngettext("%(count)s month", "%(count)s months", number) % {"count": number}
    return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}

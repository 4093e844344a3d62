"""How long Vendor Management usually takes to answer. VM sets it; pages and emails say it from here."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import ngettext

from onboarding.models import Submission
from vendors import correspondence
from vendors.texts import choices

SATURDAY = 5


def usual_time() -> str:
    days = choices.current().turnaround_days
    return ngettext("%(count)d working day", "%(count)d working days", days) % {"count": days}


def sent(submission: Submission) -> correspondence.Moment:
    """By the clock of whoever sent it."""
    contact = submission.answers.get("contact", {})
    return correspondence.moment_in(submission.submitted_at, contact.get("time_zone", ""))


def expected_on(sent_on: dt.date) -> dt.date:
    """The day by which an answer usually comes. Saturdays and Sundays are not worked; holidays differ too much."""
    day, left = sent_on, choices.current().turnaround_days
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day

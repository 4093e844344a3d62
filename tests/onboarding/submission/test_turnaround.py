"""By when an answer usually comes."""

import datetime as dt

import pytest

from onboarding.submission import turnaround

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent_on", "expected_on"),
    [
        (dt.date(2026, 11, 23), dt.date(2026, 11, 30)),  # Monday to Monday
        (dt.date(2026, 11, 27), dt.date(2026, 12, 4)),  # Friday to Friday
        (dt.date(2026, 11, 28), dt.date(2026, 12, 4)),  # Saturday
        (dt.date(2026, 11, 29), dt.date(2026, 12, 4)),  # Sunday
    ],
)
def test_weekends_are_not_worked(sent_on, expected_on):
    assert turnaround.expected_on(sent_on) == expected_on

"""The status page after sending."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone

from onboarding import tasks
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import turnaround
from tests.factories import create_staff
from tests.onboarding import answers, changing
from vendors.texts import choices
from vendors.texts import lifecycle as texts

pytestmark = pytest.mark.django_db


def test_status_page_says_reference_when_what_next_and_whom_to_ask(as_vendor, sent):
    page = as_vendor.get("/onboarding/").text

    day = turnaround.expected_on(sent.submitted_at.date())
    at = sent.submitted_at.astimezone(zoneinfo.ZoneInfo("Europe/Warsaw"))
    for shown in [
        sent.reference,
        f"{at:%-d %B %Y} at {at:%H:%M} (Warsaw time)",
        "usually within 5 working days",
        f"by {day:%A}, {day:%-d %B %Y}",
        'get an email at <bdi translate="no">lucja@example.com</bdi>',
        "vm@sandberg.example",
        "/onboarding/answers.html",
        "/onboarding/answers.json",
    ]:
        assert shown in page
    assert "longer than usual" not in page


def test_status_page_owns_up_when_it_takes_longer(as_vendor, sent):
    Submission.objects.update(submitted_at=timezone.now() - dt.timedelta(days=9))

    assert "longer than usual" in as_vendor.get("/onboarding/").text


def test_the_usual_time_is_the_same_everywhere(as_vendor, vendor, mailoutbox):
    texts.save(choices.KEY, {"turnaround_days": 1}, seen=0, by=create_staff())
    assert "usually within 1 working day," in as_vendor.get("/onboarding/").text
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    tasks.mail_vendor_submitted(submission_id=Submission.objects.get().pk)

    assert "usually within 1 working day, so by" in as_vendor.get("/onboarding/").text
    assert "usually within 1 working day." in mailoutbox[-1].body


def test_bookmark_of_the_status_page_always_shows_how_things_stand(as_vendor, vendor, sent):
    assert "Thank you. Now it's our turn" in as_vendor.get("/onboarding/").text
    changing.ask_for_changes(sent, rates="The rates.")
    assert "Almost there: one thing to change" in as_vendor.get("/onboarding/").text
    answers.save(as_vendor, "rates", answers.RATES | {"minimum_fee": "30"})
    answers.send(as_vendor)
    assert "Thank you. Now it's our turn" in as_vendor.get("/onboarding/").text
    review.approve(Submission.objects.awaiting_review().get(), by=None)
    assert as_vendor.get("/onboarding/").url == "/profile/"

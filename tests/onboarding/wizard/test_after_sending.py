"""The page after sending, and the copies of the answers."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from onboarding import tasks
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import turnaround
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding import answers, changing
from tests.records import events
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

COPIES = ["/onboarding/answers.html", "/onboarding/answers.json"]


@pytest.fixture
def sent(as_vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    return Submission.objects.get()


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


def test_status_page_says_reference_when_what_next_and_whom_to_ask(as_vendor, sent):
    page = as_vendor.get("/onboarding/").text

    day = turnaround.expected_on(sent.submitted_at.date())
    for shown in [
        sent.reference,
        f"{sent.submitted_at:%-d %B %Y} at {sent.submitted_at:%H:%M} (UTC)",
        "usually within 5 working days",
        f"by {day:%A}, {day:%-d %B %Y}",
        "You get a mail at lucja@example.com",
        "vm@sandberg.example",
        *COPIES,
    ]:
        assert shown in page
    assert "longer than usual" not in page


def test_status_page_owns_up_when_it_takes_longer(as_vendor, sent):
    Submission.objects.update(submitted_at=timezone.now() - dt.timedelta(days=9))

    assert "longer than usual" in as_vendor.get("/onboarding/").text


def test_the_usual_time_is_the_same_everywhere(as_vendor, vendor, monkeypatch, mailoutbox):
    monkeypatch.setattr(turnaround, "WORKING_DAYS", 1)
    assert "usually within 1 working day," in as_vendor.get("/onboarding/").text
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    tasks.mail_vendor_submitted(submission_id=Submission.objects.get().pk)

    assert "usually within 1 working day:" in as_vendor.get("/onboarding/").text
    assert "usually within 1 working day." in mailoutbox[-1].body


def test_bookmark_of_the_status_page_always_shows_how_things_stand(as_vendor, vendor, sent):
    assert "Thank you. Now it is our turn" in as_vendor.get("/onboarding/").text
    changing.ask_for_changes(sent, rates="The rates.")
    assert "please change something" in as_vendor.get("/onboarding/").text
    answers.save(as_vendor, "rates", answers.RATES | {"minimum_fee": "30"})
    answers.send(as_vendor)
    assert "Thank you. Now it is our turn" in as_vendor.get("/onboarding/").text
    review.approve(Submission.objects.awaiting_review().get(), by=None)
    assert as_vendor.get("/onboarding/").url == "/profile/"


def test_answers_as_data(as_vendor, vendor, sent):
    answer = as_vendor.get("/onboarding/answers.json")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="passport-{sent.reference}.json"'
    assert answer.headers["Content-Type"] == "application/json"
    assert "Łucja Nowak-Åberg" in answer.text
    data = json.loads(answer.content)
    assert data["answers"] == sent.answers
    assert data["reference"] == sent.reference
    assert dt.datetime.fromisoformat(data["sent_at"]) == sent.submitted_at.replace(microsecond=0)
    assert data["answers"]["payment"]["iban"] == "PL61109010140000071219812874"
    assert (events(vendor)[-1], vendor.events.first().by) == ("payment_revealed", vendor.user)


def test_answers_to_print_stand_alone_and_mask_the_payment(as_vendor, sent):
    answer = as_vendor.get("/onboarding/answers.html")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="passport-{sent.reference}.html"'
    for shown in [
        "Łucja Nowak-Åberg",
        "German → Polish",
        "EUR 0.085 per source word",
        "IBAN PL… 2874",
        "My CV.pdf",
        sent.reference,
        "lucja@example.com",
        "Terms of cooperation",
    ]:
        assert shown in answer.text
    assert "109010140000071219812874" not in answer.text.replace(" ", "")
    for not_alone in ["<link", "<script", "<img", "href=", "src="]:
        assert not_alone not in answer.text


def test_what_was_typed_is_no_markup_in_the_copy(as_vendor):
    answers.fill_in(as_vendor, about=answers.ABOUT | {"full_name": "<b>Łucja</b>"})
    answers.send(as_vendor)

    assert "&lt;b&gt;Łucja&lt;/b&gt;" in as_vendor.get("/onboarding/answers.html").text


@pytest.mark.parametrize("path", COPIES)
def test_copies_stay_out_of_every_cache(as_vendor, sent, path):
    answer = as_vendor.get(path)

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert as_vendor.post(path).status_code == 405


@pytest.mark.parametrize("path", COPIES)
def test_copies_are_of_the_own_latest_answers_only(as_vendor, vendor, sent, client, path):
    other = create_vendor(state=VendorState.APPROVED)
    assert signed_in(other.user).get(path).status_code == 404
    assert signed_in(create_staff()).get(path).status_code == 403
    client.logout()
    assert client.get(path).status_code == 302

    changing.ask_for_changes(sent, rates="The rates.")
    client.force_login(vendor.user)
    answers.save(client, "rates", answers.RATES | {"minimum_fee": "77"})
    answers.send(client)

    second = Submission.objects.awaiting_review().get()
    assert second.reference in client.get(path).text
    assert "77" in client.get(path).text


def test_copies_are_on_the_profile_too(as_vendor, sent):
    review.approve(sent, by=None)

    page = as_vendor.get("/profile/").text
    for path in COPIES:
        assert path in page
        assert as_vendor.get(path).status_code == 200


def test_profile_without_answers_offers_no_copy(as_vendor, vendor, sent):
    review.approve(sent, by=None)
    Submission.objects.all().delete()

    assert "Keep a copy" not in as_vendor.get("/profile/").text

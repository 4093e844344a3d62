"""The public form: what people paste, and what strangers try."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from identity.failures.case_text import case_context
from identity.models import Failure, Heartbeat
from tests.factories import create_vendor

pytestmark = pytest.mark.django_db
URL = "/help/cannot-sign-in/"
PASTED = """Sorry, but we're having trouble signing you in.
AADSTS50020: User account 'x' from identity provider 'live.com' does not exist in tenant 'Sandberg'.
Request Id: 0a1b2c3d-1111-2222-3333-444455556666
Correlation Id: 9f8e7d6c-aaaa-bbbb-cccc-ddddeeeeffff
Timestamp: 2026-11-23T10:00:00Z"""


@pytest.fixture(autouse=True)
def worker_lives() -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


def test_address_code_and_ids_become_a_case(client):
    create_vendor(primary_email="dora@mail.example")
    response = client.post(URL, {"address": "Dora@mail.example", "shown": PASTED, "reach": "+45 12 34 56 78"})

    failure = Failure.objects.get()
    assert failure.reference in response.content.decode()
    assert (failure.subject, failure.reason) == ("address:dora@mail.example", "says_cannot_sign_in")
    assert failure.detail["aadsts"] == "50020"
    assert failure.detail["reach"] == "+45 12 34 56 78"
    assert failure.detail["correlation_id"] in PASTED.lower()
    assert "Sorry" not in str(failure.detail), "the pasted text itself is not kept"


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("AADSTS50105", "50105"),
        ("Error code 50105 came up", "50105"),
        ("it says 9f8e7d6c-aaaa-bbbb-cccc-ddddeeeeffff", None),
        ("I pressed the button 3 times", None),
        ("", None),
    ],
)
def test_code_is_found_in_what_was_pasted(client, shown, code):
    client.post(URL, {"address": "dora@mail.example", "shown": shown})

    assert Failure.objects.get().detail.get("aadsts") == code


def test_wrong_address_stays_in_the_field_with_a_sentence(client):
    response = client.post(URL, {"address": "dora", "shown": "x"})

    page = response.content.decode()
    assert "Enter an email address, like ana@example.com." in page
    assert 'value="dora"' in page
    assert "<title>Error: " in page
    assert not Failure.objects.exists()


def test_field_that_people_do_not_see_loses_no_message(client):
    """Password managers fill it in too, so it says no more than that somebody should look twice."""
    vendor = create_vendor(primary_email="dora@mail.example")

    response = client.post(URL, {"address": "dora@mail.example", "website": "https://mail.example"})

    failure = Failure.objects.get()
    assert failure.address == vendor.primary_email
    assert failure.reference in response.text
    assert "may have been sent by a bot" in str(case_context(failure, list(failure.people.all())))


def test_same_answer_for_known_and_unknown_addresses(client):
    """The reference does not tell either: nobody shares theirs, and it stays the same when they ask again."""
    create_vendor(primary_email="dora@mail.example")
    pages: dict[str, str] = {}
    references: dict[str, str] = {}
    for address in ("dora@mail.example", "nobody@mail.example", "somebody@mail.example", "nobody@mail.example"):
        page = client.post(URL, {"address": address}).content.decode()
        reference = re.search(r'class="reference">([\w-]+)<', page)[1]
        assert references.setdefault(address, reference) == reference
        pages[address] = page.replace(reference, "")
        problem = client.get(f"/sign-in/problem/{reference}/").content.decode()
        assert reference in problem
        assert "Which address" not in problem

    assert len(set(pages.values())) == 1
    assert len(set(references.values())) == 3

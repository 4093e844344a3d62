"""The answers that a vendor sent, to keep."""

import datetime as dt
import json

import pytest

from onboarding.models import Submission
from onboarding.review import decide as review
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding import answers, changing
from tests.records import events
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

COPIES = ["/onboarding/answers.html", "/onboarding/answers.json"]


IBAN, NUMBER = "PL61109010140000071219812874", "PL5260001246"


def secrets_in(text: str) -> list[str]:
    """Of the account and the tax number, without their ends."""
    compact = text.replace(" ", "")
    return [word for word in (IBAN.removeprefix("PL")[:-4], NUMBER.removeprefix("PL")[:-3]) if word in compact]


def test_answers_as_data(as_vendor, vendor, sent):
    changing.prove(as_vendor, purpose="answers_in_full")

    answer = as_vendor.get("/onboarding/answers.json")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="passport-{sent.reference}.json"'
    assert answer.headers["Content-Type"] == "application/json"
    assert "Łucja Nowak-Åberg" in answer.text
    data = json.loads(answer.content)
    assert data["answers"] == sent.answers
    assert data["reference"] == sent.reference
    assert dt.datetime.fromisoformat(data["sent_at"]) == sent.submitted_at.replace(microsecond=0)
    assert data["answers"]["payment"]["iban"] == IBAN
    assert (events(vendor)[-1], vendor.events.first().by) == ("payment_revealed", vendor.user)


@pytest.mark.parametrize("path", COPIES)
@pytest.mark.parametrize("ago", [None, 301])
def test_copies_are_masked_in_a_session_that_was_not_proven_just_now(as_vendor, vendor, sent, path, ago):
    if ago:
        changing.prove(as_vendor, ago=ago)
    before = events(vendor)

    answer = as_vendor.get(path)

    assert secrets_in(answer.text) == []
    assert "IBAN PL… 2874" in answer.text
    assert "…246" in answer.text
    assert events(vendor) == before


@pytest.mark.parametrize(
    ("account", "secrets"),
    [
        (
            {"method": "account", "bank_country": "US", "account_number": "12345678901", "bank_code": "021000021"},
            ["345678", "021000021"],
        ),
        ({"method": "iban", "iban": "TR33 0006 1005 1978 6457 8413 26", "bic": "TGBATRIS"}, ["00061005", "TGBATRIS"]),
        ({"method": "paypal", "paypal": "lucja.nowak@pay.example"}, ["lucja.nowak"]),
    ],
)
def test_every_way_of_being_paid_is_masked(as_vendor, account, secrets):
    answers.fill_in(as_vendor, payment=answers.PAYMENT | {"iban": ""} | account)
    answers.send(as_vendor)

    for path in COPIES:
        assert not any(word in as_vendor.get(path).text.replace(" ", "") for word in secrets)
    changing.prove(as_vendor)
    for path in COPIES:
        assert all(word in as_vendor.get(path).text.replace(" ", "") for word in secrets)


def test_company_has_its_numbers_in_the_copy(as_vendor):
    company = answers.ABOUT | {"kind": "company", "company_legal_name": "Nowak Sp. z o.o."}
    answers.fill_in(as_vendor, about=company, tax=answers.TAX | {"registration_number": "0000123456"})
    answers.send(as_vendor)

    assert NUMBER in as_vendor.get("/onboarding/answers.json").text


def test_page_for_the_whole_copy_asks_to_sign_in_once_more(as_vendor, sent):
    page = as_vendor.get("/onboarding/answers/")
    assert 'name="purpose" value="answers_in_full"' in page.text
    assert "answers.json" not in page.text

    changing.prove(as_vendor, purpose="answers_in_full")

    page = as_vendor.get("/onboarding/answers/")
    assert "/onboarding/answers.json" in page.text
    assert secrets_in(as_vendor.get("/onboarding/answers.html").text) != []


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

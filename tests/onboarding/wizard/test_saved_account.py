"""The page of payment before approval: a browser that stays signed in for weeks may be in other hands."""

import re

import pytest

from onboarding.models import Draft
from tests.onboarding import answers, changing

IBAN, ANOTHER = "PL61109010140000071219812874", "DE89370400440532013000"
TYPED = answers.PAYMENT | {"iban": IBAN, "bic": "WBKPPLPP"}
NUMBER = {"method": "account", "iban": "", "bank_country": "GB", "account_number": "31926819", "bank_code": "601613"}
PAYPAL = {"method": "paypal", "iban": "", "paypal": "dora.hidden@mail.example"}


@pytest.fixture
def at_payment(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")
    return as_vendor


def page(client):
    return client.get(answers.url("payment"))


def kept(*names):
    stored = Draft.objects.get().answers["payment"]
    return [stored[f"payment-{name}"][0] for name in names]


def values(text):
    return re.findall(r'name="payment-(iban|bic|account_number|bank_code|paypal)"[^>]*?value="([^"]+)"', text)


@pytest.mark.parametrize(
    ("typed", "secrets", "hint"),
    [
        (TYPED, [IBAN, "WBKPPLPP"], "PL… 2874"),
        (answers.PAYMENT | NUMBER, ["31926819", "601613"], "… 6819"),
        (answers.PAYMENT | PAYPAL, ["dora.hidden"], "d…@mail.example"),
    ],
)
def test_saved_account_is_hidden_unless_proven_just_now(at_payment, typed, secrets, hint):
    answers.save(at_payment, "payment", typed)

    for path in (answers.url("payment"), answers.url("check")):
        shown = at_payment.get(path).text
        assert [secret for secret in secrets if secret in shown] == []
    assert hint in page(at_payment).text
    changing.prove(at_payment, ago=301)
    assert not values(page(at_payment).text)

    changing.prove(at_payment)
    shown = page(at_payment).text
    assert [secret for secret in secrets if secret not in shown] == []


def test_nothing_typed_keeps_what_is_saved_and_judges_the_page_with_it(at_payment):
    answers.save(at_payment, "payment", TYPED)

    answer = answers.save(at_payment, "payment", TYPED | {"iban": "", "bic": " ", "holder": "Dora N."})

    assert answer.status_code == 302
    assert kept("iban", "bic", "holder") == [IBAN, "WBKPPLPP", "Dora N."]


def test_another_one_replaces_it_and_takes_nothing_of_the_old_bank(at_payment):
    answers.save(at_payment, "payment", TYPED)
    answers.save(at_payment, "payment", TYPED | {"iban": ANOTHER, "bic": ""})
    assert kept("iban", "bic") == [ANOTHER, ""]

    answers.save(at_payment, "payment", answers.PAYMENT | NUMBER)
    said = answers.save(
        at_payment, "payment", answers.PAYMENT | NUMBER | {"account_number": "12345678", "bank_code": ""}
    )
    assert "Enter the bank code." in said.text
    answers.save(at_payment, "payment", answers.PAYMENT | NUMBER | {"account_number": "", "bank_code": "200000"})
    assert kept("account_number", "bank_code") == ["12345678", "200000"]


def test_what_was_typed_comes_back_with_the_error_and_what_is_saved_does_not(at_payment):
    answers.save(at_payment, "payment", TYPED)

    said = answers.save(at_payment, "payment", TYPED | {"iban": "DE00 1234", "bic": "", "holder": ""})

    assert values(said.text) == [("iban", "DE00 1234")]
    assert not values(page(at_payment).text)
    said = answers.save(at_payment, "payment", TYPED | {"iban": "", "bic": "", "holder": ""})
    assert not values(said.text)
    assert "DE00" not in said.text


def test_page_shown_in_full_can_be_emptied(at_payment):
    answers.save(at_payment, "payment", TYPED)
    changing.prove(at_payment)
    [marker] = re.findall(r'<input type="hidden" name="(shown_in_full)" value="yes">', page(at_payment).text)
    changing.prove(at_payment, ago=301)

    answers.save(at_payment, "payment", TYPED | {"bic": ""}, **{marker: "yes"})

    assert kept("iban", "bic") == [IBAN, ""]


def test_two_versions_show_no_more_of_the_saved_one(at_payment):
    revision = Draft.objects.get().revisions.get("payment", 0)
    answers.save(at_payment, "payment", TYPED)

    late = answers.body("payment", TYPED | {"iban": ANOTHER, "bic": ""}, revision=revision)
    said = at_payment.post(answers.url("payment"), late)

    assert said.status_code == 409
    assert IBAN not in said.text
    assert "WBKPPLPP" not in said.text
    assert "PL… 2874" in said.text
    assert ANOTHER in said.text


def test_hint_is_no_markup(at_payment):
    answers.save(at_payment, "payment", answers.PAYMENT | PAYPAL | {"paypal": "<@<script>x</script>"})

    assert "<script>x" not in page(at_payment).text

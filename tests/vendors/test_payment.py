import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors import payment
from vendors.payment import PaymentForm

IBAN = {"method": "iban", "holder": "Ann", "iban": "DE89 3704-0044.0532 0130 00"}
US = {
    "method": "account",
    "holder": "Ann",
    "bank_country": "US",
    "account_number": "0001 2345-6789",
    "bank_code": "1110-0002-5",
}
UK = {
    "method": "account",
    "holder": "Ann",
    "bank_country": "GB",
    "account_number": "12345678",
    "bank_code": "20-00-00",
}
PAYPAL = {"method": "paypal", "holder": "Ann", "paypal": "ann@example.com"}


def refused(typed: dict[str, str]) -> set[str]:
    return set(PaymentForm(typed).errors)


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        (IBAN, "IBAN DE… 3000"),
        (US, "Account … 6789, United States"),
        (UK, "Account … 5678, United Kingdom"),
        (PAYPAL, "PayPal a…@example.com"),
    ],
)
def test_each_way_of_paying_is_taken_and_masked(typed, masked):
    form = PaymentForm(typed)

    assert form.is_valid(), form.errors
    assert payment.masked(form.details()) == masked


def test_codes_are_kept_without_punctuation():
    assert PaymentForm(IBAN).is_valid()
    form = PaymentForm(US)
    assert form.is_valid()
    assert form.details() == {
        "method": "account",
        "holder": "Ann",
        "bank_country": "US",
        "account_number": "000123456789",
        "bank_code": "111000025",
    }


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 01"}, {"iban"}),
        ({"iban": "DE89 3704 0044 0532 0130"}, {"iban"}),
        ({"iban": ""}, {"iban"}),
        ({"holder": ""}, {"holder"}),
        ({"bic": "DEUT"}, {"bic"}),
        ({"method": ""}, {"method"}),
        ({"method": "cash"}, {"method"}),
        ({"iban": "TR33 0006 1005 1978 6457 8413 26"}, {"bic"}),
        ({"paypal": "what stands in another branch"}, set()),
        ({"iban": "BE68 5390 0754 7034"}, set()),
    ],
)
def test_iban_is_judged(change, fields):
    assert refused(IBAN | change) == fields


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (US | {"bank_code": "111000026"}, {"bank_code"}),
        (US | {"bank_code": ""}, {"bank_code"}),
        (UK | {"bank_code": "2000"}, {"bank_code"}),
        (UK | {"account_number": "12"}, {"account_number"}),
        (UK | {"bank_country": ""}, {"bank_country"}),
        (PAYPAL | {"paypal": "ann"}, {"paypal"}),
        (PAYPAL | {"paypal": ""}, {"paypal"}),
    ],
)
def test_other_ways_are_judged(typed, fields):
    assert refused(typed) == fields


def test_only_the_chosen_branch_is_kept():
    form = PaymentForm(PAYPAL | {"iban": "DE89370400440532013000"})

    assert form.is_valid()
    assert "iban" not in form.details()


def test_rows_show_everything_to_who_may_see_it():
    form = PaymentForm(US)
    assert form.is_valid()

    assert payment.rows(form.details()) == [
        ("Account holder", "Ann"),
        ("Country of the bank", "United States"),
        ("Account number", "000123456789"),
        ("Bank code", "111000025"),
    ]


@given(st.text(max_size=60))
def test_any_text_as_iban_is_judged_without_an_exception(text):
    form = PaymentForm(IBAN | {"iban": text})

    if form.is_valid():
        assert form.details()["iban"].isalnum()


@given(st.text(max_size=40), st.sampled_from(["US", "GB", "IN", ""]))
def test_any_text_as_bank_code_is_judged_without_an_exception(text, country):
    PaymentForm(US | {"bank_code": text, "account_number": text, "bank_country": country}).is_valid()

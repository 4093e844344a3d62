import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spelling import one_figure_changed, spelt
from vendors.payment import details as payment
from vendors.payment.form import PaymentForm

ANN = {"holder": "Ann", "holder_is_vendor": "yes"}
IBAN = {"method": "iban", **ANN, "iban": "DE89 3704-0044.0532 0130 00"}
US = {
    "method": "account",
    **ANN,
    "bank_country": "US",
    "account_number": "0001 2345-6789",
    "bank_code": "1110-0002-5",
}
UK = {
    "method": "account",
    **ANN,
    "bank_country": "GB",
    "account_number": "12345678",
    "bank_code": "20-00-00",
}
PAYPAL = {"method": "paypal", **ANN, "paypal": "ann@example.com"}


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
        **ANN,
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
        ({"holder_is_vendor": ""}, {"holder_is_vendor"}),
        ({"holder_is_vendor": "no"}, {"holder_is_vendor"}),
        ({"payout_currency": "USD"}, set()),
        ({"payout_currency": "gold"}, {"payout_currency"}),
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
        (UK | {"account_number": "1234567"}, {"account_number"}),
        (US | {"account_number": "12AB56"}, {"account_number"}),
        (UK | {"bank_country": "IN", "account_number": "12AB56", "bank_code": "HDFC0000001"}, set()),
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


def test_empty_fields_are_named():
    assert PaymentForm(IBAN | {"holder": "", "holder_is_vendor": ""}).errors == {
        "holder": ["Enter the name of the account holder."],
        "holder_is_vendor": ["Choose “Yes” if the account is yours or your company's, or “No” if it isn't."],
    }


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("bic", "BIC: DEUTDEFF", "DEUTDEFF"),
        ("bic", "BIC DEUT DE FF", "DEUTDEFF"),
        ("bic", "SWIFT code DEUTDEFF500", "DEUTDEFF500"),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ],
)
def test_label_of_a_code_is_dropped(field, typed, kept):
    form = PaymentForm(IBAN | {field: typed})

    assert form.is_valid(), form.errors
    assert form.details()[field] == kept


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("bank_code", "Routing number: 111000025", "111000025"),
        ("bank_code", "ABA 111000025", "111000025"),
        ("account_number", "Account no. 12345678", "12345678"),
        ("account_number", "Acc: 12345678", "12345678"),
        ("account_number", "١٢٣٤٥٦٧٨", "12345678"),
    ],
)
def test_label_of_an_account_is_dropped(field, typed, kept):
    form = PaymentForm(US | {field: typed})

    assert form.is_valid(), form.errors
    assert form.details()[field] == kept


@pytest.mark.parametrize(
    ("country", "field", "typed", "kept"),
    [
        ("MX", "account_number", "CLABE 002 010 07777777777 1", "002010077777777771"),
        ("AR", "account_number", "CBU 2850590940090418135201", "2850590940090418135201"),
        ("RU", "account_number", "р/с 40817810500000000001", "40817810500000000001"),
        ("BR", "account_number", "c/c 12345-X", "12345X"),
        ("US", "account_number", "12345678901 checking", "12345678901"),
        ("IN", "bank_code", "IFSC Code - HDFC0000123", "HDFC0000123"),
        ("IN", "bank_code", "HDFC 0000123", "HDFC0000123"),
        ("DK", "bank_code", "Reg.nr. 1234", "1234"),
        ("PH", "bank_code", "SWIFT BOPIPHMM", "BOPIPHMM"),
        ("CA", "bank_code", "Transit no. 12345, institution no. 003", "12345003"),
        ("CA", "bank_code", "Transit 12345 Inst 003", "12345003"),
        ("LK", "bank_code", "7010 branch 001", "7010001"),
        ("LK", "account_number", "Account 1234", "1234"),
        ("CY", "account_number", "12345678 A", "12345678A"),
    ],
)
def test_label_of_an_account_is_dropped_in_every_country(country, field, typed, kept):
    code = "111000025" if country == "US" else "1234"
    form = PaymentForm(US | {"bank_country": country, "bank_code": code, field: typed})

    assert form.is_valid(), form.errors
    assert form.details()[field] == kept


@pytest.mark.parametrize("typed", ["none", "PIX: ana@mail.example", "see invoice"])
def test_account_number_without_a_digit_is_none(typed):
    form = PaymentForm(US | {"bank_country": "BR", "bank_code": "001", "account_number": typed})

    assert "at least one digit" in form.errors["account_number"][0]


# Any spelling, any text

IBANS = ["DE89370400440532013000", "PL61109010140000071219812874", "GB82WEST12345698765432", "NO9386011117947"]


@given(spelt(IBANS))
def test_any_spelling_of_an_iban_is_the_same_iban(spelling):
    typed, number = spelling
    form = PaymentForm(IBAN | {"iban": typed})

    assert form.is_valid(), form.errors
    assert form.details()["iban"] == number


@given(st.sampled_from(IBANS), st.data())
def test_iban_with_one_wrong_figure_is_refused(number, data):
    wrong = data.draw(one_figure_changed(number))

    assert refused(IBAN | {"iban": wrong, "bic": "DEUTDEFF"}) == {"iban"}


@given(spelt(["111000025", "026009593"]))
def test_any_spelling_of_a_routing_number_is_the_same_number(spelling):
    typed, number = spelling
    form = PaymentForm(US | {"bank_code": typed})

    assert form.is_valid(), form.errors
    assert form.details()["bank_code"] == number


@given(st.sampled_from(["111000025", "026009593"]), st.data())
def test_routing_number_with_one_wrong_figure_is_refused(number, data):
    assert refused(US | {"bank_code": data.draw(one_figure_changed(number))}) == {"bank_code"}


@given(st.text(max_size=60))
def test_any_text_as_iban_is_judged_without_an_exception(text):
    form = PaymentForm(IBAN | {"iban": text})

    if form.is_valid():
        assert form.details()["iban"].isalnum()


@given(st.text(max_size=40), st.sampled_from(["US", "GB", "IN", ""]))
def test_any_text_as_bank_code_is_judged_without_an_exception(text, country):
    PaymentForm(US | {"bank_code": text, "account_number": text, "bank_country": country}).is_valid()

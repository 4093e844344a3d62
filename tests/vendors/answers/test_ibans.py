import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from identity.typed import cleaning
from tests.spelling import in_any_spelling
from vendors.answers import ibans

MOROCCO = "MA64011519000001205000534921"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("IBAN ES91 2100 0418 4502 0005 1332", "ES9121000418450200051332"),
        ("IBAN: ES91-2100-0418-4502-0005-1332", "ES9121000418450200051332"),
        ("IBANES9121000418450200051332", "ES9121000418450200051332"),
        ("Account (IBAN) = ES91 2100 0418 4502 0005 1332", "ES9121000418450200051332"),
        ("„ES91 2100 0418 4502 0005 1332“", "ES9121000418450200051332"),
        ("ＥＳ９１２１０００４１８４５０２０００５１３３２", "ES9121000418450200051332"),
        ("ES٩١٢١٠٠٠٤١٨٤٥٠٢٠٠٠٥١٣٣٢", "ES9121000418450200051332"),
        ("ES91\u200b2100\u00a00418\u202f4502 0005 1332", "ES9121000418450200051332"),
        ("ES91 2100 0418 4502 0005 1332 (CaixaBank)", "ES9121000418450200051332"),
        ("ES91 2100 0418 4502 0005 1332, BIC CAIXESBBXXX", "ES9121000418450200051332"),
        ("IBAN: ES91 2100 0418 4502 0005 1332 SWIFT: CAIXESBBXXX", "ES9121000418450200051332"),
        ("ES91 2100 0418 4502 0005 1332 CaixaBank S.A.", "ES9121000418450200051332"),
        ("ES91 2100 0418 4502 0005 1332 a nombre de Ana B.", "ES9121000418450200051332"),
        ("MA64 0115 1900 0001 2050 0053 4921", MOROCCO),
    ],
)
def test_iban_is_read_as_people_paste_it(typed, number):
    assert ibans.parse(typed) == number


def test_country_outside_the_register_is_marked():
    assert "Morocco" in ibans.doubt(MOROCCO)
    assert ibans.doubt("ES9121000418450200051332") == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ES91 2100 0418 4502 0005 1333", "check digits don't match"),
        ("MA65 0115 1900 0001 2050 0053 4921", "check digits don't match"),
        ("12345678", "choose that payment method"),
        ("none", "choose that payment method"),
        ("1" * 100_000, "choose that payment method"),
    ],
)
def test_what_cannot_be_an_iban_is_refused_for_what_is_wrong_with_it(typed, said):
    with pytest.raises(ibans.NotAnIban, match=said) as refused:
        ibans.parse(typed)

    assert not isinstance(refused.value, ibans.OddIban)


def with_check_digits(country: str, account: str) -> str:
    return country + mod_97_10.calc_check_digits(f"{account}{country}") + account


@pytest.mark.parametrize(
    "number", [with_check_digits("DE", "3704004405320130"), with_check_digits("ZZ", "12345678901234")]
)
def test_right_check_digits_in_an_unusual_form_are_asked_about(number):
    with pytest.raises(ibans.OddIban) as odd:
        ibans.parse(number)

    assert odd.value.as_typed == number
    assert ibans.doubt(number)


@given(st.sampled_from(["MA", "DZ", "NG", "SN", "IR"]), st.from_regex(r"[0-9A-Z]{12,24}", fullmatch=True), st.data())
def test_any_spelling_of_an_iban_of_any_country_is_taken(country, account, data):
    number = with_check_digits(country, account)

    assert ibans.parse(data.draw(in_any_spelling(number))) == number


@given(st.text(max_size=60))
def test_any_text_is_an_iban_or_refused(text):
    try:
        number = ibans.parse(text)
    except ibans.NotAnIban:
        return
    assert ibans.parse(number) == number == cleaning.compact(number)

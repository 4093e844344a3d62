from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import money


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0.085", "0.0850"),
        ("0,085", "0.0850"),
        (" ,085 ", "0.0850"),
        ("12", "12.0000"),
        ("1 250,50", "1250.5000"),
        ("1'250.50", "1250.5000"),
        ("1\u00a0250", "1250.0000"),
        ("0,120", "0.1200"),
        ("€0.085", "0.0850"),
        ("0.09 EUR", "0.0900"),
        ("EUR 0,09", "0.0900"),
        ("0,09€", "0.0900"),
        ("US$ 0.12", "0.1200"),
        ("$.12", "0.1200"),
        ("0,35 zł", "0.3500"),
        ("Fr. 25", "25.0000"),
        ("25,-", "25.0000"),
        ("25,–", "25.0000"),
        ("25.--", "25.0000"),
        ("€ 25,-", "25.0000"),
        ("25:- kr", "25.0000"),
        ("0,08.", "0.0800"),
        ("٠٫٠٨", "0.0800"),
        ("۰٫۰۸", "0.0800"),
        ("０．０８", "0.0800"),
        ("０，０８", "0.0800"),
        ("१२", "12.0000"),
        ("“0.08”", "0.0800"),
    ],
)
def test_comma_point_and_spaces_are_understood(typed, amount):
    assert str(money.parse_amount(typed, decimals=4)) == amount


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "figures only"),
        ("abc", "figures only"),
        ("8 cents", "figures only"),
        ("€", "figures only"),
        ("0.08 quids", "figures only"),
        ("EUR 0.08 USD", "figures only"),
        ("0.08 per EUR", "figures only"),
        ("²", "figures only"),
        ("1e3", "figures only"),
        ("NaN", "figures only"),
        (".", "figures only"),
        ("-5", "more than zero"),
        ("\N{MINUS SIGN}5", "more than zero"),
        ("0", "more than zero"),
        ("0,00", "more than zero"),
        ("0.08512", "at most 4"),
        ("1,250.50", "without separators"),
        ("1,250", "read in two ways"),
        ("1.250", "read in two ways"),
        ("1000000", "more than we can enter"),
    ],
)
def test_everything_else_is_refused_with_a_reason(typed, said):
    with pytest.raises(money.NotAnAmount, match=said):
        money.parse_amount(typed, decimals=4)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.0850", "EUR 0.085"), ("25.00", "EUR 25.00"), ("1250.5", "EUR 1,250.50"), ("100", "EUR 100.00")],
)
def test_amount_is_shown_with_the_decimals_it_has(amount, shown):
    assert money.display(amount, "EUR") == shown


@given(st.decimals(min_value="0.0001", max_value="999", places=4), st.data())
def test_any_spelling_of_a_rate_is_the_same_rate(rate, data):
    point = data.draw(st.sampled_from([".", ","]))
    space = st.sampled_from(["", " ", "\u00a0"])
    whole, part = str(rate).split(".")
    typed = data.draw(space) + whole + point + part + data.draw(space)

    assert money.parse_amount(typed, decimals=4) == rate


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text):
    try:
        amount = money.parse_amount(text, decimals=4)
    except money.NotAnAmount:
        return
    assert 0 < amount < 1_000_000


@given(st.decimals(min_value=Decimal("0.0001"), max_value=999999, places=4), st.sampled_from(".,"))
def test_what_is_shown_can_be_typed_again(amount, point):
    typed = f"{amount:.4f}".replace(".", point)

    assert money.parse_amount(typed, decimals=4) == amount

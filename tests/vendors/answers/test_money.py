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
        ("1,250.50", "1250.5000"),
        ("1.250,50", "1250.5000"),
        ("1\u202f250,50", "1250.5000"),
        ("1’250.50", "1250.5000"),
        ("1,25,000.50", "125000.5000"),
        ("١٬٢٥٠٫٥٠", "1250.5000"),
        ("€ 1.250,-", "1250.0000"),
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
        ("0.09 EUR/word", "0.0900"),
        ("0,09 €/Wort", "0.0900"),
        ("USD 0.09 per source word", "0.0900"),
        ("1,20 €/Normzeile", "1.2000"),
        ("30 an hour", "30.0000"),
        ("0,5 kr.", "0.5000"),
        ("3 руб.", "3.0000"),
        ("0.08 €.", "0.0800"),
        ("Rs. 2.50", "2.5000"),
        ("NZ$0.15", "0.1500"),
        ("AUD$ 0.15", "0.1500"),
        ("2 грн;", "2.0000"),
        ("$0.12 USD", "0.1200"),
        ("8 cents", "0.0800"),
        ("8.5 cents", "0.0850"),
        ("12¢", "0.1200"),
        ("8 ct", "0.0800"),
        ("8 Cent", "0.0800"),
        ("8,5 ct.", "0.0850"),
        ("EUR 8 cents", "0.0800"),
        ("8 euro cents", "0.0800"),
        ("8 euro-cents", "0.0800"),
        ("8 cents USD", "0.0800"),
        ("8 US cents per word", "0.0800"),
        ("8c/word", "0.0800"),
        ("12 p", "0.1200"),
        ("12p per word", "0.1200"),
        ("12 pence", "0.1200"),
        ("35 groszy", "0.3500"),
        ("85 öre", "0.8500"),
        ("250 cents", "2.5000"),
        ("0.08 net", "0.0800"),
        ("0,08 netto", "0.0800"),
        ("net 0.08", "0.0800"),
        ("0.08 EUR (net)", "0.0800"),
        ("0.08 net per word", "0.0800"),
        ("0.08 €/word net", "0.0800"),
        ("0.08 plus VAT", "0.0800"),
        ("0.08 + VAT", "0.0800"),
        ("0,08 € zzgl. MwSt.", "0.0800"),
        ("0,08 € zzgl. 19 % USt.", "0.0800"),
        ("0,08 € HT", "0.0800"),
        ("0.08 excl. VAT", "0.0800"),
        ("0.08, excluding VAT", "0.0800"),
        ("0,08 € + IVA", "0.0800"),
        ("8 cents net", "0.0800"),
        ("Rs 25/-", "25.0000"),
        ("25/=", "25.0000"),
        ("12円/文字", "12.0000"),
        *((f"25 {sign}", "25.0000") for sign in ("원", "₱", "₫", "฿", "₦", "RMB", "NIS", "RM", "лв.", "din.", "ευρώ")),
        *((f"{sign}25", "25.0000") for sign in ("₱", "₫", "฿", "₦", "RM", "R", "KSh ")),
    ],
)
def test_comma_point_and_spaces_are_understood(typed, amount):
    assert str(money.parse_amount(typed, decimals=4)) == amount


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "digits only"),
        ("abc", "digits only"),
        ("8 cents EUR USD", "digits only"),
        ("£8 cents", "digits only"),
        ("8 p cents", "digits only"),
        ("8 per cent", "digits only"),
        ("8 networks", "digits only"),
        ("0.08 gross", "without VAT"),
        ("0,10 € brutto", "without VAT"),
        ("0.10 incl. VAT", "without VAT"),
        ("0.10 VAT included", "without VAT"),
        ("0,10 € TTC", "without VAT"),
        ("0.08 cents", "read in two ways"),
        ("8.555 cents", "read in two ways"),
        ("8.5555 cents", "no more than 4"),
        ("-8 cents", "greater than zero"),
        ("€", "digits only"),
        ("0.08 quids", "digits only"),
        ("EUR 0.08 USD", "digits only"),
        ("0.08 per EUR", "digits only"),
        ("²", "digits only"),
        ("1e3", "digits only"),
        ("NaN", "digits only"),
        (".", "digits only"),
        ("-5", "greater than zero"),
        ("\N{MINUS SIGN}5", "greater than zero"),
        ("0", "greater than zero"),
        ("0,00", "greater than zero"),
        ("0.08512", "no more than 4"),
        ("1,250,50", "digits only"),
        ("1.25.000,50", "digits only"),
        ("10 20", "digits only"),
        ("0.08 0.09", "digits only"),
        ("0.08/EUR", "digits only"),
        ("0.08/word/hour", "digits only"),
        ("85 / 1000 words", "price for 1,000"),
        ("1,250", "read in two ways"),
        ("1.250", "read in two ways"),
        ("1000000", "more than we can accept"),
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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.250", ["1250", "1.25"]),
        ("€1,085", ["€1085", "€1.0850"]),
        ("85 EUR per 1,000 words", ["0.085 EUR/words"]),
        ("85/1k words", ["0.085/words"]),
        ("1 / 3 words", []),
        ("0.08 cents", ["0.08", "0.0008"]),
        ("0.5 p/word", ["0.5 GBP/word", "0.005 GBP/word"]),
        ("8.555 cents", ["8555 cents"]),
        ("85p / 10 words", ["0.085 GBP/words"]),
    ],
)
def test_what_was_meant_is_offered_and_is_never_asked_about_again(typed, meant):
    with pytest.raises(money.NotAnAmount) as refused:
        money.parse_amount(typed, decimals=4)

    assert refused.value.meant == meant
    for offered in meant:
        money.parse_amount(offered, decimals=4)


@pytest.mark.parametrize(
    ("typed", "currencies"),
    [("12p", {"GBP"}), ("8 US cents", {"USD"}), ("$0.12 CAD", {"CAD"}), ("8 euro cents", {"EUR"}), ("0.08 net", set())],
)
def test_currency_of_what_was_typed_is_known(typed, currencies):
    assert money.parts(typed).currencies == currencies


@given(st.integers(min_value=1, max_value=9999), st.sampled_from([" cents", "¢", " ct", "p", " Rappen"]))
def test_hundredths_are_hundredths(amount, unit):
    assert money.parse_amount(f"{amount}{unit}", decimals=4) == Decimal(amount) / 100


CONVENTIONS = st.sampled_from(
    [(",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("\u00a0", ","), ("\u066c", "\u066b")]
)


@given(st.decimals(min_value=1000, max_value=999999, places=2), CONVENTIONS)
def test_thousands_in_any_convention_are_the_same_amount(amount, convention):
    thousands, point = convention
    typed = f"{amount:,.2f}".translate({ord(","): thousands, ord("."): point})

    assert money.parse_amount(typed, decimals=4) == amount


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=999), st.sampled_from(".,"))
def test_three_digits_behind_one_separator_are_never_guessed(whole, part, separator):
    with pytest.raises(money.NotAnAmount) as refused:
        money.parse_amount(f"{whole}{separator}{part:03}", decimals=4)

    thousands, exact = (money.parse_amount(meant, decimals=4) for meant in refused.value.meant)
    assert thousands == exact * 1000


@given(
    st.decimals(min_value="0.0001", max_value="999", places=4),
    st.sampled_from(["/word", " per hour", " / page", " pro Zeile", " a day"]),
)
def test_unit_behind_an_amount_changes_nothing_of_it_and_is_known(amount, unit):
    assert money.parse_amount(f"{amount}{unit}", decimals=4) == amount
    assert money.parts(f"{amount}{unit}").units

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.spelling import SEPARATORS
from vendors.answers.fields import phone_number, readable_phone_number

NUMBERS = [("+48221234567", "PL"), ("+4930901820", "DE"), ("+12125550100", "US"), ("+2250123456789", "CI")]
PUNCTUATION = [separator for separator in SEPARATORS if separator not in ("_", ", ", "  ")] + ["(", ")"]


@given(st.sampled_from(NUMBERS), st.booleans(), st.data())
def test_any_spelling_of_a_phone_number_is_the_same_number(valid, has_zeros, data):
    number, country = valid
    begin, rest = ("00" if has_zeros and country in ("PL", "DE") else "+"), number[1:]
    typed = begin + "".join(figure + data.draw(st.sampled_from(PUNCTUATION)) for figure in rest)

    assert phone_number(typed, country=country) == number


@pytest.mark.parametrize("typed", ["12", "+48", "call me", "", "+999 12345678", "22 123 45 67 22 123 45 67 22"])
def test_what_cannot_be_dialled_is_refused(typed):
    with pytest.raises(ValidationError):
        phone_number(typed, country="PL")


@given(st.text(max_size=40), st.sampled_from(["PL", "US", "GB", "XK", ""]))
def test_any_text_is_a_phone_number_or_refused(text, country):
    try:
        number = phone_number(text, country=country)
    except ValidationError:
        return
    assert phone_number(number, country=country) == number
    assert phone_number(readable_phone_number(number), country="") == number
    assert len(number) <= 16

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import countries, postal_codes


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("00001", "PL", "00-001"),
        ("00 - 001", "PL", "00-001"),
        ("1012ab", "NL", "1012 AB"),
        ("n11aa", "GB", "N1 1AA"),
        ("SW1A-1AA", "GB", "SW1A 1AA"),
        ("g11aa", "GB", "G1 1AA"),
        ("D-10115", "DE", "10115"),
        ("DE 10115", "DE", "10115"),
        ("1010", "LV", "LV-1010"),
        ("lv1010", "LV", "LV-1010"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("941071234", "US", "94107-1234"),
        ("94107", "US", "94107"),
        ("Whatever 7", "AE", "Whatever 7"),
        ("１００－０００１", "JP", "100-0001"),
        ("〒100-0001", "JP", "100-0001"),
        ("١٢٣٤٥", "EG", "12345"),
        ("Postal code: 10115", "DE", "10115"),
        ("PLZ 10115", "DE", "10115"),
        ("00\u2013001", "PL", "00-001"),
        ("0\u200b0-0\u00a001", "PL", "00-001"),
    ],
)
def test_postal_code_is_written_as_its_country_does(typed, country, kept):
    assert postal_codes.parse(typed, country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "example"),
    [("123", "DE", "12345"), ("1234567", "PL", "12-345"), ("AB 1012", "NL", "1234 AB"), ("??", "CA", "A1B 2C3")],
)
def test_code_unlike_those_of_its_country_is_kept_and_said_so(typed, country, example):
    assert postal_codes.parse(typed, country=country) == typed
    assert example in postal_codes.doubt(typed, country=country)


@given(st.text(max_size=12), st.sampled_from(sorted(postal_codes.COUNTRIES)))
def test_any_text_is_a_postal_code(text, country):
    written = postal_codes.parse(text, country=country)

    assert postal_codes.parse(written, country=country) == written
    assert len(written) <= postal_codes.LONGEST


def test_every_country_exists():
    assert set(dict(countries.choices())) >= postal_codes.COUNTRIES

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
        ("D02X285", "IE", "D02 X285"),
        ("d6w-xh59", "IE", "D6W XH59"),
        ("A65F4E2", "IE", "A65 F4E2"),
        ("Eircode: D02X285", "IE", "D02 X285"),
        ("IE D02X285", "IE", "D02 X285"),
        ("NL1012ab", "NL", "1012 AB"),
        ("je23ab", "JE", "JE2 3AB"),
        ("IM11AA", "IM", "IM1 1AA"),
        ("GY101AB", "GG", "GY10 1AB"),
        ("11322", "SE", "113 22"),
        ("s-11322", "SE", "113 22"),
        ("10431", "GR", "104 31"),
        ("81101", "SK", "811 01"),
        ("1000205", "PT", "1000-205"),
        ("01310100", "BR", "01310-100"),
        ("vlt1117", "MT", "VLT 1117"),
        ("1000001", "JP", "100-0001"),
        ("00\u2013001", "PL", "00-001"),
        ("1010 Wien", "AT", "1010"),
        ("1012AB Amsterdam", "NL", "1012 AB"),
        ("SW1A 1AA London, UK", "GB", "SW1A 1AA"),
        ("FIN-00100", "FI", "00100"),
        ("FL-9490", "LI", "9490"),
        ("0\u200b0-0\u00a001", "PL", "00-001"),
    ],
)
def test_postal_code_is_written_as_its_country_does(typed, country, kept):
    assert postal_codes.parse(typed, country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "example"),
    [
        ("123", "DE", "12345"),
        ("1234567", "PL", "12-345"),
        ("AB 1012", "NL", "1234 AB"),
        ("??", "CA", "A1B 2C3"),
        ("D02", "IE", "A12 F4E2"),
    ],
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

import pytest

from vendors.answers import countries


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Germany", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("U.S.A.", "US"),
        ("Cote d'Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Bosnia", "BA"),
        ("Hellas", "GR"),
        ("Bosnia and Herzegovina", "BA"),
        ("Viet Nam", "VN"),
        ("España", "ES"),
        ("Россия", "RU"),
        ("日本", "JP"),
        ("\u200bＰｏｌａｎｄ\u00a0", "PL"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_country_is_known_by_its_names_and_codes(typed, code):
    assert countries.code(typed) == code


def test_every_offered_name_is_understood():
    assert [name for code, name in countries.choices() if countries.code(name) != code] == []

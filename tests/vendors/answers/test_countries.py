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


@pytest.mark.parametrize(
    ("email", "code"),
    [("jan@poczta.pl", "PL"), ("jo@mail.co.uk", "GB"), ("jo@start.io", ""), ("jo@example.com", ""), ("jo@mail.eu", "")],
)
def test_domain_of_an_address_tells_the_country_where_it_is_that_of_one(email, code):
    assert countries.of_address(email) == code


def test_every_offered_name_is_understood():
    assert [name for code, name in countries.choices() if countries.code(name) != code] == []

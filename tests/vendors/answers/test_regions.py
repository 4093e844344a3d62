import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import regions


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("Ohio", "US", "US-OH"),
        ("new  york", "US", "US-NY"),
        ("ny", "US", "US-NY"),
        ("US-NY", "US", "US-NY"),
        ("Sao Paulo", "BR", "BR-SP"),
        ("l'aquila", "IT", "IT-AQ"),
        ("Forli Cesena", "IT", "IT-FC"),
        ("Québec", "CA", "CA-QC"),
        ("Kerala", "IN", "IN-KL"),
        ("NSW", "AU", "AU-NSW"),
    ],
)
def test_region_is_found_by_name_or_code(typed, country, code):
    assert regions.parse(typed, country=country) == code


def test_region_of_a_country_without_a_list_stands_as_typed():
    assert regions.parse("Mazowsze", country="PL") == "Mazowsze"
    assert regions.name("Mazowsze") == "Mazowsze"


def test_unknown_region_is_asked_about():
    with pytest.raises(regions.UnknownRegion, match="United States") as odd:
        regions.parse(" Ontario", country="US")

    assert odd.value.as_typed == "Ontario"
    assert regions.is_odd("Ontario", country="US")
    assert not regions.is_odd("US-OH", country="US")
    assert not regions.is_odd("Mazowsze", country="PL")


@pytest.mark.parametrize(
    ("typed", "country", "meant"),
    [("Pensylvania", "US", "Pennsylvania"), ("Quebeck", "CA", "Quebec"), ("Milanno", "IT", "Milano")],
)
def test_near_miss_is_offered(typed, country, meant):
    with pytest.raises(regions.UnknownRegion) as odd:
        regions.parse(typed, country=country)

    assert meant in odd.value.meant


def test_every_region_is_found_again_by_its_name():
    assert {country: len(regions.names(country)) for country in sorted(regions.COUNTRIES)} == {
        "AU": 8,
        "BR": 27,
        "CA": 13,
        "IN": 36,
        "IT": 107,
        "US": 56,
    }
    for country in regions.COUNTRIES:
        assert [regions.name(regions.parse(name, country=country)) for name in regions.names(country)] == regions.names(
            country
        )


@given(st.text(max_size=30), st.sampled_from(sorted(regions.COUNTRIES)))
def test_any_text_is_a_region_or_refused(text, country):
    try:
        code = regions.parse(text, country=country)
    except regions.UnknownRegion:
        return
    assert regions.parse(regions.name(code), country=country) == code

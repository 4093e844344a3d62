"""Lists are in the order of what people read, with what is usual first."""

import pytest

from identity.typed import cleaning
from vendors.answers import countries, languages, regions, service_catalogue


def by_name(labels):
    return sorted(map(str, labels), key=cleaning.folded)


@pytest.mark.parametrize(
    ("choices", "usual"),
    [
        (countries.choices(), 0),
        (languages.choices(), 0),
        (service_catalogue.SPECIALISMS, 0),
        (service_catalogue.CAT_TOOLS, 3),
        ([(code, countries.currency_name(code)) for code in countries.CURRENCIES], 3),
    ],
    ids=["countries", "languages", "specialisms", "CAT tools", "currencies"],
)
def test_list_is_in_the_order_of_its_names(choices, usual):
    labels = [str(label) for _code, label in choices]

    assert labels[usual:] == by_name(labels[usual:])


def test_what_is_usual_comes_first():
    assert [code for code, _label in service_catalogue.CAT_TOOLS][:3] == ["studio", "memoq", "memsource"]
    assert countries.CURRENCIES[:3] == ["EUR", "GBP", "USD"]
    assert service_catalogue.SERVICES[0][0] == "translation"


def read(choices) -> list[tuple[str, str]]:
    return [(code, str(label)) for _group, grouped in choices for code, label in grouped]


@pytest.mark.parametrize("likely", [(), ("SE",), ("PL",), ("",)])
def test_likely_and_usual_countries_come_first_and_every_country_once(likely):
    (_first, suggested), (_rest, others) = countries.usual_first(*likely)

    known = [code for code in likely if code]
    codes = [code for code, _name in suggested]
    assert codes[: len(known)] == known
    assert set(codes) == {*known, *countries.USUAL}
    for names in ([name for code, name in suggested if code not in known], [name for _code, name in others]):
        assert names == by_name(names)
    assert sorted([*suggested, *others]) == sorted(countries.choices())
    assert [code for code, _label in countries.usual_first(nothing="-")][0] == ""


def test_boxes_suggest_the_likely_and_usual_names_first_and_each_once():
    for names, usual, every in (
        (countries.names_usual_first("SE"), map(countries.name, countries.USUAL), countries.choices()),
        (languages.names_usual_first("Swedish", "Klingon"), map(languages.name, languages.USUAL), languages.choices()),
    ):
        expected = by_name(usual)
        assert names[0] in ("Sweden", "Swedish")
        assert names[1 : len(expected) + 1] == expected
        assert sorted(names) == sorted(label for _code, label in every)


def test_currency_of_the_country_comes_first():
    assert [code for code, _label in countries.currencies_first("GB")][:3] == ["GBP", "EUR", "USD"]
    assert [code for code, _label in countries.currencies_first("")] == countries.CURRENCIES


@pytest.mark.parametrize("country", sorted(regions.COUNTRIES))
def test_regions_are_in_the_order_of_their_names(country):
    assert regions.names(country) == by_name(regions.names(country))


def test_places_of_a_part_of_the_world_are_in_the_order_of_their_names():
    for _region, zones in countries.time_zones():
        places = [place for _zone, place in zones]
        assert places == by_name(places)

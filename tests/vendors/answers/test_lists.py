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


@pytest.mark.parametrize("country", sorted(regions.COUNTRIES))
def test_regions_are_in_the_order_of_their_names(country):
    assert regions.names(country) == by_name(regions.names(country))


def test_places_of_a_part_of_the_world_are_in_the_order_of_their_names():
    for _region, zones in countries.time_zones():
        places = [place for _zone, place in zones]
        assert places == by_name(places)

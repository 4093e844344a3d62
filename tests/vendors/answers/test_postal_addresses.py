"""Addresses stand as an envelope to their country has them."""

import pytest

from vendors.answers import postal_addresses


def written(country, code="", town="", region="", street=""):
    return postal_addresses.lines(street=street, postal_code=code, town=town, region=region, country=country)


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (
            ("US", "10001", "New York", "US-NY", "1 A St\nApt 5"),
            "1 A St|Apt 5|New York, NY 10001|United States",
        ),
        (("PL", "00-001", "Warszawa"), "00-001 Warszawa|Poland"),
        (("ES", "41001", "Sevilla", "Andalucía"), "41001 Sevilla|Andalucía|Spain"),
        (("GB", "N1 9GU", "London"), "London|N1 9GU|United Kingdom"),
        (("CA", "M5V 2T6", "Toronto", "CA-ON"), "Toronto ON M5V 2T6|Canada"),
        (("AU", "2000", "Sydney", "AU-NSW"), "Sydney NSW 2000|Australia"),
        (("IT", "00144", "Roma", "IT-RM"), "00144 Roma RM|Italy"),
        (("BR", "01310-100", "São Paulo", "BR-SP"), "São Paulo-SP|01310-100|Brazil"),
        (("IN", "110001", "New Delhi", "IN-DL"), "New Delhi 110001|Delhi|India"),
        (("JP", "100-0001", "Chiyoda-ku", "Tokyo"), "Chiyoda-ku, Tokyo 100-0001|Japan"),
        (("JP", "100-0001", "Chiyoda-ku"), "Chiyoda-ku, 100-0001|Japan"),
        (("BR", "", "São Paulo"), "São Paulo|Brazil"),
        (("HK", "", "Kowloon"), "Kowloon|Hong Kong"),
        (("US", "1{x}", "{code}", "Kept as typed"), "{code}, Kept as typed 1{x}|United States"),
    ],
)
def test_address_is_written_as_in_its_country(parts, lines):
    assert written(*parts) == lines.split("|")

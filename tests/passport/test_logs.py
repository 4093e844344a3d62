import json
import logging
import sys

import pytest

from passport import logs


def written(message: str, **extra: object) -> dict[str, str]:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, (), extra.pop("exc_info", None))
    record.__dict__.update(extra)
    return json.loads(logs.formatter(debug=False).format(record))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/auth/complete/entra/?code=secret&state=secret", "/auth/complete/entra/"),
        ("/welcome/secret/", "/welcome/…/"),
        ("/emergency/secret/", "/emergency/…/"),
        ("/payment/not-me/secret/", "/payment/not-me/…/"),
    ],
)
def test_request_is_written_without_what_its_address_holds(rf, path, shown):
    """Django adds the request itself to the lines about 4xx and 5xx."""
    line = written(f"Not Found: {path}", request=rf.get(path))

    assert line["request"] == f"GET {shown}"
    assert "secret" not in str(line)


def test_error_is_written_without_addresses_of_people():
    try:
        raise ValueError("Key (address)=(ana@mail.example) already exists.")
    except ValueError:
        line = written("Internal Server Error", exc_info=sys.exc_info())

    assert "ana@mail.example" not in str(line)

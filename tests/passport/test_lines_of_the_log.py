"""What a line of the log leaves out, whoever writes it."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
from typing import Any

import pytest

from passport import logs


def written(message: str, **extra: object) -> dict[str, str]:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, (), extra.pop("exc_info", None))
    record.__dict__.update(extra)
    configuration = logs.logging_config(debug=False)
    formatter: Any = logging.config.DictConfigurator(configuration).configure_formatter(
        configuration["formatters"]["structured"]
    )
    return json.loads(formatter.format(record))


@pytest.mark.parametrize(
    "path",
    [
        "/auth/complete/entra/?code=secret&state=secret",
        "/welcome/secret/",
        "/emergency/secret/",
        "/payment/not-me/secret/",
    ],
)
def test_request_is_written_without_what_its_address_holds(rf, path):
    """Django adds the request itself to the lines about 4xx and 5xx."""
    line = written(f"Not Found: {path}", request=rf.get(path))

    assert "request" not in line
    assert "secret" not in str(line)


def test_error_is_written_without_addresses_of_people():
    try:
        raise ValueError("Key (address)=(ana@mail.example) already exists.")
    except ValueError:
        line = written("Internal Server Error", exc_info=sys.exc_info())

    assert "ana@mail.example" not in str(line)

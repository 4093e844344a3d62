"""Logs: one JSON object a line, with the request's id and the person's number, and without secrets."""

from __future__ import annotations

import logging
import re
from typing import Any

import structlog
from django.http import HttpRequest

# Signed invitation ids and emergency tokens are part of a path; a query may carry a code or an address.
_SECRET_PATH = re.compile(r"/(welcome|emergency|not-me)/[^/?\s]+")
_QUERY = re.compile(r"\?\S*")
# Error texts quote values: a database error names the row, an exception the address.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def scrub(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for key in ("request", "event", "path", "referer"):
        value = event.get(key)
        if isinstance(value, HttpRequest):
            value = f"{value.method} {value.path}"  # it would be written with its query
        if isinstance(value, str):
            event[key] = _QUERY.sub("?…", _SECRET_PATH.sub(r"/\1/…", value))
    return event


def scrub_addresses(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = _ADDRESS.sub("…@…", value)
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        scrub,
    ]


def formatter(*, debug: bool) -> logging.Formatter:
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False) if debug else structlog.processors.JSONRenderer()
    processors: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Without local variables: a failed sign-in's frames hold tokens.
        structlog.processors.ExceptionRenderer(),
        scrub_addresses,
        renderer,
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=processors)


def logging_config(*, debug: bool) -> dict[str, Any]:
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": {"()": formatter, "debug": debug}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"level": "INFO"},
            "django.server": {"handlers": ["console"], "propagate": False},
            "procrastinate": {"level": "WARNING"},
            "psycopg.pool": {"level": "ERROR"},  # each try to reach a database that is away
            "urllib3": {"level": "ERROR"},
            "flufl.bounce": {"level": "WARNING"},  # each of the forms in which it looks for a report
            "mail.log": {"level": "WARNING"},  # aiosmtpd, in the sandbox
        },
    }

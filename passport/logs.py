"""Logs: one JSON object a line from the first to the last, with the request's or the job's id, and without secrets."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import logging
import logging.config
import re
import sys
import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import environ
import structlog

log = logging.getLogger("passport.process")
REQUESTS = "passport.requests"  # the logger of passport/requests_log.py, and what its lines say
REQUEST_FIELDS = ("request_id", "method", "path", "view", "status", "duration_ms", "user_id")

# Signed invitation ids and emergency tokens are part of a path; a query may carry a code or an address.
_SECRET_PATH = re.compile(r"/(welcome|emergency|not-me)/[^/?\s]+")
_QUERY = re.compile(r"\?\S*")
# Error texts quote values: a database error names the row, an exception the address.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WITH_PATHS = ("event", "path", "exception")


def scrub(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for key in _WITH_PATHS:
        value = event.get(key)
        if isinstance(value, str) and ("?" in value or "/" in value):
            event[key] = _QUERY.sub("?…", _SECRET_PATH.sub(r"/\1/…", value))
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = _ADDRESS.sub("…@…", value)
    return event


def without_objects(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Django hands its request to the log, whose text would be the whole address with its query."""
    if "request" in event:
        del event["request"]
    return event


def _plain(value: Any) -> str:
    """What an object looks like may say who it is, so other types are only named."""
    if isinstance(value, (dt.date, dt.datetime, dt.timedelta, uuid.UUID, decimal.Decimal)):
        return str(value)
    return f"<{type(value).__name__}>"


# Made once: json.dumps would make one for each line.
_encode = json.JSONEncoder(default=_plain).encode


def _render(_logger: Any, _method: str, event: dict[str, Any]) -> str:
    return _encode(event)


class JSONFormatter(structlog.stdlib.ProcessorFormatter):
    """The line of a request goes without the steps that it does not need, since every page pays for it."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name != REQUESTS:
            return super().format(record)
        values = record.__dict__
        line = {
            "event": record.msg,
            **{field: values[field] for field in REQUEST_FIELDS},
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
        }
        return _encode(scrub(None, "", line))


class OutsideARequest(logging.Filter):
    """Django's own lines about requests: only those with a traceback say more than the line of the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def handler() -> logging.Handler:
    return logging.StreamHandler(getattr(sys.stderr, "behind", sys.stderr))


def logging_config(*, debug: bool) -> dict[str, Any]:
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False) if debug else _render
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"outside_a_request": {"()": OutsideARequest}},
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter if debug else JSONFormatter,
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.stdlib.ExtraAdder(),
                    without_objects,
                ],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    # Without local variables: a failed sign-in's frames hold tokens.
                    structlog.processors.ExceptionRenderer(),
                    scrub,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"()": handler, "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"level": "INFO"},
            "django.request": {"level": "ERROR", "filters": ["outside_a_request"]},
            "django.server": {"handlers": ["console"], "propagate": False},
            "procrastinate": {"level": "WARNING"},
            "psycopg.pool": {"level": "ERROR"},  # each try to reach a database that is away
            "urllib3": {"level": "ERROR"},
            "flufl.bounce": {"level": "WARNING"},  # each of the forms in which it looks for a report
            "mail.log": {"level": "WARNING"},  # aiosmtpd, in the sandbox
        },
    }


class Lines:
    """Stands for stderr in a process whose output is a log: what anything prints becomes a line of it."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind
        self._local = threading.local()

    def write(self, text: str) -> int:
        if getattr(self._local, "is_logging", False):  # the log itself is in trouble, and says so
            return self.behind.write(text)
        said = getattr(self._local, "said", "") + text
        self._local.said = "" if said.endswith("\n") else said
        if not self._local.said and said.strip():
            self._local.is_logging = True
            try:
                logging.getLogger("stderr").warning("%s", said.strip())
            finally:
                self._local.is_logging = False
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        self.behind.flush()

    def fileno(self) -> int:
        return self.behind.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


def is_debug() -> bool:
    """As the settings will say, once they can be read."""
    env = environ.Env()
    env.read_env(Path(__file__).resolve().parent.parent / ".env")
    return env.bool("DEBUG", default=False)


def take_over(*, debug: bool) -> None:
    """Make whatever this process says a log, before the settings are read: for those that run for ever."""
    logging.config.dictConfig(logging_config(debug=debug))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    if not debug and not isinstance(sys.stderr, Lines):
        sys.stderr = Lines(sys.stderr)


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None = None
) -> None:
    if issubclass(kind, (SystemExit, KeyboardInterrupt)):
        return
    log.critical("uncaught exception", exc_info=(kind, error or kind(), traceback))

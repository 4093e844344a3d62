"""Every HTTP call that leaves Passport: kept alive, no redirects, no cookies, limits on total time and size."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError

CONNECT_SECONDS = 3.05
TOTAL_SECONDS = 10.0
MAX_BYTES = 2 * 2**20

_local = threading.local()


class AnswerTooLarge(requests.RequestException):
    """The answer is larger than anything Entra or Graph sends."""


class _Deadline:
    """Cut the connection when the whole call has taken too long.

    The time limit of requests is per read: a server that dribbles one byte a second would hold a thread for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.connection: HTTPConnection | None = None
        self.sock: socket.socket | None = None
        self.passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        self.passed = True
        sock = self.sock or getattr(self.connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        if self.passed:
            raise requests.Timeout(f"No complete answer within {self.seconds:g} s.")

    def __enter__(self) -> _Deadline:
        _local.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        _local.deadline = None


@contextlib.contextmanager
def _watched(connection: HTTPConnection) -> Iterator[None]:
    deadline: _Deadline | None = getattr(_local, "deadline", None)
    if deadline is None:
        yield
        return
    deadline.connection, deadline.sock = connection, None
    yield
    # Kept here as well: a connection forgets its socket as soon as it has read "Connection: close".
    deadline.sock = connection.sock
    if deadline.passed:
        raise TimeoutError


class _WatchedHTTPConnection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        with _watched(self):
            super().request(*args, **kwargs)


class _WatchedHTTPSConnection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        with _watched(self):
            super().request(*args, **kwargs)


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        session = _local.session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["User-Agent"] = "passport"
        adapter = _WatchedAdapter(pool_connections=4, pool_maxsize=4, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
    return session


def call(
    method: str, url: str, *, total_seconds: float | None = None, max_bytes: int = MAX_BYTES, **kwargs: Any
) -> requests.Response:
    """Make one request. Raise requests.Timeout after `total_seconds`, whatever the other side does meanwhile."""
    total_seconds = total_seconds or TOTAL_SECONDS
    with _Deadline(total_seconds) as deadline:
        try:
            response = _session().request(
                method, url, timeout=(CONNECT_SECONDS, total_seconds), allow_redirects=False, stream=True, **kwargs
            )
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > max_bytes:
                    response.close()
                    raise AnswerTooLarge(f"More than {max_bytes} bytes.")
        except (requests.RequestException, OSError, ValueError) as error:
            deadline.check()
            # In the middle of a body requests calls a read that took too long a broken connection.
            if isinstance(error, requests.ConnectionError) and any(isinstance(e, ReadTimeoutError) for e in error.args):
                raise requests.ReadTimeout(*error.args) from error
            raise
        deadline.check()
    response._content = bytes(body)  # as requests itself keeps a body that it has read
    return response

"""Every HTTP call that leaves Passport: kept alive, no redirects, no cookies, limits on total time and size."""

from __future__ import annotations

import io
import os
import threading
import time
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ReadTimeoutError

CONNECT_SECONDS = 3.05
TOTAL_SECONDS = 10.0
MAX_BYTES = 2 * 2**20
IDLE_SECONDS = 2.0  # a connection unused for longer may be dead without our knowing

_local = threading.local()


class AnswerTooLarge(requests.RequestException):
    """The answer is larger than anything Entra or Graph sends."""


class _UntilDeadline(io.RawIOBase):
    """Reads from a socket until a moment is reached; urllib3's time limit is for each read, of a byte perhaps."""

    def __init__(self, raw: Any, sock: Any) -> None:
        self._raw, self._sock = raw, sock
        self._ends_at = time.monotonic() + sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """Its status line, headers and body together must arrive within the time limit of the socket."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock))


class _HTTPConnection(HTTPConnection):
    response_class = _Response


class _HTTPSConnection(HTTPSConnection):
    response_class = _Response


class _FreshlyUsed(HTTPConnectionPool):
    """Nothing goes out on a connection that has been idle for a while: of a POST on a dead one nobody can tell what
    came of it."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        if time.monotonic() - getattr(connection, "used_at", 0.0) > IDLE_SECONDS:
            connection.close()  # it opens anew when it is used
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.used_at = time.monotonic()
        super()._put_conn(conn)


class _HTTPPool(_FreshlyUsed):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(_FreshlyUsed, HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _Session(requests.Session):
    """Which proxy and which certificates apply to a host is for the environment to say, and asked once: requests would
    go through all variables for each call. No ~/.netrc is read: what proves who Passport is comes from its settings.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self._environment: dict[str, tuple[Any, Any]] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._environment:
            bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
            self._environment[origin] = get_environ_proxies(url), bundle
        its_proxies, bundle = self._environment[origin]
        return {"proxies": its_proxies | (proxies or {}), "stream": stream, "verify": bundle, "cert": cert}


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        session = _local.session = _Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["User-Agent"] = "passport"
        adapter = _Adapter(pool_connections=4, pool_maxsize=4, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
    return session


def call(
    method: str, url: str, *, total_seconds: float | None = None, max_bytes: int = MAX_BYTES, **kwargs: Any
) -> requests.Response:
    """Make one request. Raise requests.Timeout after `total_seconds`, whatever the other side does meanwhile.

    A GET whose connection breaks is made once more on a fresh one: the kept one may have been closed just then.
    """
    ends_at = time.monotonic() + (total_seconds or TOTAL_SECONDS)
    try:
        return _call_once(method, url, seconds=ends_at - time.monotonic(), max_bytes=max_bytes, **kwargs)
    except requests.ConnectionError as error:
        left = ends_at - time.monotonic()
        if method != "GET" or isinstance(error, requests.Timeout | requests.exceptions.SSLError) or left <= 0:
            raise
    _session().get_adapter(url).close()
    return _call_once(method, url, seconds=left, max_bytes=max_bytes, **kwargs)


def _call_once(method: str, url: str, *, seconds: float, max_bytes: int, **kwargs: Any) -> requests.Response:
    timeout: Any = Timeout(connect=CONNECT_SECONDS, total=seconds)
    body = bytearray()
    try:
        response = _session().request(method, url, timeout=timeout, allow_redirects=False, stream=True, **kwargs)
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > max_bytes:
                response.close()
                raise AnswerTooLarge(f"More than {max_bytes} bytes.")
    except requests.ConnectionError as error:
        # In the middle of a body requests calls a read that took too long a broken connection.
        if any(isinstance(cause, ReadTimeoutError) for cause in error.args):
            raise requests.ReadTimeout(*error.args) from error
        raise
    response._content = bytes(body)  # as requests itself keeps a body that it has read
    return response

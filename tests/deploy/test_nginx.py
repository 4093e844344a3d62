"""The site in deploy/nginx, in a real nginx in front of a real Passport."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from identity import networks
from identity.models import NetworkCount
from tests.deploy.conftest import NO_NGINX
from tests.deploy.image import SECRET_KEY
from tests.deploy.nginx import FILES, HAS_LUA, HAS_NGINX, Nginx

pytestmark = [
    pytest.mark.processes,
    pytest.mark.database,
    pytest.mark.skipif(not HAS_NGINX, reason=NO_NGINX),
]

TOKEN = "MTIz:1tNqWzByMrKhSlkT3vYw0ZpQ8mRx5nLd7sHb2cJf9gU"
UNKNOWN = "a-link-that-nothing-here-knows-by-its-name"


def head(path: str, *, address: str, length: int, method: str = "POST") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Test-Address: {address}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.fixture(scope="module")
def hurried(nginx: Nginx, tmp_path_factory) -> Iterator[Nginx]:
    """The same site with shorter times, in front of the same Passport."""
    shorter = {
        "client_header_timeout 10s": "client_header_timeout 1s",
        "client_body_timeout 10s": "client_body_timeout 1s",
        "local seconds = 300": "local seconds = 2",
    }
    with Nginx(tmp_path_factory.mktemp("hurried") / "nginx", run=nginx.run, **shorter) as front:
        yield front


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Iterator[Nginx]:
    """Passport is not running."""
    folder = tmp_path_factory.mktemp("alone")
    with Nginx(folder / "nginx", run=folder) as front:
        yield front


def test_nginx_has_nothing_to_say_about_the_files(nginx):
    tested = nginx.command("-t")

    assert tested.returncode == 0
    assert "[warn]" not in tested.stderr


# Slow connections


def test_a_hundred_slow_connections_leave_passport_free(nginx):
    with ExitStack() as open_connections:
        slow = [open_connections.enter_context(nginx.connect()) for _ in range(100)]
        for number, connection in enumerate(slow):
            # Half of them never end their headers, half of them their body.
            begun = head("/auth/login/entra/", address=f"198.51.100.{number}", length=100_000)
            connection.sendall(begun[:-2] if number % 2 else begun + b"csrfmiddlewaretoken=")

        answers = [nginx.ask("/sign-in/", timeout=10) for _ in range(10)]

        assert [answer.status_code for answer in answers] == [200] * 10
        for connection in slow:
            assert is_open(connection)


def is_open(connection: socket.socket) -> bool:
    connection.settimeout(0.001)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True


def seconds_until_closed(connection: socket.socket, drop: bytes) -> float:
    """How long the other end puts up with a byte now and then."""
    begun = time.monotonic()
    connection.settimeout(0.2)
    while time.monotonic() < begun + 20:
        try:
            connection.sendall(drop)
            if connection.recv(1000) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - begun


def test_headers_have_to_come_in_time_all_together(hurried):
    with hurried.connect() as connection:
        connection.sendall(b"GET /sign-in/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")

        assert seconds_until_closed(connection, b"x") < 5


def test_body_that_stops_is_given_up(hurried):
    with hurried.connect() as connection:
        connection.sendall(head("/", address="198.51.100.1", length=1000))
        connection.settimeout(20)
        begun = time.monotonic()

        assert b"200" not in connection.recv(1000)[:15]
        assert time.monotonic() - begun < 5


@pytest.mark.skipif(not HAS_LUA, reason="no Lua module for nginx on this machine")
def test_body_that_drips_is_given_up_in_the_end(hurried):
    with hurried.connect() as connection:
        connection.sendall(head("/", address="198.51.100.1", length=1000))

        assert 1.5 < seconds_until_closed(connection, b"x") < 8  # not after one second, as if nothing came


def test_body_in_time_reaches_passport_whole(hurried):
    with hurried.connect() as connection:
        connection.sendall(head("/help/cannot-sign-in/", address="198.51.100.1", length=8))
        for byte in b"address=":
            time.sleep(0.1)
            connection.sendall(bytes([byte]))

        assert b"HTTP/1.1 200" in connection.recv(1000)


def test_long_addresses_and_the_biggest_upload_pass(nginx):
    nginx.ask(f"/auth/complete/entra/?code={'c' * 7000}&state=s", address="192.0.2.100")
    nginx.ask("/", method="POST", data=b"x" * 12_500_000, address="192.0.2.100")

    for line in nginx.access_log(address="192.0.2.100"):
        assert line["passport_seconds"]


def test_more_than_the_biggest_upload_is_refused_on_a_page(nginx):
    refused = nginx.ask("/", method="POST", data=b"x" * 13_700_000)

    assert refused.status_code == 413
    assert "10 MB or less" in refused.text


# Limits by address


def test_a_stranger_who_knocks_too_often_has_to_wait(nginx):
    asked = nginx.statuses("/emergency/guessed/", 80, address="203.0.113.1")

    assert set(asked[:30]) == {404}
    assert 429 in asked
    assert "Wait a minute" in refused_page(nginx, "/emergency/guessed/", address="203.0.113.1")
    assert nginx.ask("/emergency/guessed/", address="203.0.113.2").status_code != 429
    assert nginx.ask("/sign-in/", address="203.0.113.1").status_code == 200


def refused_page(nginx: Nginx, path: str, *, address: str) -> str:
    """At the latest after a few more."""
    return next(page.text for _ in range(20) if (page := nginx.ask(path, address=address)).status_code == 429)


def test_addresses_of_one_ipv6_network_count_as_one(nginx):
    nginx.statuses("/emergency/guessed/", 80, address="2001:db8:0:a::1")

    assert 429 in nginx.statuses("/emergency/guessed/", 20, address="2001:db8:0:a:ffff::2")
    assert 429 not in nginx.statuses("/emergency/guessed/", 20, address="2001:db8:0:b::1")


def test_pages_are_limited_as_well(nginx):
    asked = nginx.statuses("/livez", 250, address="203.0.113.3")

    assert set(asked[:100]) == {200}
    assert 429 in asked


def test_connections_from_one_address_are_limited(nginx):
    with ExitStack() as open_connections:
        for _ in range(50):
            connection = open_connections.enter_context(nginx.connect())
            connection.sendall(head("/", address="203.0.113.4", length=1000))
        time.sleep(0.2)

        assert nginx.ask("/sign-in/", address="203.0.113.4").status_code == 429
        assert nginx.ask("/sign-in/", address="203.0.113.5").status_code == 200


# What Passport is told


def test_passport_counts_the_address_that_nginx_saw(nginx, transactional_db, rf, settings):
    browser = requests.Session()
    browser.trust_env = False
    browser.verify = nginx.certificate
    browser.headers.update({"X-Test-Address": "203.0.113.77", "X-Forwarded-For": "198.51.100.9"})
    page = browser.get(f"{nginx.url}/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    answer = browser.post(
        f"{nginx.url}/auth/login/entra/",
        {"csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
        allow_redirects=False,
    )

    settings.TRUSTED_PROXY, settings.SECRET_KEY = True, SECRET_KEY
    seen = networks.network_of(rf.get("/", headers={"X-Forwarded-For": "203.0.113.77"}))
    assert answer.status_code == 302
    assert NetworkCount.objects.get(kind=networks.START).network == seen


def test_passport_knows_that_it_is_https_whatever_the_browser_says(nginx):
    page = nginx.ask("/sign-in/", headers={"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"})

    assert page.status_code == 200
    assert "Strict-Transport-Security" in page.headers


def test_plain_http_leads_to_https(nginx):
    answer = requests.get(f"http://localhost:{nginx.http}/help/signing-in/?x=1", allow_redirects=False)

    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/help/signing-in/?x=1"


def test_metrics_are_not_public(nginx):
    for path in ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/sign-in/../metrics"]:
        assert nginx.statuses(path, 1, address="192.0.2.101") == [404]

    asked = [line for line in nginx.access_log(address="192.0.2.101") if line["path"] != "/nothing"]
    assert {line["passport_seconds"] for line in asked} == {""}


def test_files_are_asked_for_once_and_kept(nginx):
    address = re.search(r'href="(/static/[^"]+\.css)"', nginx.ask("/sign-in/").text)[1]

    first, again = (nginx.ask(f"{address}?{number}") for number in range(2))

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    for answer in first, again:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kept = [path.read_bytes() for path in (nginx.folder / "lib" / "passport").rglob("*") if path.is_file()]
    assert sum(f"{address}gzip\n".encode() in entry for entry in kept) == 1


def test_whoever_reads_no_gzip_gets_plain_files(nginx):
    address = re.search(r'href="(/static/[^"]+\.css)"', nginx.ask("/sign-in/").text)[1]

    assert "Content-Encoding" in nginx.ask(address).headers
    assert "Content-Encoding" not in nginx.ask(address, headers={"Accept-Encoding": "identity"}).headers


def test_pages_are_not_compressed(nginx):
    assert "Content-Encoding" not in nginx.ask("/sign-in/", headers={"Accept-Encoding": "gzip"}).headers


# What is written down

SECRET_PATHS = {
    f"/welcome/{TOKEN}/": "/welcome/…",
    f"/emergency/{TOKEN}/": "/emergency/…",
    f"/email-change/not-me/{TOKEN}/": "/email-change/not-me/…",
    f"/payment/not-me/{TOKEN}/": "/payment/not-me/…",
    f"/not-me/{TOKEN}/": "/not-me/…",
    f"/welcome/{TOKEN}": "/welcome/…",
    f"/%77elcome/{TOKEN}/": "/%77elcome/…",
    f"//welcome/{TOKEN}/": "//welcome/…",
    f"/of-the-next-version/{UNKNOWN}/": "/of-the-next-version/…",
    f"/auth/complete/entra/?code={TOKEN}&state=s": "/auth/complete/entra/",
    f"/sign-in/?next=/welcome/{TOKEN}/": "/sign-in/",
}


@pytest.mark.parametrize("running", ["nginx", "alone"])
def test_no_log_has_a_token_a_code_or_a_query(request, running):
    front: Nginx = request.getfixturevalue(running)
    for number, path in enumerate(SECRET_PATHS):
        # Each from an address of its own, by which its line is found, and so that the limits are not in the way.
        front.send(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{front.https}\r\nX-Test-Address: 192.0.2.{number + 1}\r\n"
            f"Referer: {front.url}/welcome/{TOKEN}/\r\nConnection: close\r\n\r\n"
        )
    requests.get(f"http://localhost:{front.http}/welcome/{TOKEN}/", allow_redirects=False)
    for broken in [
        f"GET /welcome/{TOKEN}/ HTTP/1.1\r\n\r\n",  # no Host
        f"GET /welcome/{TOKEN}/ HTTP/9.9\r\n\r\n",
        f"G@T /welcome/{TOKEN}/ HTTP/1.1\r\n\r\n",
        f"GET https://localhost/welcome/{TOKEN}/?code={TOKEN} HTTP/1.0\r\nHost: localhost\r\n\r\n",
        f"GET /welcome/{TOKEN}/?{'c' * 17_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]:
        front.send(broken)
    assert 429 in front.statuses(f"/welcome/{TOKEN}/", 80, address="192.0.2.200")

    for number, masked in enumerate(SECRET_PATHS.values()):
        assert [line["path"] for line in front.access_log(address=f"192.0.2.{number + 1}")] == [masked]
    written = {path.name: path.read_text() for path in [*front.logs.iterdir(), front.folder / "said"]}
    assert {"passport.log", "error.log"} <= set(written)
    for text in written.values():
        assert TOKEN[10:30] not in text
        assert UNKNOWN not in text


def test_passport_itself_logs_no_token_no_code_and_no_query(nginx):
    for path in SECRET_PATHS:
        nginx.ask(path, address="192.0.2.103")

    lines = (nginx.run / "web.log").read_text().splitlines()
    assert [line for line in lines if TOKEN[10:30] in line] == []
    assert all(json.loads(line)["event"] for line in lines)


def test_while_passport_is_away_a_page_says_so(alone):
    answer = alone.ask("/sign-in/")

    assert answer.status_code == 502
    assert "available right now" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_request_has_the_same_id_in_both_logs(nginx):
    nginx.ask("/help/signing-in/", address="192.0.2.102")

    (line,) = nginx.access_log(address="192.0.2.102")
    assert line["request_id"] in (nginx.run / "web.log").read_text()


@pytest.mark.parametrize("file", sorted((FILES / "pages").iterdir()), ids=lambda file: file.name)
def test_pages_stand_by_themselves(file: Path):
    text = file.read_text()

    assert text.startswith("<!doctype html>\n<html lang=")
    assert re.search(r"<title>(.+) – Passport</title>", text)[1] == re.search("<h1>(.+)</h1>", text)[1]
    assert not re.search(r"\b(src|href|style)=|<(style|script)", text)

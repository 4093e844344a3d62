"""Calls that leave Passport, against servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from identity.microsoft import http


@contextlib.contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listening.accept()
                with contextlib.suppress(OSError), connection:
                    connection.recv(65536)
                    answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        listening.close()


def dribble(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _byte in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def dribble_and_close(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _byte in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def dribble_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _byte in range(200):
        connection.sendall(b"X-A: b\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize("misbehaving", [dribble, dribble_and_close, dribble_headers])
def test_whole_call_has_a_time_limit(misbehaving):
    with server(misbehaving) as url:
        started = time.monotonic()
        with pytest.raises(requests.Timeout):
            http.call("GET", url, total_seconds=0.5)
        assert time.monotonic() - started < 2


def test_large_answer_is_cut_off():
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000000)

    with server(answer) as url, pytest.raises(http.AnswerTooLarge):
        http.call("GET", url, max_bytes=1000)


def test_redirect_is_not_followed():
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with server(answer) as url:
        assert http.call("GET", url).status_code == 302


def test_body_is_read_whole():
    def answer(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a":1}')

    with server(answer) as url:
        assert http.call("GET", url).json() == {"a": 1}


def test_connection_is_kept_for_the_next_call():
    opened = []

    def answer(connection: socket.socket) -> None:
        opened.append(connection)
        for _call in range(3):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    with server(answer) as url:
        for _call in range(3):
            assert http.call("GET", url).json() == {}
    assert len(opened) == 1


@contextlib.contextmanager
def server_that_hangs_up(*, answers: int) -> Iterator[tuple[str, list[int]]]:
    """Each connection answers so many requests; the next one is reset when it comes. With how many each was asked."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            while connection.recv(65536):
                asked[number] += 1
                if asked[number] > answers:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listening.accept()
                asked.append(0)
                threading.Thread(target=serve, args=(connection, len(asked) - 1), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", asked
    finally:
        listening.close()


def test_get_on_a_connection_that_has_gone_is_made_once_more():
    with server_that_hangs_up(answers=1) as (url, asked):
        assert http.call("GET", url).json() == {}
        assert http.call("GET", url).json() == {}
    assert asked == [2, 1]


def test_get_is_made_twice_at_most():
    with server_that_hangs_up(answers=0) as (url, asked), pytest.raises(requests.ConnectionError):
        http.call("GET", url)
    assert asked == [1, 1]


def test_post_is_made_once():
    """Nobody can tell whether it was carried out."""
    with server_that_hangs_up(answers=1) as (url, asked):
        http.call("POST", url)
        with pytest.raises(requests.ConnectionError):
            http.call("POST", url)
    assert asked == [2]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_nothing_goes_out_on_a_connection_that_was_idle(method, monkeypatch):
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.2)
    with server_that_hangs_up(answers=1) as (url, asked):
        http.call("GET", url)
        time.sleep(0.3)
        assert http.call(method, url).json() == {}
    assert asked == [1, 1]

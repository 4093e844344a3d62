from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from identity.sign_in.signing_keys import SigningKeys
from tests.waiting import wait_for


class Tenant:
    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.fetched = 0
        self.down = False

    def keys(self) -> list[dict]:
        self.fetched += 1
        if self.down:
            raise ConnectionError
        return [{"kid": kid} for kid in self.kids]


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr("identity.sign_in.signing_keys.time.monotonic", lambda: Clock.now)
    return Clock


def test_known_key_is_fetched_once_an_hour(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    for _again in range(3):
        assert keys.get("a", tenant.keys) == {"kid": "a"}
    assert tenant.fetched == 1
    clock.now += SigningKeys.REFRESH + 1
    keys.get("a", tenant.keys)
    assert tenant.fetched == 2


def test_rolled_key_is_fetched_at_once_but_forged_ones_do_not_make_us_fetch(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    keys.get("a", tenant.keys)
    assert keys.get("forged", tenant.keys) is None
    assert tenant.fetched == 1, "within five seconds of the last fetch"
    clock.now += SigningKeys.UNKNOWN + 1
    tenant.kids = ["b"]
    assert keys.get("b", tenant.keys) == {"kid": "b"}


def test_good_key_survives_an_outage_for_a_day(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    keys.get("a", tenant.keys)
    tenant.down = True
    clock.now += SigningKeys.REFRESH + 1
    assert keys.get("a", tenant.keys) == {"kid": "a"}
    fetched = tenant.fetched
    assert keys.get("a", tenant.keys) == {"kid": "a"}
    assert tenant.fetched == fetched, "the failing fetch is not repeated in every sign-in"
    clock.now += SigningKeys.MAX_AGE
    with pytest.raises(ConnectionError):
        keys.get("a", tenant.keys)


def test_outage_does_not_poison_the_next_sign_in(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    tenant.down = True
    with pytest.raises(ConnectionError):
        keys.get("a", tenant.keys)
    tenant.down = False
    assert keys.get("a", tenant.keys) == {"kid": "a"}


def test_set_without_a_usable_key_is_asked_for_again_after_five_seconds(clock):
    keys, tenant = SigningKeys(), Tenant()
    assert keys.get("a", tenant.keys) is None
    tenant.kids = ["a"]
    assert keys.get("a", tenant.keys) is None
    assert tenant.fetched == 1, "not before five seconds have passed"
    clock.now += SigningKeys.UNKNOWN + 1
    assert keys.get("a", tenant.keys) == {"kid": "a"}


def test_set_without_a_usable_key_does_not_replace_good_ones(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    keys.get("a", tenant.keys)
    tenant.kids = []
    clock.now += SigningKeys.REFRESH + 1
    assert keys.get("a", tenant.keys) == {"kid": "a"}
    fetched = tenant.fetched
    assert keys.get("a", tenant.keys) == {"kid": "a"}
    assert tenant.fetched == fetched, "asked for again, but not in every sign-in"
    tenant.kids = ["a"]
    clock.now += SigningKeys.RETRY + 1
    keys.get("a", tenant.keys)
    assert tenant.fetched == fetched + 1


def test_failed_fetch_after_a_rotation_does_not_shut_people_out(clock):
    keys, tenant = SigningKeys(), Tenant("a")
    keys.get("a", tenant.keys)
    clock.now += SigningKeys.UNKNOWN + 1
    tenant.kids, tenant.down = ["b"], True
    with pytest.raises(ConnectionError):
        keys.get("b", tenant.keys)
    tenant.down = False
    assert keys.get("b", tenant.keys) == {"kid": "b"}


def test_who_waited_for_a_fetch_that_failed_does_not_fetch_once_more():
    """A tenant that does not answer would otherwise hold one thread after the other for the whole time limit."""
    keys, release = SigningKeys(), threading.Event()
    fetches = []

    def fetch() -> list[dict]:
        fetches.append(1)
        release.wait(10)
        raise ConnectionError

    failed = []

    def ask() -> None:
        try:
            keys.get("a", fetch)
        except ConnectionError as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _number in range(5)]
    for thread in threads:
        thread.start()
    wait_for(lambda: fetches)
    wait_for(lambda: sum(runs(thread, SigningKeys.get) for thread in threads) == 4)  # the fifth runs `fetch`
    release.set()
    for thread in threads:
        thread.join()

    assert (len(fetches), len(failed)) == (1, 5)


def runs(thread: threading.Thread, function: Callable[..., Any]) -> bool:
    """Whether it is in this function itself, in none that it calls."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is function.__code__

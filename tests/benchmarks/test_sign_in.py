"""The whole trip of somebody who signs in again, against social-auth as it comes, at the same tenant, turn by turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.benchmarks.rounds import compare
from tests.benchmarks.sizes import ROUNDS
from tests.processes import PROJECT

TIMES = 10  # sign-ins in one turn
STEPS = ["page", "start", "callback", "first page"]  # browsing.STEPS, which needs settings of its own


def test_returning_sign_in(passport, report: Callable[..., None]) -> None:
    passport.invited("dora@mail.example")
    dora = passport.signed_in("dora@mail.example")
    given = {
        "tenant": passport.tenant.url,
        "base_url": passport.url,
        "database": str(connection.settings_dict["NAME"]),
        "cookies": dora.browser.cookies.get_dict(),
    }
    spent: dict[str, list[dict[str, float]]] = {"passport": [], "stock": []}
    with alone("passport", given) as ours, alone("stock", given) as stock:

        def trip(which: str, ask: Callable[..., dict[str, Any]]) -> float:
            spent[which].append(ask(times=TIMES))
            return sum(spent[which][-1].values())

        compared = compare(lambda: trip("passport", ours), lambda: trip("stock", stock), rounds=ROUNDS)
        cost, their_cost = ours(times=0), stock(times=0)

    report("returning sign-in: CPU of the whole trip, Passport / social-auth's own", compared, wanted="at most 0.65")
    for step in STEPS:
        each, theirs = (median_of(spent[which], step) for which in ("passport", "stock"))
        report(f"  CPU of {step}", f"{each * 1000:.1f} ms / {theirs * 1000:.1f} ms")
    report(
        "  CPU in all", f"{compared.first * 1000:.1f} ms / {compared.second * 1000:.1f} ms, {ROUNDS} × {TIMES} trips"
    )
    sql, their_sql = ({step: len(it["sql"][step]) for step in STEPS} for it in (cost, their_cost))
    there_and_back = sql["start"] + sql["callback"]
    report(
        "  SQL of start and callback",
        f"{there_and_back} / {their_sql['start'] + their_sql['callback']}",
        wanted="at most 9",
    )
    report("  SQL of both pages", f"{sql['page'] + sql['first page']} / {their_sql['page'] + their_sql['first page']}")
    report("  calls to the provider", f"{len(cost['calls'])} / {len(their_cost['calls'])}", wanted="1")
    report(
        "  memory of the process, MB", f"{cost['megabytes']:.0f} / {their_cost['megabytes']:.0f}", wanted="below 100"
    )
    assert there_and_back <= 9, "\n".join([*cost["sql"]["start"], *cost["sql"]["callback"]])
    assert len(cost["calls"]) == 1, cost["calls"]


def median_of(trips: list[dict[str, float]], step: str) -> float:
    return statistics.median(trip[step] for trip in trips)


@contextmanager
def alone(which: str, given: dict[str, Any]) -> Iterator[Callable[..., dict[str, Any]]]:
    """Start sign_in_alone.py; what comes back asks it one question."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.sign_in_alone", json.dumps(given | {"which": which})],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(**question: int) -> dict[str, Any]:
            process.stdin.write(f"{json.dumps(question)}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"{which} ended"
            return json.loads(line)

        yield ask

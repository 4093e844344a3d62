"""A returning sign-in against social-auth as it comes, at the same tenant, turn by turn."""

from __future__ import annotations

import json
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


def test_returning_sign_in(passport, report: Callable[..., None]) -> None:
    passport.invited("dora@mail.example")
    dora = passport.signed_in("dora@mail.example")
    given = {
        "tenant": passport.tenant.url,
        "base_url": passport.url,
        "database": str(connection.settings_dict["NAME"]),
        "cookies": dora.browser.cookies.get_dict(),
    }
    with alone("passport", given) as ours, alone("stock", given) as stock:
        compared = compare(lambda: ours(times=TIMES)["cpu"], lambda: stock(times=TIMES)["cpu"], rounds=ROUNDS)
        cost, their_cost = ours(times=0), stock(times=0)

    report("returning sign-in: CPU, Passport / social-auth's own pipeline", compared, wanted="below 1")
    milliseconds = f"{compared.first * 1000:.1f} ms / {compared.second * 1000:.1f} ms"
    report("  CPU of each", f"{milliseconds}, {ROUNDS} × {TIMES} sign-ins")
    report("  SQL statements", f"{len(cost['sql'])} / {len(their_cost['sql'])}", wanted="at most 12")
    report("  calls to the provider", f"{len(cost['calls'])} / {len(their_cost['calls'])}", wanted="1")
    assert len(cost["sql"]) <= 12, "\n".join(cost["sql"])
    assert len(cost["calls"]) == 1, cost["calls"]


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

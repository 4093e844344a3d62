"""Ten thousand vendors: imported from a file, and invited at the pace that Graph allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity.models import Invitation
from tests.benchmarks.alone import measured_alone
from tests.benchmarks.sizes import INVITATIONS, ROWS
from tests.waiting import wait_for
from vendors import lifecycle
from vendors.models import Vendor

LIMIT, WINDOW = 150, 5.0  # invitations, seconds: Graph's own limit and the sandbox tenant's
PATIENCE = 20 * WINDOW  # before the first and after the last window


@pytest.mark.django_db(transaction=True)
def test_import(report: Callable[..., None], tmp_path: Path) -> None:
    few, many = (imported(tmp_path / f"{rows}.csv", rows=rows) for rows in (ROWS // 10, ROWS))

    assert Vendor.objects.count() == Invitation.objects.count() == ROWS // 10 + ROWS
    megabytes = [round((run["peak"] - run["before"]) / 2**20, 1) for run in (many, few)]
    report(
        f"importing, peak of memory: {ROWS:,} rows / {ROWS // 10:,}",
        f"{many['peak'] / few['peak']:.2f}",
        wanted="about 1",
    )
    report("  above what the process had before", f"{megabytes[0]} MB / {megabytes[1]} MB")
    report("  time for a row", f"{many['seconds'] / few['seconds'] / 10:.2f}", wanted="about 1")
    report("  rows a second", round(ROWS / many["seconds"]))


def imported(file: Path, *, rows: int) -> dict[str, Any]:
    lines = (f"Vendor {number},{rows}-{number}@mail.example,en-GB\n" for number in range(rows))
    file.write_text("name,email,language\n" + "".join(lines))
    return measured_alone("tests.benchmarks.import_alone", file)


def test_inviting(passport, report: Callable[..., None]) -> None:
    for number in range(INVITATIONS):
        address = f"vendor-{number}@mail.example"
        lifecycle.invite(lifecycle.add(name=f"Vendor {number}", primary_email=address, language="en-GB"))

    def all_sent() -> bool:
        passport.work()
        return not Invitation.objects.filter(state=Invitation.State.QUEUED).exists()

    wait_for(all_sent, timeout=INVITATIONS / LIMIT * WINDOW * 4 + PATIENCE)

    asked = passport.tenant.requests(operation="invitations")
    taken = [request["at"] for request in asked if request["status"] == 201]
    times = Counter(request["body"]["invitedUserEmailAddress"] for request in asked if request["status"] == 201)
    assert Invitation.objects.filter(state=Invitation.State.SENT).count() == INVITATIONS
    assert len(times) == INVITATIONS, "an invitation was lost"
    assert set(times.values()) == {1}, "somebody was invited twice"

    refused = sum(request["status"] == 429 for request in asked)
    compared = f"{pace(taken) / LIMIT:.2f}"
    report(f"inviting {INVITATIONS:,}: in {WINDOW:g} s / Graph's limit of {LIMIT}", compared, wanted="about 1")
    report("  refused with 429, and asked again later", refused)
    report("  lost, double", "0, 0", wanted="0, 0")


def pace(taken: list[float]) -> float:
    """Invitations in five seconds, from the first to the last."""
    return len(taken) / max(WINDOW, max(taken) - min(taken)) * WINDOW

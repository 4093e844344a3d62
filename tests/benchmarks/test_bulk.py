"""An action for ten thousand vendors: examined, and carried out vendor by vendor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.benchmarks.alone import measured_alone
from tests.benchmarks.population import add_vendors
from tests.benchmarks.sizes import ROWS
from tests.factories import create_staff


@pytest.mark.django_db(transaction=True)
def test_bulk_action(report: Callable[..., None]) -> None:
    add_vendors(1, ROWS, owner=create_staff().pk)
    few, many = (measured_alone("tests.benchmarks.bulk_alone", number) for number in (ROWS // 10, ROWS))

    assert few["done"] < many["done"] <= ROWS
    report(
        f"a tag for {ROWS:,} vendors / for {ROWS // 10:,}, peak of memory",
        f"{many['peak'] / few['peak']:.2f}",
        wanted="about 1",
    )
    megabytes = [round((run["peak"] - run["before"]) / 2**20, 1) for run in (many, few)]
    report("  above what the process had before", f"{megabytes[0]} MB / {megabytes[1]} MB")
    report("  time for a vendor", f"{many['seconds'] / few['seconds'] / 10:.2f}", wanted="about 1")
    report("  vendors a second", round(ROWS / many["seconds"]))

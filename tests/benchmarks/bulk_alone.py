"""A tag for many vendors, in a process of its own, so that its peak of memory is its own: DATABASE NUMBER → JSON."""

from __future__ import annotations

import json
import sys
import time

import django

from tests.benchmarks.import_alone import peak


def main() -> None:
    database, number = sys.argv[1], int(sys.argv[2])
    django.setup()
    from django.db import connection  # noqa: PLC0415

    from identity.models import User  # noqa: PLC0415
    from vendors.bulk import runs  # noqa: PLC0415
    from vendors.bulk.actions import BULK_ACTIONS  # noqa: PLC0415
    from vendors.models import BulkRun, Vendor  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    vera = User.objects.filter(is_staff=True).earliest("pk")
    before, began = peak(), time.perf_counter()
    run = runs.prepare(BULK_ACTIONS["add-tags"], Vendor.objects.order_by("pk")[:number], by=vera)
    runs.set_parameters(run, {"tags": f"for {number}"}, revision=0)
    runs.start(run, revision=1, by=vera)
    while BulkRun.objects.filter(pk=run.pk, state=BulkRun.State.RUNNING).exists():
        runs.go_on(run.pk)
    spent = time.perf_counter() - began
    done = runs.counts(run)["done"]
    sys.stdout.write(json.dumps({"before": before, "peak": peak(), "seconds": spent, "done": done}))


if __name__ == "__main__":
    main()

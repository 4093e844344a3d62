"""An export of as many lines as fit into one, against a tenth of them: peak of memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client

from identity.roles import ADMINISTRATOR
from tests.benchmarks.population import add_vendors
from tests.benchmarks.sizes import ROWS
from tests.factories import create_staff
from vendors.finding import columns, exports
from vendors.models import VendorExport

LINES = exports.MOST_LINES


@pytest.mark.parametrize("file_format", VendorExport.Format.values)
def test_export(transactional_db: None, report: Callable[..., None], file_format: str) -> None:
    user = create_staff(role=ADMINISTRATOR)
    client = Client()
    client.force_login(user)
    add_vendors(1, ROWS, owner=user.pk)

    def peak(lines: int) -> int:
        """The second time: what is looked up for the first stays in memory."""
        for _time in range(2):
            tracemalloc.start()
            with patch.object(exports, "MOST_LINES", lines):
                answer = client.post(
                    "/admin/vendors/vendor/find/export/?state=any",
                    {"columns": list(dict(columns.choices())), "file_format": file_format, "reason": "bench"},
                )
                assert sum(map(len, answer)) > lines
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    few, many = peak(LINES // 10), peak(LINES)
    written = list(VendorExport.objects.order_by("pk").values_list("lines", flat=True))
    assert written == [LINES // 10] * 2 + [min(LINES, written[-1])] * 2
    report(f"export as {file_format}, peak of memory: {written[-1]:,} lines / {written[0]:,}", f"{many / few:.2f}")
    report("  of these", f"{many / 2**20:.1f} MB / {few / 2**20:.1f} MB")

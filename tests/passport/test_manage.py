"""The one way into all commands."""

from __future__ import annotations

import pytest

from manage import Utility
from vendors.models import Vendor


@pytest.mark.django_db(transaction=True)  # a command closes its connections at the end
def test_history_names_the_command_that_changed_a_row():
    Utility(["manage.py", "invite_vendor", "dora@mail.example"]).execute()

    rows = Vendor.objects.get().history.all()
    assert len(rows) >= 2
    assert [row.pgh_context.metadata for row in rows] == [{"command": "invite_vendor"}] * len(rows)

"""The one way into all commands."""

from __future__ import annotations

import os

import pytest

from manage import Utility, operator
from vendors.models import Vendor


@pytest.mark.django_db(transaction=True)  # a command closes its connections at the end
def test_history_names_the_command_that_changed_a_row_and_who_ran_it(monkeypatch):
    monkeypatch.setenv("SUDO_USER", "olga")
    Utility(["manage.py", "invite_vendor", "dora@mail.example"]).execute()

    rows = Vendor.objects.get().history.all()
    assert len(rows) >= 2
    assert [row.pgh_context.metadata for row in rows] == [{"command": "invite_vendor", "operator": "olga"}] * len(rows)


def test_operator_without_a_name_is_a_number(monkeypatch):
    for name in ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)

    assert operator() == "uid 54321"

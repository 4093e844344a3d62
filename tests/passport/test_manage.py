"""The one way into all commands."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from django.db import connection

from identity.models import EmergencyLink
from manage import Utility, operator
from tests.processes import MANAGE, start
from vendors.models import Vendor

NAMES = ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME")
# The embedded PostgreSQL has an address of its own for each account.
AS_ANYONE = """
settings.DATABASES["default"] |= {"ENGINE": "django.db.backends.postgresql", "HOST": sys.argv.pop(1)}
"""


@pytest.mark.django_db(transaction=True)  # a command closes its connections at the end
def test_history_names_the_command_that_changed_a_row_and_who_ran_it(monkeypatch):
    monkeypatch.setenv("SUDO_USER", "olga")
    Utility(["manage.py", "invite_vendor", "dora@mail.example"]).execute()

    rows = Vendor.objects.get().history.all()
    assert len(rows) >= 2
    assert [row.pgh_context.metadata for row in rows] == [{"command": "invite_vendor", "operator": "olga"}] * len(rows)


def test_operator_without_a_name_is_a_number(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)

    assert operator() == "uid 54321"


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become someone else")
def test_emergency_link_is_made_by_an_account_that_has_no_name():
    """As in a container that is given any number as its user. It may still read the libraries, wherever they are."""
    as_nobody_known = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--securebits=+no_setuid_fixup"]
    may_read = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    process = start(
        AS_ANYONE + MANAGE,
        *(
            connection.settings_dict["HOST"],
            "emergency_link",
            "olga@sandberg.example",
            "--role",
            "Operations",
            "--reason",
            "Entra is down",
        ),
        before=[*as_nobody_known, *may_read],
        env=environment | {"HOME": "/nowhere"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert "/emergency/" in out
    assert EmergencyLink.objects.get().made_by == "uid 54321"

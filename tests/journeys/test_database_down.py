"""Nobody can reach the database: one line for whoever runs a command, a page that says so for everybody else."""

from __future__ import annotations

import sys

import pytest
from django.core.management import get_commands
from django.db import connection
from django.urls import reverse

import manage
from passport import run
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.journeys.database import out_of_reach
from vendors.models import VendorState

pytestmark = pytest.mark.django_db(transaction=True)

WITHOUT_DATABASE = {"check", "version", "check_entra", "createsuperuser", "changepassword", "sandbox"}
REASON = ["--reason", "asked for by telephone"]
COMMANDS = [
    ["backup", "backups"],
    ["change_vendor_email", "old@mail.example", "new@mail.example", *REASON],
    ["collect_sign_in_failures"],
    ["demo_data"],
    ["emergency_link", "olga@sandberg.example", "--role", "VendorManager", *REASON],
    ["end_sessions", "dora@mail.example"],
    ["end_sessions", "olga@sandberg.example", "--switch-off", *REASON],
    ["erase_vendor", "dora@mail.example", "--yes", *REASON],
    ["explain_sign_in", "dora@mail.example"],
    ["export_vendor", "dora@mail.example"],
    ["failures"],
    ["failures", "--json"],
    ["feed"],
    ["import_vendors", "vendors.csv"],
    ["import_vendors", "vendors.csv", "--dry-run"],
    ["invite_vendor", "dora@mail.example"],
    ["migrate"],
    ["outbound"],
    ["outbound", "release", *REASON],
    ["outbound", "drop", "--before", "2027-05-31"],
    ["purge"],
    ["purge", "--dry-run"],
    ["reconcile_guests"],
    ["reinvite_vendor", "dora@mail.example"],
    ["restore", "--replay-erasures"],
    ["rotate_field_keys"],
    ["rotate_field_keys", "--dry-run"],
    ["self_check"],
    ["send_reminders"],
    ["send_reminders", "--dry-run"],
    ["showmigrations"],
    ["withdraw_import", "7", *REASON],
    ["worker"],
    ["worker", "--once"],
]


@pytest.fixture
def csv_file(tmp_path, monkeypatch):
    (tmp_path / "vendors.csv").write_text("name,email\nDora,dora@mail.example\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_ends_with_one_line_and_1(command, csv_file, monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["manage.py", *command])

    with out_of_reach(), pytest.raises(SystemExit) as end:
        manage.main()

    told = capfd.readouterr()
    assert end.value.code == 1
    assert told.out == ""
    [line] = told.err.splitlines()
    assert "The database cannot be reached: connection" in line
    assert connection.settings_dict["PASSWORD"] == "" or connection.settings_dict["PASSWORD"] not in line


def test_no_command_is_missing_above():
    ours = {name for name, app in get_commands().items() if app in manage.OURS}

    assert ours - WITHOUT_DATABASE <= {command[0] for command in COMMANDS}


def test_traceback_is_shown_to_whoever_asks_for_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["manage.py", "failures", "--traceback"])

    with out_of_reach(), pytest.raises(Exception, match="connection"):
        manage.main()


def test_make_run_ends_with_one_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run.py"])
    monkeypatch.setattr(run, "why_not", lambda: None)  # whether a port is free is another test's

    with out_of_reach(), pytest.raises(SystemExit, match=r"^The database cannot be reached: [^\n]*$"):
        run.main()


PAGES = {
    VendorState.ONBOARDING: ["home", "onboarding:index", "identity:sign-out"],
    VendorState.APPROVED: ["vendors:profile", "changes:index"],
}


@pytest.mark.parametrize(("state", "name"), [(state, name) for state, names in PAGES.items() for name in names])
def test_page_of_a_vendor_says_so_with_503(state, name):
    client = signed_in(create_vendor(state=state).user)
    client.raise_request_exception = False

    with out_of_reach():
        answer = client.get(reverse(name))

    assert_says_so(answer)
    assert client.get(reverse(name)).status_code in (200, 302)


@pytest.mark.parametrize("url", ["/onboarding/", "/onboarding/contact/"])
def test_page_whose_connection_is_cut_half_way_answers_503(url):
    """The wizard answers its own crashes, with a case for VM; that a case cannot be stored either is no 500."""
    client = signed_in(create_vendor(state=VendorState.ONBOARDING).user)
    client.raise_request_exception = False

    def cut(execute, sql, parameters, many, context):
        if "onboarding_draft" in sql:
            connection.settings_dict["HOST"] = "/nowhere"
            connection.connection.close()
        return execute(sql, parameters, many, context)

    host = connection.settings_dict["HOST"]
    try:
        with connection.execute_wrapper(cut):
            answer = client.get(url)
    finally:
        connection.settings_dict["HOST"] = host
        connection.close()

    assert answer.status_code == 503


def test_page_that_is_sent_says_so_with_503():
    client = signed_in(create_vendor(state=VendorState.ONBOARDING).user)
    client.raise_request_exception = False

    with out_of_reach():
        answer = client.post(reverse("onboarding:step", kwargs={"step": "contact"}), {"revision": "0"})

    assert_says_so(answer)


@pytest.mark.parametrize(
    "name", ["admin:index", "admin:vendors_vendor_changelist", "admin:identity_failure_changelist"]
)
def test_admin_says_so_with_503(as_vera, name):
    as_vera.raise_request_exception = False

    with out_of_reach():
        answer = as_vera.get(reverse(name))

    assert_says_so(answer)
    assert as_vera.get(reverse(name)).status_code == 200


def assert_says_so(answer) -> None:
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Passport isn't available at the moment" in answer.content.decode()
    assert "vm@sandberg.example" in answer.content.decode()

"""What all management commands have in common: 2 for wrong usage, and a help that says what they do."""

from __future__ import annotations

import pytest
from django.core.management import execute_from_command_line

USAGES = [
    ["invite_vendor"],
    ["import_vendors"],
    ["withdraw_import", "7"],
    ["withdraw_import", "seven", "--reason", "wrong file"],
    ["reinvite_vendor"],
    ["invite_vendor", "ana@mail.example", "--language", "tlh"],
    ["change_vendor_email", "old@mail.example"],
    ["change_vendor_email", "old@mail.example", "new@mail.example"],
    ["change_vendor_email", "old@mail.example", "new@mail.example", "--reason", " "],
    ["failures", "--nonsense"],
    ["explain_sign_in"],
    ["explain_sign_in", " "],
    ["explain_sign_in", "dora@mail.example", "--yaml"],
    ["collect_sign_in_failures", "--nonsense"],
    ["reconcile_guests", "--nonsense"],
    ["reconcile_guests", "dora@mail.example"],
    ["send_reminders", "--nonsense"],
    ["rotate_field_keys", "--nonsense"],
    ["rotate_field_keys", "onboarding.Draft"],
    ["check_entra", "--nonsense"],
    ["emergency_link", "olga@sandberg.example", "--role", "VendorManager"],
    ["emergency_link", "olga@sandberg.example", "--role", "Boss", "--reason", "Entra is down"],
    ["emergency_link", "olga@sandberg.example", "--role", "VendorManager", "--reason", " "],
    ["emergency_link", "olga", "--role", "VendorManager", "--reason", "Entra is down"],
    ["end_sessions"],
    ["end_sessions", "olga"],
    ["end_sessions", "olga@sandberg.example", "--switch-off"],
    ["end_sessions", "olga@sandberg.example", "--switch-on", "--reason", " "],
    ["end_sessions", "olga@sandberg.example", "--switch-on", "--switch-off", "--reason", "r"],
    ["feed", "--nonsense"],
    ["feed", "--since", "yesterday"],
    ["outbound", "release"],
    ["outbound", "release", "--reason", " "],
    ["outbound", "drop"],
    ["outbound", "drop", "--before", "soon"],
    ["outbound", "drop", "--before", "2027-02-31"],
    ["outbound", "sell"],
    ["backup"],
    ["backup", "backups", "--keep-days", "0"],
    ["restore"],
    ["restore", "backup", "--replay-erasures"],
    ["worker", "--twice"],
    ["self_check", "--nonsense"],
    ["sandbox", "--nonsense"],
    ["demo_data", "--nonsense"],
]


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", USAGES, ids=" ".join)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        execute_from_command_line(["manage.py", *arguments])

    assert stop.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip()


@pytest.mark.parametrize("name", sorted({usage[0] for usage in USAGES}))
def test_help_says_what_it_does(name, capsys):
    with pytest.raises(SystemExit) as stop:
        execute_from_command_line(["manage.py", name, "--help"])

    assert stop.value.code == 0
    usage, _blank, *says = capsys.readouterr().out.partition("\n\n")
    assert usage.startswith("usage: ")
    assert says

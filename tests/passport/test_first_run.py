import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.processes import PROJECT


def names_in(text: str) -> list[str]:
    return re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)


def values_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


@pytest.fixture
def checkout(tmp_path):
    checkout = tmp_path / "a checkout"
    (checkout / "passport").mkdir(parents=True)
    shutil.copy(PROJECT / "passport" / "first_run.py", checkout / "passport")
    return checkout


def first_run(checkout: Path, **variables: str) -> str:
    # Without site-packages, as on a machine that has Python and nothing else.
    subprocess.run(
        [sys.executable, "-I", "-S", checkout / "passport" / "first_run.py"],
        check=True,
        env={"PATH": os.environ["PATH"]} | variables,
    )
    return (checkout / ".env").read_text()


def test_first_run_writes_env_that_nobody_else_can_read(checkout):
    written = values_in(first_run(checkout))

    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    assert written["DATABASE_URL"] == "embedded"
    assert written["ENTRA_AUTHORITY"] == written["GRAPH_URL"] == "http://127.0.0.1:8400"
    assert len(written["SECRET_KEY"]) >= 50
    Fernet(written["FIELD_ENCRYPTION_KEYS"])
    assert sorted(path.name for path in checkout.iterdir()) == [".env", "passport"]


def test_first_run_takes_ports_from_the_environment(checkout):
    written = values_in(first_run(checkout, PORT="9000", SANDBOX_PORT="9400"))

    assert written["BASE_URL"] == "http://127.0.0.1:9000"
    assert written["ENTRA_AUTHORITY"] == "http://127.0.0.1:9400"
    assert written["EMAIL_URL"] == "smtp://127.0.0.1:9401"


def test_second_run_leaves_env_alone(checkout):
    before = first_run(checkout)

    assert first_run(checkout) == before


def test_keys_differ_from_machine_to_machine(checkout):
    first = values_in(first_run(checkout))
    (checkout / ".env").unlink()
    second = values_in(first_run(checkout))

    generated = {name for name in first if first[name] != second[name]}

    assert generated == {
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "ENTRA_TENANT_ID",
        "ENTRA_CLIENT_ID",
        "ENTRA_CLIENT_SECRET",
        "INSTALLATION_ID",
    }


def test_env_example_lists_every_setting(checkout):
    settings = (PROJECT / "passport" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|required|whole_number)\("([A-Z_]+)"', settings))

    example = names_in((PROJECT / ".env.example").read_text())

    assert sorted(example) == sorted(read)


def test_env_of_a_first_run_is_in_the_order_of_the_example(checkout):
    written = names_in(first_run(checkout))

    example = names_in((PROJECT / ".env.example").read_text())

    assert written == [name for name in example if name in written]


REQUIRED = [
    *("SECRET_KEY", "DATABASE_URL", "BASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "VM_EMAIL"),
    *("ENTRA_TENANT_ID", "ENTRA_CLIENT_ID", "ENTRA_CLIENT_SECRET", "ENTRA_CLIENT_CERTIFICATE", "FIELD_ENCRYPTION_KEYS"),
]


def check_without(*names: str) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "passport.settings"} | dict.fromkeys(names, ""),
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stderr


def test_command_without_any_settings_names_make_run():
    code, said = check_without(*REQUIRED)

    assert code == 2
    assert said == (
        "Passport has no settings. Run `make run` once: it writes an .env file with everything you need to try "
        "Passport out. To set up a server, see docs/operations.md.\n"
    )


def test_command_names_all_missing_settings_at_once_and_where_they_are_explained():
    code, said = check_without("SECRET_KEY", "VM_EMAIL", "ENTRA_CLIENT_SECRET", "FIELD_ENCRYPTION_KEYS")

    assert code == 2
    assert said == (
        "SECRET_KEY, VM_EMAIL, FIELD_ENCRYPTION_KEYS, ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE are not set. See "
        "docs/operations.md and .env.example.\n"
    )

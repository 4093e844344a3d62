import os
import re
import subprocess
import sys

import pytest

from passport.version import VERSION
from tests.clients import signed_in
from tests.factories import create_staff
from tests.processes import PROJECT


def test_change_log_begins_with_this_version():
    [newest, *_older] = re.findall(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest == VERSION


@pytest.mark.parametrize("secret_key", ["something", ""], ids=["configured", "without settings"])
def test_command_prints_the_version_of_passport_and_not_djangos(secret_key):
    result = subprocess.run(
        [sys.executable, "manage.py", "version"],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "passport.settings", "SECRET_KEY": secret_key},
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, f"{VERSION}\n", "")


@pytest.mark.django_db
def test_every_page_of_the_admin_shows_the_version():
    client = signed_in(create_staff())

    for path in ("/admin/", "/admin/vendors/vendor/", "/admin/identity/failure/"):
        footer = re.search(r"<footer.*?</footer>", client.get(path).text, re.DOTALL)[0]
        assert f"Passport {VERSION}" in footer

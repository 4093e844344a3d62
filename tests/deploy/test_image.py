"""The image: what is in it, and that Passport runs from exactly that. Docker itself is not needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.deploy import image as images
from tests.deploy.conftest import web

pytestmark = pytest.mark.processes

# As root, files may be read wherever Python and the libraries are, and nothing may be written that is not one's own.
NAMELESS = [
    "setpriv",
    "--reuid=1000680000",
    "--regid=0",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--bounding-set=-all,+dac_read_search",
]


def files(image: Path) -> set[str]:
    return {path.relative_to(image).as_posix() for path in image.rglob("*") if "__pycache__" not in str(path)}


def test_image_has_neither_tests_nor_sandbox_nor_secrets(image):
    taken = files(image)

    assert {"manage.py", "gunicorn.conf.py", "passport/wsgi.py", "vendors/agreements"} <= taken
    assert {name.split("/")[0] for name in taken} <= {
        *("manage.py", "gunicorn.conf.py", "requirements.txt", ".local"),
        *("passport", "identity", "vendors", "onboarding"),
    }
    assert [name for name in taken if re.search(r"sandbox|(^|/)tests?(/|$)|\.env|\.git", name)] == []


def test_image_installs_the_lock_and_the_programs_of_backups_and_nothing_else():
    libraries, programs = [
        step for step in images.instruction("RUN") if "install" in step and not step.startswith("install -d")
    ]

    assert {"--require-hashes", "--only-binary :all:", "-r requirements.txt"} <= {
        part for part in re.findall(r"--only-binary :all:|-r \S+|--[\w-]+", libraries)
    }
    assert re.findall(r"(?<= )[a-z]\S*-\S+", programs.partition("install -y")[2].partition("&&")[0]) == [
        "postgresql-client-17"
    ]


def test_image_runs_as_somebody_without_rights_and_without_a_name():
    assert images.instruction("USER") == ["10001:0"]
    for folder in [images.environment_of_image()["MEDIA_ROOT"], "/run/passport"]:
        assert re.search(rf"install -d -o 10001 -g 0 -m 77\d {folder}", " ".join(images.instruction("RUN")))


def test_variables_of_the_build_do_not_stay():
    assert {"SECRET_KEY", "DATABASE_URL", "FIELD_ENCRYPTION_KEYS"}.isdisjoint(images.environment_of_image())
    assert images.instruction("ARG") == []


def test_settings_can_be_checked_in_the_image(image, tmp_path):
    there = {"MEDIA_ROOT": str(tmp_path), "TRUSTED_PROXY": "on", "EMAIL_URL": "consolemail://"}
    checked = images.run(image, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **there)

    assert checked.returncode == 0, checked.stderr
    assert "passport.I001" in checked.stderr  # it would have asked the database


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become someone else")
def test_image_works_for_any_user_of_group_0(image, tmp_path):
    """Nothing is written but to what the Dockerfile hands to group 0."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "web.log").touch()
    run.chmod(0o771)
    before = files(image)

    with web(image, run, before=tuple(NAMELESS), TRUSTED_PROXY="on", PYTHONDONTWRITEBYTECODE="1") as url:
        health = images.instruction("HEALTHCHECK")[0].partition("CMD ")[2]
        port = urlsplit(url).port
        python, *arguments = [part.replace(":8000", f":{port}") for part in json.loads(health)]
        assert python == "python"
        subprocess.run([sys.executable, *arguments], check=True)

        style = requests.get(
            f"{url}/static/{hashed(image, 'passport/passport.css')}",
            headers={"Host": "passport.example.com", "X-Forwarded-Proto": "https"},
        )
        assert style.status_code == 200
        assert (run / "web.sock").is_socket()

        # What gunicorn refuses itself is written without what it quotes.
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /welcome/a-secret-link/?code=a-secret-code HTTP/9.9\r\n\r\n")
            connection.recv(1000)
        said = (run / "web.log").read_text()
        assert "secret" not in said
        assert [json.loads(line)["level"] for line in said.splitlines() if "Invalid" in line] == ["warning"]
    assert files(image) == before


def test_any_user_can_read_what_root_has_collected(image):
    """The test above may read what belongs to others, or it could not read Python. Here the modes say it."""
    collected = [image / ".local", *(image / ".local").rglob("*")]

    assert len(collected) > 100
    assert [path for path in collected if path.stat().st_mode & 0o005 != (0o005 if path.is_dir() else 0o004)] == []


def hashed(image: Path, name: str) -> str:
    return json.loads((image / ".local" / "static" / "staticfiles.json").read_text())["paths"][name]

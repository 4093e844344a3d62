"""What the Dockerfile puts into the image, without Docker: its instructions are read, its steps are run in a folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import urlencode

from django.db import connection

from tests.processes import PROJECT

SECRET_KEY = "of-the-image-under-test-kT3vYw0ZpQ8mRx5nLd7sHb2cJf9gUa4eXi6oVtNqWzBy"
# What production does not install is not there, however it is looked for.
SITE = """
import sys
from importlib.machinery import PathFinder

class OnlyWhatIsLocked(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in {absent!r} else super().find_spec(name, path, target)

sys.meta_path[:] = [OnlyWhatIsLocked if finder is PathFinder else finder for finder in sys.meta_path]
"""


def instructions(path: Path = PROJECT / "Dockerfile") -> list[tuple[str, str]]:
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _space, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def instruction(name: str) -> list[str]:
    return [rest for word, rest in instructions() if word == name]


def environment_of_image() -> dict[str, str]:
    """But for the one that keeps Python from compiling: the image is compiled already."""
    pairs = dict(pair.split("=", 1) for line in instruction("ENV") for pair in line.split())
    return {name: value for name, value in pairs.items() if name != "PYTHONDONTWRITEBYTECODE"}


def command() -> list[str]:
    return json.loads(instruction("CMD")[0])


def is_left_out(name: str) -> bool:
    """By .dockerignore: the last line that matches the file or a folder above it decides."""
    left_out = False
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parts = name.split("/")
        above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        if pattern.startswith("**/"):
            matches = any(fnmatch(part, pattern[3:]) for part in parts)
        else:
            matches = pattern in above or pattern == "*"
        if matches:
            left_out = not line.startswith("!")
    return left_out


def copy_to(folder: Path) -> None:
    """What COPY takes."""
    for arguments in instruction("COPY"):
        *sources, target = arguments.split()
        for source in sources:
            path = PROJECT / source
            for file in [path] if path.is_file() else sorted(path.rglob("*")):
                name = file.relative_to(PROJECT).as_posix()
                if file.is_file() and not is_left_out(name):
                    inside = file.name if path.is_file() else f"{target}/{file.relative_to(path)}"
                    destination = folder / inside
                    destination.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, destination)


def locked() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.txt").read_text(), re.MULTILINE))


def absent_in_production() -> set[str]:
    """Modules of this environment that come with the tests and the sandbox tenant alone."""
    kept = locked()
    return {
        module
        for module, distributions in packages_distributions().items()
        if not any(re.sub(r"[-_.]+", "-", name).lower() in kept for name in distributions)
    }


def database_url() -> str:
    """The address of the test's database."""
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "password": database["PASSWORD"]}
    where = {name: value for name, value in where.items() if value}
    return f"postgres://{database['USER']}@/{database['NAME']}?{urlencode(where)}"


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """What a container has: the image's variables and passport.env, and nothing of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder.parent / "site"),
        **environment_of_image(),
        "MEDIA_ROOT": str(folder.parent / "media"),
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": "postgres://passport@127.0.0.1:1/passport",
        "BASE_URL": "https://passport.example.com",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DEFAULT_FROM_EMAIL": "Passport <passport@sandberg.example>",
        "VM_EMAIL": "vm@sandberg.example",
        "ENTRA_TENANT_ID": "3f6c1c5e-7a0b-4b57-9a52-0a4f6f0c8d11",
        "ENTRA_CLIENT_ID": "b1d7f0a4-51c8-4c0e-8f1e-6a2d9c3b7e22",
        "ENTRA_CLIENT_SECRET": "a-secret-of-the-tests",
        "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        **variables,
    }


def build(folder: Path) -> None:
    """The steps of the Dockerfile but for what installs: what the lock leaves out cannot be imported instead."""
    copy_to(folder)
    site = folder.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE.format(absent=absent_in_production()))
    bare = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(site)}
    for step in instruction("RUN"):
        if step.startswith(("pip ", "apt-get ", "python -m compileall ", "install ")):
            continue
        subprocess.run(["sh", "-ec", step], cwd=folder, env=bare | environment_of_image(), check=True)


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a container of it."""
    given: Mapping[str, str] = environment(folder, **variables)
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=given, capture_output=True, text=True)

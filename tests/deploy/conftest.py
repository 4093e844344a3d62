"""The image as a folder, Passport from it under gunicorn, and a real nginx with deploy/nginx in front."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.deploy import image as images
from tests.deploy.nginx import HAS_NGINX, Nginx, free_port
from tests.waiting import wait_for

NO_NGINX = "no nginx on this machine"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image") / "app"
    images.build(folder)
    return folder


@contextlib.contextmanager
def web(image: Path, run: Path, *, before: tuple[str, ...] = (), **variables: str) -> Iterator[str]:
    """The image's command, with its socket in this folder; the address at which it listens as well."""
    port = free_port()
    command = [
        part.replace("/run/passport", str(run)).replace("0.0.0.0:8000", f"127.0.0.1:{port}")
        for part in images.command()[1:]
    ]
    with (run / "web.log").open("w") as log:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "gunicorn", *command],
            cwd=image,
            env=images.environment(image, **variables),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            wait_for(lambda: process.poll() is not None or is_up(f"http://127.0.0.1:{port}"))
            assert process.poll() is None, (run / "web.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def is_up(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError, requests.Timeout):
        return requests.get(f"{url}/livez", timeout=10).ok
    return False


@pytest.fixture(scope="module")
def nginx(image: Path, tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Nginx]:
    """As in production, but for the ports and the folders."""
    if not HAS_NGINX:
        pytest.skip(NO_NGINX)
    folder = tmp_path_factory.mktemp("nginx")
    run = folder / "run"
    run.mkdir()
    front = Nginx(folder / "nginx", run=run)
    with django_db_blocker.unblock():
        url = images.database_url()
    with web(image, run, DATABASE_URL=url, BASE_URL=front.url, TRUSTED_PROXY="on"), front:
        yield front

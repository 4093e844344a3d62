"""What `make run` does: prepare the database and the static files, then run every process until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from honcho.manager import Manager

from passport.postgres import server

PYTHON = f'"{sys.executable}"'
SECONDS_TO_GET_READY = 120


def main() -> None:
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(f"{error} See .env and .env.example.")
    if sys.argv[1:] == ["--announce"]:
        return announce()
    if reason := why_not():
        sys.exit(reason)

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()

    manager = Manager()
    for name, command in processes().items():
        manager.add_process(name, command, cwd=settings.BASE_DIR, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    manager.loop()
    if settings.DATABASE_URL == "embedded":
        server.release(settings.DATABASES["default"]["DIRECTORY"])
    sys.exit(manager.returncode)


def why_not() -> str | None:
    base = urlsplit(settings.BASE_URL)
    if base.scheme == "http" and base.port != settings.PORT:
        return f"PORT is {settings.PORT} but BASE_URL is {settings.BASE_URL}: set both in .env."
    ports = [settings.PORT]
    if uses_sandbox():
        ports += [settings.SANDBOX_PORT, settings.SANDBOX_PORT + 1]
    for port in filter(is_taken, ports):
        return f"Port {port} is taken, perhaps by another `make run`: stop that, or change the ports in .env."
    return None


def uses_sandbox() -> bool:
    authority = urlsplit(settings.ENTRA_AUTHORITY)
    return authority.hostname == "127.0.0.1" and authority.port == settings.SANDBOX_PORT


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def processes() -> dict[str, str]:
    commands = {
        "web": f"exec {PYTHON} -m gunicorn passport.wsgi",
        "worker": f"exec {PYTHON} manage.py worker",
        "ready": f"exec {PYTHON} -m passport.run --announce",
    }
    if uses_sandbox():
        commands["sandbox"] = f"exec {PYTHON} manage.py sandbox"
    return commands


def announce() -> None:
    """Fill the sandbox, say where everything is, and stay: when one process ends, honcho ends them all."""
    addresses = {"Passport": f"{settings.BASE_URL}/", "For VM staff": f"{settings.BASE_URL}/admin/"}
    wait_for(f"http://127.0.0.1:{settings.PORT}/readyz")
    if uses_sandbox():
        wait_for(f"{settings.ENTRA_AUTHORITY}/")
        subprocess.run([sys.executable, "manage.py", "demo_data"])
        addresses["Sandbox tenant"] = f"{settings.ENTRA_AUTHORITY}/"
    print()
    for name, address in addresses.items():
        print(f"{name:16}{address}")
    print("Ready. Ctrl-C stops everything.")
    signal.pause()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_GET_READY
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"{url} does not answer: {error}")
            time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

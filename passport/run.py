"""What `make run` does: prepare the database and the static files, then keep every process running until Ctrl-C."""

import io
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from identity import outages
from passport import ports
from passport.postgres import server
from passport.supervisor import Supervisor

SECONDS_TO_GET_READY = 120


def main() -> None:
    # A killed `make` would leave this running in the background, unnoticed.
    parent = os.getppid() if "MAKELEVEL" in os.environ else None
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    if sys.argv[1:] == ["--announce"]:
        return announce()
    if reason := why_not():
        sys.exit(reason)

    try:
        call_command("migrate", interactive=False, verbosity=0)
    except CommandError as error:  # made by another version: one line says what to delete
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(outages.one_line(error))
    call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()

    supervisor = Supervisor(logs=settings.BASE_DIR / ".local" / "logs", directory=settings.BASE_DIR, parent=parent)
    supervisor.add("web", [sys.executable, "-m", "gunicorn", "passport.wsgi"])
    supervisor.add("worker", [sys.executable, "manage.py", "worker"])
    if uses_sandbox():
        supervisor.add("sandbox", [sys.executable, "manage.py", "sandbox"])
    supervisor.add("ready", [sys.executable, "-m", "passport.run", "--announce"], once=True)
    exit_code = supervisor.run()
    if settings.DATABASE_URL == "embedded":
        server.release(settings.DATABASES["default"]["DIRECTORY"])
    sys.exit(exit_code)


def why_not() -> str | None:
    base = urlsplit(settings.BASE_URL)
    if base.scheme == "http" and base.port != settings.PORT:
        return f"PORT is {settings.PORT}, but BASE_URL is {settings.BASE_URL}. Make them match in .env."
    wanted = [settings.PORT]
    if uses_sandbox():
        wanted += [settings.SANDBOX_PORT, settings.SANDBOX_PORT + 1]
    for port in filter(ports.is_taken, wanted):
        holder = ports.holder(port)
        by = f"by process {holder[0]} ({holder[1]})" if holder else "perhaps by another `make run`"
        return f"Port {port} is taken {by}. Stop that process, or change the ports in .env."
    return None


def uses_sandbox() -> bool:
    authority = urlsplit(settings.ENTRA_AUTHORITY)
    return authority.hostname == "127.0.0.1" and authority.port == settings.SANDBOX_PORT


def announce() -> None:
    """Fill the sandbox, then say where everything is and whom to sign in as."""
    addresses = {"Passport": f"{settings.BASE_URL}/", "For VM staff": f"{settings.BASE_URL}/admin/"}
    people = ""
    wait_for(f"http://127.0.0.1:{settings.PORT}/readyz")
    if uses_sandbox():
        wait_for(f"{settings.ENTRA_AUTHORITY}/")
        addresses["Sandbox tenant"] = f"{settings.ENTRA_AUTHORITY}/"
        people = personas()
    where = "".join(f"{name:16}{address}\n" for name, address in addresses.items())
    # In one piece, so that no other process speaks in between.
    sys.stdout.write(f"{people}\n{where}Ready. Ctrl-C stops everything.\n")


def personas() -> str:
    from onboarding.management.commands.demo_data import STAFF  # noqa: PLC0415  Django has to be set up for it

    out = io.StringIO()
    try:
        call_command("demo_data", stdout=out)
    except Exception as error:  # the sandbox works without them, and staff can sign in
        staff = "".join(f"  {address:34}{purpose}\n" for address, purpose in STAFF)
        return (
            f"\nNot all of the made-up vendors could be added: {error}\n\n"
            f"Staff, at {settings.BASE_URL}/admin/ (any password will do)\n{staff}"
        )
    return out.getvalue()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_GET_READY
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"{url} is not responding: {error}")
            time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

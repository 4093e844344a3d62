import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psycopg
import pytest

from passport.postgres import server, socket_directory
from tests.processes import PROJECT
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

ROOT = os.geteuid() == 0

# Executes each line that it reads, answers with the first column of the first row.
CLIENT = """
import os, sys, django
from pathlib import Path
from django.conf import settings
from passport.postgres import database_settings

settings.configure(DATABASES={"default": database_settings(Path(sys.argv[1]))})
django.setup()
from django.db import connection

for line in sys.stdin:
    if line == "fork\\n" and os.fork():
        os._exit(0)
    if line != "fork\\n":
        with connection.cursor() as cursor:
            cursor.execute(line)
            print(*(cursor.fetchone() or ()) if cursor.description else (), flush=True)
    connection.close()
"""


class Client:
    """A process of its own that uses the server in `directory`."""

    def __init__(self, directory: Path, **options) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, directory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            **options,
        )

    def send(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def execute(self, sql: str) -> str:
        self.send(sql)
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("a b") / "é ß 名" / ("long " * 20) / "postgres"
    directory.mkdir(parents=True)
    yield directory
    shutil.rmtree(socket_directory(directory), ignore_errors=True)


@pytest.fixture
def connect(directory: Path) -> Iterator[Callable[..., Client]]:
    clients = []

    def start(directory: Path = directory, **options) -> Client:
        clients.append(Client(directory, **options))
        return clients[-1]

    yield start
    for client in clients:
        if client.process.poll() is None:
            client.kill()
    wait_until_stopped(directory)


def wait_until_stopped(directory: Path) -> None:
    with (directory / "alive").open("a") as alive:
        wait_for(lambda: nobody_holds(alive), timeout=20)


def nobody_holds(file: IO[str]) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def server_pid(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text().split()[0])


def test_server_stops_with_its_last_user(directory, connect):
    first, second = connect(), connect()
    assert first.execute("SELECT current_setting('data_directory')") == str(directory / "data")
    assert second.execute("SELECT lower('ÄÉ')") == "äé"

    first.end()
    assert second.execute("SELECT 1") == "1"

    second.end()
    wait_until_stopped(directory)
    assert not list(socket_directory(directory).iterdir())


def test_server_stops_when_its_users_are_killed(directory, connect):
    client = connect()
    assert client.execute("SELECT 1") == "1"

    client.kill()

    wait_until_stopped(directory)


def test_server_stops_when_its_keeper_is_killed(directory, connect):
    if sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent was killed")
    client = connect()
    assert client.execute("SELECT 1") == "1"
    keeper = subprocess.check_output(["ps", "-o", "ppid=", "-p", str(server_pid(directory))], text=True)

    os.kill(int(keeper), signal.SIGKILL)

    wait_until_stopped(directory)
    assert client.execute("SELECT 1") == "1"


def test_several_commands_at_once_start_one_server(directory, connect):
    wanted = "SELECT pg_postmaster_start_time()"
    clients = [connect() for _ in range(4)]
    for client in clients:
        client.send(wanted)

    started = {client.process.stdout.readline() for client in clients}

    assert len(started) == 1
    assert started != {""}


def test_server_comes_back_with_its_rows_after_kill_9(directory, connect):
    client = connect()
    client.execute("DROP TABLE IF EXISTS kept")
    client.execute("CREATE TABLE kept AS SELECT 'this' AS word")
    before = server_pid(directory)

    os.kill(before, signal.SIGKILL)

    assert client.execute("SELECT word FROM kept") == "this"
    assert server_pid(directory) != before


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_server_that_is_restarted_by_hand_is_not_started_once_more(directory, connect, mode):
    server.ensure_running(directory, durable=True)
    pg_ctl = [*server._account(directory), server.binary("pg_ctl"), "-D", directory / "data"]
    try:
        # Where we start it first, pg_ctl waits in vain for its own.
        command = [*pg_ctl, "restart", f"--mode={mode}", "--timeout=5"]
        restart = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
        while restart.poll() is None:
            server.ensure_running(directory, durable=True)

        started = {connect().execute("SELECT pg_postmaster_start_time()") for _client in range(3)}
        assert len(started) == 1
        assert started != {""}
    finally:
        subprocess.run([*pg_ctl, "stop", "--mode=fast"], stdout=subprocess.DEVNULL, cwd="/")
        server.release(directory)


def test_stale_pid_of_another_program_is_ignored(directory, connect):
    client = connect()
    assert client.execute("SELECT 1") == "1"
    stale = (directory / "data" / "postmaster.pid").read_text()
    lines = stale.splitlines(keepends=True)
    client.end()
    wait_until_stopped(directory)
    another = subprocess.Popen(["sleep", "60"])
    try:
        (directory / "data" / "postmaster.pid").write_text("".join([f"{another.pid}\n", *lines[1:]]))

        assert connect().execute("SELECT 1") == "1"
        assert another.poll() is None
    finally:
        another.kill()
        another.wait()


def test_forked_process_keeps_the_server_after_its_parent(directory, connect):
    client = connect()
    before = client.execute("SELECT pg_postmaster_start_time()")

    client.send("fork")
    client.process.wait()

    assert client.execute("SELECT pg_postmaster_start_time()") == before
    client.process.stdin.close()
    wait_until_stopped(directory)


def test_release_waits_until_the_server_has_stopped(directory, connect):
    server.ensure_running(directory, durable=True)
    pid = server_pid(directory)

    server.release(directory)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_socket_directory_that_others_can_enter_is_refused(directory, connect):
    client = connect()
    assert client.execute("SELECT 1") == "1"
    client.end()
    socket_directory(directory).chmod(0o755)
    try:
        with pytest.raises(psycopg.OperationalError, match="other users can open it"):
            server.ensure_running(directory, durable=True)
    finally:
        socket_directory(directory).chmod(0o700)
        server.release(directory)


@pytest.mark.skipif(not ROOT, reason="only root can become an ordinary user")
def test_ordinary_user_beside_root(tmp_path_factory, directory, connect):
    nobody = pwd.getpwnam("nobody")
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        subprocess.run([sys.executable, "-c", "import psycopg"], cwd=PROJECT, check=True, **account)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("other users cannot run this Python")
    assert connect().execute("SELECT 1") == "1"
    theirs = Path("/var/tmp") / tmp_path_factory.mktemp("theirs").name
    theirs.mkdir()
    os.chown(theirs, nobody.pw_uid, nobody.pw_gid)
    try:
        client = connect(theirs, **account)
        assert client.execute("SELECT current_setting('data_directory')") == str(theirs / "data")
        client.end()
        wait_until_stopped(theirs)
    finally:
        shutil.rmtree(theirs)


@pytest.mark.skipif(not ROOT, reason="only root has to become somebody else")
def test_root_without_user_namespaces_in_a_directory_that_is_closed_to_others(tmp_path, connect):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (tools / "unshare").chmod(0o755)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "bin").symlink_to(Path(server.binary("postgres")).parent)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "PG_BIN": str(closed / "bin")}

    client = connect(closed / "postgres", env=environment)

    assert client.execute("SELECT 1") == "1"
    assert (closed / "postgres" / "data").owner() == "nobody"
    client.end()
    wait_until_stopped(closed / "postgres")
    shutil.rmtree(socket_directory(closed / "postgres"))


def test_older_postgres_named_by_pg_bin(tmp_path, connect):
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        pytest.skip("no other PostgreSQL on this machine")

    client = connect(tmp_path / "postgres", env=os.environ | {"PG_BIN": str(installed[0])})

    version = installed[0].parent.name
    assert client.execute("SELECT current_setting('server_version')").partition(".")[0] == version
    assert client.execute("SELECT lower('ÄÉ')") == "äé"
    client.end()
    wait_until_stopped(tmp_path / "postgres")
    shutil.rmtree(socket_directory(tmp_path / "postgres"))

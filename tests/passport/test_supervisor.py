"""The supervisor of `make run` with small programs in place of ours, as a process of its own."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.passport.processes import Running, is_alive, kill_processes_in, processes_in
from tests.processes import PROJECT
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

SUPERVISE = """
import json, os, sys
from pathlib import Path
from passport.supervisor import Supervisor

directory, programs, options = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
if options.pop("watch_parent", False):
    options["parent"] = os.getppid()
supervisor = Supervisor(logs=directory / "logs", directory=directory, **options)
for name, command in programs.items():
    supervisor.add(name, ["/bin/sh", "-c", command])
sys.exit(supervisor.run())
"""
# Stays until it is killed, and so does its child.
STUBBORN = "trap '' TERM; sleep 1000 & echo child $!; while :; do wait; sleep 0.1; done"

Supervise = Callable[..., Running]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    def start(programs: dict[str, str], *, by: list[str] | None = None, **options: object) -> Running:
        command = [sys.executable, "-c", SUPERVISE, tmp_path, json.dumps(programs), json.dumps(options)]
        return Running([*(by or []), *command], cwd=PROJECT)

    yield start
    kill_processes_in(tmp_path)


def number_after(text: str, said: str) -> int:
    return int(re.findall(rf"{re.escape(text)}(\d+)", said)[-1])


def test_program_that_keeps_failing_is_given_up_with_a_sentence_and_the_others_go_on(supervise, tmp_path):
    running = supervise({"broken": "echo the reason; exit 3", "well": "sleep 1000"}, pause=0.01)

    said = running.wait_for("won't be started again")

    log = os.path.relpath(tmp_path / "logs" / "broken.log", PROJECT)
    assert said.count(" broken | the reason\n") == 5
    assert re.findall("broken stopped with exit code 3. Starting it again in (.*) s.", said) == [
        "0.01",
        "0.02",
        "0.04",
        "0.08",
    ]
    assert (
        f"| broken has stopped 5 times within 30 seconds of starting, so it won't be started again. "
        f"To find out why, read {log}.\n"
    ) in said
    assert (tmp_path / "logs" / "broken.log").read_text() == "the reason\n" * 5
    assert is_alive(number_after("well started (process ", said))


def test_program_that_ran_for_a_while_is_started_again_however_often(supervise):
    running = supervise({"short": "sleep 0.2"}, pause=0.01, trial=0.1)

    for _time in range(7):
        running.wait_for("short stopped with exit code 0. Starting it again in 0.01 s.")


def test_supervisor_ends_when_nothing_is_left_to_run(supervise):
    running = supervise({"one": "exit 1", "two": "kill -9 $$"}, pause=0.01)

    assert running.process.wait(timeout=60) == 1


def test_killed_program_leaves_no_child_to_hold_its_port(supervise):
    running = supervise({"stubborn": STUBBORN}, pause=0.01)
    said = running.wait_for("child ")

    os.kill(number_after("stubborn started (process ", said), signal.SIGKILL)

    running.wait_for("stubborn was killed by signal 9")
    wait_for(lambda: not is_alive(number_after("child ", said)))
    assert is_alive(number_after("child ", running.wait_for("child ")))


def test_stopping_ends_what_does_not_want_to(supervise, tmp_path):
    running = supervise({"stubborn": STUBBORN}, patience=0.5)
    running.wait_for("child ")

    running.process.terminate()

    assert running.process.wait(timeout=60) == 143
    assert processes_in(tmp_path) == []


def test_asked_twice_it_stops_at_once(supervise, tmp_path):
    running = supervise({"stubborn": STUBBORN}, patience=1000)
    running.wait_for("child ")

    running.process.send_signal(signal.SIGINT)
    running.wait_for("Stopping. Press Ctrl-C again to stop at once.")
    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(timeout=60) == 130
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize("program", ["sleep 1000 & echo child $!; wait", STUBBORN])
def test_killed_supervisor_leaves_nothing_behind(supervise, tmp_path, program):
    running = supervise({"program": program}, patience=0.5)
    said = running.wait_for("child ")

    running.process.kill()

    wait_for(lambda: not is_alive(number_after("program started (process ", said)))
    wait_for(lambda: not is_alive(number_after("child ", said)))
    wait_for(lambda: processes_in(tmp_path) == [])


def test_program_that_was_started_again_is_not_left_behind_either(supervise, tmp_path):
    running = supervise({"program": "echo child $$; sleep 1000"}, pause=0.01)
    os.kill(number_after("child ", running.wait_for("child ")), signal.SIGKILL)
    pid = number_after("child ", running.wait_for("child "))

    running.process.kill()

    wait_for(lambda: not is_alive(pid))


def test_supervisor_stops_when_the_make_that_started_it_is_killed(supervise, tmp_path):
    make = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"]
    running = supervise({"program": "echo child $$; sleep 1000"}, by=make, watch_parent=True)
    pid = number_after("child ", running.wait_for("child "))

    running.process.kill()

    wait_for(lambda: not is_alive(pid))
    wait_for(lambda: processes_in(tmp_path) == [])


def test_last_words_without_an_end_of_line_are_shown(supervise):
    running = supervise({"program": "printf 'Killed in mid-sent'; exit 1"}, pause=0.01)

    assert "program | Killed in mid-sent\n" in running.wait_for("stopped with exit code 1")

"""Run programs side by side: show what they say, start again what ends, and leave none behind.

One thread and no locks, so that a program can be told of between fork and exec.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

ORPHANED_PROCESSES = Path(__file__).with_name("orphaned_processes.py")

FAILED_STARTS_AT_MOST = 5
SECONDS_BETWEEN_LOOKS = 0.1


class Program:
    def __init__(self, name: str, command: list[str], *, log: Path, once: bool) -> None:
        self.name = name
        self.command = command
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log = log.open("wb", buffering=0)
        self.once = once
        self.process: subprocess.Popen[bytes] | None = None
        self.output: IO[bytes] | None = None  # stdout and stderr of the process
        self.unfinished = b""
        self.started = 0.0
        self.failed_starts = 0
        self.due: float | None = 0.0


class Supervisor:
    """Settings, in seconds:

    `trial`     a program that ends sooner has failed to start; after five times in a row it is given up
    `pause`     before a new start, doubled with each time in a row
    `patience`  how long a program may take to stop before it is killed

    `parent` is the id of a process without which to stop.
    """

    def __init__(
        self,
        *,
        logs: Path,
        directory: Path,
        trial: float = 30,
        pause: float = 1,
        patience: float = 10,
        parent: int | None = None,
    ) -> None:
        self.programs: list[Program] = []
        self.logs = logs
        self.directory = directory
        self.trial = trial
        self.pause = pause
        self.patience = patience
        self.parent = parent
        self.signals: list[int] = []
        self.exit_code: int | None = None
        self.deadline: float | None = None
        self.selector = selectors.DefaultSelector()
        self.width = len("run")

    def add(self, name: str, command: list[str], *, once: bool = False) -> None:
        """`once`: it is not started again, and what it says is not marked as its own."""
        self.programs.append(Program(name, command, log=self.logs / f"{name}.log", once=once))
        self.width = max(self.width, len(name))

    def run(self) -> int:
        """Until a signal, or until nothing is left to run; then the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        self.keep_watch()
        try:
            while any(program.process or program.due is not None for program in self.programs):
                self.look()
        finally:
            for program in self.programs:
                self.kill(program)
                program.log.close()
            self.watch.communicate()  # which ends it
        return 1 if self.exit_code is None else self.exit_code

    def keep_watch(self) -> None:
        self.watch = subprocess.Popen(
            [sys.executable, "-I", "-S", ORPHANED_PROCESSES, str(self.patience)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # or Ctrl-C would end it first
        )

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Only remember it: this may interrupt a start or a line half written."""
        self.signals.append(number)

    def stop_if_asked(self) -> None:
        if self.exit_code is None and self.signals:
            self.stop(128 + self.signals[0], "Stopping. Press Ctrl-C again to stop at once.")
        elif self.exit_code is None and self.parent and os.getppid() != self.parent:
            self.stop(1, "Stopping, because the process that started this has ended.")
        elif len(self.signals) > 1:
            self.deadline = 0

    def stop(self, exit_code: int, sentence: str) -> None:
        self.say(sentence)
        self.exit_code = exit_code
        self.deadline = time.monotonic() + self.patience
        for program in self.programs:
            program.due = None
            if program.process:
                program.process.terminate()

    def look(self) -> None:
        self.stop_if_asked()
        now = time.monotonic()
        for program in self.programs:
            if program.due is not None and program.due <= now:
                self.start(program)
        for key, _events in self.selector.select(SECONDS_BETWEEN_LOOKS):
            self.pass_on(key.data)
        for program in self.programs:
            if self.deadline is not None and now > self.deadline:
                self.kill(program)
            if program.process and program.process.poll() is not None:
                self.bury(program)

    def start(self, program: Program) -> None:
        program.due = None
        program.started = time.monotonic()
        program.process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.directory,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # its children are found by its group
            restore_signals=False,  # SIGPIPE stays ignored
            preexec_fn=self.announce_self,
        )
        program.output = program.process.stdout
        assert program.output
        os.set_blocking(program.output.fileno(), False)
        self.selector.register(program.output, selectors.EVENT_READ, program)
        if not program.once:
            self.say(f"{program.name} started (process {program.process.pid}).")

    def announce_self(self) -> None:
        """Called by the new process before it becomes the program, so that whenever we are killed, it is known."""
        self.tell_watch("+", os.getpid())

    def tell_watch(self, sign: str, pid: int) -> None:
        assert self.watch.stdin
        with contextlib.suppress(BrokenPipeError):
            os.write(self.watch.stdin.fileno(), f"{sign}{pid}\n".encode())

    def bury(self, program: Program) -> None:
        """See to what is left of a program that has ended, and to what comes next."""
        assert program.process
        self.kill(program)
        while self.pass_on(program):
            pass
        if program.unfinished:
            self.show(program, program.unfinished + b"\n")
            program.unfinished = b""
        self.let_go(program)
        self.tell_watch("-", program.process.pid)
        how = ending(program.process.returncode)
        program.process = None
        if self.exit_code is not None or program.once:
            return

        if time.monotonic() - program.started >= self.trial:
            program.failed_starts = 0
        program.failed_starts += 1
        if program.failed_starts == FAILED_STARTS_AT_MOST:
            self.say(
                f"{program.name} has stopped {FAILED_STARTS_AT_MOST} times within {self.trial:g} seconds of starting, "
                f"so it won't be started again. To find out why, read {os.path.relpath(program.log.name)}."
            )
            return
        pause = self.pause * 2 ** (program.failed_starts - 1)
        program.due = time.monotonic() + pause
        self.say(f"{program.name} {how}. Starting it again in {pause:g} s.")

    def kill(self, program: Program) -> None:
        """With all its children: those of a killed gunicorn would hold its port for a while."""
        if program.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(program.process.pid, signal.SIGKILL)

    def pass_on(self, program: Program) -> bool:
        """Show what a program has said since the last time, and whether that was anything."""
        if program.output is None:
            return False
        try:
            read = os.read(program.output.fileno(), 65536)
        except BlockingIOError:
            return False
        if not read:
            self.let_go(program)
        *lines, program.unfinished = (program.unfinished + read).split(b"\n")
        for line in lines:
            self.show(program, line + b"\n")
        return bool(read)

    def let_go(self, program: Program) -> None:
        if program.output:
            self.selector.unregister(program.output)
            program.output.close()
            program.output = None

    def show(self, program: Program, line: bytes) -> None:
        program.log.write(line)
        prefix = "" if program.once else self.prefix(program.name)
        write(prefix.encode() + line)

    def say(self, sentence: str) -> None:
        write(f"{self.prefix('run')}{sentence}\n".encode())

    def prefix(self, name: str) -> str:
        return f"{time.strftime('%H:%M:%S')} {name:{self.width}} | "


def ending(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"stopped with exit code {code}"


def write(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()

"""A part of a backup on the disk: streamed, hashed on the way, and encrypted with age where a key is given.

age's library reads one file and writes another, so it runs in a thread, with a pipe between it and whoever writes or
reads.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyrage

AT_A_TIME = 2**20


class NoKey(Exception):
    """The message says what is wrong with the key."""


class CannotDecrypt(Exception):
    pass


@dataclass
class Part:
    """A file of the backup, as it is on the disk."""

    name: str
    size: int = 0
    sha256: str = ""


class _Counted:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self.file.flush()


def recipients(keys: Collection[str]) -> list[pyrage.x25519.Recipient]:
    """Raise NoKey."""
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError as error:
        raise NoKey("BACKUP_RECIPIENT must be one or more age public keys (age1…), separated by commas.") from error


def identities(path: Path) -> list[pyrage.x25519.Identity]:
    """The private keys in a file that age-keygen wrote. Raise NoKey."""
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise NoKey(f"{path} cannot be read: {error.strerror}.") from error
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise NoKey(f"{path} is not a file with an age private key (AGE-SECRET-KEY-…).") from error
    if not found:
        raise NoKey(f"There is no age private key in {path}.")
    return found


@contextmanager
def writing(path: Path, *, keys: Collection[str]) -> Iterator[tuple[Any, Part]]:
    """Something to write to, and what will be known of the file when all is written."""
    part = Part(path.name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        counted = _Counted(file)
        if keys:
            with _through(lambda source: pyrage.encrypt_io(source, counted, recipients(keys))) as sink:
                yield sink, part
        else:
            yield counted, part
        file.flush()
        os.fsync(file.fileno())
    part.size, part.sha256 = counted.size, counted.digest.hexdigest()


@contextmanager
def reading(path: Path, *, private: Collection[Any] = ()) -> Iterator[IO[bytes]]:
    """What was written, a stream with a file descriptor. Raise CannotDecrypt, at the end at the latest."""
    with path.open("rb") as file:
        if not private:
            yield file
            return
        with _out_of(lambda sink: pyrage.decrypt_io(file, sink, list(private))) as source:
            yield source


def digest(path: Path) -> str:
    """Read from the disk, and not from what the system still has in memory of it."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while data := file.read(AT_A_TIME):
            sha256.update(data)
    return sha256.hexdigest()


@contextmanager
def _through(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What is written into it, `work` reads in a thread."""
    errors: list[BaseException] = []
    read_end, write_end = os.pipe()

    def run() -> None:
        with open(read_end, "rb") as source:
            try:
                work(source)
            except BaseException as error:
                errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with open(write_end, "wb") as sink:
            yield sink
    except BrokenPipeError:
        thread.join()
        if not errors:
            raise
    finally:
        thread.join()
    if errors:
        raise errors[0]


@contextmanager
def _out_of(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What `work` writes in a thread can be read from it. All of it is drained: its end proves that it is whole."""
    errors: list[BaseException] = []
    read_end, write_end = os.pipe()

    def run() -> None:
        with open(write_end, "wb") as sink:
            try:
                work(sink)
            except BaseException as error:
                errors.append(error)

    thread = threading.Thread(target=run)
    try:
        with open(read_end, "rb") as source:
            thread.start()
            yield source
            while source.read(AT_A_TIME):
                pass
    finally:
        thread.join()
    if errors:
        raise CannotDecrypt(f"The backup cannot be decrypted with that key: {errors[0]}.") from errors[0]

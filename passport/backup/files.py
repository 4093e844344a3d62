"""Uploaded files into an archive and back, wherever Django's storage keeps them."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage

from vendors.documents import storage as documents

IN_MEMORY = 10 * 2**20  # as big as uploads may be


@dataclass
class Packed:
    files: int = 0
    size: int = 0
    of_documents: int = 0


def pack(sink: Any, *, step: Callable[[int], None]) -> Packed:
    """Folder by folder, each file in pieces."""
    packed = Packed()
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for names in _stored():
            packed.of_documents += documents.count_known(names)
            for name in names:
                size = _add(archive, name)
                if size is not None:
                    packed.files += 1
                    packed.size += size
                    step(size)
    return packed


def unpack(source: IO[bytes], *, step: Callable[[int], None]) -> int:
    """Into the storage, in place of what has the same name there; how many there were."""
    count = 0
    with tarfile.open(fileobj=source, mode="r|") as archive:
        while (entry := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps them all otherwise
            content = archive.extractfile(entry)
            if content is None:
                continue
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
                while data := content.read(2**20):
                    copy.write(data)
                copy.seek(0)
                if default_storage.exists(entry.name):
                    default_storage.delete(entry.name)
                default_storage.save(entry.name, File(copy, name=entry.name))
            count += 1
            step(entry.size)
    return count


def _stored(folder: str = "") -> Iterator[list[str]]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    if files:
        yield [f"{folder}/{name}" if folder else name for name in sorted(files)]
    for name in sorted(folders):
        yield from _stored(f"{folder}/{name}" if folder else name)


def _add(archive: tarfile.TarFile, name: str) -> int | None:
    try:
        file = default_storage.open(name)
    except FileNotFoundError:  # replaced or erased meanwhile
        return None
    with file:
        entry = tarfile.TarInfo(name)
        entry.size = file.size
        entry.mode = 0o600
        archive.addfile(entry, file)
    archive.members.clear()  # type: ignore[attr-defined]  # it keeps them all otherwise
    return int(entry.size)

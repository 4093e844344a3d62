"""Zip archives from strangers."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

# What zipfile raises at archives that are damaged, or made to be odd.
ERRORS = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
)
MEMBERS_LIMIT = 2000
_DIRECTORY_ENTRY = b"PK\x01\x02"


def has_too_many_members(content: bytes) -> bool:
    """Without opening it: zipfile reads the whole directory, and ten megabytes of that take a second."""
    return content.count(_DIRECTORY_ENTRY) > MEMBERS_LIMIT


def is_archive(content: bytes) -> bool:
    """Would a program that looks for an archive find one, whatever else the file is?"""
    if has_too_many_members(content):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.namelist())
    except ERRORS:
        return False

"""A table as it was saved, in whatever a spreadsheet writes, as CSV in UTF-8."""

from __future__ import annotations

import codecs
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from vendors.bulk_import import encodings
from vendors.documents import archives

ROWS_LIMIT = 20_000
UNPACKED_LIMIT = 50 * 2**20
# Of a text that is not in UTF-8, which is read as a whole.
TEXT_LIMIT = 50 * 2**20
CHUNK = 2**20

XLSX_ROWS = Path(__file__).with_name("xlsx_rows.py")
CPU_SECONDS = 20
MEMORY = 768 * 2**20
# Not ours, which holds every secret that Passport has; with the reader of XML that defusedxml guards.
ENVIRONMENT = {"OPENPYXL_LXML": "False"}
# By the clock, on a machine that has much else to do.
WAIT_AT_MOST = 60

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class BadFile(Exception):
    """Nothing of the file can be imported. The message is for people."""


def as_csv(file: BinaryIO) -> BinaryIO:
    """The file itself when it is CSV in UTF-8 already. Raise BadFile."""
    beginning = file.read(len(OLE))
    file.seek(0)
    if beginning.startswith(ZIP):
        return io.BytesIO(_of_workbook(file.read()))
    if beginning.startswith(OLE):
        raise BadFile(_of_old_workbook(file.read()))
    if _is_utf_8(file):
        return file
    content = file.read(TEXT_LIMIT)
    encoding = encodings.of(content)
    if encoding is None or len(content) == TEXT_LIMIT:
        raise BadFile(_("The file is not in UTF-8. In Excel, save it as “CSV UTF-8” or as a workbook (.xlsx)."))
    return io.BytesIO(content.decode(encoding).encode())


def _is_utf_8(file: BinaryIO) -> bool:
    """Without reading a large file into memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        zeros = 0
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
            zeros += chunk.count(0)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return zeros == 0  # plain letters in UTF-16 are good UTF-8, with a zero beside each


def _of_workbook(content: bytes) -> bytes:
    broken = BadFile(_("The workbook cannot be read. Open it in Excel and save it again, or save it as “CSV UTF-8”."))
    if archives.has_too_many_members(content):
        raise _too_big()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if "[Content_Types].xml" not in archive.namelist():
                raise broken
            if sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise _too_big()
    except archives.ERRORS:
        raise broken from None
    command = [sys.executable, "-I", str(XLSX_ROWS), str(CPU_SECONDS), str(MEMORY), str(ROWS_LIMIT)]
    try:
        finished = subprocess.run(command, input=content, capture_output=True, env=ENVIRONMENT, timeout=WAIT_AT_MOST)
    except subprocess.TimeoutExpired:
        raise _too_big() from None
    if finished.returncode < 0:  # ended by its limits
        raise _too_big()
    if finished.returncode:
        raise broken
    return finished.stdout


def _too_big() -> BadFile:
    return BadFile(
        _("The workbook is too big once it is unpacked. Copy the columns into a new one, or save it as “CSV UTF-8”.")
    )


def _of_old_workbook(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _("The workbook is password-protected. Save a copy without a password.")
    return _("The file is in the old Excel format (.xls). Save it as .xlsx or as “CSV UTF-8”.")

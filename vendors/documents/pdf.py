"""PDF: a document to read, with no script, no embedded file and nothing that is sent or started.

What stands in clear is looked through here. What is packed into object streams, as most programs write it, is read by
qpdf in a process of its own (pdf_structure.py) with a limit to its time and memory.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from vendors.documents.refusals import password_protected, program_inside, too_complicated, unreadable

# Names of what makes a PDF more than pages to read: scripts, programs to start, files inside, forms that send
# themselves, media that run, and forms in XML, which hold scripts of their own.
FORBIDDEN = (
    "JavaScript",
    "Rendition",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "FileAttachment",
    "GoToE",
    "SubmitForm",
    "ImportData",
    "RichMedia",
    "XFA",
)
# Too short to be looked for among the bytes of pictures; the structure says which of them are names.
FORBIDDEN_IN_STRUCTURE = (*FORBIDDEN, "EF")

# Far more than any program writes; see test_hostile_file_is_refused_in_no_time.
CODES_LIMIT = 200_000
OBJECTS_LIMIT = 150_000
STREAMS_LIMIT = 2 * OBJECTS_LIMIT  # the word begins and ends each
TABLES_LIMIT = 1000

STRUCTURE = Path(__file__).with_name("pdf_structure.py")
CPU_SECONDS = 0.5
MEMORY = 512 * 2**20
# By the clock, on a machine that has much else to do.
WAIT_AT_MOST = 30

# A name may be written with codes, as in /J#61vaScript. Only those of letters matter here.
_CODE = re.compile(rb"#([46][1-9A-Fa-f]|[57][0-9Aa])")
_DELIMITERS = bytes.maketrans(b"\0\t\n\f\r()<>[]{}%", b" " * 14)


def check_pdf(content: bytes, name: str) -> None:
    if b"%%EOF" not in content.rstrip(b"\0\t\n\f\r ")[-1024:]:
        raise unreadable(name)
    if (
        content.count(b"#") > CODES_LIMIT
        or content.count(b" obj") > OBJECTS_LIMIT
        or content.count(b"stream") > STREAMS_LIMIT
        or content.count(b"startxref") > TABLES_LIMIT
        or content.count(b"trailer") > TABLES_LIMIT
    ):
        raise too_complicated(name)
    in_clear = _CODE.sub(lambda code: bytes([int(code[1], 16)]), content).translate(_DELIMITERS)
    if any(_has_name(in_clear, word) for word in FORBIDDEN):
        raise program_inside(name)
    is_encrypted = _has_name(in_clear, "Encrypt")
    if is_encrypted or b"stream" in content:
        _check_structure(content, name, is_encrypted=is_encrypted)


def _has_name(in_clear: bytes, word: str) -> bool:
    # The word alone is found several times faster than with the strokes around it, and in most files there is none.
    return word.encode() in in_clear and re.search(b"/%b[ /]" % word.encode(), in_clear) is not None


def _check_structure(content: bytes, name: str, *, is_encrypted: bool) -> None:
    finding = _look_into(content)
    if finding == "forbidden":
        raise program_inside(name)
    if finding == "password" or (finding == "unreadable" and is_encrypted):
        raise password_protected(name)
    if finding == "unreadable":
        raise unreadable(name)
    if finding != "harmless":
        raise too_complicated(name)


def _look_into(content: bytes) -> str:
    """In one word; none when the process was ended by its limits, or by a mistake of the library's."""
    command = [sys.executable, "-I", str(STRUCTURE), str(CPU_SECONDS), str(MEMORY), *FORBIDDEN_IN_STRUCTURE]
    try:
        # Without our environment: it holds every secret that Passport has.
        finished = subprocess.run(command, input=content, capture_output=True, env={}, timeout=WAIT_AT_MOST)
    except subprocess.TimeoutExpired:
        return ""
    return finished.stdout.decode("ascii", "replace").strip() if finished.returncode == 0 else ""

"""Word documents (.docx): text and pictures, with no macros, no embedded files and nothing loaded from elsewhere.

What a part is, is said by [Content_Types].xml and by the relationships, and never by what it is called: that is how
Word itself decides.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import unquote
from xml.parsers import expat

from vendors.documents import archives
from vendors.documents.refusals import (
    linked_outside,
    macros_inside,
    password_protected,
    program_inside,
    too_big_unpacked,
    unreadable,
)

UNPACKED_LIMIT = 100 * 2**20
TEXT_LIMIT = 32 * 2**20
# Of the parts that say what the others are. A document with a thousand links has half of it.
DESCRIPTION_LIMIT = 2**19

TYPES = "[Content_Types].xml"
MAIN = "word/document.xml"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main"

# In content types, in small letters
MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "keymapcustomizations")
EMBEDDED_TYPES = ("oleobject", "activex", "officedocument.package", "x-msdownload", "x-dosexec")
# The last word of a relationship's type, in small letters
MACRO_RELATIONSHIPS = {"vbaproject", "wordvbadata", "keymapcustomizations"}
EMBEDDED_RELATIONSHIPS = {"oleobject", "package", "control", "activexcontrolbinary", "afchunk", "subdocument", "frame"}
# How a program, an OLE container and another archive begin, whatever the document says that they are
PROGRAMS = (b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04")

# Word notes which template a document was made from. One on the writer's own disk is loaded from nowhere.
_OWN_TEMPLATE = re.compile(r"(file:///)?[a-z]:[\\/](?![\\/])[^\0]*|[^\\/:]+", re.IGNORECASE)


def is_word(content: bytes, name: str) -> bool:
    if archives.has_too_many_members(content):
        raise too_big_unpacked(name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return TYPES in archive.namelist() and bool(_main_part(archive))
    except (*archives.ERRORS, expat.ExpatError):
        if name.lower().endswith(".docx"):
            raise unreadable(name) from None
        return False


def _main_part(archive: zipfile.ZipFile) -> str:
    """The part with the text: Word Online calls it word/document2.xml. Empty when this is no document of Word's."""
    members = {_plain(member): member for member in archive.namelist()}
    if MAIN in members:
        return members[MAIN]
    if archive.getinfo(TYPES).file_size > DESCRIPTION_LIMIT:
        return ""
    found: list[str] = []

    def look(tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("ContentType", "").lower().startswith(MAIN_TYPE):
            found.append(members.get(_plain(attributes.get("PartName", "")), ""))

    _parse(archive.read(TYPES), look)
    return next(filter(None, found), "")


def check_word(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise password_protected(name)
            # The sizes are what the file says of itself; reading a member stops there and checks its sum.
            if sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise too_big_unpacked(name)
            _check_parts(archive, members, name)
            main = _main_part(archive)
            if archive.getinfo(main).file_size > TEXT_LIMIT:
                raise too_big_unpacked(name)
            archive.read(main)
    except (*archives.ERRORS, expat.ExpatError):
        raise unreadable(name) from None


def _check_parts(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str) -> None:
    parts = {_plain(member.filename): member for member in members}
    if len(parts) < len(members):
        raise unreadable(name)  # two parts of one name: Word may read the other one
    descriptions = [part for path, part in parts.items() if path == TYPES.lower() or path.endswith(".rels")]
    if sum(part.file_size for part in descriptions) > DESCRIPTION_LIMIT:
        raise too_big_unpacked(name)
    for part in descriptions:
        _check_description(archive.read(part), name)
    for part in members:
        with archive.open(part) as opened:
            if opened.read(8).startswith(PROGRAMS):
                raise program_inside(name)


def _plain(path: str) -> str:
    """Names of parts differ in more than capital letters."""
    return unquote(path).replace("\\", "/").lstrip("/").lower()


def _check_description(xml: bytes, name: str) -> None:
    """Judge each element as it is read: to keep them would take longer."""

    def judge(tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(" ")[2]  # without its namespace
        if kind in ("Default", "Override"):
            _check_type(attributes.get("ContentType", ""), name)
        elif kind == "Relationship":
            _check_relationship(attributes, name)

    _parse(xml, judge)


def _parse(xml: bytes, judge: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = judge
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, True)


def _refuse_doctype(*args: object) -> None:
    raise ValueError("A part of a document has no document type of its own.")


def _check_type(content_type: str, name: str) -> None:
    content_type = content_type.lower()
    if any(word in content_type for word in MACRO_TYPES):
        raise macros_inside(name)
    if any(word in content_type for word in EMBEDDED_TYPES):
        raise program_inside(name)


def _check_relationship(attributes: dict[str, str], name: str) -> None:
    kind = attributes.get("Type", "").rstrip("/").rpartition("/")[2].lower()
    target = attributes.get("Target", "")
    is_outside = attributes.get("TargetMode", "").strip().lower() == "external"
    if kind in MACRO_RELATIONSHIPS:
        raise macros_inside(name)
    if kind in EMBEDDED_RELATIONSHIPS:
        raise program_inside(name)
    if not is_outside or kind == "hyperlink":
        return
    if kind == "attachedtemplate" and _OWN_TEMPLATE.fullmatch(unquote(target)):
        return
    raise linked_outside(name)

"""What may be uploaded. A file's name and the browser's word count for nothing: the bytes decide."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from identity.sessions import resubmission

FILE_LIMIT = 10 * 2**20
BODY_LIMIT = 12 * 2**20
# Read and dropped, so that the browser has sent everything and shows our answer instead of "connection reset".
DRAIN_LIMIT = 64 * 2**20

UNPACKED_LIMIT = 100 * 2**20
PIXEL_LIMIT = 100_000_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}

EXTENSIONS = {
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
}
PDF, DOCX, JPEG, PNG = EXTENSIONS
NAMES = {PDF: "PDF", DOCX: "Word (.docx)", JPEG: "JPEG", PNG: "PNG"}


class Refused(Exception):
    """The message says which file and why, to the person who chose it."""


class TooMuchAtOnce(Refused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "The files you chose are more than 12 MB together, so none of them was taken; everything you typed is "
                "saved. Please send them one at a time. A scan with 150 dpi is sharp enough, and a PDF is mostly "
                "smaller than a picture."
            )
        )


class BodyLimitUploadHandler(FileUploadHandler):
    """Take no file of a body over the limit. Django itself limits form data, not files.

    A page that keeps what was typed gets the rest of the form, and `request.files_were_too_big`; for any other the
    body is refused before any of it is parsed.
    """

    is_over = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        if content_length <= BODY_LIMIT:
            return
        if content_length <= DRAIN_LIMIT and resubmission.is_worth_keeping(self.request):
            self.is_over = self.request.files_were_too_big = True  # type: ignore[union-attr]
            return
        left = min(content_length, DRAIN_LIMIT)
        while left > 0:
            chunk = input_data.read(min(left, 2**16))
            if not chunk:
                break
            left -= len(chunk)
        raise RequestDataTooBig("The body is over the limit.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.is_over:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def clean_name(name: str) -> str:
    """The file's own name without path, control and direction characters: for showing, never for the disk."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = re.sub(r"\s+", " ", name).strip(" .")
    if len(name) > 120:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:100]}{dot}{extension[:10]}" if dot else name[:120]
    return name or "file"


def check(upload: UploadedFile, *, kinds: tuple[str, ...]) -> str:
    """The content type that the bytes have; Refused with a reason otherwise."""
    name = clean_name(upload.name or "")
    if not upload.size:
        raise Refused(_("“%(name)s” is empty. Please choose it again.") % {"name": name})
    if upload.size > FILE_LIMIT:
        raise Refused(
            _("“%(name)s” is %(size)s MB. It must be smaller than 10 MB.")
            % {"name": name, "size": f"{upload.size / 2**20:.1f}"}
        )
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    kind = _kind(content, name)
    if kind not in kinds:
        raise _wrong_kind(name, kinds)
    extension = re.search(r"\.[^.]{1,8}$", name)
    if extension and extension[0].lower() not in EXTENSIONS[kind]:
        raise Refused(
            _("“%(name)s” ends in %(extension)s but is a %(kind)s file inside. Please save it under its right name.")
            % {"name": name, "extension": extension[0], "kind": NAMES[kind]}
        )
    _CHECKS[kind](content, name)
    _check_for_a_second_kind(content, kind, name)
    return kind


def _wrong_kind(name: str, kinds: tuple[str, ...]) -> Refused:
    return Refused(
        _("“%(name)s” is not of a kind we can read here. Please choose a file of one of these kinds: %(kinds)s.")
        % {"name": name, "kinds": ", ".join(NAMES[kind] for kind in kinds)}
    )


def _unreadable(name: str) -> Refused:
    return Refused(
        _("“%(name)s” cannot be read; it may be damaged or cut off. Please open it yourself and save it anew.")
        % {"name": name}
    )


def _password_protected(name: str) -> Refused:
    return Refused(_("“%(name)s” is protected with a password. Please choose a copy without one.") % {"name": name})


def _program_inside(name: str) -> Refused:
    return Refused(
        _("“%(name)s” has a program inside, which we do not take. Please print it to a new PDF and choose that.")
        % {"name": name}
    )


def _check_for_a_second_kind(content: bytes, kind: str, name: str) -> None:
    """Refuse what is a web page or an archive as well, to a program that looks for one."""
    if re.search(rb"<(script|html|!doctype|svg|\?php)\b", content[:1024], re.IGNORECASE) and kind != DOCX:
        raise _program_inside(name)
    if kind == DOCX:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            has_members = bool(archive.namelist())
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, struct.error):
        return
    if has_members:
        raise _program_inside(name)


def _kind(content: bytes, name: str) -> str:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_word(content, name) else ""
    if content.startswith(OLE):
        # Word wraps a document with a password in the container that its files had before 2007.
        if _utf16("EncryptedPackage") in content:
            raise _password_protected(name)
        if _utf16("WordDocument") in content:
            raise Refused(
                _("“%(name)s” is a Word file of the old kind (.doc). Please save it as .docx or as a PDF.")
                % {"name": name}
            )
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise Refused(
            _(
                "“%(name)s” is a photo in Apple's own format (HEIC), which many programs cannot open. On the iPhone, "
                "choose Settings, Camera, Formats, Most Compatible and take it again; or send a screenshot of it."
            )
            % {"name": name}
        )
    return ""


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _is_word(content: bytes, name: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        if name.lower().endswith(".docx"):
            raise _unreadable(name) from None
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= members


def _check_pdf(content: bytes, name: str) -> None:
    if b"%%EOF" not in content[-1024:]:
        raise _unreadable(name)
    if re.search(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)", content):
        raise _password_protected(name)
    # A name may be written with codes, as in /J#61vaScript.
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), content)
    if re.search(rb"/(JavaScript|Launch)\b", plain):
        raise _program_inside(name)


def _check_word(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise _password_protected(name)
            if any(member.filename.endswith("vbaProject.bin") for member in members):
                raise Refused(
                    _("“%(name)s” has macros inside, which we do not take. Please save it without them.")
                    % {"name": name}
                )
            if len(members) > 5000 or sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise Refused(_("“%(name)s” is too big once it is unpacked. Please save it as a PDF.") % {"name": name})
            # The sizes above are what the file says of itself; reading a member stops there and checks its sum.
            archive.read("word/document.xml")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, struct.error, zlib.error):
        raise _unreadable(name) from None


def _check_png(content: bytes, name: str) -> None:
    """Walk the chunks to the last one; each has a sum."""
    at = 8
    kinds: list[bytes] = []
    while at + 12 <= len(content) and (not kinds or kinds[-1] != b"IEND"):
        size = int.from_bytes(content[at : at + 4], "big")
        chunk = content[at + 4 : at + 8 + size]
        checksum = content[at + 8 + size : at + 12 + size]
        if checksum != zlib.crc32(chunk).to_bytes(4, "big"):
            raise _unreadable(name)
        kinds.append(chunk[:4])
        at += 12 + size
    if len(kinds) < 3 or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise _unreadable(name)
    width, height = struct.unpack(">II", content[16:24])
    _check_pixels(width, height, name)


def _check_jpeg(content: bytes, name: str) -> None:
    width, height = _jpeg_size(content)
    if not width or not height or b"\xff\xd9" not in content[-(2**16) :]:
        raise _unreadable(name)
    _check_pixels(width, height, name)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk the segments to the one that starts the picture."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker == 0xDA:
            break
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0, 0


def _check_pixels(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise _unreadable(name)
    if width * height > PIXEL_LIMIT:
        raise Refused(
            _("“%(name)s” is a picture of %(width)s × %(height)s points, which is too big to open.")
            % {"name": name, "width": width, "height": height}
        )


_CHECKS = {PDF: _check_pdf, DOCX: _check_word, JPEG: _check_jpeg, PNG: _check_png}

"""What may be uploaded. A file's name and the browser's word count for nothing: the bytes decide."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from identity.sessions import resubmission
from identity.typed import cleaning
from vendors.documents import archives, refusals
from vendors.documents.pdf import check_pdf
from vendors.documents.pictures import check_jpeg, check_png
from vendors.documents.refusals import Refused, password_protected, program_inside
from vendors.documents.word import check_word, is_word

FILE_LIMIT = 10 * 2**20
BODY_LIMIT = 12 * 2**20
# Read and dropped, so that the browser has sent everything and shows our answer instead of "connection reset".
DRAIN_LIMIT = 64 * 2**20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

EXTENSIONS = {
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
}
PDF, DOCX, JPEG, PNG = EXTENSIONS
PICTURES = {JPEG, PNG}
OTHER_PICTURES = (".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif")
# What comes after the last dot says what a file is only when programs know it: “Certificate No. 123” has no ending.
OTHER_ENDINGS = re.compile(
    r"\.(exe|bat|cmd|scr|msi|jse?|vbs|ps1|jar|lnk|x?html?|svg|xml|zip|rar|7z|gz|tar"
    r"|docm?|dot[xm]|rtf|odt|ott|pages|txt|csv|xls[xmb]?|ods|ppt[xm]?|odp|eml|msg"
    r"|gif|bmp|tiff?|webp|hei[cf]|avif|psd|mp[34]|mov|avi|wav)"
)
# Readers look for a PDF's beginning this far into the file: a BOM, line breaks or an email's headers may come first.
BEFORE_PDF = 1024
# How programs and other kinds of files begin, none of which may come first.
NOT_BEFORE_PDF = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"PK",
    b"<",
    b"{\\rtf",
    b"\xff\xd8",
    b"\x89PNG",
    b"GIF8",
    b"\xca\xfe\xba\xbe",
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
NAMES = {PDF: "PDF", DOCX: "Word (.docx)", JPEG: "JPEG", PNG: "PNG"}


class FilesTooBig(RequestDataTooBig):
    """Django's own says the same of text."""


class BodyLimitUploadHandler(FileUploadHandler):
    """Take no file of a body over the limit. Django itself limits form data, not files.

    A page that keeps what was typed gets the rest of the form, and `request.files_were_too_big`; for any other the
    body is refused before any of it is parsed.
    """

    is_over = False
    names: tuple[str, ...] = ()

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        if content_length <= BODY_LIMIT:
            return
        if content_length <= DRAIN_LIMIT and resubmission.is_worth_keeping(self.request):
            self.is_over = True
            self.request.files_were_too_big = refusals.TooMuchAtOnce()  # type: ignore[union-attr]
            self.megabytes = content_length / 2**20
            return
        left = min(content_length, DRAIN_LIMIT)
        while left > 0:
            chunk = input_data.read(min(left, 2**16))
            if not chunk:
                break
            left -= len(chunk)
        raise FilesTooBig("The body is over the limit.")

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if self.is_over:
            self.names += (clean_name(file_name),)
            alone = self.names[0] if len(self.names) == 1 else ""
            too_much = refusals.TooMuchAtOnce(alone, megabytes=self.megabytes)
            self.request.files_were_too_big = too_much  # type: ignore[union-attr]
            raise SkipFile
        super().new_file(field_name, file_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def clean_name(name: str) -> str:
    """The file's own name without path, control and direction characters: for showing, never for the disk."""
    name = cleaning.name(name.replace("\\", "/").rpartition("/")[2])
    # Joiners that are left are needed to write the name.
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" or letter in cleaning.JOINERS)
    name = re.sub(r"\s+", " ", name).strip(" .")
    if len(name) > 120:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:100]}{dot}{extension[:10]}" if dot else name[:120]
    return name or "file"


def check(upload: UploadedFile, *, kinds: tuple[str, ...]) -> str:
    """The content type that the bytes have; Refused with a reason otherwise."""
    name = clean_name(upload.name or "")
    if not upload.size:
        raise Refused(_("“%(name)s” is empty. Check it, then choose it again.") % {"name": name})
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
    ending = _ending(name)
    if ending and ending not in EXTENSIONS[kind] and not _opens_all_the_same(ending, kind):
        raise Refused(
            _(
                "“%(name)s” has a name ending in %(extension)s, but is really a %(kind)s file. Save it under the right "
                "name."
            )
            % {"name": name, "extension": ending, "kind": NAMES[kind]}
        )
    _CHECKS[kind](content, name)
    _check_for_a_second_kind(content, kind, name)
    return kind


def named(name: str, kind: str) -> str:
    """With an ending that goes with what the file is, so that it opens for whoever downloads it."""
    name = clean_name(name)
    ending = _ending(name)
    if ending in EXTENSIONS[kind]:
        return name
    stem = name[: -len(ending)] if ending and _opens_all_the_same(ending, kind) else name
    return f"{stem}{EXTENSIONS[kind][0]}"


def _ending(name: str) -> str:
    """In small letters; empty for what is only a dot in a name."""
    _stem, dot, letters = name.rpartition(".")
    ending = f"{dot}{letters.lower()}"
    is_known = OTHER_ENDINGS.fullmatch(ending) or any(ending in endings for endings in EXTENSIONS.values())
    return ending if is_known else ""


def _opens_all_the_same(ending: str, kind: str) -> bool:
    """Programs that show pictures go by what is inside, and so does Word. A phone that shares a photo in Apple's format
    as a JPEG may leave its name as it was."""
    if kind == DOCX:
        return ending in (".doc", *DOCX)
    return kind in PICTURES and (ending in OTHER_PICTURES or any(ending in EXTENSIONS[picture] for picture in PICTURES))


def _wrong_kind(name: str, kinds: tuple[str, ...]) -> Refused:
    return Refused(
        _("“%(name)s” isn't a type of file we can read here. Choose a file of one of these types: %(kinds)s.")
        % {"name": name, "kinds": ", ".join(NAMES[kind] for kind in kinds)}
    )


def _check_for_a_second_kind(content: bytes, kind: str, name: str) -> None:
    """Refuse what is a web page or an archive as well, to a program that looks for one."""
    if kind == DOCX:
        return
    if re.search(rb"<(script|html|!doctype|svg|\?php)\b", content[: 2 * BEFORE_PDF], re.IGNORECASE):
        raise program_inside(name)
    if archives.is_archive(content):
        raise program_inside(name)


def _kind(content: bytes, name: str) -> str:
    if _is_pdf(content):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"PK\x03\x04"):
        return DOCX if is_word(content, name) else ""
    if content.startswith(OLE):
        # Word wraps a document with a password in the container that its files had before 2007.
        if _utf16("EncryptedPackage") in content:
            raise password_protected(name)
        if _utf16("WordDocument") in content:
            raise Refused(
                _("“%(name)s” is an old-style Word file (.doc). Save it as .docx or as a PDF.") % {"name": name}
            )
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise Refused(
            _(
                "“%(name)s” is a photo in Apple's own format (HEIC), which many programs can't open. On your iPhone, "
                "go to Settings, then Camera, then Formats, choose Most Compatible and take the photo again, or send a "
                "screenshot of it."
            )
            % {"name": name}
        )
    return ""


def _is_pdf(content: bytes) -> bool:
    """Also behind a few lines of text."""
    at = content.find(b"%PDF-", 0, BEFORE_PDF + 5)
    if at <= 0:
        return at == 0
    before = content[:at]
    for mark in _BYTE_ORDER_MARKS:
        before = before.removeprefix(mark)
    before = before.strip(b"\0\t\n\f\r ")
    return not before.startswith(NOT_BEFORE_PDF) and re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", before) is None


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


_CHECKS = {PDF: check_pdf, DOCX: check_word, JPEG: check_jpeg, PNG: check_png}

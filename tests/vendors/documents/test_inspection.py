import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from vendors.documents import inspection
from vendors.documents.field import UploadField
from vendors.documents.inspection import DOCX, JPEG, PDF, PNG, Refused, check, clean_name, named
from vendors.documents.word import UNPACKED_LIMIT

ALL = (PDF, DOCX, JPEG, PNG)
PDF_BYTES = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def jpeg(width: int = 4, height: int = 4) -> bytes:
    picture = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 0)
    return b"\xff\xd8\xff\xe0\x00\x04ab" + picture + b"\xff\xda\x00\x02data\xff\xd9"


def word(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def plain_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


MOVIE = b"\0\0\0\x18ftypmp42" + b"\0" * 100_000


def upload(content: bytes, name: str = "file") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def looking_into(content: bytes, name: str) -> Callable[[], object]:
    """The work of it, whether the file is taken or not."""
    file = upload(content, name)

    def look() -> None:
        with contextlib.suppress(Refused):
            check(file, kinds=ALL)

    return look


def refusal(content: bytes, name: str = "file", kinds: tuple[str, ...] = ALL) -> str:
    with pytest.raises(Refused) as refused:
        check(upload(content, name), kinds=kinds)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF_BYTES, "cv.pdf", PDF),
        (PDF_BYTES, "CV.PDF", PDF),
        (PDF_BYTES, "no ending", PDF),
        (word(), "cv.docx", DOCX),
        (png(), "scan.png", PNG),
        (jpeg(), "photo.jpeg", JPEG),
        (jpeg(), "IMG_0001.JPG", JPEG),
        (PDF_BYTES, "Certificado No. 123", PDF),
        (PDF_BYTES, "CV 01.08.2018", PDF),
        (word(), "CV (Dr. Ana)", DOCX),
        (png(), "screenshot.jpg", PNG),
        (jpeg(), "IMG_0001.HEIC", JPEG),
        (word(), "cv.doc", DOCX),
        (b"\xef\xbb\xbf" + PDF_BYTES, "bom.pdf", PDF),
        (b"\r\n\n" + PDF_BYTES, "line breaks.pdf", PDF),
        (b"Content-Type: application/pdf\r\nContent-Disposition: inline\r\n\r\n" + PDF_BYTES, "headers.pdf", PDF),
        (PDF_BYTES + b"\0" * 4000, "filled up.pdf", PDF),
        (jpeg() + MOVIE, "motion photo.jpg", JPEG),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bytes_decide_what_a_file_is(content, name, kind):
    assert check(upload(content, name), kinds=ALL) == kind


@pytest.mark.parametrize(
    ("name", "kind", "right"),
    [
        ("cv.pdf", PDF, "cv.pdf"),
        ("CV.PDF", PDF, "CV.PDF"),
        ("Certificado No. 123", PDF, "Certificado No. 123.pdf"),
        ("CV 01.08.2018", PDF, "CV 01.08.2018.pdf"),
        ("CV (Dr. Ana)", DOCX, "CV (Dr. Ana).docx"),
        ("scan", JPEG, "scan.jpg"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("screenshot.jpg", PNG, "screenshot.png"),
        ("IMG_0001.HEIC", JPEG, "IMG_0001.jpg"),
        ("cv.doc", DOCX, "cv.docx"),
        ("../No. 7", PNG, "No. 7.png"),
    ],
)
def test_right_ending_is_added(name, kind, right):
    assert named(name, kind) == right


def test_name_gets_its_ending_where_a_file_is_chosen():
    assert UploadField().clean(upload(PDF_BYTES, "CV 01.08.2018")).name == "CV 01.08.2018.pdf"


@pytest.mark.parametrize(
    "before",
    [b"MZ\x90\0", b"#!/bin/sh\n", b"\x7fELF", b"<html><body>", b"GIF89a", b"\x01\x02", b"x" * 1100],
)
def test_pdf_behind_something_else_is_not_taken(before):
    said = refusal(before + PDF_BYTES, "cv.pdf")
    assert "isn't a type of file" in said


@pytest.mark.parametrize("tail", [plain_zip(), b"x" * 10 + plain_zip()])
def test_archive_behind_a_picture_is_refused(tail):
    assert "contains a program or another file" in refusal(jpeg() + tail, "photo.jpg")


def test_picture_that_is_cut_off_is_refused_although_a_film_follows():
    assert "can't be read" in refusal(jpeg()[:-2] + MOVIE, "photo.jpg")


def test_checked_file_is_read_from_its_beginning_afterwards():
    file = upload(PDF_BYTES, "cv.pdf")

    check(file, kinds=ALL)

    assert file.read() == PDF_BYTES


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "cv.pdf", "is empty"),
        (b"%PDF-" + b"x" * inspection.FILE_LIMIT, "cv.pdf", "is 10.0 MB"),
        (b"<html><script>", "cv.pdf", "isn't a type of file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg", "isn't a type of file"),
        (b"GIF89a" + b"\x00" * 50, "photo.gif", "isn't a type of file"),
        (OLE, "old.doc", "isn't a type of file"),
        (plain_zip(), "rates.xlsx", "isn't a type of file"),
        (b"MZ" + b"\x00" * 100, "cv.pdf", "isn't a type of file"),
        (PDF_BYTES, "cv.pdf.exe", "ending in .exe, but is really a PDF file"),
        (png(), "cv.pdf", "ending in .pdf, but is really a PNG file"),
        (PDF_BYTES.replace(b"/Root", b"/Encrypt 5 0 R /Root"), "cv.pdf", "is protected with a password"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "cv.docx", "is protected with a password"),
        (PDF_BYTES[:40], "cv.pdf", "can't be read"),
        (b"PK\x03\x04 cut off", "cv.docx", "can't be read"),
        (word()[:-30], "cv.docx", "can't be read"),
        (png()[:30], "scan.png", "can't be read"),
        (b"\0\0\0\x18ftypavif" + b"x" * 20, "photo.avif", "isn't a type of file we can read here"),
        (jpeg()[:-2], "photo.jpg", "can't be read"),
        (png(60_000, 60_000), "scan.png", "60000 × 60000"),
        (jpeg(60_000, 60_000), "photo.jpg", "60000 × 60000"),
        (word(word__media=b"\x00" * (UNPACKED_LIMIT + 1)), "cv.docx", "is too big once it is unpacked"),
        (PDF_BYTES.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "cv.pdf", "contains a program"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refusal_names_the_file_and_the_reason(content, name, reason):
    said = refusal(content, name)

    assert f"“{name}”" in said
    assert reason in said


def test_word_is_refused_where_only_pictures_and_pdf_are_wanted():
    assert "PDF, JPEG, PNG" in refusal(word(), "degree.docx", kinds=(PDF, JPEG, PNG))


def test_damaged_member_of_a_word_file_is_refused():
    content = bytearray(word())
    at = content.index(b"word/document.xml") + len("word/document.xml")
    content[at : at + 4] = b"\xff\xff\xff\xff"

    assert "can't be read" in refusal(bytes(content), "cv.docx")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\CV.pdf", "CV.pdf"),
        ("my\x00cv\u202efdp.exe", "mycvfdp.exe"),
        ("  Życiorys   2026 .pdf", "Życiorys 2026 .pdf"),
        ("…", "…"),
        ("نمونه\u200cکار.pdf", "نمونه\u200cکار.pdf"),
        ("C\u200dV.pdf", "CV.pdf"),
        ("///", "file"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_name_is_kept_for_showing_only(name, cleaned):
    assert clean_name(name) == cleaned

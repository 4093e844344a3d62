"""Tables as spreadsheets save them."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from vendors.bulk_import import encodings, tables
from vendors.bulk_import.tables import BadFile, as_csv
from vendors.models import Vendor, VendorImport

UPLOAD = "/admin/vendors/vendor/import/"
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows, sheets=()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title in sheets:
        book.create_sheet(title).append(["something", "else"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


SMALL = workbook(["name", "email"], ["Ana", "ana@mail.example"])


def changed(content: bytes, part: str, change) -> bytes:
    """The same workbook with one part of it changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        assert part in old.namelist()
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


def text(content: bytes) -> str:
    return as_csv(io.BytesIO(content)).read().decode()


def refusal(content: bytes) -> str:
    with pytest.raises(BadFile) as refused:
        as_csv(io.BytesIO(content))
    return str(refused.value)


# Encodings

NAMES = [
    "Jürgen Müller",
    "José Núñez",
    "Søren Ødegård",
    "João Conceição",
    "Siobhán",
    "O’Neill",
    "François",
    "Zoë Brontë",
    "José „Pepe“ García",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", NAMES)
def test_encoding_that_cannot_be_mistaken_is_understood(encoding, name):
    table = f"name,email\n{name},a@mail.example\n"

    assert text(table.encode(encoding)).removeprefix("\ufeff") == table


def test_all_of_them_together_are_understood():
    table = "name,email\n" + "".join(f"{name},a@mail.example\n" for name in [*NAMES, "Loïc", "Anaïs"])

    assert text(table.encode("cp1252")) == table


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_every_letter_of_utf_16_is_understood(encoding):
    table = "name,email\nलता किरण 王小明 Łukasz,a@mail.example\nBo,bo@mail.example\n"

    assert text(table.encode(encoding)).removeprefix("\ufeff") == table


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Dvořák", "cp1250"),
        ("Gdańsk", "cp1250"),
        ("Čapek Jiří", "cp1250"),
        ("Łukasz Żak", "cp1250"),
        ("Иван Петров", "cp1251"),
        ("Αλέξανδρος", "cp1253"),
        ("José Muñoz", "mac_roman"),
        ("田中太郎", "shift_jis"),
        ("Ömer Şahin", "cp1254"),
        ("山田", "shift_jis"),
        *((name, encoding) for name in ("José", "Jörg", "André", "Voilà") for encoding in ("cp850", "cp437")),
    ],
)
def test_encoding_that_might_be_another_is_not_guessed(name, encoding):
    content = f"name,email\n{name},a@mail.example\n".encode(encoding)

    assert encodings.of(content) is None
    assert "save it as “CSV UTF-8”" in refusal(content)


# Workbooks


def test_first_sheet_of_a_workbook_is_read():
    content = workbook(
        ["Name", "Email", "Since", "Number"],
        ["Łucja\nNowak", "lucja@mail.example", dt.date(2026, 3, 1), 7.0],
        [],
        ["O’Neill, Seán", "sean@mail.example", None, None],
        sheets=["Notes"],
    )

    assert text(content).splitlines() == [
        "Name,Email,Since,Number",
        "Łucja Nowak,lucja@mail.example,2026-03-01 00:00:00,7",
        "",
        '"O’Neill, Seán",sean@mail.example',
    ]


def test_sheets_with_nothing_in_them_are_left_out():
    book = openpyxl.Workbook()
    book.create_chartsheet("Chart", 0)
    book.create_sheet("Vendors").append(["name", "email"])
    file = io.BytesIO()
    book.save(file)

    assert text(file.getvalue()) == "name,email\r\n"


@pytest.mark.django_db
def test_workbook_is_turned_into_rows_once_and_kept_as_a_csv_is(as_vera):
    content = workbook(
        ["First name", "Last name", "E-mail"], ["Łucja", "Nowak", "lucja@mail.example"], ["B", "B", "bo"]
    )

    answer = as_vera.post(UPLOAD, {"file": SimpleUploadedFile("vendors.xlsx", content)}, follow=True)

    run = VendorImport.objects.get()
    assert answer.redirect_chain
    assert (run.name, run.rows, run.heading) == ("vendors.xlsx", 2, ["First name", "Last name", "E-mail"])
    assert [(row.line, row.name, row.kind, row.cells["raw"]) for row in run.lines.order_by("line")] == [
        (2, "Łucja Nowak", "added", ["Łucja", "Nowak", "lucja@mail.example"]),
        (3, "B B", "refused", ["B", "B", "bo"]),
    ]


@pytest.mark.django_db
def test_command_reads_a_workbook(tmp_path):
    file = tmp_path / "vendors.xlsx"
    file.write_bytes(SMALL)

    call_command("import_vendors", str(file))

    assert Vendor.objects.get().name == "Ana"
    file.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_vendors", str(file))


def test_more_rows_than_may_be_are_not_read(monkeypatch):
    monkeypatch.setattr(tables, "ROWS_LIMIT", 5)
    content = workbook(["name", "email"], *(["Ana", f"a{number}@mail.example"] for number in range(50)))

    assert len(text(content).splitlines()) == 1 + 5 + 1  # with the heading and the one too many


# Made to keep Passport busy


def with_document_type(xml: bytes, declaration: bytes) -> bytes:
    head, mark, rest = xml.rpartition(b"?>")
    return head + mark + b"<!DOCTYPE x [" + declaration + b"]>" + rest.replace(b">Ana<", b">&l9;<")


def bomb(xml: bytes) -> bytes:
    """Ten names, each ten times the one before."""
    entities = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return with_document_type(xml, b'<!ENTITY l0 "lol">' + entities)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_entities_are_refused(part):
    assert "cannot be read" in refusal(changed(SMALL, part, bomb))


def test_outside_file_is_not_loaded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    entity = f'<!ENTITY l9 SYSTEM "file://{secret}">'.encode()

    content = changed(SMALL, SHEET, lambda xml: with_document_type(xml, entity))

    assert "cannot be read" in refusal(content)


def test_what_is_too_big_unpacked_is_refused_unread():
    content = changed(SMALL, SHEET, lambda xml: xml + b" " * (tables.UNPACKED_LIMIT + 1))

    assert len(content) < 200_000
    assert "too big once it is unpacked" in refusal(content)


def test_size_that_the_archive_does_not_say_is_not_unpacked():
    """The workbook says of itself that its parts are small."""
    content = changed(SMALL, SHEET, lambda xml: xml + b" " * (tables.UNPACKED_LIMIT + 1))
    real = (zipfile.ZipFile(io.BytesIO(content)).getinfo(SHEET).file_size).to_bytes(4, "little")

    assert "cannot be read" in refusal(content.replace(real, (1000).to_bytes(4, "little")))


def test_reading_has_a_limit_of_time(monkeypatch):
    monkeypatch.setattr(tables, "CPU_SECONDS", 0.01)

    assert "too big" in refusal(SMALL)


def test_reading_has_a_limit_of_memory(monkeypatch):
    monkeypatch.setattr(tables, "MEMORY", 2**20)

    assert refusal(SMALL)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 cut off", "cannot be read"),
        (SMALL[:-40], "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "in the old Excel format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password-protected"),
    ],
    ids=["cut off at once", "cut off", "old", "password"],
)
def test_what_is_no_workbook_to_read_is_refused_in_a_sentence(content, said):
    assert said in refusal(content)

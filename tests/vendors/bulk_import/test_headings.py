"""The row that names the columns, as programs and people write it."""

import io

import pytest

from vendors.bulk_import import csv_rows, tables


def names(content: str | bytes) -> list[tuple[str, str]]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return [(row.name, row.email) for row in csv_rows.read(tables.as_csv(file))]


ANA = [("Ana Almeida", "ana@mail.example")]


@pytest.mark.parametrize(
    "heading",
    [
        "Name,E-mail Address",
        "Name*,Email*",
        "Name:,Email:",
        "Vendor name (required),Email (required)",
        "FullName,EmailAddress",
        "\u00a0Name\u00a0,E\u2011mail",
        "Ｎａｍｅ,Ｅｍａｉｌ",
        "“Name”,Mail",
    ],
)
def test_columns_are_known_by_their_letters(heading):
    assert names(f"{heading}\nAna Almeida,ana@mail.example\n") == ANA


def test_contacts_of_outlook_are_understood():
    heading = "First Name,Last Name,E-mail Address,E-mail Display Name"

    assert names(f"{heading}\nAna,Almeida,ana@mail.example,Ana\n") == ANA


@pytest.mark.parametrize("title", ["Vendors 2026", "Vendors 2026,\n,\n", "“Our vendors”,as of today"])
def test_title_above_the_headings_is_none(title):
    assert names(f"{title}\nname,email\nAna Almeida,ana@mail.example\n") == ANA


def test_title_with_another_separator_is_none():
    assert names("Vendors, all of them\nname;email\nAna Almeida;ana@mail.example\n") == ANA


@pytest.mark.parametrize("first", ["sep=;;;", '"sep=;";;', ""])
def test_line_of_the_separator_may_have_been_saved_again(first):
    assert names(f"{first}\nname;email;;\nAna Almeida;ana@mail.example;;\n") == ANA


def test_columns_may_be_parted_by_strokes():
    assert names("name|email\nAna Almeida|ana@mail.example\n") == ANA


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["Александр Иванов", "山田太郎", "محمد"])
def test_names_of_no_latin_letter_are_understood_without_a_mark(encoding, name):
    rows = f"{name}\ta@mail.example\r\n" * 200

    assert names(f"name\temail\r\n{rows}".encode(encoding)) == [(name, "a@mail.example")] * 200

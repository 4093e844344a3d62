"""The row that names the columns: which of them Passport reads, and what it calls them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed import cleaning
from vendors.bulk_import import carried_columns
from vendors.bulk_import.tables import BadFile

FIRST_NAME, LAST_NAME, PILOT = "first name", "last name", "pilot"
# By their letters alone: "E-mail Address", "First_Name", "FirstName" and "Email (required):" are among them.
COLUMNS = {
    "name": "name",
    "fullname": "name",
    "vendor": "name",
    "vendorname": "name",
    "firstname": FIRST_NAME,
    "givenname": FIRST_NAME,
    "forename": FIRST_NAME,
    "lastname": LAST_NAME,
    "familyname": LAST_NAME,
    "surname": LAST_NAME,
    "email": "email",
    "mail": "email",
    "emailaddress": "email",
    "mailaddress": "email",
    "primaryemail": "email",
    "primaryemailaddress": "email",
    "language": "language",
    "owner": "owner",
    "vmowner": "owner",
    "pilot": PILOT,
}
CLEANED_AS = {
    "name": cleaning.name,
    FIRST_NAME: cleaning.name,
    LAST_NAME: cleaning.name,
    "email": cleaning.address,
    "language": cleaning.code,
    "owner": cleaning.address,
    PILOT: cleaning.word,
}
OPTIONAL = ("language", "owner", PILOT)
DELIMITERS = ",;\t|"
# What Excel writes and reads in front of the first row; when it saves again, with empty cells behind it.
_SEPARATOR = re.compile(r'"?sep=(?P<sign>[^\w\s"]|\t)"?(?P=sign)*\s*', re.IGNORECASE)
# There may be a title above the headings.
TITLE_LINES = 10


@dataclass(frozen=True)
class Heading:
    """The row that names the columns, how many lines come before it, and the separator that one of them names."""

    skipped: int
    line: str
    separator: str

    @property
    def delimiter(self) -> str:
        return self.separator or max(DELIMITERS, key=self.line.count)

    @property
    def is_right(self) -> bool:
        titles = next(csv.reader([self.line], delimiter=self.delimiter), [])
        return "email" in {COLUMNS.get(letters(title)) for title in titles}


def find(lines: Iterator[str]) -> Heading:
    """Below the title, if there is one; the first row when none names an email."""
    separator, first = "", None
    for skipped, line in enumerate(lines):
        if named := _SEPARATOR.fullmatch(line.rstrip("\r\n")):
            separator = named["sign"]
        elif line.strip(f"{DELIMITERS} \r\n"):
            heading = Heading(skipped, line, separator)
            if heading.is_right:
                return heading
            first = first or heading
        if first and skipped - first.skipped >= TITLE_LINES:
            break
    return first or Heading(0, "", separator)


@dataclass(frozen=True)
class Columns:
    """Where each column is; `carried` are those of the profile that another system had."""

    number: int
    named: dict[str, int]
    carried: dict[str, int]

    @classmethod
    def of(cls, heading: list[str], *, carries_over: bool = False) -> Columns:
        """Raise BadFile."""
        named: dict[str, int] = {}
        carried: dict[str, int] = {}
        for at, title in enumerate(heading):
            read = letters(title)
            name, of_profile = COLUMNS.get(read), carried_columns.COLUMNS.get(read) if carries_over else None
            if name in named or of_profile in carried:
                raise BadFile(_("The column “%s” appears twice.") % heading[at].strip())
            if name:
                named[name] = at
            elif of_profile:
                carried[of_profile] = at
        has_name = "name" in named or {FIRST_NAME, LAST_NAME} <= named.keys()
        missing = [f"“{name}”" for name, is_there in (("name", has_name), ("email", "email" in named)) if not is_there]
        if missing:
            raise BadFile(
                _(
                    "The first row must name the columns: name, email and, if you like, language and owner. "
                    "There is no column %s."
                )
                % ours(_(" and no column ").join(missing))
            )
        optional = {name: len(heading) for name in OPTIONAL if name not in named}
        return cls(len(heading), named | optional, carried)


def letters(title: str) -> str:
    """Of a heading, without what is said of it in brackets."""
    return re.sub(r"[\W\d_]", "", re.sub(r"\([^()]*\)", "", cleaning.word(title)))


def tidy(cell: str, column: str) -> str:
    return CLEANED_AS[column](cell)

"""Vendors from a CSV file, one row after the other: read, examined, added and invited."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy

from identity import direction
from identity.direction import gettext as _
from identity.direction import ours
from identity.invitations.lifecycle import AddressNotInvitable, check_address
from identity.models import User
from identity.typed import cleaning
from vendors import addresses, lifecycle
from vendors.addresses import AddressTaken
from vendors.bulk_import.tables import BadFile
from vendors.models import Vendor

VIA = "import_vendors"
FIRST_NAME, LAST_NAME = "first name", "last name"
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
}
CLEANED_AS = {
    "name": cleaning.name,
    FIRST_NAME: cleaning.name,
    LAST_NAME: cleaning.name,
    "email": cleaning.address,
    "language": cleaning.code,
    "owner": cleaning.address,
}
DELIMITERS = ",;\t|"
# What Excel writes and reads in front of the first row; when it saves again, with empty cells behind it.
_SEPARATOR = re.compile(r'"?sep=(?P<sign>[^\w\s"]|\t)"?(?P=sign)*\s*', re.IGNORECASE)
# There may be a title above the headings.
TITLE_LINES = 10
LINE_LIMIT = 2**16  # characters; a line without an end must not fill the memory
TOGETHER = 500  # rows whose addresses are looked up at once


class Kind(models.TextChoices):
    REFUSED = "refused", gettext_lazy("refused")
    DOUBTFUL = "doubtful", gettext_lazy("new, please check")
    POSSIBLE = "possible", gettext_lazy("possibly known")
    KNOWN = "known", gettext_lazy("already known")
    ADDED = "added", gettext_lazy("new")


@dataclass(frozen=True)
class Row:
    line: int
    name: str
    email: str
    language: str
    owner: str
    filled: int  # up to the last cell that is not empty
    cells: int
    columns: int
    raw: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    line: int
    address: str
    kind: Kind
    sentence: str = ""
    vendor: Vendor | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Entry:
    """A row that is fine in itself."""

    row: Row
    address: str
    language: str
    owner: User | None


@dataclass
class Lists:
    """What is known for the whole file. `seen` takes some 150 bytes a row, the only thing that grows with it."""

    owners: dict[str, User]
    languages: dict[str, str]
    seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_today(cls) -> Lists:
        return cls(owners=_owners(), languages=_languages())


# Reading


def read(file: BinaryIO) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8 (see tables.as_csv), one at a time. Raise BadFile."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _rows(text)
    except UnicodeDecodeError as error:
        raise BadFile(_("The file is not in UTF-8. In Excel, save it as “CSV UTF-8”.")) from error
    finally:
        with contextlib.suppress(ValueError):  # closed already
            text.detach()


def titles(file: BinaryIO) -> list[str]:
    """What the file calls its columns; it is left at its beginning."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    heading = _heading(_lines(text))
    text.detach()
    file.seek(0)
    return next(csv.reader([heading.line], delimiter=heading.delimiter), [])


def columns_named(heading: list[str]) -> dict[str, int]:
    """Where the columns are that Passport reads, by what it calls them. Raise BadFile."""
    return _columns(heading).named


def count(file: BinaryIO) -> int:
    """How many rows there are; the file is left at its beginning. Raise BadFile."""
    number = sum(1 for _row in read(file))
    file.seek(0)
    return number


def _rows(text: io.TextIOWrapper) -> Iterator[Row]:
    lines = _lines(text)
    heading = _heading(lines)
    reader = csv.reader(itertools.chain([heading.line], lines), delimiter=heading.delimiter, strict=True)
    before = heading.skipped
    try:
        columns = _columns(next(reader, []))
        before = heading.skipped + reader.line_num
        for cells in reader:
            line, before = before + 1, heading.skipped + reader.line_num
            filled = max((at + 1 for at, cell in enumerate(cells) if cell.strip()), default=0)
            if filled:
                named = {name: _tidy(cells[at], name) if at < len(cells) else "" for name, at in columns.named.items()}
                first, last = named.pop(FIRST_NAME, ""), named.pop(LAST_NAME, "")
                named["name"] = named.get("name") or " ".join(filter(None, (first, last)))
                yield Row(line, filled=filled, cells=len(cells), columns=columns.number, raw=tuple(cells), **named)
    except csv.Error as error:
        raise BadFile(
            _("Line %(line)d cannot be read. Is a quotation mark missing at the end of a cell?") % {"line": before + 1}
        ) from error


@dataclass(frozen=True)
class _Heading:
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
        return "email" in {COLUMNS.get(_letters(title)) for title in titles}


def _heading(lines: Iterator[str]) -> _Heading:
    """Below the title, if there is one; the first row when none names an email."""
    separator, first = "", None
    for skipped, line in enumerate(lines):
        if named := _SEPARATOR.fullmatch(line.rstrip("\r\n")):
            separator = named["sign"]
        elif line.strip(f"{DELIMITERS} \r\n"):
            heading = _Heading(skipped, line, separator)
            if heading.is_right:
                return heading
            first = first or heading
        if first and skipped - first.skipped >= TITLE_LINES:
            break
    return first or _Heading(0, "", separator)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT:
            raise BadFile(_("Line %d is too long. Is this a CSV file?") % number)
        yield line


@dataclass(frozen=True)
class _Columns:
    number: int
    named: dict[str, int]


def _columns(heading: list[str]) -> _Columns:
    named: dict[str, int] = {}
    for at, title in enumerate(heading):
        name = COLUMNS.get(_letters(title))
        if name in named:
            raise BadFile(_("The column “%s” appears twice.") % heading[at].strip())
        if name:
            named[name] = at
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
    optional = {name: len(heading) for name in ("language", "owner") if name not in named}
    return _Columns(len(heading), named | optional)


def _letters(title: str) -> str:
    """Of a heading, without what is said of it in brackets."""
    return re.sub(r"[\W\d_]", "", re.sub(r"\([^()]*\)", "", cleaning.word(title)))


def _tidy(cell: str, column: str) -> str:
    return CLEANED_AS[column](cell)


# Examining


def examine(file: BinaryIO) -> Iterator[Result]:
    """What would happen to each row now. Changes nothing. Raise BadFile."""
    for _row, result, _entry in examined(read(file), Lists.of_today()):
        yield result


def carry_out(file: BinaryIO) -> Iterator[Result]:
    """Add and invite row by row, each in a transaction of its own. Stopped in the middle it can simply be run again:
    who was added is known then. Raise BadFile.
    """
    for _row, result, entry in examined(read(file), Lists.of_today()):
        with transaction.atomic():
            if entry is not None:
                result = add(result, entry)
        yield result


def examined(rows: Iterable[Row], lists: Lists) -> Iterator[tuple[Row, Result, Entry | None]]:
    """Each row with its result, and what is to be added if there is nothing against it."""
    rows = iter(rows)
    while some := list(itertools.islice(rows, TOGETHER)):
        checked = [(row, _checked(row, lists)) for row in some]
        standing = addresses.standing([outcome.address for _row, outcome in checked if isinstance(outcome, Entry)])
        for row, outcome in checked:
            if isinstance(outcome, Entry):
                yield row, *_compared(outcome, standing)
            else:
                yield row, Result(row.line, row.email, Kind.REFUSED, outcome), None


def _checked(row: Row, lists: Lists) -> Entry | str:
    """What can be said without looking at other vendors: the entry, or why it is refused."""
    too_many = _(
        "This row has more cells than the first row. If a name contains a comma or semicolon, put the name in "
        "quotation marks."
    )
    if row.filled > row.columns:
        return too_many
    if not row.email:
        return _("The address is missing.")
    try:
        address = check_address(row.email)
    except AddressNotInvitable as refusal:
        return too_many if row.cells > row.columns else str(refusal)
    if not row.name:
        return _("The name is missing.")
    if len(row.name) > 200:
        return _("The name is longer than 200 characters.")
    language = lists.languages.get(row.language.replace("_", "-").lower()) if row.language else "en-GB"
    if language is None:
        return (
            _("“%s” is not one of the languages of Microsoft's invitation. Write it like en-GB or de.") % row.language
        )
    owner = lists.owners.get(row.owner.lower()) if row.owner else None
    if row.owner and owner is None:
        return _("No member of staff with the address “%s” has signed in to Passport.") % row.owner
    first = lists.seen.setdefault(address.lower(), row.line)
    if first != row.line:
        return _("The same address as on line %d.") % first
    return Entry(row, address, language, owner)


def _compared(entry: Entry, standing: addresses.Standing) -> tuple[Result, Entry | None]:
    key, line = entry.address.lower(), entry.row.line
    if key in standing.holders:
        return _known(line, entry.address, standing.holders[key]), None
    if key in standing.in_change:
        refusal = str(AddressTaken(standing.in_change[key], in_change=True))
        return Result(line, entry.address, Kind.REFUSED, refusal), None
    doubts = []
    meant = addresses.suggestion(entry.address)
    if meant:
        doubts.append(_("Did you mean %s?") % meant)
    former = standing.former.get(key)
    if former:
        doubts.append(_("This address once belonged to %s.") % ", ".join(map(str, former)))
    return Result(line, entry.address, Kind.DOUBTFUL if doubts else Kind.ADDED, direction.joined(doubts)), entry


def _known(line: int, address: str, vendor: Vendor) -> Result:
    sentence = _("Already the primary email of %(vendor)s, who is %(state)s. Nothing changes.")
    sentence %= {"vendor": vendor, "state": ours(vendor.get_state_display())}
    return Result(line, address, Kind.KNOWN, sentence, vendor)


def add(result: Result, entry: Entry, *, by: User | None = None, invite: bool = True) -> Result:
    """The rules are those of the domain functions, whatever was seen before."""
    try:
        vendor = lifecycle.add(
            name=entry.row.name,
            primary_email=entry.address,
            language=entry.language,
            owner=entry.owner,
            by=by,
            via=VIA,
        )
        if invite:
            lifecycle.invite(vendor, by=by, via=VIA)
    except AddressTaken as taken:
        if taken.in_change:
            return Result(result.line, result.address, Kind.REFUSED, str(taken))
        return _known(result.line, result.address, taken.vendor)
    return replace(result, vendor=vendor)


def _owners() -> dict[str, User]:
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(email="").order_by("-pk")
    return {user.email.lower(): user for user in staff}


def _languages() -> dict[str, str]:
    """By code, and by its first part where only one language has that (and English of Britain for "en")."""
    codes = [code for code, _name in settings.VENDOR_LANGUAGES]
    short: dict[str, list[str]] = {}
    for code in codes:
        short.setdefault(code.partition("-")[0].lower(), []).append(code)
    return {first: codes_of_first[0] for first, codes_of_first in short.items() if len(codes_of_first) == 1} | {
        code.lower(): code for code in codes
    }

"""Vendors from a CSV file, one row after the other: read, examined, added and invited."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy

from identity import accounts, text_direction
from identity.invitations.lifecycle import AddressNotInvitable, check_address
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors import addresses, lifecycle
from vendors.addresses import AddressTaken
from vendors.bulk_import import headings
from vendors.bulk_import.guests_there import GuestsThere, NoSuchGuest
from vendors.bulk_import.headings import FIRST_NAME, LAST_NAME, PILOT, Columns, tidy
from vendors.bulk_import.tables import BadFile
from vendors.going_live import lifecycle as going_live
from vendors.models import Vendor
from vendors.onboarding_interface import BadValue, CarriedOver, onboarding

VIA = "import_vendors"
LINE_LIMIT = 2**16  # characters; a line without an end must not fill the memory
TOGETHER = 500  # rows whose addresses are looked up at once
# What the column “pilot” may say; nothing is no.
YES, NO = frozenset({"yes", "y", "x", "1", "true", "pilot"}), frozenset({"", "no", "n", "0", "false"})


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
    pilot: str = ""
    carried: Mapping[str, str] = field(default_factory=dict)  # of the profile that another system had


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
    carried: CarriedOver | None = None
    guest: uuid.UUID | None = None


@dataclass
class Lists:
    """What is known for the whole file. `seen` takes some 150 bytes a row, the only thing that grows with it."""

    owners: dict[str, User]
    languages: dict[str, str]
    seen: dict[str, int] = field(default_factory=dict)
    guests: GuestsThere | None = None  # vendors are guests already, and nobody is invited
    only_pilot: bool = False

    @classmethod
    def of_today(cls, *, guests: GuestsThere | None = None, only_pilot: bool = False) -> Lists:
        return cls(owners=_owners(), languages=_languages(), guests=guests, only_pilot=only_pilot)


Note = Callable[[Row, Result], None]


@dataclass(frozen=True)
class Wanted:
    """What a file is imported for, besides adding and inviting everyone in it."""

    guests: GuestsThere | None = None
    carries_over: bool = False
    only_pilot: bool = False


# Reading


def read(file: BinaryIO, *, carries_over: bool = False) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8 (see tables.as_csv), one at a time. Raise BadFile."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _rows(text, carries_over=carries_over)
    except UnicodeDecodeError as error:
        raise BadFile(_("The file is not in UTF-8. In Excel, save it as “CSV UTF-8”.")) from error
    finally:
        with contextlib.suppress(ValueError):  # closed already
            text.detach()


def titles(file: BinaryIO) -> list[str]:
    """What the file calls its columns; it is left at its beginning."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    heading = headings.find(_lines(text))
    text.detach()
    file.seek(0)
    return next(csv.reader([heading.line], delimiter=heading.delimiter), [])


def columns_named(heading: list[str]) -> dict[str, int]:
    """Where the columns are that Passport reads, by what it calls them. Raise BadFile."""
    return Columns.of(heading).named


def names_pilots(file: BinaryIO) -> bool:
    """Is there a column that says who belongs to the pilot group? The file is left at its beginning. Raise BadFile."""
    heading = titles(file)
    return columns_named(heading)[PILOT] < len(heading)


def count(file: BinaryIO, *, carries_over: bool = False) -> int:
    """How many rows there are; the file is left at its beginning. Raise BadFile."""
    number = sum(1 for _row in read(file, carries_over=carries_over))
    file.seek(0)
    return number


def _rows(text: io.TextIOWrapper, *, carries_over: bool) -> Iterator[Row]:
    lines = _lines(text)
    heading = headings.find(lines)
    reader = csv.reader(itertools.chain([heading.line], lines), delimiter=heading.delimiter, strict=True)
    before = heading.skipped
    try:
        columns = Columns.of(next(reader, []), carries_over=carries_over)
        before = heading.skipped + reader.line_num
        for cells in reader:
            line, before = before + 1, heading.skipped + reader.line_num
            filled = max((at + 1 for at, cell in enumerate(cells) if cell.strip()), default=0)
            if filled:
                named = {name: tidy(cells[at], name) if at < len(cells) else "" for name, at in columns.named.items()}
                first, last = named.pop(FIRST_NAME, ""), named.pop(LAST_NAME, "")
                named["name"] = named.get("name") or " ".join(filter(None, (first, last)))
                carried = {name: cells[at].strip() for name, at in columns.carried.items() if at < len(cells)}
                yield Row(
                    line,
                    filled=filled,
                    cells=len(cells),
                    columns=columns.number,
                    raw=tuple(cells),
                    carried={name: cell for name, cell in carried.items() if cell},
                    **named,
                )
    except csv.Error as error:
        raise BadFile(
            _("Line %(line)d cannot be read. Is a quotation mark missing at the end of a cell?") % {"line": before + 1}
        ) from error


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT:
            raise BadFile(_("Line %d is too long. Is this a CSV file?") % number)
        yield line


# Examining


def examine(file: BinaryIO, wanted: Wanted | None = None, *, keep: Note | None = None) -> Iterator[Result]:
    """What would happen to each row now. `keep` is told of the refused ones. Changes nothing. Raise BadFile."""
    for row, result, _entry in _wanted_rows(file, wanted or Wanted()):
        if keep and result.kind == Kind.REFUSED:
            keep(row, result)
        yield result


def carry_out(
    file: BinaryIO, wanted: Wanted | None = None, *, note: Note | None = None, keep: Note | None = None
) -> Iterator[Result]:
    """Add and invite row by row, each in a transaction of its own, in which `note` is told of whoever was added.
    Stopped in the middle it can simply be run again: who was added is known then. Raise BadFile.
    """
    for row, result, entry in _wanted_rows(file, wanted or Wanted()):
        if entry is not None:
            with transaction.atomic():
                result = add(result, entry)
                if note and result.kind in (Kind.ADDED, Kind.DOUBTFUL):
                    note(row, result)
        if keep and result.kind == Kind.REFUSED:
            keep(row, result)
        yield result


def _wanted_rows(file: BinaryIO, wanted: Wanted) -> Iterator[tuple[Row, Result, Entry | None]]:
    lists = Lists.of_today(guests=wanted.guests, only_pilot=wanted.only_pilot)
    rows = read(file, carries_over=wanted.carries_over)
    return examined((row for row in rows if not wanted.only_pilot or row.pilot not in NO), lists)


def examined(rows: Iterable[Row], lists: Lists) -> Iterator[tuple[Row, Result, Entry | None]]:
    """Each row with its result, and what is to be added if there is nothing against it."""
    rows = iter(rows)
    while some := list(itertools.islice(rows, TOGETHER)):
        checked = [(row, _checked(row, lists)) for row in some]
        fine = [outcome.address for _row, outcome in checked if isinstance(outcome, Entry)]
        standing = addresses.standing(fine)
        if lists.guests is not None:
            lists.guests.look_up(fine)
        for row, outcome in checked:
            if isinstance(outcome, Entry):
                yield row, *_with_guest(*_compared(outcome, standing), lists.guests)
            else:
                yield row, Result(row.line, row.email, Kind.REFUSED, outcome), None


def _with_guest(result: Result, entry: Entry | None, guests: GuestsThere | None) -> tuple[Result, Entry | None]:
    if entry is None or guests is None:
        return result, entry
    try:
        return result, replace(entry, guest=guests.of(entry.address))
    except NoSuchGuest as refusal:
        return replace(result, kind=Kind.REFUSED, sentence=str(refusal)), None


def _checked(row: Row, lists: Lists) -> Entry | str:
    """What can be said without looking at other vendors: the entry, or why it is refused."""
    too_many = _(
        "This row has more cells than the first row. If a name contains a comma or semicolon, put the name in "
        "quotation marks."
    )
    if row.filled > row.columns:
        return too_many
    if lists.only_pilot and row.pilot not in YES:
        return _("In the column “pilot”, write “yes” or leave the cell empty, instead of “%s”.") % row.pilot
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
    try:
        carried = onboarding().carried_over(row.carried, name=row.name) if row.carried else None
    except BadValue as refusal:
        return str(refusal)
    return Entry(row, address, language, owner, carried)


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
    return Result(line, entry.address, Kind.DOUBTFUL if doubts else Kind.ADDED, text_direction.joined(doubts)), entry


def _known(line: int, address: str, vendor: Vendor) -> Result:
    sentence = _("Already the primary email of %(vendor)s, who is %(state)s. Nothing changes.")
    sentence %= {"vendor": vendor, "state": ours(vendor.get_state_display())}
    return Result(line, address, Kind.KNOWN, sentence, vendor)


def add(result: Result, entry: Entry, *, by: User | None = None, invite: bool = True) -> Result:
    """The rules are those of the domain functions, whatever was seen before. A row is added whole or not at all."""
    try:
        with transaction.atomic():
            return replace(result, vendor=_add(entry, by=by, invite=invite))
    except AddressTaken as taken:
        if taken.in_change:
            return Result(result.line, result.address, Kind.REFUSED, str(taken))
        return _known(result.line, result.address, taken.vendor)
    except accounts.BoundToSomebodyElse as bound:
        return Result(result.line, result.address, Kind.REFUSED, str(NoSuchGuest.is_bound(bound.account)))


def _add(entry: Entry, *, by: User | None, invite: bool) -> Vendor:
    vendor = lifecycle.add(
        name=entry.row.name,
        primary_email=entry.address,
        language=entry.language,
        owner=entry.owner,
        by=by,
        via=VIA,
    )
    if entry.carried is not None:
        going_live.carry_over(vendor, by=by, via=VIA)
        onboarding().carry_over(vendor, entry.carried, by=by)
    if entry.guest is not None:
        going_live.bind(vendor, oid=entry.guest, by=by, via=VIA)
    elif invite:
        lifecycle.invite(vendor, by=by, via=VIA)
    return vendor


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

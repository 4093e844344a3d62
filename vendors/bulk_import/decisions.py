"""What VM decides on before an import starts: for the whole file, and row by row. Two people may do so at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Lower

from identity.models import User
from identity.typed import cleaning
from vendors.bulk_import import csv_rows, examination, runs
from vendors.bulk_import.csv_rows import Kind, Lists
from vendors.bulk_import.examination import TAKEABLE
from vendors.bulk_import.guests_there import GuestsThere
from vendors.bulk_import.runs import State
from vendors.models import ImportRow, VendorImport

LONGEST = 1000  # letters of a name or an address that was typed; what is too long is refused in a sentence
EXAMINED = ("address", "kind", "sentence", "vendor_id", "is_taken", "cells")
LEFT_OUT = "is_left_out"  # beside what the file said in a row that could be added, and cannot be at the moment


@dataclass(frozen=True)
class Decision:
    """What a page was sent with about one row; `shown` says what it had shown."""

    is_taken: bool
    name: str
    address: str
    shown: str = ""

    @classmethod
    def of(cls, row: ImportRow) -> Decision:
        return cls(row.is_taken, row.name, row.address)

    def cleaned(self) -> Decision:
        name, address = cleaning.name(self.name)[:LONGEST], cleaning.address(self.address)[:LONGEST]
        return Decision(self.is_taken, name, address, self.shown)

    @property
    def mark(self) -> str:
        return mark(self.is_taken, self.name, self.address)


@dataclass(frozen=True)
class ForAll:
    """For the whole file."""

    invites: bool
    owner: User | None
    language: str
    tags: str  # as vendors.tags takes and gives them, between commas
    shown: str = ""
    binds: bool = False  # they are guests in the tenant already

    @classmethod
    def of(cls, run: VendorImport) -> ForAll:
        return cls(run.invites, run.owner, run.language, run.tags, binds=run.binds)

    @property
    def mark(self) -> str:
        return mark(self.invites, self.binds, self.owner.pk if self.owner else None, self.language, self.tags)


def mark(*values: Any) -> str:
    """What a page carries to say what it showed."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Conflicts:
    """Where a colleague has decided something else since the page was opened. There theirs is kept."""

    for_all: bool
    rows: frozenset[int]

    def __bool__(self) -> bool:
        return self.for_all or bool(self.rows)


@transaction.atomic
def save(run: VendorImport, for_all: ForAll, decisions: Mapping[int, Decision]) -> Conflicts:
    """Keep what was decided on one page of rows, by their IDs. Raise AlreadyDecided or BeingCompared.

    With guests in the tenant it is compared again afterwards, by a task, if that may make a difference.
    """
    held = VendorImport.objects.select_for_update(of=("self",)).filter(pk=run.pk, state=State.EXAMINED).first()
    if held is None:
        raise runs.not_now(run)
    is_new, is_conflict = _judged(for_all.mark, shown=for_all.shown, now=ForAll.of(held).mark)
    rows = {row.pk: row for row in held.lines.filter(pk__in=decisions).order_by("line")}
    decided: dict[int, Decision] = {}
    conflicts = set()
    for pk, row in rows.items():
        decision = decisions[pk].cleaned()
        is_new_row, is_conflict_of_row = _judged(decision.mark, shown=decision.shown, now=Decision.of(row).mark)
        if is_conflict_of_row:
            conflicts.add(pk)
        elif is_new_row:
            decided[pk] = decision
    _tick(rows, decided)
    corrected = {pk: decision for pk, decision in decided.items() if _is_correction(rows[pk], decision)}
    _correct(held, corrected)
    if is_new:
        held.invites, held.owner, held.language = for_all.invites, for_all.owner, for_all.language
        held.binds, held.tags = for_all.binds, for_all.tags
        held.save(update_fields=["invites", "binds", "owner", "language", "tags"])
        examine_again(held, Q())
    if is_new or decided:
        VendorImport.objects.filter(pk=run.pk).update(revision=F("revision") + 1)
    if held.binds and (is_new or corrected):
        runs.compare(held)
    run.refresh_from_db()
    return Conflicts(is_conflict, frozenset(conflicts))


def _judged(typed: str, *, shown: str, now: str) -> tuple[bool, bool]:
    """Is it to be kept, or does it contradict what somebody else has decided since?"""
    if typed in (shown, now):
        return False, False
    return now == shown, now != shown


def _is_correction(row: ImportRow, decision: Decision) -> bool:
    return (row.name, row.address) != (decision.name, decision.address)


def _tick(rows: Mapping[int, ImportRow], decided: Mapping[int, Decision]) -> None:
    """What is corrected as well is ticked by what becomes of it."""
    ticked: dict[bool, list[int]] = {True: [], False: []}
    for pk, decision in decided.items():
        if rows[pk].kind in TAKEABLE and not _is_correction(rows[pk], decision):
            ticked[decision.is_taken].append(pk)
    for is_taken, pks in ticked.items():
        ImportRow.objects.filter(pk__in=pks).update(is_taken=is_taken)


def _correct(run: VendorImport, corrected: Mapping[int, Decision]) -> None:
    """Write down what was typed, and examine again whatever it concerns: another row may have had the address too."""
    if not corrected:
        return
    rows = list(run.lines.filter(pk__in=corrected))
    addresses = {row.address.lower() for row in rows} | {each.address.lower() for each in corrected.values()}
    for row in rows:
        decision = corrected[row.pk]
        was_on_offer = row.kind in TAKEABLE
        row.name, row.address = decision.name, decision.address
        row.cells = {**(row.cells or {}), "is_corrected": True}
        # Whoever put right what was doubtful wants it, and so does whoever mended what had no box to tick.
        row.is_taken = decision.is_taken if was_on_offer and row.kind == Kind.ADDED else True
    ImportRow.objects.bulk_update(rows, ["name", "address", "cells", "is_taken"])
    at_addresses = run.lines.annotate(_address=Lower("address")).filter(_address__in=addresses).values("pk")
    examine_again(run, Q(pk__in=corrected) | Q(pk__in=at_addresses), wanted=corrected)


def examine_again(
    run: VendorImport, which: Q, *, wanted: Collection[int] = (), guests: GuestsThere | None = None
) -> None:
    """What would happen to these rows now; `wanted` are those that have just been typed."""
    lists, after = Lists.of_today(guests=guests), 0
    while rows := list(run.lines.filter(which, line__gt=after).order_by("line")[: csv_rows.TOGETHER]):
        after = rows[-1].line
        before = {row.pk: (row.kind, row.sentence) for row in rows}
        known = {row.pk: _as_examined(row) for row in rows}
        for row in examination.examine(rows, run, lists):
            _tick_anew(row, before[row.pk], is_wanted=row.pk in wanted)
        # Of most nothing changes, and writing takes longer than all the rest.
        changed = [row for row in rows if _as_examined(row) != known[row.pk]]
        ImportRow.objects.bulk_update(changed, [name.removesuffix("_id") for name in EXAMINED])


def _as_examined(row: ImportRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in EXAMINED)


def refuse_all(run: VendorImport, why: str) -> None:
    """No row can be added at present. Rows that VM has left out are still left out once rows can be added again."""
    left_out = list(run.lines.filter(kind=Kind.ADDED, is_taken=False).only("cells"))
    for row in left_out:
        _remember(row, is_left_out=True)
    ImportRow.objects.bulk_update(left_out, ["cells"], batch_size=csv_rows.TOGETHER)
    run.lines.filter(kind__in=TAKEABLE).update(kind=Kind.REFUSED, sentence=why, is_taken=False)


def _tick_anew(row: ImportRow, before: tuple[str, str], *, is_wanted: bool) -> None:
    """A new doubt is off until it is ticked, and what VM has left out is off whatever was said of it in between."""
    was_left_out = before[0] == Kind.ADDED or bool((row.cells or {}).get(LEFT_OUT))
    is_left_out = was_left_out and not row.is_taken and not is_wanted
    if row.kind == Kind.ADDED:
        row.is_taken = row.is_taken if is_wanted else not is_left_out
    elif row.kind in TAKEABLE:
        row.is_taken = row.is_taken and (row.kind, row.sentence) == before and not is_wanted
    else:
        row.is_taken = False
    _remember(row, is_left_out=is_left_out and row.kind != Kind.ADDED)


def _remember(row: ImportRow, *, is_left_out: bool) -> None:
    cells = {name: value for name, value in (row.cells or {}).items() if name != LEFT_OUT}
    row.cells = {**cells, LEFT_OUT: True} if is_left_out else cells

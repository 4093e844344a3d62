"""What would happen to the rows of an uploaded file now, with what VM has decided for the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from identity import text_direction
from identity.text_direction import gettext as _
from vendors.bulk_import import csv_rows, namesakes
from vendors.bulk_import.csv_rows import Entry, Kind, Lists, Result, Row
from vendors.models import ImportRow, VendorImport

# What may be added; of these the ones that are certain are taken unless VM says otherwise.
TAKEABLE = (Kind.ADDED, Kind.DOUBTFUL, Kind.POSSIBLE)


def new_row(run: VendorImport, row: Row) -> ImportRow:
    cells = {
        "raw": list(row.raw),
        "language": row.language,
        "owner": row.owner,
        "filled": row.filled,
        "columns": row.columns,
    }
    return ImportRow(run=run, line=row.line, name=row.name, address=row.email, cells=cells)


def examine(rows: Iterable[ImportRow], run: VendorImport, lists: Lists) -> Iterator[ImportRow]:
    """Each row with what would happen, a few hundred at a time; nothing is saved. In the order of the file, since the
    first row with an address counts.
    """
    every = iter(rows)
    while some := list(islice(every, csv_rows.TOGETHER)):
        alike = []
        for row, result, entry in examined(some, run, lists):
            row.kind, row.sentence, row.vendor = result.kind, str(result.sentence), result.vendor
            row.address = result.address if entry else row.address
            if row.kind in TAKEABLE:
                alike.append(row)
        _look_for_namesakes(alike)
        yield from some


def examined(
    rows: Iterable[ImportRow], run: VendorImport, lists: Lists
) -> Iterator[tuple[ImportRow, Result, Entry | None]]:
    waiting: dict[int, ImportRow] = {}

    def read() -> Iterator[Row]:
        for row in rows:
            waiting[row.line] = row
            yield _as_read(row, run)

    for read_row, result, entry in csv_rows.examined(read(), lists):
        if entry is not None and run.owner is not None:
            entry = replace(entry, owner=run.owner)
        yield waiting.pop(read_row.line), result, entry


def _as_read(row: ImportRow, run: VendorImport) -> Row:
    cells: dict[str, Any] = row.cells or {}
    filled, columns = cells.get("filled", 0), cells.get("columns", 0)
    said = cells
    if is_corrected := bool(cells.get("is_corrected")):
        # By hand, so it does not matter any more that a name was cut in two; what came behind it is in wrong columns.
        said = {} if filled > columns else cells
    return Row(
        line=row.line,
        name=row.name,
        email=row.address,
        language=run.language or said.get("language", ""),
        owner="" if run.owner else said.get("owner", ""),
        filled=0 if is_corrected else filled,
        cells=0 if is_corrected else len(cells.get("raw", ())),
        columns=columns,
    )


def _look_for_namesakes(rows: list[ImportRow]) -> None:
    found = namesakes.of({row.line: row.name for row in rows})
    for row in rows:
        if same := found.get(row.line):
            names = ", ".join(map(str, same))
            doubt = _("A vendor with this name already exists, with a different address: %(names)s.") % {"names": names}
            row.sentence = str(text_direction.joined(filter(None, [row.sentence, doubt])))
            row.kind = Kind.POSSIBLE if row.kind == Kind.ADDED else row.kind

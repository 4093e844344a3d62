"""The rows that were refused as a file to mend: the same columns, and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind
from vendors.models import ImportRow, VendorImport

# What a spreadsheet would carry out, or cut off.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # without it Excel takes the file for one in the language of its machine


def as_csv(run: VendorImport) -> Iterator[str]:
    """Piece by piece, however long it is. What was corrected in Passport stands in its column."""
    heading = [str(title) for title in run.heading]
    named = csv_rows.columns_named(heading)
    yield heading_line(heading)
    rows = ImportRow.objects.filter(run=run, kind=Kind.REFUSED).order_by("line")
    for row in rows.iterator(chunk_size=csv_rows.TOGETHER):
        yield _line([*_cells(row, named, width=len(heading)), row.sentence])


def heading_line(heading: Sequence[str]) -> str:
    return BOM + _line([*heading, _("Why it was refused")])


def line_of(cells: Sequence[str], why: str, *, width: int) -> str:
    """Why it was refused is below its heading, however few cells the row has."""
    return _line([*cells, *[""] * (width - len(cells)), str(why)])


def _cells(row: ImportRow, named: dict[str, int], *, width: int) -> list[str]:
    cells = [str(cell) for cell in (row.cells or {}).get("raw", [])]
    cells = (cells + [""] * width)[: max(width, len(cells))]
    if (row.cells or {}).get("is_corrected"):
        cells = cells[:width]
        for column, value in (("name", row.name), ("email", row.address)):
            if named.get(column, width) < width:
                cells[named[column]] = value
    return cells


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()


def safe(cell: str) -> str:
    """As text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

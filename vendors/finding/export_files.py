"""Files of lines, written one line after the other. No cell of them is a formula, whatever a vendor is called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, Any

Cell = str | Decimal
# A programme that opens a CSV file takes a cell that begins with one of these for a formula.
_BEGINS_A_FORMULA = re.compile(r"\s*[=+\-@\t\r\n|%\uff0b\uff0d\uff1d\uff20]")
# XML has no way to write them.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_csv(file: IO[bytes], head: Sequence[str], lines: Iterable[Sequence[Cell]]) -> int:
    """How many lines. With a mark in front by which Excel knows that it is UTF-8."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    number = 0
    for line in lines:
        writer.writerow([_harmless(cell) for cell in line])
        number += 1
    text.flush()
    text.detach()
    return number


def _harmless(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return f"'{cell}" if _BEGINS_A_FORMULA.match(cell) else cell


def write_xlsx(file: IO[bytes], head: Sequence[str], lines: Iterable[Sequence[Cell]]) -> int:
    """How many lines. The library keeps the sheet on disk while it is written."""
    # Fifteen megabytes with what it draws in, in each process that imports it: few ever write a workbook.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([_text(sheet, title) for title in head])
    number = 0
    for line in lines:
        sheet.append([cell if isinstance(cell, Decimal) else _text(sheet, cell) for cell in line])
        number += 1
    book.save(file)
    return number


def _text(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", value))
    cell.data_type = "s"  # or what begins with = would be a formula
    return cell

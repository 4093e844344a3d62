"""Turns the first sheet with anything in it of one workbook, which comes by standard input, into CSV.

A program of its own, which vendors/bulk_import/tables.py starts: a workbook is an archive of XML that anybody may have
made, so this gets no environment, and the operating system ends it when it takes too long or too much memory.
"""

from __future__ import annotations

import csv
import io
import resource
import signal
import sys
from typing import Any

import openpyxl
from openpyxl.reader.excel import ExcelReader

COLUMNS_LIMIT = 100
# Empty ones, which some programs write down to the end of the sheet.
EMPTY_ROWS_LIMIT = 1000


def main(cpu_seconds: str, memory: str, rows: str) -> int:
    content = sys.stdin.buffer.read()
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    signal.setitimer(signal.ITIMER_PROF, float(cpu_seconds))  # nobody handles its signal, which ends the process
    if openpyxl.LXML or not openpyxl.DEFUSEDXML:
        return 1  # only defusedxml refuses entities
    # A sheet that is one chart has no cells, and this way of reading stops at it.
    ExcelReader.read_chartsheet = lambda *_sheet: None
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # what it says of itself is often wrong
            if write(sheet.iter_rows(max_col=COLUMNS_LIMIT, values_only=True), rows=int(rows)):
                break
    return 0


def write(rows_of_sheet: Any, *, rows: int) -> int:
    """How many were written: up to one more than may be, so that whoever reads them can say that there are too many."""
    out = csv.writer(sys.stdout)
    empty = written = 0
    for cells in rows_of_sheet:
        texts = [as_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            empty += 1
            if empty > EMPTY_ROWS_LIMIT:
                break
            continue
        for _row in range(empty):
            out.writerow([])  # so that rows keep their numbers
        out.writerow(texts)
        empty, written = 0, written + 1
        if written > rows + 1:
            break
    return written


def as_text(cell: Any) -> str:
    """In one line, as the sheet shows it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

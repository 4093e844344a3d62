"""The record of an import that a command carries out, so that it can be withdrawn: who was added, and nothing else."""

from __future__ import annotations

from django.utils import timezone

from vendors.bulk_import.csv_rows import VIA, Kind, Result, Row
from vendors.models import ImportRow, VendorImport


class Record:
    """Done from the start: the command does each row by itself, so however it ends nothing is left to be done."""

    def __init__(self, *, name: str, binds: bool) -> None:
        longest = VendorImport._meta.get_field("name").max_length
        now = timezone.now()
        self.run = VendorImport.objects.create(
            name=name[:longest],
            rows=0,
            state=VendorImport.State.DONE,
            invites=not binds,
            binds=binds,
            via=VIA,
            started_at=now,
            finished_at=now,
        )

    def note(self, row: Row, result: Result) -> None:
        """That this row was added, in the transaction that did it."""
        ImportRow.objects.create(
            run=self.run,
            line=row.line,
            name=row.name,
            address=result.address,
            kind=Kind.ADDED,
            vendor=result.vendor,
            is_taken=True,
            is_done=True,
        )

    def end(self) -> VendorImport | None:
        """None when nobody was added: then there is nothing to keep."""
        added = self.run.lines.count()
        if not added:
            self.run.delete()
            return None
        self.run.rows, self.run.finished_at = added, timezone.now()
        self.run.save(update_fields=["rows", "finished_at"])
        return self.run

"""Files of vendors that VM uploads in the admin: examined, kept for the decision, carried out by a durable task."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Collection
from typing import BinaryIO, cast

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import User
from identity.privacy.personal_data import pattern_for
from identity.privacy.retention import forget
from vendors.bulk_import import csv_rows, tables
from vendors.bulk_import.csv_rows import BadFile, Kind, Overtaken, Result
from vendors.models import Vendor, VendorImport

State = VendorImport.State

FILE_LIMIT = 2 * 2**20
SHOWN_AT_MOST = 200  # rows of each kind
AT_ONCE = 500  # rows carried out by one job, so that a worker can stop soon and other tasks get their turn
DECIDED_WITHIN = dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=30)


class AlreadyDecided(Exception):
    """Somebody has started the import or thrown it away."""

    def __init__(self) -> None:
        super().__init__(_("This import has already been started or deleted."))


class UnderWay(Exception):
    """The import is being carried out, and its file is needed until it is done."""


class Tally:
    """How many rows of each kind there were, and the first of each."""

    def __init__(self, counts: dict[str, int] | None = None, shown: dict[str, list] | None = None) -> None:
        self.counts: Counter[str] = Counter(counts or {})
        self.shown: dict[str, list] = shown or {}

    def add(self, result: Result) -> bool:
        """Was there still room to show it?"""
        self.counts[result.kind] += 1
        rows = self.shown.setdefault(result.kind, [])
        if len(rows) < SHOWN_AT_MOST:
            rows.append([result.line, result.address[:254], result.sentence])
            return True
        return False


def prepare(file: BinaryIO, *, name: str, by: User) -> VendorImport:
    """Examine the file and keep it as CSV until somebody decides. Raise BadFile."""
    file = tables.as_csv(file)
    tally = Tally()
    for result in csv_rows.examine(file):
        tally.add(result)
        if tally.counts.total() > tables.ROWS_LIMIT:
            raise BadFile(_("The file has more than %d rows. Please split it.") % tables.ROWS_LIMIT)
    if not tally.counts:
        raise BadFile(_("The file has no rows below the first one."))
    file.seek(0)
    return VendorImport.objects.create(
        by=by,
        name=name,
        content=file.read().decode("utf-8-sig"),
        rows=tally.counts.total(),
        counts=tally.counts,
        results=tally.shown,
    )


@transaction.atomic
def start(run: VendorImport, *, by: User) -> None:
    """Raise AlreadyDecided."""
    started = VendorImport.objects.filter(pk=run.pk, state=State.EXAMINED).update(
        state=State.RUNNING, by=by, started_at=timezone.now(), counts={}, results={}
    )
    if not started:
        raise AlreadyDecided
    defer("vendors.tasks.run_import", import_id=run.pk)


def throw_away(run: VendorImport) -> None:
    """Raise AlreadyDecided."""
    deleted, _models = VendorImport.objects.filter(pk=run.pk, state=State.EXAMINED).delete()
    if not deleted:
        raise AlreadyDecided


def go_on(run: VendorImport) -> None:
    """Carry out the next rows. How far it got is kept with each row, so a kill loses none and repeats none."""
    if run.state != State.RUNNING:
        return
    file = io.BytesIO(cast(str, run.content).encode())
    tally = Tally(run.counts, run.results)
    last = run.rows_done + AT_ONCE

    def keep(result: Result) -> None:
        shown = {"results": tally.shown} if tally.add(result) else {}
        mine = VendorImport.objects.filter(pk=run.pk, state=State.RUNNING, line_done=run.line_done).update(
            line_done=result.line, rows_done=run.rows_done + 1, counts=tally.counts, **shown
        )
        if not mine:
            raise Overtaken
        if run.rows_done + 1 == last:
            defer("vendors.tasks.run_import", import_id=run.pk)

    try:
        for result in csv_rows.carry_out(file, by=run.by, after=run.line_done, keep=keep):
            run.line_done, run.rows_done = result.line, run.rows_done + 1
            if run.rows_done == last:
                return
    except Overtaken:
        return
    VendorImport.objects.filter(pk=run.pk, state=State.RUNNING, line_done=run.line_done).update(
        state=State.DONE, content=None, finished_at=timezone.now()
    )


def forget_old(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """Files that nobody decided on for a day, and the results of imports done a month ago."""
    now = now or timezone.now()
    old = Q(state=State.EXAMINED, created_at__lt=now - DECIDED_WITHIN) | Q(
        state=State.DONE, finished_at__lt=now - KEPT_FOR
    )
    return forget(VendorImport.objects.filter(old), dry_run=dry_run)


@transaction.atomic
def forget_people(addresses: Collection[str], *, names: Collection[str]) -> None:
    """Take them out of the results. A file that names them and waits for a decision goes: it would add them again.

    Raise UnderWay when such a file is being carried out.
    """
    at_address, named = pattern_for(addresses), pattern_for([*addresses, *names])
    for run in VendorImport.objects.select_for_update():
        if at_address.search(str(run.content or "")):
            if run.state == State.RUNNING:
                raise UnderWay
            run.delete()
        elif named.search(str(run.results)):
            run.results = {
                kind: [
                    [line, address, named.sub("–", sentence)]
                    for line, address, sentence in rows
                    if not at_address.search(address)
                ]
                for kind, rows in run.results.items()
            }
            run.save(update_fields=["results"])


def vendors_of(run: VendorImport) -> dict[str, int]:
    """The vendors that have one of the addresses now, by the address in lower case."""
    addresses = {address.lower() for rows in run.results.values() for _line, address, _said in rows}
    vendors = Vendor.objects.annotate(_address=Lower("primary_email")).filter(_address__in=addresses)
    return dict(vendors.values_list("_address", "pk"))


def rows_by_kind(run: VendorImport) -> list[tuple[Kind, int, list]]:
    """What is worth reading comes first."""
    return [(kind, run.counts[kind], run.results.get(kind, [])) for kind in Kind if run.counts.get(kind)]

"""Files of vendors that VM uploads in the admin: examined, kept for the decision, carried out by a durable task."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from typing import BinaryIO

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import User
from identity.privacy.personal_data import pattern_for
from identity.privacy.retention import forget
from vendors.bulk_import import csv_rows, examination, tables
from vendors.bulk_import.csv_rows import BadFile, Entry, Kind, Lists, Result
from vendors.bulk_import.guests_there import GuestsThere
from vendors.models import ImportRow, VendorImport
from vendors.tags import lifecycle as tags

State = VendorImport.State
UNDECIDED = (State.EXAMINED, State.COMPARING)

FILE_LIMIT = 2 * 2**20
AT_ONCE = 500  # rows carried out by one job, so that a worker can stop soon and other tasks get their turn
DECIDED_WITHIN = dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=30)


class AlreadyDecided(Exception):
    """Somebody has started the import or thrown it away."""

    def __init__(self) -> None:
        super().__init__(_("This import has already been started or deleted."))


class BeingCompared(Exception):
    """Nothing is decided while a task looks at every row."""

    def __init__(self) -> None:
        super().__init__(
            _("Passport is comparing the file with the guests in the tenant. Nothing was saved. Try again in a moment.")
        )


class ChangedMeanwhile(Exception):
    """What is to be started is not what was read."""

    def __init__(self) -> None:
        super().__init__(_("This import was changed after you opened the page. Check it again before you start it."))


class _NotOurs(Exception):
    """Another worker has done the row, or the person it names has been erased."""


@transaction.atomic
def prepare(file: BinaryIO, *, name: str, by: User) -> VendorImport:
    """Examine the file and keep its rows until somebody decides. Raise BadFile."""
    file = tables.as_csv(file)
    run = VendorImport.objects.create(by=by, name=name, rows=0, heading=csv_rows.titles(file))
    rows = (examination.new_row(run, row) for row in csv_rows.read(file))
    examined = examination.examine(rows, run, Lists.of_today())
    while some := list(islice(examined, csv_rows.TOGETHER)):
        run.rows += len(some)
        if run.rows > tables.ROWS_LIMIT:
            raise BadFile(_("The file has more than %d rows. Please split it.") % tables.ROWS_LIMIT)
        for row in some:
            row.is_taken = row.kind == Kind.ADDED
        ImportRow.objects.bulk_create(some)
    if not run.rows:
        raise BadFile(_("The file has no rows below the first one."))
    run.save(update_fields=["rows"])
    return run


@transaction.atomic
def compare(run: VendorImport) -> None:
    """Have a task look up who of them is a guest of the tenant. Raise AlreadyDecided or BeingCompared."""
    examined = VendorImport.objects.filter(pk=run.pk, state=State.EXAMINED)
    if not examined.update(state=State.COMPARING):
        raise not_now(run)
    defer("vendors.tasks.compare_import", import_id=run.pk)


def not_now(run: VendorImport) -> AlreadyDecided | BeingCompared:
    """Why nothing can be decided about it."""
    comparing = VendorImport.objects.filter(pk=run.pk, state=State.COMPARING)
    return BeingCompared() if comparing.exists() else AlreadyDecided()


@transaction.atomic
def start(run: VendorImport, *, revision: int, by: User) -> None:
    """Raise AlreadyDecided, BeingCompared or ChangedMeanwhile."""
    examined = VendorImport.objects.filter(pk=run.pk, state=State.EXAMINED)
    if not examined.filter(revision=revision).update(state=State.RUNNING, by=by, started_at=timezone.now()):
        raise ChangedMeanwhile if examined.exists() else not_now(run)
    defer("vendors.tasks.run_import", import_id=run.pk)


@transaction.atomic
def throw_away(run: VendorImport) -> None:
    """Raise AlreadyDecided."""
    undecided = VendorImport.objects.filter(pk=run.pk, state__in=UNDECIDED)
    if not undecided.select_for_update().exists():
        raise AlreadyDecided
    undecided.delete()


def go_on(run: VendorImport) -> None:
    """Carry out the next rows. Each says in its own transaction that it is done: a kill loses none and repeats none."""
    if run.state != State.RUNNING:
        return
    waiting = run.lines.filter(is_taken=True, is_done=False)
    lists = Lists.of_today(guests=GuestsThere.read() if run.binds else None)
    for row, result, entry in examination.examined(waiting.order_by("line")[:AT_ONCE], run, lists):
        _carry_out(run, row, result, entry)
    with transaction.atomic():
        if waiting.exists():
            defer("vendors.tasks.run_import", import_id=run.pk)
            return
        # What was uploaded is needed no longer, but for what can be mended.
        run.lines.exclude(kind=Kind.REFUSED).update(cells=None)
        VendorImport.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.DONE, finished_at=timezone.now())


def _carry_out(run: VendorImport, row: ImportRow, result: Result, entry: Entry | None) -> None:
    try:
        with transaction.atomic():
            if entry is not None:
                result = csv_rows.add(result, entry, by=run.by, invite=run.invites)
            was_added = entry is not None and result.kind in examination.TAKEABLE
            if was_added and result.vendor and run.tags:
                tags.add(result.vendor, tags.parse(run.tags), by=run.by)
            done = ImportRow.objects.filter(pk=row.pk, is_done=False).update(
                is_done=True,
                kind=Kind.ADDED if was_added else result.kind,
                sentence="" if was_added else str(result.sentence),
                vendor=result.vendor,
            )
            if not done:
                raise _NotOurs
    except _NotOurs:
        return


def counts(run: VendorImport) -> dict[tuple[str, bool], int]:
    """How many rows there are of each kind, those that are taken and those that are not."""
    rows = run.lines.order_by().values_list("kind", "is_taken").annotate(number=Count("pk"))
    return {(kind, is_taken): number for kind, is_taken, number in rows}


def taken(run: VendorImport) -> int:
    return sum(number for (_kind, is_taken), number in counts(run).items() if is_taken)


def by_kind(run: VendorImport) -> Counter[str]:
    found: Counter[str] = Counter()
    for (kind, _is_taken), number in counts(run).items():
        found[kind] += number
    return found


def forget_old(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """Files that nobody decided on for a day, and the results of imports done a month ago."""
    now = now or timezone.now()
    old = Q(state__in=UNDECIDED, created_at__lt=now - DECIDED_WITHIN) | Q(
        state=State.DONE, finished_at__lt=now - KEPT_FOR
    )
    return forget(VendorImport.objects.filter(old), dry_run=dry_run)


def rows_with(addresses: Collection[str], *, names: Collection[str] = ()) -> Iterator[ImportRow]:
    """Rows that say one of the addresses anywhere, or about which Passport says one of the names. All are looked
    through, a few hundred at a time: what was uploaded is encrypted.
    """
    at_address, named = pattern_for(addresses), pattern_for([*addresses, *names])
    for row in ImportRow.objects.order_by("pk").iterator(chunk_size=csv_rows.TOGETHER):
        if at_address.search(_uploaded(row)) or named.search(row.sentence):
            yield row


@transaction.atomic
def forget_people(addresses: Collection[str], *, names: Collection[str]) -> None:
    """Rows that have one of their addresses go, also of a file that waits or is being carried out, which would add them
    again. In the others nothing is said of them any more.
    """
    at_address, named = pattern_for(addresses), pattern_for([*addresses, *names])
    for row in rows_with(addresses, names=names):
        if at_address.search(_uploaded(row)):
            row.delete()
        else:
            ImportRow.objects.filter(pk=row.pk).update(sentence=named.sub("–", row.sentence))


def _uploaded(row: ImportRow) -> str:
    return f"{row.address}\n{row.name}\n{row.cells or ''}"

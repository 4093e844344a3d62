"""One action for many vendors: prepared and looked at, then carried out vendor by vendor by a durable task."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from identity import accounts
from identity.jobs.queue import defer
from identity.models import User
from identity.outages import is_outage
from identity.privacy.personal_data import pattern_for
from identity.privacy.retention import forget
from identity.text_direction import gettext as _
from vendors import search
from vendors.bulk.actions import BULK_ACTIONS, BulkAction
from vendors.bulk.refusals import REFUSALS, ChangedSince
from vendors.models import BulkRow, BulkRun, Vendor

log = logging.getLogger(__name__)

State = BulkRun.State
Outcome = BulkRow.Outcome

AT_MOST = 20_000
TOGETHER = 500  # vendors examined at once
AT_ONCE = 200  # vendors of one job, so that a worker can stop soon and other tasks get their turn
DECIDED_WITHIN = dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=90)
NOT_DONE = (Outcome.REFUSED, Outcome.FAILED)


class NoOneChosen(Exception):
    def __init__(self) -> None:
        super().__init__(_("Choose at least one vendor."))


class TooMany(Exception):
    def __init__(self) -> None:
        super().__init__(
            _("That is more than %(number)d vendors. Narrow the list with the search or the filters.")
            % {"number": AT_MOST}
        )


class AlreadyDecided(Exception):
    """Somebody has started it or thrown it away."""

    def __init__(self) -> None:
        super().__init__(_("This has already been started or discarded. Nothing was started twice."))


class ChangedMeanwhile(Exception):
    """What is to be started is not what was read."""

    def __init__(self) -> None:
        super().__init__(_("This was changed in another window after you opened it. Read it again before you start."))


class UnderWay(Exception):
    """It is being carried out, and what it says is needed until it is done."""


# Before the start


@transaction.atomic
def prepare(action: BulkAction, vendors: QuerySet[Vendor] | Iterable[int], *, by: User) -> BulkRun:
    """For a list of any length, or for ids. Nothing happens until `start`. Raise NoOneChosen or TooMany."""
    run = BulkRun.objects.create(action=action.name, by=by, examined_at=timezone.now())
    ids, chosen = _ids(vendors), 0
    while some := list(islice(ids, TOGETHER)):
        chosen += len(some)
        if chosen > AT_MOST:
            raise TooMany
        known = _vendors().in_bulk(some)
        rows = [BulkRow(run=run, vendor=known[pk]) for pk in dict.fromkeys(some) if pk in known]
        _examine(rows, action, run.parameters)
        BulkRow.objects.bulk_create(rows, ignore_conflicts=True)  # an id may have come before
    if not run.lines.exists():
        raise NoOneChosen
    return run


def _ids(vendors: QuerySet[Vendor] | Iterable[int]) -> Iterator[int]:
    if not isinstance(vendors, QuerySet):
        return iter(vendors)
    ids = vendors.prefetch_related(None).values_list("pk", flat=True)
    return ids.iterator(chunk_size=TOGETHER)


def _vendors() -> QuerySet[Vendor]:
    return Vendor.objects.defer(*search.WORDS)


@transaction.atomic
def set_parameters(run: BulkRun, parameters: Mapping[str, Any], *, revision: int) -> None:
    """Raise AlreadyDecided or ChangedMeanwhile."""
    _take(run, revision, parameters=dict(parameters), examined_at=timezone.now())
    run.refresh_from_db()
    _examine_again(run, Q(outcome__in=[Outcome.WAITING, Outcome.REFUSED]))


@transaction.atomic
def start(run: BulkRun, *, revision: int, by: User) -> None:
    """Raise AlreadyDecided or ChangedMeanwhile."""
    _take(run, revision, state=State.RUNNING, by=by, started_at=timezone.now())
    defer("vendors.tasks.run_bulk", bulk_id=run.pk)


@transaction.atomic
def throw_away(run: BulkRun) -> None:
    """Raise AlreadyDecided."""
    prepared = BulkRun.objects.filter(pk=run.pk, state=State.PREPARED)
    if not prepared.select_for_update().exists():
        raise AlreadyDecided
    prepared.delete()


def _take(run: BulkRun, revision: int, **fields: Any) -> None:
    """One conditional UPDATE: of two who press at once, or of one who presses twice, the second changes nothing."""
    prepared = BulkRun.objects.filter(pk=run.pk, state=State.PREPARED)
    if prepared.filter(revision=revision).update(revision=revision + 1, **fields):
        return
    raise ChangedMeanwhile if prepared.exists() else AlreadyDecided


def _examine(rows: Collection[BulkRow], action: BulkAction, parameters: Mapping[str, Any]) -> None:
    why_not = action.why_not([row.vendor for row in rows], parameters)
    for row in rows:
        reason = why_not.get(row.vendor_id, "")
        row.outcome = Outcome.REFUSED if reason else Outcome.WAITING
        row.reason = str(reason)[: _longest_reason()]
        row.seen = action.seen(row.vendor)


def _examine_again(run: BulkRun, which: Q) -> None:
    """With what is known now, a few hundred rows at a time."""
    action, after = BULK_ACTIONS[run.action], 0
    while rows := list(run.lines.filter(which, pk__gt=after).order_by("pk")[:TOGETHER]):
        known = _vendors().in_bulk([row.vendor_id for row in rows])
        rows = [row for row in rows if row.vendor_id in known]
        for row in rows:
            row.vendor, after = known[row.vendor_id], row.pk
        before = {row.pk: (row.outcome, row.reason, row.seen) for row in rows}
        _examine(rows, action, run.parameters)
        # Of most nothing changes, and writing takes longer than all the rest.
        changed = [row for row in rows if (row.outcome, row.reason, row.seen) != before[row.pk]]
        BulkRow.objects.bulk_update(changed, ["outcome", "reason", "seen"])


def _longest_reason() -> int:
    return BulkRow._meta.get_field("reason").max_length or 0


# Carrying it out


def go_on(run_id: int) -> None:
    """The next vendors. Killed anywhere it goes on where it was, and does nothing twice: each row says what became
    of it, in the transaction in which it was done.
    """
    run = BulkRun.objects.select_related("by").filter(pk=run_id, state=State.RUNNING).first()
    if run is None:
        return
    action = BULK_ACTIONS[run.action]
    waiting = run.lines.filter(outcome=Outcome.WAITING).order_by("pk")
    for row_id, user_id in waiting.values_list("pk", "vendor__user")[:AT_ONCE]:
        _carry_out(run, action, row_id, user_id)
    with transaction.atomic():
        if waiting.exists():
            defer("vendors.tasks.run_bulk", bulk_id=run.pk)
        else:
            BulkRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.DONE, finished_at=timezone.now())


def _carry_out(run: BulkRun, action: BulkAction, row_id: int, user_id: int) -> None:
    with pghistory.context(user=run.by_id), transaction.atomic():
        accounts.lock_person(user_id)
        mine = BulkRow.objects.filter(pk=row_id, outcome=Outcome.WAITING)
        if not mine.update(outcome=Outcome.DONE, reason="", at=timezone.now()):
            return  # another worker was first, or the vendor has been erased
        row = BulkRow.objects.get(pk=row_id)
        row.run = run
        row.vendor = _vendors().select_related("user", "owner").get(pk=row.vendor_id)
        try:
            with transaction.atomic():
                if action.seen(row.vendor) != row.seen:
                    raise ChangedSince(row.vendor)
                action.carry_out(row.vendor, row)
        except REFUSALS as refusal:
            _note(row, Outcome.REFUSED, str(refusal))
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("An action failed for one of many vendors: action=%s row=%s", action.name, row.pk)
            _note(row, Outcome.FAILED, _("Something went wrong. Try again. If it keeps happening, tell operations."))


def _note(row: BulkRow, outcome: str, reason: str) -> None:
    BulkRow.objects.filter(pk=row.pk).update(outcome=outcome, reason=reason[: _longest_reason()])


# Afterwards


@transaction.atomic
def again(run: BulkRun, *, by: User, outcomes: Collection[str] = NOT_DONE) -> None:
    """Those with whom it was not possible, or failed. Raise AlreadyDecided."""
    again_at = timezone.now()
    done = BulkRun.objects.filter(pk=run.pk, state=State.DONE)
    if not done.update(state=State.RUNNING, by=by, started_at=again_at, finished_at=None, examined_at=again_at):
        raise AlreadyDecided
    _examine_again(run, Q(outcome__in=outcomes))
    defer("vendors.tasks.run_bulk", bulk_id=run.pk)


def counts(run: BulkRun) -> Counter[str]:
    """How many rows there are of each outcome."""
    return Counter(dict(run.lines.order_by().values_list("outcome").annotate(number=Count("pk"))))


def forget_old(*, now: dt.datetime | None = None, dry_run: bool = False) -> int:
    """Those that nobody decided on for a day, those done long ago, and those all of whose vendors have been erased."""
    now = now or timezone.now()
    old = (
        Q(state=State.PREPARED, created_at__lt=now - DECIDED_WITHIN)
        | Q(state=State.DONE, finished_at__lt=now - KEPT_FOR)
        | ~Q(Exists(BulkRow.objects.filter(run=OuterRef("pk"))))
    )
    return forget(BulkRun.objects.filter(old), dry_run=dry_run)


@transaction.atomic
def forget_people(addresses: Collection[str], *, names: Collection[str]) -> None:
    """Take them out of what was written to many. Raise UnderWay when that is being sent just now."""
    pattern = pattern_for([*addresses, *names])
    for run in BulkRun.objects.select_for_update(of=("self",)):
        said = {name: text for name, text in run.parameters.items() if isinstance(text, str) and pattern.search(text)}
        if not said:
            continue
        if run.state == State.RUNNING:
            raise UnderWay
        run.parameters |= {name: pattern.sub("–", text) for name, text in said.items()}
        run.save(update_fields=["parameters"])

"""Erasing a vendor: what is kept afterwards is an id, dates, and on what ground; and, locked, what the law keeps.

erase() is the only way in. Two steps, each of them whole. lifecycle.erase() ends all access and says so in the vendor's
state; finish() removes everything, and locks away what vendors.privacy.locks says. A kill in between leaves a vendor
who is erased and still has an address: whoever comes next finishes, the same command or the worker.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context, Event

from identity import accounts
from identity.jobs import retries
from identity.models import User, protected_rows
from identity.privacy import erasure as identity_erasure
from identity.privacy import personal_data as identity_data
from vendors import lifecycle
from vendors.bulk import runs as bulk_runs
from vendors.bulk_import import runs
from vendors.models import (
    Acceptance,
    DataRequest,
    Document,
    FeedLine,
    LockedRecord,
    RetentionEntry,
    RetentionHold,
    Section,
    Vendor,
    VendorEvent,
    VendorState,
)
from vendors.onboarding_interface import onboarding
from vendors.privacy import locks, personal_data

# What proves that Passport did right stays, without a word about whom: that agreements were accepted, in which version
# and when; what was asked about the data and when it was answered; what happened when, up to the erasure and its
# ground; and, for the project database, the erasure itself.
KEPT: dict[type[Model], dict[str, Any]] = {
    Acceptance: {"address": "", "oid": None, "signatory": "", "position": ""},
    DataRequest: {"identity_note": "", "extended_why": "", "answer": ""},
    VendorEvent: {"reason": "", "data": {}},
    FeedLine: {},
}
# What there may be of a vendor afterwards, as long as something is locked.
ABOUT_WHAT_IS_LOCKED = (LockedRecord, RetentionEntry, RetentionHold)
# Which task's argument is the id of which row, so that jobs are found by the rows they are about.
JOB_ARGUMENTS = {
    "invitation_id": "identity.Invitation",
    "account_id": "identity.EntraAccount",
    "failure_id": "identity.Failure",
    "email_change_id": "vendors.EmailChange",
    "request_id": "vendors.EmailChangeRequest",
    "vendor_id": "vendors.Vendor",
    "document_id": "vendors.Document",
    "check_id": "vendors.ProfileCheck",
    "release_id": "vendors.PaymentRelease",
    "row_id": "vendors.BulkRow",
    "proposal_id": "vendors.RateProposal",
    "notice_id": "vendors.VendorNotice",
    "data_request_id": "vendors.DataRequest",
}
WAIT_AT_MOST = 30  # seconds; no task of ours takes longer, unless its worker was killed


class StillBusy(Exception):
    """A task about the vendor is under way and may still write something down."""

    def __init__(self) -> None:
        super().__init__(_("A task about this vendor is still under way."))


class ReasonNamesThem(Exception):
    """The reason is kept for ever, so it must not hold what is to be erased."""

    def __init__(self) -> None:
        super().__init__(_("The reason is kept for ever. Write it without the vendor's name or addresses."))


def check_reason(vendor: Vendor, reason: str) -> None:
    """Raise ReasonNamesThem."""
    words = [*personal_data.addresses_of(vendor), *personal_data.names_of(vendor)]
    if identity_data.pattern_for(words).search(reason):
        raise ReasonNamesThem


def plan(vendor: Vendor) -> dict[str, int]:
    """How much of each kind would go, or be emptied of words."""
    addresses = personal_data.addresses_of(vendor)
    names = personal_data.names_of(vendor)
    counts = {name: rows.count() for name, rows in _everything(vendor, addresses).items()}
    counts["history"] = sum(rows.count() for rows in personal_data.history_of([vendor]).values())
    counts["mentions in other cases"] = len(identity_data.mentions(vendor.user, addresses=addresses))
    counts["rows of imports"] = sum(1 for _row in runs.rows_with(addresses, names=names))
    return {kind: count for kind, count in counts.items() if count}


def erase(
    vendor: Vendor,
    *,
    reason: str,
    by: User | None = None,
    via: str = "",
    sections: Iterable[Section] = locks.ON_REQUEST,
    on: dt.date | None = None,
    check: Callable[[], None] = lambda: None,
    patiently: bool = True,
) -> None:
    """The one way in. Again after a kill it goes on. Raise WrongState, CannotWrite (see lifecycle.erase) or, with all
    access ended, StillBusy, unless waiting `patiently` helps.

    `sections` are those that stay locked for as long as they have to be kept, if the vendor ever worked for us; `on` is
    the day from which that counts if the work had not ended before. `check` is called with the person locked, and may
    raise whatever stops it.
    """
    if vendor.state != VendorState.ERASED:
        with transaction.atomic():
            accounts.lock_person(vendor.user_id)
            check()
            lifecycle.erase(vendor, reason=reason, by=by, via=via, locked=locks.plan(vendor, sections, today=on))
    if patiently:
        finish_patiently(vendor)
    else:
        finish(vendor)


def locked_at_erasure(vendor: Vendor) -> Mapping[str, str]:
    """As the first step decided; it is in the event, which is kept."""
    erased = vendor.events.filter(kind=VendorEvent.Kind.ERASED).order_by("-at", "-pk").first()
    decided: Mapping[str, str] | None = erased.data.get("locked") if erased else None
    return locks.plan(vendor) if decided is None else decided


def finish(vendor: Vendor) -> None:
    """Remove everything about an erased vendor. Again after a kill it goes on. Raise StillBusy or WrongState."""
    vendor.refresh_from_db()
    if vendor.state != VendorState.ERASED:
        raise lifecycle.WrongState(vendor)
    if is_finished(vendor):
        return
    locked = locked_at_erasure(vendor)
    # Files before rows: a kill in between leaves rows that name them, and not files that nobody knows.
    kept_files = locks.files_of(vendor, locked)
    for document in Document.objects.filter(vendor=vendor).exclude(file__in=kept_files):
        document.file.storage.delete(str(document.file.name))
    with protected_rows.lifted():
        user = accounts.lock_person(vendor.user_id)
        vendor = Vendor.objects.select_for_update(of=("self",)).select_related("user").get(pk=vendor.pk)
        if is_finished(vendor):
            return
        addresses = personal_data.addresses_of(vendor)
        names = personal_data.names_of(vendor)
        rows = _everything(vendor, addresses)
        _stop_jobs([*rows.values(), Vendor.objects.filter(pk=vendor.pk)])
        try:
            runs.forget_people(addresses, names=names)
            bulk_runs.forget_people(addresses, names=names)
        except bulk_runs.UnderWay as error:
            raise StillBusy from error
        rows.pop("log entries").delete()
        records = locks.take(vendor, locked, counted_from=locks.ended_on(vendor, timezone.localdate()))
        _answer_requests(vendor)
        _empty_events(vendor)
        _delete_rows([vendor])
        identity_erasure.erase(user, addresses=addresses)
        Vendor.objects.filter(pk=vendor.pk).update(
            name="",
            primary_email=f"erased-{vendor.pk}{personal_data.NOBODY}",
            language=Vendor._meta.get_field("language").default,
            owner=None,
            suspended_from="",
            closed_from="",
            closed_as="",
        )
        _delete_history([vendor], user=user)
        for record in records:
            record.save(force_insert=True)


def is_finished(vendor: Vendor) -> bool:
    return vendor.state == VendorState.ERASED and vendor.address.endswith(personal_data.NOBODY)


def finish_patiently(vendor: Vendor) -> None:
    """Wait for a task about them that is under way. Raise StillBusy when that takes too long, or WrongState."""
    deadline = time.monotonic() + WAIT_AT_MOST
    while True:
        try:
            return finish(vendor)
        except StillBusy:
            if time.monotonic() > deadline:
                raise
        time.sleep(1)


def finish_all() -> int:
    """Finish what was killed or was waiting for a task; how many are finished now."""
    finished = 0
    for vendor in Vendor.objects.filter(state=VendorState.ERASED).exclude(personal_data.is_erased()):
        try:
            finish(vendor)
        except StillBusy:
            continue
        finished += 1
    return finished


def forget_strays(*, dry_run: bool = False) -> int:
    """What a request that was under way during the erasure wrote after it."""
    erased = Vendor.objects.filter(personal_data.is_erased())
    # What points to the vendor through another row goes with that row.
    strays = {
        name: rows
        for name, rows in personal_data.rows_of(erased).items()
        if rows.model not in (*KEPT, *ABOUT_WHAT_IS_LOCKED)
        and any(field.name == "vendor" for field in rows.model._meta.fields)
    }
    vendors = {vendor_id for rows in strays.values() for vendor_id in rows.order_by().values_list("vendor", flat=True)}
    count = sum(rows.count() for rows in strays.values())
    if vendors and not dry_run:
        with protected_rows.lifted():
            left = list(Vendor.objects.filter(pk__in=vendors))
            _delete_rows(left)
            _delete_history(left)
    return count


def _everything(vendor: Vendor, addresses: Collection[str]) -> dict[str, QuerySet]:
    rows = personal_data.rows_of([vendor]) | identity_data.rows(vendor.user, addresses=addresses)
    named = [*rows.values(), Vendor.objects.filter(pk=vendor.pk), User.objects.filter(pk=vendor.user_id)]
    return {"log entries": personal_data.log_entries(named), **rows}


def job_arguments() -> dict[str, str]:
    return {**JOB_ARGUMENTS, **onboarding().job_arguments}


def _stop_jobs(querysets: Collection[QuerySet]) -> None:
    """Raise StillBusy when one is under way."""
    ids = {
        argument: [
            str(pk) for rows in querysets if rows.model._meta.label == label for pk in rows.values_list("pk", flat=True)
        ]
        for argument, label in job_arguments().items()
    }
    retries.forget_jobs(ids)
    if retries.is_any_under_way(ids):
        raise StillBusy


def _answer_requests(vendor: Vendor) -> None:
    """Whoever is erased has nothing more to ask for; what they asked for is closed with the erasure."""
    DataRequest.objects.open().filter(vendor=vendor).update(
        state=DataRequest.State.ANSWERED, closed_at=timezone.now(), answer=""
    )


def _empty_events(vendor: Vendor) -> None:
    for model, emptied in KEPT.items():
        rows = model._base_manager.filter(vendor=vendor)
        if model is VendorEvent:
            rows = rows.exclude(kind=VendorEvent.Kind.ERASED)
        if emptied:
            rows.update(**emptied)


def _delete_rows(vendors: Collection[Vendor]) -> None:
    for rows in personal_data.rows_of(vendors).values():
        if rows.model not in KEPT:
            rows.delete()


def _delete_history(vendors: Collection[Vendor], *, user: User | None = None) -> None:
    """After the rows themselves: deleting those writes history as well."""
    contexts: set[Any] = set()
    for rows in personal_data.history_of(vendors).values():
        contexts.update(rows.order_by().values_list("pgh_context", flat=True))
        rows.delete()
    if user:
        contexts.update(Context.objects.filter(metadata__user=user.pk).values_list("pk", flat=True))
    for model in apps.get_models():
        if issubclass(model, Event):
            rows = QuerySet(model).filter(pgh_context__in=contexts)
            contexts -= set(rows.values_list("pgh_context", flat=True))
    Context.objects.filter(pk__in=contexts).delete()

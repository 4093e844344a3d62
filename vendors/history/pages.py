"""The timeline of a vendor, a page at a time: newest first, of the kinds that are wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy

from identity.jobs import heartbeat
from identity.models import Failure, Invitation, LoggedSignIn, SentEmail, SignInAttempt, User
from vendors.history import field_changes, timeline
from vendors.history.timeline import Entry
from vendors.models import Vendor, VendorEvent

PER_PAGE = 50

Kind = VendorEvent.Kind
# Of these there are rows that say who wrote them, and that are kept for as long as the vendor.
WRITTEN_BY_VM = ("vendors/mail/notice", "vendors/mail/written")
# The rows themselves say it better: an invitation with its state, a change with its addresses.
TOLD_BY_ROWS = (Kind.INVITED, Kind.INVITED_AGAIN, Kind.EMAIL_CHANGE_STARTED)


@dataclass
class Asked:
    """What the page is to show."""

    vendor: Vendor
    before: dt.datetime | None
    titles: Mapping[str, str | Promise]

    @cached_property
    def via(self) -> dict[str, str]:
        """Which command invited or changed an address, by the row of the invitation or the change."""
        told = self.vendor.events.filter(kind__in=TOLD_BY_ROWS).exclude(via="").order_by("-at")[: 2 * PER_PAGE]
        return {str(event.data.get("invitation") or event.data.get("email_change")): event.via for event in told}


@dataclass
class Found:
    """Entries of one kind, and the time down to which they are complete (None: there are no older ones)."""

    entries: list[Entry]
    floor: dt.datetime | None = None


@dataclass(frozen=True)
class KindOfEntry:
    name: str
    label: str | Promise
    find: Callable[[Asked], Iterable[Found]]
    permission: str = "vendors.view_vendorevent"


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str = ""  # what the next page begins before
    kinds: list[tuple[KindOfEntry, bool]] = field(default_factory=list)  # and whether each is shown
    is_newest: bool = True

    @property
    def newest_url(self) -> str:
        return f"?{self._query()}#timeline"

    @property
    def older_url(self) -> str:
        return f"?{self._query(before=self.older)}#timeline"

    def _query(self, **more: str) -> str:
        """Nothing of the kinds while all of them are shown."""
        shown = [kind.name for kind, is_shown in self.kinds if is_shown]
        return urlencode({"show": shown if len(shown) < len(self.kinds) else [], **more}, doseq=True)


def page(
    vendor: Vendor,
    *,
    user: User,
    titles: Mapping[str, str | Promise] | None = None,
    wanted: Collection[str] = (),
    before: str = "",
) -> Page:
    """A constant number of statements, whatever happened. Without any kind that there is, all of them are wanted.

    `titles` are those of the wizard's pages, by name.
    """
    allowed = [kind for kind in KINDS if user.has_perm(kind.permission)]
    shown = [kind for kind in allowed if kind.name in wanted] or allowed
    limit = _moment(before)
    asked = Asked(vendor, limit, titles or {})
    found = [each for kind in shown for each in kind.find(asked)]
    entries, older = _cut(found)
    return Page(_with_folded_steps(entries), older, [(kind, kind in shown) for kind in allowed], limit is None)


def _moment(text: str) -> dt.datetime | None:
    """None for whatever no link of ours says."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and is_aware(moment) else None


def _cut(found: Iterable[Found]) -> tuple[list[Entry], str]:
    """The newest entries in order, and before when the rest is. Nothing is skipped: a kind that was cut short cuts the
    others too, and what happened at the same moment stays together.
    """
    found = list(found)
    entries = sorted((entry for each in found for entry in each.entries), key=lambda entry: entry.at, reverse=True)
    floor = max((each.floor for each in found if each.floor), default=None)
    if floor is not None:
        # More at one moment than is read at once: the rest of them is left out, so that one can go on.
        entries = [entry for entry in entries if entry.at > floor] or [entry for entry in entries if entry.at == floor]
    if len(entries) > PER_PAGE:
        last = entries[PER_PAGE - 1].at
        kept = [entry for entry in entries if entry.at >= last]
        if len(kept) < len(entries) or floor is not None:
            return kept, last.isoformat()
        return kept, ""
    if floor is None:
        return entries, ""
    return entries, entries[-1].at.isoformat() if entries else floor.isoformat()


def _with_folded_steps(entries: Iterable[Entry]) -> list[Entry]:
    """Steps of the wizard between which nothing else happened to the vendor are one entry."""
    shown: list[Entry] = []
    run: list[Entry] = []
    for entry in entries:
        if entry.is_step:
            run.append(entry)
            continue
        shown += _folded(run)
        run = []
        shown.append(entry)
    return [*shown, *_folded(run)]


def _folded(run: list[Entry]) -> list[Entry]:
    return [timeline.folded_steps(run)] if len(run) > 1 else run


def _rows(rows: QuerySet, asked: Asked, at: str) -> tuple[list[Any], dt.datetime | None]:
    """One more than fits on a page says that there are older ones."""
    if asked.before is not None:
        rows = rows.filter(**{f"{at}__lt": asked.before})
    found = list(rows.order_by(f"-{at}", "-pk")[: PER_PAGE + 1])
    return found, getattr(found[-1], at) if len(found) > PER_PAGE else None


def _of(rows: QuerySet, asked: Asked, at: str, entry: Callable[[Any], Entry]) -> Found:
    found, floor = _rows(rows, asked, at)
    return Found([entry(row) for row in found], floor)


def _events(asked: Asked) -> Iterable[Found]:
    vendor = asked.vendor
    rows = vendor.events.exclude(kind__in=(*TOLD_BY_ROWS, Kind.WRITTEN_TO)).select_related("by")
    yield _of(rows, asked, "at", lambda row: timeline.of_event(row, vendor, asked.titles))
    changes = vendor.email_changes.select_related("by")
    yield _of(changes, asked, "created_at", lambda row: timeline.of_change(row, via=asked.via.get(str(row.pk), "")))


def _invitations(asked: Asked) -> Iterable[Found]:
    rows = Invitation.objects.filter(user=asked.vendor.user_id).select_related("by", "account")
    found, floor = _rows(rows, asked, "queued_at")
    worker_is_dead = heartbeat.is_dead("worker")
    yield Found(list(timeline.of_invitations(found, via=asked.via, worker_is_dead=worker_is_dead)), floor)


def _sign_ins(asked: Asked) -> Iterable[Found]:
    person = asked.vendor.user_id
    attempts = SignInAttempt.objects.filter(user=person).select_related("failure")
    yield _of(attempts, asked, "started_at", timeline.of_attempt)
    yield _of(LoggedSignIn.objects.filter(account__user=person), asked, "at", timeline.of_logged)


def _cases(asked: Asked) -> Iterable[Found]:
    yield _of(Failure.objects.filter(user=asked.vendor.user_id), asked, "last_seen_at", timeline.of_failure)


def _emails(asked: Asked) -> Iterable[Found]:
    sent = SentEmail.objects.filter(user=asked.vendor.user_id).exclude(template__in=("", *WRITTEN_BY_VM))
    yield _of(sent, asked, "sent_at", timeline.of_email)
    yield _of(asked.vendor.notices.select_related("by"), asked, "created_at", timeline.of_notice)
    yield _written(asked)


def _written(asked: Asked) -> Found:
    """What VM wrote to many, as long as they are kept with the words that went out."""
    events, floor = _rows(asked.vendor.events.filter(kind=Kind.WRITTEN_TO).select_related("by"), asked, "at")
    tokens = [event.data["email"] for event in events if "email" in event.data]
    sent = {email.token: email for email in SentEmail.objects.filter(token__in=tokens, user=asked.vendor.user_id)}
    return Found([timeline.of_written(event, sent.get(event.data.get("email", ""))) for event in events], floor)


def _notes(asked: Asked) -> Iterable[Found]:
    yield _of(asked.vendor.notes.select_related("by"), asked, "at", timeline.of_note)


def _fields(asked: Asked) -> Iterable[Found]:
    for changes, floor in field_changes.of_vendor(asked.vendor, before=asked.before):
        yield Found([timeline.of_field_change(change, asked.vendor) for change in changes], floor)


def _documents(asked: Asked) -> Iterable[Found]:
    yield _of(asked.vendor.documents.all(), asked, "uploaded_at", timeline.of_document)


KINDS = (
    KindOfEntry("events", gettext_lazy("Events"), _events),
    KindOfEntry("emails", gettext_lazy("Emails"), _emails),
    KindOfEntry("invitations", gettext_lazy("Invitations"), _invitations),
    KindOfEntry("sign-ins", gettext_lazy("Sign-ins"), _sign_ins),
    KindOfEntry("cases", gettext_lazy("Cases"), _cases),
    KindOfEntry("notes", gettext_lazy("Notes"), _notes, permission="vendors.view_note"),
    KindOfEntry("fields", gettext_lazy("Changed fields"), _fields),
    KindOfEntry("documents", gettext_lazy("Documents"), _documents),
)

"""What waits for VM, and how the last weeks went: the admin's first page. Few statements, no full counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from identity.failures import cases, ownership, reasons
from identity.models import Failure, Invitation, User
from onboarding.draft import progress
from onboarding.models import Draft, Submission
from vendors.colleagues import owners
from vendors.email_change import lapsed
from vendors.models import (
    DataRequest,
    EmailChange,
    EmailChangeRequest,
    Evidence,
    PaymentDetails,
    PaymentRelease,
    PossibleDuplicate,
    ProfileCheck,
    RetentionEntry,
    Vendor,
    VendorEvent,
    VendorState,
)
from vendors.models.document import EXPIRES_SOON
from vendors.payment import releases

COUNTED_AT_MOST = 100
LINKED_AT_MOST = 3
SILENT_AFTER = dt.timedelta(days=7)
WEEKS = 12
STUCK_SHOWN = 10


@dataclass(frozen=True)
class Queue:
    name: str | Promise
    permission: str
    rows: Callable[[dt.datetime], QuerySet]
    since: str  # when a row began to wait
    url: Callable[[], str]
    late_after: dt.timedelta | None = None
    page: str = "vendors_vendor"  # where it is done: the model's page in the admin ...
    row: str = ""  # ... and which one. Empty: the list of who is stuck, below, leads there.
    called: tuple[str, ...] = ("vendor__name", "vendor__primary_email")  # the first that is not empty
    began: Callable[[Any], dt.datetime] = lambda since: since
    is_money: bool = False  # for those who pay, and do nothing else here
    owner: str = "vendor__owner"  # leads to the owner of the vendor it is about; empty: it is everyone's
    worked_on_by: str = ""  # leads to the address of the colleague who is on it, whoever owns the vendor
    due: str = ""  # leads to the last day for it. Whatever is due first comes first, and is late when that day is over


@dataclass(frozen=True)
class Oldest:
    name: str
    url: str
    since: dt.datetime
    on_it: str = ""
    due: dt.date | None = None
    is_overdue: bool = False


@dataclass(frozen=True)
class Waiting:
    name: str | Promise
    url: str
    count: int
    oldest: dt.datetime | None
    is_late: bool
    links: list[Oldest]

    @property
    def shown_count(self) -> str:
        return f"{COUNTED_AT_MOST}+" if self.count > COUNTED_AT_MOST else str(self.count)


def _list(model: str, **params: str) -> Callable[[], str]:
    return lambda: f"{reverse(f'admin:{model}_changelist')}{'?' if params else ''}{urlencode(params)}"


def _without_case(rows: QuerySet, *, user: str = "user") -> QuerySet:
    """One problem counts in one queue: whoever has an open case is counted among the cases."""
    return rows.filter(~Exists(Failure.objects.open().filter(user=OuterRef(user))))


def _silent_invited(now: dt.datetime) -> QuerySet:
    silent = Vendor.objects.filter(state=VendorState.INVITED, state_changed_at__lt=now - SILENT_AFTER)
    return _without_case(silent)


def _stopped_drafts(now: dt.datetime, *states: VendorState) -> QuerySet[Draft]:
    return _without_case(Draft.objects.stopped(now=now, states=states), user="vendor__user")


def _expires_soon_since(day: dt.date) -> dt.datetime:
    return _day(day - EXPIRES_SOON)


def _day(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _cases(name: str | Promise, permission: str, audience: str) -> Queue:
    return Queue(
        name,
        permission,
        lambda now: Failure.objects.open().filter(cases.dealt_with_by(audience)),
        "first_seen_at",
        _list("identity_failure", **{"for": audience}),
        dt.timedelta(days=1),
        page="identity_failure",
        row="pk",
        called=("address", "claimed_address", "reference"),
        owner="user__vendor__owner" if audience == reasons.VM else "",
        worked_on_by="assigned_to__email",
    )


QUEUES = [
    Queue(
        _("Submissions to review"),
        "vendors.review_vendor",
        lambda now: Submission.objects.awaiting_review(),
        "submitted_at",
        _list("onboarding_submission", state__exact="waiting", kind__exact="onboarding"),
        dt.timedelta(days=3),
        page="onboarding_submission",
        row="pk",
    ),
    Queue(
        _("Profile changes to review"),
        "vendors.review_vendor",
        lambda now: Submission.objects.changes_awaiting_review(),
        "submitted_at",
        _list("onboarding_submission", state__exact="waiting", kind__exact="change"),
        dt.timedelta(days=3),
        page="onboarding_submission",
        row="pk",
    ),
    Queue(
        _("Payment details to release"),
        "vendors.release_payment",
        lambda now: PaymentRelease.objects.filter(state=PaymentRelease.State.PENDING),
        "approved_at",
        _list("vendors_paymentrelease", state__exact=PaymentRelease.State.PENDING.value),
        dt.timedelta(days=7),
        page="vendors_paymentrelease",
        row="pk",
        is_money=True,
    ),
    Queue(
        _("Approved, but no payment details"),
        "vendors.export_payment",
        lambda now: releases.without_account(Vendor.objects.all()),
        "state_changed_at",
        _list("vendors_vendor", state__exact=VendorState.APPROVED.value, payment="missing"),
        row="pk",
        called=("name", "primary_email"),
        is_money=True,
        owner="owner",
    ),
    Queue(
        _("Payment details to enter"),
        "vendors.export_payment",
        lambda now: PaymentDetails.objects.to_take_over(),
        "adopted_at",
        _list("vendors_paymentdetails"),
        dt.timedelta(days=7),
        page="vendors_paymentdetails",
        row="pk",
        is_money=True,
        owner="",
    ),
    _cases(_("Open cases"), "identity.view_failure", reasons.VM),
    _cases(_("Open cases for operations"), "identity.end_sessions", reasons.OPERATIONS),
    Queue(
        _("Email change requests"),
        "vendors.change_primary_email",
        lambda now: EmailChangeRequest.objects.filter(state=EmailChangeRequest.State.WAITING),
        "asked_at",
        _list("vendors_emailchangerequest", state__exact=EmailChangeRequest.State.WAITING.value),
        dt.timedelta(days=3),
        page="vendors_emailchangerequest",
        row="pk",
    ),
    Queue(
        _("Data requests"),
        "vendors.answer_datarequest",
        lambda now: DataRequest.objects.open(),
        "received_on",
        _list("vendors_datarequest", state__exact=DataRequest.State.OPEN.value),
        began=_day,
        page="vendors_datarequest",
        row="pk",
        due="due_on",
    ),
    Queue(
        _("About to be erased"),
        "vendors.hold_vendor",
        lambda now: RetentionEntry.objects.all(),
        "listed_on",
        _list("vendors_retentionentry"),
        began=_day,
        row="vendor_id",
        due="goes_on",
    ),
    Queue(
        _("Possible duplicates"),
        "vendors.merge_vendors",
        lambda now: PossibleDuplicate.objects.open(),
        "found_at",
        _list("vendors_possibleduplicate"),
        dt.timedelta(days=14),
        page="vendors_possibleduplicate",
        row="pk",
        called=("second__name", "second__primary_email"),
        owner="",  # two vendors may have two
    ),
    Queue(
        _("Invitations waiting to be sent"),
        "identity.view_invitation",
        lambda now: Invitation.objects.waiting_too_long(now=now),
        "queued_at",
        _list("identity_invitation", stuck="no-case"),
        dt.timedelta(0),
        page="identity_invitation",
        row="pk",
        called=("address",),
        owner="user__vendor__owner",
    ),
    Queue(
        _("Invited, no response for a week"),
        "onboarding.view_submission",
        _silent_invited,
        "state_changed_at",
        _list("vendors_vendor", state__exact=VendorState.INVITED.value, waits="week", case="none"),
        row="pk",
        called=("name", "primary_email"),
        owner="owner",
    ),
    Queue(
        _("Stopped halfway through onboarding"),
        "onboarding.view_submission",
        lambda now: _stopped_drafts(now, VendorState.ONBOARDING),
        "left_at",
        _list("vendors_vendor", state__exact=VendorState.ONBOARDING.value, stuck="any", case="none"),
        SILENT_AFTER,
    ),
    Queue(
        _("Changes requested, no reply"),
        "onboarding.view_submission",
        lambda now: _without_case(Vendor.objects.filter(state=VendorState.CHANGES_REQUESTED)),
        "state_changed_at",
        _list("vendors_vendor", state__exact=VendorState.CHANGES_REQUESTED.value, case="none"),
        SILENT_AFTER,
        owner="owner",
    ),
    Queue(
        _("Evidence to verify"),
        "vendors.review_vendor",
        lambda now: Evidence.objects.to_verify(),
        "since",
        _list("vendors_evidence", work="verify"),
        dt.timedelta(days=14),
        page="vendors_evidence",
        row="pk",
    ),
    Queue(
        _("“Is this still right?” not answered"),
        "vendors.review_vendor",
        lambda now: ProfileCheck.objects.overdue(now=now),
        "due_at",
        _list("vendors_vendor", still_right="overdue"),
        SILENT_AFTER,
        row="vendor_id",
    ),
    Queue(
        _("Expires within 60 days"),
        "vendors.review_vendor",
        lambda now: Evidence.objects.expiring(today=now.date()),
        "valid_until",
        _list("vendors_evidence", work="expiring"),
        began=_expires_soon_since,
        page="vendors_evidence",
        row="pk",
    ),
    Queue(
        _("Open email changes"),
        "vendors.view_emailchange",
        lambda now: EmailChange.objects.filter(state=EmailChange.State.OPEN),
        "created_at",
        _list("vendors_vendor", email_change="open"),
        lapsed.AFTER,
        row="vendor_id",
    ),
]


def only_pays(user: User) -> bool:
    """Finance's first page is about money alone."""
    return user.has_perm("vendors.export_payment") and not user.has_perm("vendors.review_vendor")


def waiting_for(user: User, *, owners: Collection[int] | None = None, now: dt.datetime | None = None) -> list[Waiting]:
    """One statement for each queue: the oldest rows and no more than are shown as a number.

    With `owners`, only what is about their vendors, or what the colleague is on.
    """
    now = now or timezone.now()
    waiting, only_money = [], only_pays(user)
    for queue in QUEUES:
        if not user.has_perm(queue.permission) or (only_money and not queue.is_money):
            continue
        fields = [queue.since, queue.due or queue.since]
        fields += [queue.row, queue.worked_on_by or queue.row, *queue.called] if queue.row else []
        found = queue.rows(now)
        if owners is not None and queue.owner:
            found = found.filter(_is_theirs(queue, user, owners))
        rows = list(found.order_by(queue.due or queue.since).values_list(*fields)[: COUNTED_AT_MOST + 1])
        oldest = queue.began(rows[0][0]) if rows else None
        is_late = queue.late_after is not None and oldest is not None and oldest < now - queue.late_after
        links = [_link(queue, now.date(), *row) for row in rows[:LINKED_AT_MOST] if queue.row]
        is_late = is_late or any(link.is_overdue for link in links)
        url = queue.url()
        if owners is not None and queue.owner:
            url = f"{url}{'&' if '?' in url else '?'}whose=mine"
        waiting.append(Waiting(queue.name, url, len(rows), oldest, is_late, links))
    return waiting


def waiting_for_owner(user: User) -> list[Waiting]:
    """For the morning email (settings.WAITING_FOR_COLLEAGUE): what is this colleague's, or of whom they cover for."""
    return [waiting for waiting in waiting_for(user, owners=owners.mine(user)) if "whose=mine" in waiting.url]


def _is_theirs(queue: Queue, user: User, owners: Collection[int]) -> Q:
    theirs = Q(**{f"{queue.owner}__in": owners})
    return ownership.theirs_or_taken(theirs, by=user) if queue.worked_on_by else theirs


def _link(queue: Queue, today: dt.date, since: Any, due: Any, row: Any, on_it: Any, *names: str) -> Oldest:
    url = reverse(f"admin:{queue.page}_change", args=[row])
    called = next(filter(None, names), str(row))
    found = Oldest(called, url, queue.began(since), (on_it or "") if queue.worked_on_by else "")
    return replace(found, due=due, is_overdue=due < today) if queue.due else found


@dataclass(frozen=True)
class Stuck:
    vendor: Vendor
    step: str | Promise
    since: dt.datetime


def stuck(*, owners: Collection[int] | None = None, now: dt.datetime | None = None) -> list[Stuck]:
    """Who has stopped where in the wizard and has no open case, those who stopped first. One statement."""
    drafts = _stopped_drafts(now or timezone.now()).select_related("vendor").defer("answers")
    if owners is not None:
        drafts = drafts.filter(vendor__owner__in=owners)
    return [
        Stuck(draft.vendor, progress.stopped_at(draft), draft.left_at)
        for draft in drafts.order_by("left_at")[:STUCK_SHOWN]
        if draft.left_at
    ]


@dataclass(frozen=True)
class Bar:
    label: str | Promise
    count: int
    y: int
    width: int

    @property
    def text_y(self) -> int:
        return self.y + 14

    @property
    def bar_y(self) -> int:
        return self.y + 20


FUNNEL = [
    (VendorEvent.Kind.INVITED, _("Invited")),
    (VendorEvent.Kind.SIGNED_IN_FIRST, _("Signed in for the first time")),
    (VendorEvent.Kind.SUBMITTED, _("Submitted")),
    (VendorEvent.Kind.APPROVED, _("Approved")),
]
FUNNEL_AT_MOST = 5000
BAR_WIDTH, BAR_STEP = 360, 44


def funnel(*, now: dt.datetime | None = None) -> list[Bar]:
    """How often each of these happened in the last twelve weeks: invited → signed in → submitted → approved."""
    since = (now or timezone.now()) - dt.timedelta(weeks=WEEKS)
    counted = {
        kind: VendorEvent.objects.filter(kind=kind, at__gte=since).order_by()[:FUNNEL_AT_MOST].count()
        for kind, _label in FUNNEL
    }
    widest = max(1, *counted.values())
    return [
        Bar(label, counted[kind], index * BAR_STEP, round(BAR_WIDTH * counted[kind] / widest))
        for index, (kind, label) in enumerate(FUNNEL)
    ]

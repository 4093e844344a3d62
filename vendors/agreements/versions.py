"""New versions of agreements: drafted by VM, previewed, published from a date. What is published never changes."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import User
from vendors.agreements import texts as agreements
from vendors.agreements.acceptances import PAPER
from vendors.agreements.texts import Agreement
from vendors.models import Acceptance, AgreementVersion, Vendor, VendorKind, VendorState

State = AgreementVersion.State
ASKED = (VendorState.SUBMITTED, VendorState.APPROVED)
LONGEST_GRACE = 365  # days


class ChangedMeanwhile(Exception):
    """By a colleague, since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("A colleague has changed or published this draft since you opened the page."))


class DraftThere(Exception):
    def __init__(self) -> None:
        super().__init__(_("There is already a draft of this agreement. Continue with that one, or discard it."))


class NotNew(Exception):
    """The text is one that has been published."""

    def __init__(self, version: str) -> None:
        super().__init__(_("The text is the same as in version %(version)s.") % {"version": version})


class TooEarly(Exception):
    """A version that is already published counts from a later day, or the day has passed."""

    def __init__(self, day: dt.date) -> None:
        super().__init__(
            _("Choose %(day)s or later: a version cannot come into force before today, or before an earlier version.")
            % {"day": f"{day.day} {day:%B %Y}"}
        )


def start(document: str, *, by: User) -> AgreementVersion:
    """A draft with the latest text. Raise DraftThere."""
    latest = latest_of(document)
    try:
        with transaction.atomic():
            return AgreementVersion.objects.create(
                document=document,
                version=_next(latest.version),
                text=latest.text,
                changed="",
                grace_days=latest.grace.days,
                changed_by=by,
            )
    except IntegrityError as error:
        raise DraftThere from error


def latest_of(document: str) -> Agreement:
    return [agreement for agreement in agreements.published() if agreement.document == document][-1]


def _next(version: str) -> str:
    return f"{int(version.partition('.')[0]) + 1}.0"


def save(draft: AgreementVersion, *, seen: int, by: User, body: str, **fields: object) -> None:
    """`body` is the text without its first line, the title, which stays. Raise ChangedMeanwhile."""
    as_seen = AgreementVersion.objects.filter(pk=draft.pk, state=State.DRAFT, revision=seen)
    now = timezone.now()
    if not as_seen.update(revision=seen + 1, changed_at=now, changed_by=by, text=with_body(draft, body), **fields):
        raise ChangedMeanwhile


def with_body(draft: AgreementVersion, body: str) -> str:
    return f"{draft.text.partition(chr(10))[0]}\n\n{body.strip()}\n"


def discard(draft_id: int, *, seen: int) -> None:
    """Raise ChangedMeanwhile."""
    if not AgreementVersion.objects.filter(pk=draft_id, state=State.DRAFT, revision=seen).delete()[0]:
        raise ChangedMeanwhile


@transaction.atomic
def publish(draft_id: int, *, seen: int, since: dt.date, by: User) -> None:
    """From that day on vendors are asked. Raise ChangedMeanwhile, NotNew or TooEarly."""
    row = AgreementVersion.objects.select_for_update().filter(pk=draft_id, state=State.DRAFT, revision=seen).first()
    if row is None:
        raise ChangedMeanwhile
    if same := agreements.with_hash(agreements.of_row(row).sha256):
        raise NotNew(same.version)
    if since < (first := earliest(row.document)):
        raise TooEarly(first)
    AgreementVersion.objects.filter(pk=row.pk).update(
        state=State.PUBLISHED, since=since, published_at=timezone.now(), published_by=by
    )


def earliest(document: str, *, today: dt.date | None = None) -> dt.date:
    return max(today or timezone.now().date(), latest_of(document).since)


def not_accepted(agreement: Agreement) -> QuerySet[Vendor]:
    """The vendors who are asked for it and have not accepted it, those asked longest first by their number."""
    for_company = Q(profile__kind=VendorKind.COMPANY)
    accepted = Acceptance.objects.filter(vendor=OuterRef("pk"), document=agreement.document, version=agreement.version)
    first_day = dt.datetime.combine(agreement.since, dt.time(), dt.UTC)  # see acceptances._covers
    signed = Acceptance.objects.filter(vendor=OuterRef("pk"), document=agreement.document, version=PAPER)
    on_paper = Q(Exists(signed), carried_over_at__gte=first_day)
    rows = Vendor.objects.filter(~Exists(accepted), state__in=ASKED).exclude(on_paper)
    if agreements.COMPANY not in agreement.audience:
        rows = rows.exclude(for_company)
    if agreements.FREELANCER not in agreement.audience:
        rows = rows.filter(for_company)
    return rows.order_by("pk")

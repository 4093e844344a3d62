"""What VM decides about a submission: approve it, ask for changes, decline."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import User
from onboarding import reminders, tasks
from onboarding.models import Draft, Submission
from vendors import lifecycle, payment, profile
from vendors.models import VendorEvent


class NotWaiting(Exception):
    """Somebody has decided already."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(
            _("This submission is no longer waiting: %(state)s.") % {"state": submission.get_state_display()}
        )


class ReasonMissing(Exception):
    """The vendor cannot act on a decision without its reason."""

    def __init__(self) -> None:
        super().__init__(_("Please give a reason."))


@transaction.atomic
def approve(submission: Submission, *, by: User | None) -> None:
    """The answers become the vendor's profile."""
    _close(submission, Submission.State.APPROVED, by=by)
    with_it = {"somebody_elses_account": True} if payment.is_somebody_elses(submission.answers["payment"]) else {}
    lifecycle.approve(submission.vendor, by=by, data=with_it)
    profile.adopt(submission.vendor, approved_profile(submission))
    tasks.mail_approved.defer(submission_id=submission.pk)


@transaction.atomic
def request_changes(submission: Submission, *, by: User | None, reason: str) -> None:
    """The wizard is open again with all answers kept, and sends a new submission."""
    _close(submission, Submission.State.CHANGES_REQUESTED, by=by, reason=_given(reason))
    lifecycle.request_changes(submission.vendor, by=by, reason=_short(reason))
    Draft.objects.filter(vendor=submission.vendor).update(
        submission_token=uuid.uuid4(), current_step="", **reminders.afresh()
    )
    tasks.mail_changes_requested.defer(submission_id=submission.pk)


@transaction.atomic
def decline(submission: Submission, *, by: User | None, reason: str) -> None:
    _close(submission, Submission.State.DECLINED, by=by, reason=_given(reason))
    lifecycle.decline(submission.vendor, by=by, reason=_short(reason))
    tasks.mail_declined.defer(submission_id=submission.pk)


def payment_given(submission: Submission) -> dict[str, str]:
    """What was sent, or what the vendor filled in after approval; empty while it is left for later."""
    sent = dict(submission.answers["payment"])
    if sent["method"] != "later":
        return sent
    details = getattr(submission.vendor, "payment_details", None)
    return dict(details.details) if details and submission.state == Submission.State.APPROVED else {}


@transaction.atomic
def reveal_payment(submission: Submission, *, by: User) -> dict[str, str]:
    """The payment details in clear. Every look is written down."""
    details = payment_given(submission)
    if details:
        lifecycle.record(
            submission.vendor, VendorEvent.Kind.PAYMENT_REVEALED, by=by, data={"submission": submission.reference}
        )
    return details


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def _short(reason: str) -> str:
    return reason.strip()[: VendorEvent._meta.get_field("reason").max_length]


def _close(submission: Submission, state: str, *, by: User | None, reason: str = "") -> None:
    now = timezone.now()
    closed = Submission.objects.filter(pk=submission.pk, state=Submission.State.WAITING).update(
        state=state, reviewed_at=now, reviewed_by=by, reason=reason
    )
    submission.refresh_from_db()
    if not closed:
        raise NotWaiting(submission)


def approved_profile(submission: Submission) -> profile.ApprovedProfile:
    answers = submission.answers
    about, contact, rates = answers["about"], answers["contact"], answers["rates"]
    services, qualification = answers["services"], dict(answers["qualifications"])
    documents, certificates = qualification.pop("documents"), qualification.pop("certificates")
    papers = {each["slot"]: each for each in certificates}
    sworn_until = services.get("sworn_until")
    rates_of_pair: dict[tuple[str, str], list[profile.ApprovedRate]] = {}
    for rate in rates["rates"]:
        rates_of_pair.setdefault((rate["source"], rate["target"]), []).append(
            profile.ApprovedRate(
                service=rate["service"],
                unit=rate["unit"],
                amount=Decimal(rate["amount"]),
                currency=rate["currency"],
            )
        )
    return profile.ApprovedProfile(
        **about,
        **contact,
        **answers.get("tax", {}),
        native_languages=answers["languages"]["native"],
        specialisms=services["specialisms"],
        cat_tools=services["cat_tools"],
        sworn_authority=services.get("sworn_authority", ""),
        sworn_number=services.get("sworn_number", ""),
        sworn_until=dt.date.fromisoformat(sworn_until) if sworn_until else None,
        minimum_fee=Decimal(rates["minimum_fee"]) if rates["minimum_fee"] else None,
        currency=rates["currency"],
        pairs=[
            profile.ApprovedPair(**pair, rates=rates_of_pair[pair["source"], pair["target"]])
            for pair in services["pairs"]
        ],
        qualification=profile.ApprovedQualification(**qualification),
        payment=None if answers["payment"]["method"] == "later" else answers["payment"],
        documents=[_approved_document(document, papers.get(slot)) for slot, document in documents.items()],
    )


def _approved_document(document: Mapping[str, str], paper: Mapping[str, str] | None) -> profile.ApprovedDocument:
    if paper is None:
        return profile.ApprovedDocument(id=uuid.UUID(document["id"]))
    return profile.ApprovedDocument(
        id=uuid.UUID(document["id"]),
        certificate=paper["kind"],
        number=paper["number"],
        expires_on=dt.date.fromisoformat(paper["expires_on"]) if paper["expires_on"] else None,
    )

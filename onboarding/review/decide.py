"""What VM decides about a submission: approve it, ask for changes, decline."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import User
from onboarding.change import changes
from onboarding.draft import reminders
from onboarding.draft.steps import typed_from
from onboarding.models import Draft, Submission
from onboarding.submission import section_reviews
from onboarding.submission.section_reviews import NotWaiting, ReasonMissing
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent
from vendors.payment import details as payment
from vendors.profile import approved_profile as profile

Kind = VendorEvent.Kind


class SectionsMarked(Exception):
    """What VM wants changed cannot be approved as it is."""

    def __init__(self) -> None:
        super().__init__(_("A section is marked “please change”. Ask for changes, or accept that section first."))


class NothingMarked(Exception):
    """The vendor has to know which section is meant."""

    def __init__(self) -> None:
        super().__init__(_("Please mark at least one section “please change”, with what you want to see there."))


class VerdictsChanged(Exception):
    """A colleague has judged a section since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("A colleague has judged a section in the meantime. Please look at the sections again; nothing was sent.")
        )


@transaction.atomic
def approve(submission: Submission, *, by: User | None) -> None:
    """The answers become the vendor's profile."""
    draft = _lock(submission)
    if section_reviews.marked(section_reviews.of(submission).values()):
        raise SectionsMarked
    _close(submission, "approve", by=by)
    agreed = {"somebody_elses_account": True} if pays_somebody_else(submission) else {}
    if submission.is_change:
        changes.lock_approved(submission.vendor)
        changes.note(submission, Kind.PROFILE_CHANGE_APPROVED, by=by, data=agreed)
        if draft is not None:
            changes.rebase(draft, submission)
        if changes.PAYMENT in submission.changed:
            for email_change_id in changes.addresses_told_of_payment(submission.vendor):
                defer(
                    "onboarding.tasks.mail_payment_changed",
                    submission_id=submission.pk,
                    email_change_id=email_change_id,
                )
    else:
        lifecycle.approve(submission.vendor, by=by, data=agreed)
    profile.adopt(submission.vendor, approved_profile(submission))
    defer("onboarding.tasks.mail_approved", submission_id=submission.pk)


def pays_somebody_else(submission: Submission) -> bool:
    """Whoever approves it agrees to pay to an account that is neither the vendor's nor its company's."""
    is_news = not submission.is_change or changes.PAYMENT in submission.changed
    return is_news and payment.is_somebody_elses(submission.answers.get(changes.PAYMENT, {}))


@transaction.atomic
def request_changes(submission: Submission, *, by: User | None, note: str = "", seen: str | None = None) -> None:
    """The marked sections are open again with all answers kept, and the rest is accepted.

    `seen` is the fingerprint of the verdicts that VM decided by. Raise NotWaiting, NothingMarked or VerdictsChanged.
    """
    draft = _lock(submission)
    rows = section_reviews.of(submission)
    if seen is not None and seen != section_reviews.fingerprint(rows.values()):
        raise VerdictsChanged
    if not section_reviews.marked(rows.values()):
        raise NothingMarked
    section_reviews.accept_the_rest(submission, submission.answers, by=by)
    _close(submission, "request_changes", by=by, reason=note.strip())
    if submission.is_change:
        changes.lock_approved(submission.vendor)
        changes.note(submission, Kind.PROFILE_CHANGE_RETURNED, by=by, reason=_short(note))
    else:
        lifecycle.request_changes(submission.vendor, by=by, reason=_short(note))
    draft = draft or Draft(vendor=submission.vendor)
    if not draft.answers and not submission.is_change:
        draft.answers = typed_from(submission.answers)
    draft.submission_token, draft.current_step, draft.saved_since = uuid.uuid4(), "", []
    if not submission.is_change:
        reminders.begin_anew(draft)
    draft.save()
    defer("onboarding.tasks.mail_changes_requested", submission_id=submission.pk)


@transaction.atomic
def decline(submission: Submission, *, by: User | None, reason: str) -> None:
    draft = _lock(submission)
    _close(submission, "decline", by=by, reason=_given(reason))
    if submission.is_change:
        changes.lock_approved(submission.vendor)
        changes.note(submission, Kind.PROFILE_CHANGE_DECLINED, by=by, reason=_short(reason))
        if draft is not None:
            changes.forget(draft)
    else:
        lifecycle.decline(submission.vendor, by=by, reason=_short(reason))
    defer("onboarding.tasks.mail_declined", submission_id=submission.pk)


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


def _lock(submission: Submission) -> Draft | None:
    """Draft, vendor, submission: in the order in which the vendor's own commands lock them, so no deadlocks.

    Raise NotWaiting.
    """
    draft = Draft.objects.select_for_update().filter(vendor=submission.vendor_id).first()
    Vendor.objects.select_for_update().get(pk=submission.vendor_id)
    Submission.objects.select_for_update().get(pk=submission.pk)
    submission.refresh_from_db(fields=["state"])
    if not submission.is_waiting:
        raise NotWaiting(submission)
    if draft is not None:
        draft.vendor = submission.vendor
    return draft


def _close(submission: Submission, move: str, *, by: User | None, reason: str = "") -> None:
    [(origin, target)] = Submission.MOVES[move].items()
    closed = Submission.objects.filter(pk=submission.pk, state=origin).update(
        state=target, reviewed_at=timezone.now(), reviewed_by=by, reason=reason
    )
    if not closed:
        raise NotWaiting(submission)
    submission.refresh_from_db(fields=["state", "reviewed_at", "reviewed_by", "reason"])


def approved_profile(submission: Submission) -> profile.ApprovedProfile:
    answers = submission.answers
    about, contact, rates = answers["about"], answers["contact"], answers["rates"]
    services, qualification = answers["services"], dict(answers["qualifications"])
    documents, certificates = qualification.pop("documents"), qualification.pop("certificates")
    papers = {each["slot"]: each for each in certificates}
    sworn_until = services.get("sworn_until")
    untouched = submission.is_change and changes.PAYMENT not in submission.changed
    leaves_payment = untouched or answers["payment"]["method"] == "later"
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
        payment=None if leaves_payment else answers["payment"],
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

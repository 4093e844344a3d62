"""The answers in force: what VM approved last, with what has come into force on a page of its own since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from onboarding.draft.steps import PAYMENT, QUALIFICATIONS
from onboarding.models import Submission
from vendors.models import Document, Vendor


def approved_submission(vendor: Vendor) -> Submission | None:
    approved = Submission.objects.filter(vendor=vendor, state=Submission.State.APPROVED)
    return approved.order_by("-reviewed_at", "-pk").first()


def answers_in_force(approved: Submission) -> dict[str, Any]:
    """The approved answers, with the account and the documents of the profile: those may be newer."""
    answers = dict(approved.answers)
    if details := getattr(approved.vendor, "payment_details", None):
        answers[PAYMENT] = dict(details.details)
    if QUALIFICATIONS in answers:
        documents = Document.objects.filter(vendor=approved.vendor).in_force()
        answers[QUALIFICATIONS] = _with_documents(answers[QUALIFICATIONS], documents)
    return answers


def answers_sent(change: Submission) -> dict[str, Any]:
    """The answers of a change, with the certificates that were renewed after it was sent."""
    renewed = Document.objects.filter(vendor=change.vendor, approved_at__gt=change.submitted_at).in_force()
    answer = change.answers[QUALIFICATIONS]
    return change.answers | {QUALIFICATIONS: answer | {"certificates": _renewed(answer["certificates"], renewed)}}


def _with_documents(answer: Mapping[str, Any], documents: Iterable[Document]) -> dict[str, Any]:
    documents = list(documents)
    return {
        **answer,
        "certificates": _renewed(answer["certificates"], documents),
        "documents": {
            document.slot: {"id": str(document.pk), "name": document.name}
            for document in documents
            if not document.is_refused
        },
    }


def _renewed(certificates: Iterable[Mapping[str, str]], documents: Iterable[Document]) -> list[Mapping[str, str]]:
    by_slot = {document.slot: document for document in documents}
    return [certificate_answer(by_slot[row["slot"]]) if row["slot"] in by_slot else row for row in certificates]


def certificate_answer(document: Document) -> dict[str, str]:
    """What the page of qualifications would answer about this document."""
    return {
        "slot": document.slot,
        "kind": document.certificate,
        "number": document.number,
        "expires_on": document.expires_on.isoformat() if document.expires_on else "",
    }

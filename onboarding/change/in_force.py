"""The answers in force: what VM approved last, with what has come into force on a page of its own since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from onboarding.draft.steps import PAYMENT, WITH_FILES
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
    elif PAYMENT in answers:
        answers[PAYMENT] = {"method": "later"}  # whatever was approved since is still waiting for its release
    if steps := [step for step in WITH_FILES if step in answers]:
        documents = list(Document.objects.filter(vendor=approved.vendor).in_force())
        answers |= {step: _with_documents(answers[step], documents) for step in steps}
    return answers


def answers_sent(change: Submission) -> dict[str, Any]:
    """The answers of a change, with the certificates that were renewed after it was sent."""
    renewed = list(Document.objects.filter(vendor=change.vendor, approved_at__gt=change.submitted_at).in_force())
    answers = {step: change.answers[step] for step in WITH_FILES if step in change.answers}
    return change.answers | {
        step: answer | {"certificates": _renewed(answer["certificates"], renewed)} for step, answer in answers.items()
    }


def _with_documents(answer: Mapping[str, Any], documents: list[Document]) -> dict[str, Any]:
    return {
        **answer,
        "certificates": _renewed(answer["certificates"], documents),
        "documents": {
            document.slot: {"id": str(document.pk), "name": document.name}
            for document in documents
            if not document.is_refused
        },
    }


def _renewed(certificates: Iterable[dict[str, str]], documents: Iterable[Document]) -> list[dict[str, str]]:
    by_slot = {document.slot: document for document in documents}
    return [row | certificate_answer(by_slot[row["slot"]]) if row["slot"] in by_slot else row for row in certificates]


def certificate_answer(document: Document) -> dict[str, str]:
    """What the page where it was chosen would answer about this document, as far as it can be renewed."""
    return {
        "slot": document.slot,
        "kind": document.certificate,
        "number": document.number,
        "expires_on": document.expires_on.isoformat() if document.expires_on else "",
    }

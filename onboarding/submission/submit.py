"""Sending the answers to Vendor Management. Once, however often the button is pressed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import EntraAccount
from onboarding.draft import reminders
from onboarding.draft.steps import AGREEMENTS, STEPS, Reading, read
from onboarding.models import Draft, Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from onboarding.submission.differences import changed_steps
from vendors import lifecycle
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.documents import lifecycle as documents
from vendors.evidence import standing
from vendors.models import Vendor


class NotComplete(Exception):
    """A step is not completed; `step` names the first one."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(_("“%(title)s” is not complete yet.") % {"title": STEPS[step].title})


@transaction.atomic
def submit(draft: Draft, *, account: EntraAccount | None) -> Submission:
    """Send the draft as it is in the database. The same draft again gives the submission that exists.

    Raise NotComplete, NotAnswered, or lifecycle.WrongState for a vendor who has nothing to send.
    """
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    existing = Submission.objects.filter(token=draft.submission_token).first()
    if existing:
        return existing
    draft.vendor = vendor = Vendor.objects.select_related("user").get(pk=draft.vendor_id)
    reading = read(draft, documents=documents.current_documents(vendor))
    if not reading.is_complete:
        raise NotComplete(reading.next_to_do)
    previous = submissions.sent_back_to(vendor)
    section_reviews.check_all_are_answered(section_reviews.marked(previous).values(), draft)
    _accept_agreements(vendor, reading, account=account)
    lifecycle.submit(vendor)
    reminders.note_end(draft)
    submission = Submission.objects.create(
        vendor=vendor,
        token=draft.submission_token,
        answers=reading.answers,
        compared_with=previous,
        previous=previous,
        changed=changed_steps(previous.answers, reading.answers) if previous else [],
    )
    section_reviews.carry_over(submission)
    standing.refresh(vendor)
    Draft.objects.filter(pk=draft.pk).update(saved_since=[])
    defer("onboarding.tasks.mail_vendor_submitted", submission_id=submission.pk)
    defer("onboarding.tasks.mail_vm_submitted", submission_id=submission.pk)
    return submission


def _accept_agreements(vendor: Vendor, reading: Reading, *, account: EntraAccount | None) -> None:
    answer = reading.answers[AGREEMENTS]
    texts = [agreements.with_hash(accepted["sha256"]) for accepted in answer["accepted"]]
    signatory = acceptances.Signatory(answer["signatory"], answer["position"]) if answer.get("signatory") else None
    acceptances.accept(vendor, [text for text in texts if text], account=account, signatory=signatory)

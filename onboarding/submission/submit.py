"""Sending the answers to Vendor Management. Once, however often the button is pressed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from identity.jobs.queue import defer
from identity.models import EntraAccount
from onboarding.draft import reminders
from onboarding.draft.steps import STEPS, read
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission import section_reviews
from onboarding.submission.differences import changed_steps
from vendors import lifecycle
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorState


class NotComplete(Exception):
    """A step is not completed; `step` names the first one."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(_("“%(title)s” is not complete yet.") % {"title": STEPS[step].title})


class NotAnswered(Exception):
    """VM has asked for a change in a step that the vendor has neither saved since nor written a word about."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(
            _(
                "Vendor Management asked you to change something in “%(title)s”, and it was not saved since. "
                "Please change it, or write them why it stays as it is."
            )
            % {"title": STEPS[step].title}
        )


def asked(vendor: Vendor) -> Submission | None:
    """The submission that VM has asked the vendor to change."""
    if vendor.state != VendorState.CHANGES_REQUESTED:
        return None
    returned = Submission.objects.filter(vendor=vendor, state=Submission.State.CHANGES_REQUESTED)
    return returned.order_by("-reviewed_at").first()


def marks(returned: Submission | None) -> dict[str, SectionReview]:
    """What VM wants changed, by step."""
    return {step: row for step, row in section_reviews.of(returned).items() if row.is_marked}


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
    before = asked(vendor)
    if left := section_reviews.unanswered(marks(before).values(), draft):
        raise NotAnswered(left[0].step)
    ticked = [agreements.with_hash(each["sha256"]) for each in reading.answers["agreements"]["accepted"]]
    acceptances.accept(vendor, [text for text in ticked if text], account=account)
    lifecycle.submit(vendor)
    reminders.note_end(draft)
    submission = Submission.objects.create(
        vendor=vendor,
        token=draft.submission_token,
        answers=reading.answers,
        compared_with=before,
        previous=before,
        changed=changed_steps(before.answers, reading.answers) if before else [],
    )
    section_reviews.carry_over(submission)
    Draft.objects.filter(pk=draft.pk).update(saved_since=[])
    defer("onboarding.tasks.mail_vendor_submitted", submission_id=submission.pk)
    defer("onboarding.tasks.mail_vm_submitted", submission_id=submission.pk)
    return submission

"""Sending the answers to Vendor Management. Once, however often the button is pressed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import EntraAccount
from onboarding import reminders, tasks
from onboarding.models import Draft, Submission
from onboarding.steps import STEPS, read
from vendors import acceptances, agreements, documents, lifecycle
from vendors.models import Vendor


class NotComplete(Exception):
    """A step is not completed; `step` names the first one."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(_("“%(title)s” is not complete yet.") % {"title": STEPS[step].title})


@transaction.atomic
def submit(draft: Draft, *, account: EntraAccount | None) -> Submission:
    """Send the draft as it is in the database. The same draft again gives the submission that exists.

    Raise NotComplete, or lifecycle.WrongState for a vendor who has nothing to send.
    """
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    existing = Submission.objects.filter(token=draft.submission_token).first()
    if existing:
        return existing
    draft.vendor = vendor = Vendor.objects.select_related("user").get(pk=draft.vendor_id)
    reading = read(draft, documents=documents.current_documents(vendor))
    if not reading.is_complete:
        raise NotComplete(reading.next_to_do)
    ticked = [agreements.with_hash(each["sha256"]) for each in reading.answers["agreements"]["accepted"]]
    acceptances.accept(vendor, [text for text in ticked if text], account=account)
    lifecycle.submit(vendor)
    reminders.note_end(draft)
    submission = Submission.objects.create(vendor=vendor, token=draft.submission_token, answers=reading.answers)
    tasks.mail_vendor_submitted.defer(submission_id=submission.pk)
    tasks.mail_vm_submitted.defer(submission_id=submission.pk)
    return submission

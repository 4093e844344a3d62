"""Sending the answers to Vendor Management. Once, however often the button is pressed."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import EntraAccount
from onboarding import tasks
from onboarding.models import Draft, Submission
from onboarding.steps import STEPS, read
from vendors import documents, lifecycle
from vendors.models import Acceptance, Vendor


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
    lifecycle.submit(vendor)
    submission = Submission.objects.create(vendor=vendor, token=draft.submission_token, answers=reading.answers)
    _record_acceptances(vendor, reading.answers["agreements"]["accepted"], account=account)
    tasks.mail_vendor_submitted.defer(submission_id=submission.pk)
    tasks.mail_vm_submitted.defer(submission_id=submission.pk)
    return submission


def _record_acceptances(vendor: Vendor, accepted: list[dict[str, str]], *, account: EntraAccount | None) -> None:
    """What was accepted once stays as it was recorded then."""
    now = timezone.now()
    Acceptance.objects.bulk_create(
        (
            Acceptance(
                vendor=vendor,
                accepted_at=now,
                oid=account.oid if account else None,
                address=vendor.primary_email,
                **agreement,
            )
            for agreement in accepted
        ),
        ignore_conflicts=True,
    )

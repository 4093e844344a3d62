"""Onboarding's durable tasks. They take row ids only; what they do is decided by the rows at the time they run."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from identity.failures import mail_to_person
from identity.jobs.retries import RETRY
from identity.mail import delivery
from onboarding.draft import progress, reminders, retention
from onboarding.draft.steps import COMPLETED, QUESTIONS, STEPS, read
from onboarding.models import Draft, Submission
from onboarding.submission import section_reviews, turnaround
from vendors.documents import lifecycle as documents
from vendors.documents import storage as document_storage
from vendors.email_change import disputes
from vendors.models import EmailChange, VendorState


@app.task(name="onboarding.tasks.mail_vendor_submitted", queue="mail", retry=RETRY)
def mail_vendor_submitted(submission_id: int) -> None:
    """What happens next, with the reference."""
    _mail_vendor(submission_id, "submitted", change="change_submitted")


@app.task(name="onboarding.tasks.mail_approved", queue="mail", retry=RETRY)
def mail_approved(submission_id: int) -> None:
    _mail_vendor(submission_id, "approved", change="change_approved", if_state=Submission.State.APPROVED)


@app.task(name="onboarding.tasks.mail_changes_requested", queue="mail", retry=RETRY)
def mail_changes_requested(submission_id: int) -> None:
    _mail_vendor(submission_id, "changes_requested", if_state=Submission.State.CHANGES_REQUESTED)


@app.task(name="onboarding.tasks.mail_declined", queue="mail", retry=RETRY)
def mail_declined(submission_id: int) -> None:
    _mail_vendor(submission_id, "declined", change="change_declined", if_state=Submission.State.DECLINED)


@app.task(name="onboarding.tasks.mail_vm_submitted", queue="mail", retry=RETRY)
def mail_vm_submitted(submission_id: int) -> None:
    submission = Submission.objects.select_related("vendor").filter(pk=submission_id).first()
    if submission is None:
        return
    delivery.deliver(
        to=settings.VM_EMAIL,
        template="onboarding/mail/vm_submitted",
        context={
            "submission": submission,
            "vendor": submission.vendor,
            "is_first": not Submission.objects.filter(vendor=submission.vendor, pk__lt=submission.pk).exists(),
            "sections": [str(STEPS[step].title) for step in submission.changed if step in STEPS],
            "url": f"{settings.BASE_URL}{reverse('admin:onboarding_submission_change', args=[submission.pk])}",
        },
        message_id=f"vm-submitted-{submission.pk}",
    )


@app.task(name="onboarding.tasks.mail_payment_change_asked", queue="mail", retry=RETRY)
def mail_payment_change_asked(submission_id: int, email_change_id: int | None) -> None:
    """So that a vendor hears of an account that somebody else put in, also at the address before the present one."""
    _tell_of_payment(submission_id, email_change_id, "payment_change_asked")


@app.task(name="onboarding.tasks.mail_payment_changed", queue="mail", retry=RETRY)
def mail_payment_changed(submission_id: int, email_change_id: int | None) -> None:
    _tell_of_payment(submission_id, email_change_id, "payment_changed")


def _tell_of_payment(submission_id: int, email_change_id: int | None, template: str) -> None:
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    former = EmailChange.objects.filter(pk=email_change_id or 0).first()
    if submission is None or (email_change_id and former is None):
        return
    mail_to_person.to_person(
        submission.vendor.user,
        address=former.old if former else submission.vendor.primary_email,
        template=f"onboarding/mail/{template}",
        context={
            "submission": submission,
            "is_former_address": former is not None,
            "not_me_url": disputes.link(former) if former else "",
            "url": f"{settings.BASE_URL}{reverse('changes:index')}",
        },
        message_id=f"{template.replace('_', '-')}-{submission.pk}-{email_change_id or 0}",
    )


def _mail_vendor(submission_id: int, template: str, *, change: str = "", if_state: str = "") -> None:
    """`change` is the template for a change of the profile, where it has one of its own."""
    submission = Submission.objects.select_related("vendor__user").filter(pk=submission_id).first()
    if submission is None or (if_state and submission.state != if_state):
        return
    vendor = submission.vendor
    template = change if change and submission.is_change else template
    where = "changes:index" if submission.is_change and submission.state != Submission.State.APPROVED else "home"
    mail_to_person.to_person(
        vendor.user,
        address=vendor.primary_email,
        template=f"onboarding/mail/{template}",
        context={
            "submission": submission,
            "vendor": vendor,
            "greeting": submission.answers["about"]["display_name"] or submission.answers["about"]["full_name"],
            "url": f"{settings.BASE_URL}{reverse(where)}",
            "help_url": f"{settings.BASE_URL}{reverse('help-signing-in')}",
            "usual_time": turnaround.usual_time(),
            "payment_is_missing": submission.answers["payment"]["method"] == "later",
            "sections": [str(STEPS[step].title) for step in submission.changed if step in STEPS],
            "marks": [
                {"title": STEPS[step].title, "reason": row.reason}
                for step, row in section_reviews.of(submission).items()
                if row.is_marked and step in STEPS
            ],
        },
        message_id=f"{template.replace('_', '-')}-{submission.pk}",
    )


@app.periodic(cron="5 7 * * *")
@app.task(name="onboarding.tasks.send_reminders", queue="mail", queueing_lock="remind_of_drafts", retry=RETRY)
def send_reminders(timestamp: int) -> None:
    reminders.send_due()


@app.task(name="onboarding.tasks.mail_reminder", queue="mail", retry=RETRY)
def mail_reminder(draft_id: int) -> None:
    """Where the vendor stopped and how much is left. Unless the vendor has gone on since it was queued."""
    draft = Draft.objects.select_related("vendor__user").filter(pk=draft_id).first()
    if draft is None or draft.reminded_at is None or draft.vendor.state not in Draft.EDITABLE_IN:
        return
    vendor = draft.vendor
    reading = read(draft, documents=documents.current_documents(vendor))
    asked_for_changes = vendor.state == VendorState.CHANGES_REQUESTED
    step = STEPS[progress.goes_on_at(draft.current_step, reading)]
    # Asked for changes and nothing saved since: what to change stands on the first page.
    is_untouched = asked_for_changes and not draft.current_step
    path = reverse("onboarding:index") if is_untouched else reverse("onboarding:step", kwargs={"step": step.name})
    mail_to_person.to_person(
        vendor.user,
        address=vendor.primary_email,
        template="onboarding/mail/reminder",
        context={
            "draft": draft,
            "step": step,
            "url": f"{settings.BASE_URL}{path}",
            "has_begun": bool(draft.answers),
            "asked_for_changes": asked_for_changes,
            "is_untouched": is_untouched,
            "pages_left": sum(reading.states[question.name] != COMPLETED for question in QUESTIONS),
            "page_count": len(QUESTIONS),
        },
        message_id=f"onboarding-reminder-{draft.pk}-{int(draft.reminded_at.timestamp())}",
    )


@app.periodic(cron="25 3 * * *")
@app.task(name="onboarding.tasks.sweep_documents", queue="upkeep", queueing_lock="sweep_documents")
def sweep_documents(timestamp: int) -> None:
    """Files that were replaced, and files that a crash left behind without a row."""
    document_storage.sweep(keep=retention.documents_in_review())


@app.periodic(cron="35 3 * * *")
@app.task(name="onboarding.tasks.forget_drafts", queue="upkeep", queueing_lock="forget_drafts")
def forget_drafts(timestamp: int) -> None:
    retention.forget_drafts()

"""Onboarding's durable tasks. They take row ids only; what they do is decided by the rows at the time they run."""

from __future__ import annotations

from procrastinate.contrib.django import app

from identity.jobs.retries import RETRY
from onboarding.change import payment_mail
from onboarding.correction import mail as correction_mail
from onboarding.draft import reminders, retention
from onboarding.reports import figures
from onboarding.review import mail
from onboarding.submission import email_threads, withdrawal
from vendors.documents import storage as document_storage


@app.task(name="onboarding.tasks.mail_vendor_submitted", queue="mail", retry=RETRY)
def mail_vendor_submitted(submission_id: int) -> None:
    """What happens next, with the reference."""
    mail.mail_vendor(submission_id, email_threads.SUBMITTED)


@app.task(name="onboarding.tasks.mail_approved", queue="mail", retry=RETRY)
def mail_approved(submission_id: int) -> None:
    mail.mail_vendor(submission_id, email_threads.APPROVED)


@app.task(name="onboarding.tasks.mail_corrected", queue="mail", retry=RETRY)
def mail_corrected(submission_id: int) -> None:
    correction_mail.mail_vendor(submission_id)


@app.task(name="onboarding.tasks.mail_changes_requested", queue="mail", retry=RETRY)
def mail_changes_requested(submission_id: int) -> None:
    mail.mail_vendor(submission_id, email_threads.CHANGES_REQUESTED)


@app.task(name="onboarding.tasks.mail_declined", queue="mail", retry=RETRY)
def mail_declined(submission_id: int) -> None:
    mail.mail_vendor(submission_id, email_threads.DECLINED)


@app.task(name="onboarding.tasks.mail_withdrawn", queue="mail", retry=RETRY)
def mail_withdrawn(vendor_id: int) -> None:
    withdrawal.mail_vendor(vendor_id)


@app.task(name="onboarding.tasks.mail_vm_submitted", queue="mail", retry=RETRY)
def mail_vm_submitted(submission_id: int) -> None:
    mail.mail_vm(submission_id)


@app.task(name="onboarding.tasks.mail_payment_change_asked", queue="mail", retry=RETRY)
def mail_payment_change_asked(submission_id: int, source: str) -> None:
    """`source` says which of the vendor's addresses (vendors.payment.notice_recipients)."""
    payment_mail.mail_vendor(submission_id, source)


@app.periodic(cron="5 7 * * *")
@app.task(name="onboarding.tasks.send_reminders", queue="mail", queueing_lock="remind_of_drafts", retry=RETRY)
def send_reminders(timestamp: int) -> None:
    reminders.send_due()


@app.task(name="onboarding.tasks.mail_reminder", queue="mail", retry=RETRY)
def mail_reminder(draft_id: int) -> None:
    """Where the vendor stopped and how much is left."""
    reminders.mail_vendor(draft_id)


@app.periodic(cron="25 3 * * *")
@app.task(name="onboarding.tasks.sweep_documents", queue="upkeep", queueing_lock="sweep_documents")
def sweep_documents(timestamp: int) -> None:
    """Files that were replaced, and files that a crash left behind without a row."""
    document_storage.sweep(keep=retention.documents_in_review())


@app.periodic(cron="35 3 * * *")
@app.task(name="onboarding.tasks.forget_drafts", queue="upkeep", queueing_lock="forget_drafts")
def forget_drafts(timestamp: int) -> None:
    retention.forget_drafts()


@app.periodic(cron="50 4 * * *")
@app.task(name="onboarding.tasks.work_out_reports", queue="upkeep", queueing_lock="work_out_reports")
def work_out_reports(timestamp: int) -> None:
    figures.work_out()


@app.task(name="onboarding.tasks.work_out_reports_now", queue="upkeep", retry=RETRY)
def work_out_reports_now() -> None:
    figures.work_out()

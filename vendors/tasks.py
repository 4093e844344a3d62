"""The vendors' durable tasks. They take row ids only; what they do is decided by the rows at the time they run."""

from __future__ import annotations

from procrastinate.contrib.django import app

from identity.jobs.retries import RETRY
from vendors.agreements import acceptances
from vendors.away import lifecycle as away
from vendors.bulk import emails as bulk_emails
from vendors.bulk import runs as bulk_runs
from vendors.bulk_import import comparing, runs
from vendors.closing import notices
from vendors.colleagues import absences, morning
from vendors.data_requests import mail as data_request_mail
from vendors.documents import expiry
from vendors.documents import mail as document_mail
from vendors.duplicates import lifecycle as duplicates
from vendors.email_change import disputes, guests, lapsed
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.evidence import standing
from vendors.feed import retention as feed
from vendors.models import VendorImport
from vendors.payment import mail as payment_mail
from vendors.payment import releases
from vendors.privacy import erasure, listing
from vendors.rate_proposals import mail as rate_proposal_mail
from vendors.still_right import lifecycle as still_right
from vendors.still_right import mail as still_right_mail


@app.task(name="vendors.tasks.tell_old_address", queue="mail", retry=RETRY)
def tell_old_address(email_change_id: int) -> None:
    disputes.tell_old_address(email_change_id)


@app.task(name="vendors.tasks.tell_old_address_undone", queue="mail", retry=RETRY)
def tell_old_address_undone(email_change_id: int) -> None:
    disputes.tell_old_address_undone(email_change_id)


@app.task(name="vendors.tasks.mail_payment_added", queue="mail", retry=RETRY)
def mail_payment_added(release_id: int, source: str) -> None:
    """`source` says which of the vendor's addresses (vendors.payment.notice_recipients)."""
    payment_mail.mail_added(release_id, source)


@app.task(name="vendors.tasks.mail_payment_decided", queue="mail", retry=RETRY)
def mail_payment_decided(release_id: int, source: str) -> None:
    payment_mail.mail_decided(release_id, source)


@app.periodic(cron="*/10 * * * *")
@app.task(name="vendors.tasks.release_payments", queue="upkeep", queueing_lock="release_payments")
def release_payments(timestamp: int) -> None:
    """Only with PAYMENT_RELEASE=three_days."""
    releases.release_due(via="vendors.tasks.release_payments")


@app.task(name="vendors.tasks.look_for_duplicates", queue="upkeep", retry=RETRY)
def look_for_duplicates(vendor_id: int) -> None:
    duplicates.look(vendor_id)


@app.task(name="vendors.tasks.mail_notice", queue="mail", retry=RETRY)
def mail_notice(notice_id: int) -> None:
    notices.mail(notice_id)


@app.task(name="vendors.tasks.mail_acceptances", queue="mail", retry=RETRY)
def mail_acceptances(vendor_id: int, acceptance_ids: list[int]) -> None:
    acceptances.mail_copy(vendor_id, acceptance_ids)


@app.task(name="vendors.tasks.mail_email_request", queue="mail", retry=RETRY)
def mail_email_request(request_id: int) -> None:
    email_requests.mail_to_vm(request_id)


@app.task(name="vendors.tasks.mail_email_request_declined", queue="mail", retry=RETRY)
def mail_email_request_declined(request_id: int) -> None:
    email_requests.mail_declined(request_id)


@app.task(name="vendors.tasks.repair_sign_in", queue="invitations", retry=RETRY)
def repair_sign_in(email_change_id: int) -> None:
    email_change.carry_out_repair(email_change_id)


@app.periodic(cron="10 4 * * *")
@app.task(name="vendors.tasks.tidy_guests", queue="upkeep", queueing_lock="tidy_guests")
def tidy_guests(timestamp: int) -> None:
    guests.remove_left_over()


@app.periodic(cron="15 5 * * *")
@app.task(name="vendors.tasks.report_lapsed_email_changes", queue="upkeep", queueing_lock="report_lapsed_email_changes")
def report_lapsed_email_changes(timestamp: int) -> None:
    lapsed.report()


@app.task(name="vendors.tasks.run_import", queue="upkeep", retry=RETRY)
def run_import(import_id: int) -> None:
    run = VendorImport.objects.select_related("by", "owner").filter(pk=import_id).first()
    if run is not None:
        runs.go_on(run)


@app.task(name="vendors.tasks.compare_import", queue="upkeep", retry=RETRY)
def compare_import(import_id: int) -> None:
    run = VendorImport.objects.select_related("by", "owner").filter(pk=import_id).first()
    if run is not None:
        comparing.compare(run)


@app.periodic(cron="45 3 * * *")
@app.task(name="vendors.tasks.forget_imports", queue="upkeep", queueing_lock="forget_imports")
def forget_imports(timestamp: int) -> None:
    runs.forget_old()


@app.task(name="vendors.tasks.run_bulk", queue="upkeep", retry=RETRY)
def run_bulk(bulk_id: int) -> None:
    bulk_runs.go_on(bulk_id)


@app.task(name="vendors.tasks.mail_written", queue="mail", retry=RETRY)
def mail_written(row_id: int) -> None:
    bulk_emails.send(row_id)


@app.periodic(cron="55 3 * * *")
@app.task(name="vendors.tasks.forget_bulk_runs", queue="upkeep", queueing_lock="forget_bulk_runs")
def forget_bulk_runs(timestamp: int) -> None:
    bulk_runs.forget_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="vendors.tasks.finish_erasures", queue="upkeep", queueing_lock="finish_erasures")
def finish_erasures(timestamp: int) -> None:
    """Where the command was killed or had to wait for another task, and what a request wrote too late."""
    erasure.finish_all()
    erasure.forget_strays()


@app.periodic(cron="15 4 * * *")
@app.task(name="vendors.tasks.erase_what_is_due", queue="upkeep", queueing_lock="erase_what_is_due")
def erase_what_is_due(timestamp: int) -> None:
    """Brings the list of what is about to go up to date as well."""
    listing.carry_out()


@app.task(name="vendors.tasks.mail_data_request", queue="mail", retry=RETRY)
def mail_data_request(data_request_id: int) -> None:
    data_request_mail.mail_to_vm(data_request_id)


@app.periodic(cron="30 6 * * *")
@app.task(name="vendors.tasks.remind_of_expiries", queue="mail", queueing_lock="remind_of_expiries")
def remind_of_expiries(timestamp: int) -> None:
    expiry.remind()


@app.periodic(cron="5 0 * * *")
@app.task(name="vendors.tasks.refresh_standings", queue="upkeep", queueing_lock="refresh_standings")
def refresh_standings(timestamp: int) -> None:
    """What expired with yesterday, and what has lasted long enough today."""
    standing.refresh_due()


@app.periodic(cron="40 6 * * *")
@app.task(name="vendors.tasks.ask_if_still_right", queue="mail", queueing_lock="ask_if_still_right")
def ask_if_still_right(timestamp: int) -> None:
    still_right.ask_due()
    still_right.remind_due()


@app.task(name="vendors.tasks.mail_still_right", queue="mail", retry=RETRY)
def mail_still_right(check_id: int, number: int) -> None:
    still_right_mail.ask(check_id, reminder=number)


@app.task(name="vendors.tasks.mail_rate_proposed", queue="mail", retry=RETRY)
def mail_rate_proposed(proposal_id: int) -> None:
    rate_proposal_mail.mail_vendor(proposal_id)


@app.periodic(cron="50 3 * * *")
@app.task(name="vendors.tasks.forget_times_away", queue="upkeep", queueing_lock="forget_times_away")
def forget_times_away(timestamp: int) -> None:
    away.forget_old()
    absences.forget_old()


@app.periodic(cron="52 3 * * *")
@app.task(name="vendors.tasks.forget_feed_lines", queue="upkeep", queueing_lock="forget_feed_lines")
def forget_feed_lines(timestamp: int) -> None:
    feed.forget_superseded()


@app.task(name="vendors.tasks.mail_document_expiring", queue="mail", retry=RETRY)
def mail_document_expiring(document_id: str, days: int) -> None:
    document_mail.tell_of_expiry(document_id, days=days)


@app.task(name="vendors.tasks.mail_document_refused", queue="mail", retry=RETRY)
def mail_document_refused(document_id: str) -> None:
    document_mail.tell_of_refusal(document_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="vendors.tasks.queue_morning_emails", queue="mail", queueing_lock="queue_morning_emails")
def queue_morning_emails(timestamp: int) -> None:
    """Once a day for each colleague: when it is due is kept in a table."""
    morning.queue_due()


@app.task(name="vendors.tasks.mail_morning", queue="mail", retry=RETRY)
def mail_morning(preferences_id: int) -> None:
    morning.mail(preferences_id)

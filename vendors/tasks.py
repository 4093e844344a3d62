"""The vendors' durable tasks. They take row ids only; what they do is decided by the rows at the time they run."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from identity.failures import mail_to_person
from identity.invitations import guests
from identity.jobs.queue import defer
from identity.jobs.retries import RETRY
from identity.mail import delivery
from identity.models import EntraAccount
from vendors.agreements import texts as agreements
from vendors.bulk_import import runs
from vendors.documents import expiry
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
from vendors.models import Acceptance, Document, EmailChange, EmailChangeRequest, Vendor, VendorImport, VendorState
from vendors.privacy import erasure

GUESTS_ARE_KEPT = dt.timedelta(days=1)


@app.task(name="vendors.tasks.tell_old_address", queue="mail", retry=RETRY)
def tell_old_address(email_change_id: int) -> None:
    """The old address learns that the vendor's address was changed, not to which one."""
    change = EmailChange.objects.select_related("vendor__user").filter(pk=email_change_id).first()
    if change is None or change.state in (EmailChange.State.UNDONE, EmailChange.State.SUPERSEDED):
        return
    context = {
        "change": change,
        "not_me_url": disputes.link(change),
        "help_url": f"{settings.BASE_URL}{reverse('help-signing-in')}",
    }
    mail_to_person.to_person(
        change.vendor.user,
        address=change.old,
        template="vendors/mail/email_changed",
        context=context,
        message_id=f"email-changed-{change.pk}",
    )


@app.task(name="vendors.tasks.mail_payment_added", queue="mail", retry=RETRY)
def mail_payment_added(vendor_id: int) -> None:
    """So that a vendor hears of payment details that somebody else put in."""
    vendor = Vendor.objects.select_related("user").filter(pk=vendor_id).first()
    if vendor is None:
        return
    mail_to_person.to_person(
        vendor.user,
        address=vendor.primary_email,
        template="vendors/mail/payment_added",
        context={"vendor": vendor, "url": f"{settings.BASE_URL}{reverse('vendors:profile')}"},
        message_id=f"payment-added-{vendor.pk}",
    )


@app.task(name="vendors.tasks.mail_acceptances", queue="mail", retry=RETRY)
def mail_acceptances(vendor_id: int, acceptance_ids: list[int]) -> None:
    """The vendor's copy of what was accepted: the texts themselves, with version, hash and time."""
    found = Acceptance.objects.filter(vendor=vendor_id, pk__in=acceptance_ids)
    accepted = list(found.select_related("vendor__user").order_by("pk"))
    if not accepted:
        return
    vendor = accepted[0].vendor
    texts = [{"acceptance": row, "agreement": agreements.with_hash(row.sha256)} for row in accepted]
    mail_to_person.to_person(
        vendor.user,
        address=vendor.primary_email,
        template="vendors/mail/acceptances",
        context={
            "texts": texts,
            "accepted_at": accepted[0].accepted_at,
            "url": f"{settings.BASE_URL}{reverse('home')}",
        },
        message_id=f"acceptances-{accepted[0].pk}",
    )


@app.task(name="vendors.tasks.mail_email_request", queue="mail", retry=RETRY)
def mail_email_request(request_id: int) -> None:
    """VM has something to decide."""
    request = EmailChangeRequest.objects.select_related("vendor").filter(pk=request_id).first()
    if request is None or request.state != EmailChangeRequest.State.WAITING:
        return
    path = reverse("admin:vendors_emailchangerequest_change", args=[request.pk])
    delivery.deliver(
        to=list(settings.VM_EMAIL),
        template="vendors/mail/email_request",
        context={"request": request, "url": f"{settings.BASE_URL}{path}"},
        message_id=f"email-request-{request.pk}",
    )


@app.task(name="vendors.tasks.mail_email_request_declined", queue="mail", retry=RETRY)
def mail_email_request_declined(request_id: int) -> None:
    request = EmailChangeRequest.objects.select_related("vendor__user").filter(pk=request_id).first()
    if request is None:
        return
    mail_to_person.to_person(
        request.vendor.user,
        address=request.vendor.primary_email,
        template="vendors/mail/email_request_declined",
        context={"request": request},
        message_id=f"email-request-declined-{request.pk}",
    )


@app.task(name="vendors.tasks.repair_sign_in", queue="invitations", retry=RETRY)
def repair_sign_in(email_change_id: int) -> None:
    """Remove the old guest where Passport made it, then invite the address again."""
    change = EmailChange.objects.select_related("old_account", "by", "vendor").get(pk=email_change_id)
    if change.state != EmailChange.State.OPEN or change.invitation_id:
        return
    if change.old_account is not None:
        # Where it stays, the invitation will be answered with the old guest, and that becomes a case for IT.
        guests.delete_in_tenant(change.old_account, try_again_after=30.0)
    email_change.invite_for_repair(change)


@app.periodic(cron="10 4 * * *")
@app.task(name="vendors.tasks.tidy_guests", queue="upkeep", queueing_lock="tidy_guests")
def tidy_guests(timestamp: int) -> None:
    """Have guests removed from the tenant that opened nothing for a day and that no undo can bring back."""
    left_over = EntraAccount.objects.filter(
        guest=True, guest_removed_at=None, revoked_at__lt=timezone.now() - GUESTS_ARE_KEPT
    ).exclude(user__vendor__email_changes__state=EmailChange.State.OPEN)
    for pk in left_over.values_list("pk", flat=True)[:1000]:
        defer("identity.tasks.remove_guest", account_id=pk)


@app.periodic(cron="15 5 * * *")
@app.task(name="vendors.tasks.report_lapsed_email_changes", queue="upkeep", queueing_lock="report_lapsed_email_changes")
def report_lapsed_email_changes(timestamp: int) -> None:
    email_change.report_lapsed()


@app.task(name="vendors.tasks.run_import", queue="upkeep", retry=RETRY)
def run_import(import_id: int) -> None:
    run = VendorImport.objects.select_related("by").filter(pk=import_id).first()
    if run is not None:
        runs.go_on(run)


@app.periodic(cron="45 3 * * *")
@app.task(name="vendors.tasks.forget_imports", queue="upkeep", queueing_lock="forget_imports")
def forget_imports(timestamp: int) -> None:
    runs.forget_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="vendors.tasks.finish_erasures", queue="upkeep", queueing_lock="finish_erasures")
def finish_erasures(timestamp: int) -> None:
    """Where the command was killed or had to wait for another task, and what a request wrote too late."""
    erasure.finish_all()
    erasure.forget_strays()


@app.periodic(cron="30 6 * * *")
@app.task(name="vendors.tasks.remind_of_expiries", queue="mail", queueing_lock="remind_of_expiries")
def remind_of_expiries(timestamp: int) -> None:
    expiry.remind()


@app.task(name="vendors.tasks.mail_document_expiring", queue="mail", retry=RETRY)
def mail_document_expiring(document_id: str, days: int) -> None:
    """Unless the vendor has sent a newer one since."""
    _mail_about_document(document_id, "document_expiring", message_id=f"document-expiring-{document_id}-{days}")


@app.task(name="vendors.tasks.mail_document_refused", queue="mail", retry=RETRY)
def mail_document_refused(document_id: str) -> None:
    """Unless VM has thought better of it, or the vendor has sent another one."""
    _mail_about_document(document_id, "document_refused", state=Document.State.REFUSED)


def _mail_about_document(document_id: str, template: str, *, message_id: str = "", **only_if: str) -> None:
    found = Document.objects.known().select_related("vendor__user").filter(pk=document_id, **only_if).first()
    if found is None or found.vendor.state != VendorState.APPROVED:
        return
    path = reverse("vendors:replace-document", kwargs={"pk": found.pk})
    mail_to_person.to_person(
        found.vendor.user,
        address=found.vendor.primary_email,
        template=f"vendors/mail/{template}",
        context={"document": found, "vendor": found.vendor, "url": f"{settings.BASE_URL}{path}"},
        message_id=message_id or f"{template.replace('_', '-')}-{found.pk}-{found.judged_at:%Y%m%d%H%M%S}",
    )

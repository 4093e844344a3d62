"""Vendors to play with, in every state, for the sandbox tenant."""

from __future__ import annotations

import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from identity import accounts
from identity.jobs import worker
from identity.models import Invitation
from identity.sign_in import pipeline
from onboarding.draft.steps import COMPLETED, PROBLEM, read
from onboarding.management.demo_people import PEOPLE, Person, cv
from onboarding.models import Draft, SectionReview, Submission
from onboarding.review import decide as review
from onboarding.submission import section_reviews
from onboarding.submission import submit as submission
from vendors import lifecycle
from vendors.documents import inspection
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent, VendorState

VIA = "demo_data"
SECONDS_TO_INVITE = 60
STAFF = [
    ("vera.vm@sandberg.example", "Vendor Management: invites and reviews vendors, changes email addresses"),
    ("petra.projects@sandberg.example", "Project manager: finds vendors to offer work to"),
    ("fred.finance@sandberg.example", "Finance: sees payment details"),
    ("olga.ops@sandberg.example", "Operations: deals with invitations and cases"),
    ("audrey.auditor@sandberg.example", "Auditor: sees everything, changes nothing"),
    ("adam.admin@sandberg.example", "Administrator: can do everything"),
]
NOT_ADDED_YET = ["sandbox-farid@hotmail.com", "hugo@redirect.example"]


class Command(BaseCommand):
    help = "Create made-up vendors in every state. Works only with the sandbox tenant, on this machine."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, host in (
            ("ENTRA_AUTHORITY", urlsplit(settings.ENTRA_AUTHORITY).hostname),
            ("GRAPH_URL", urlsplit(settings.GRAPH_URL).hostname),
            ("EMAIL_URL", settings.EMAIL_HOST),
        ):
            if not is_loopback(host or ""):
                raise CommandError(f"{name} is not on this machine: demo data would invite and email real people.")
        vendors = [(person, invited(person)) for person in PEOPLE]
        wait_until_sent([vendor for _person, vendor in vendors])
        for person, vendor in vendors:
            go_on(person, vendor)
        self.stdout.write(overview(vendors))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def invited(person: Person) -> Vendor:
    vendor = Vendor.objects.at_address(person.address).first()
    with transaction.atomic():
        if vendor is None:
            vendor = lifecycle.add(name=person.name, primary_email=person.address, language=person.language, via=VIA)
            if person.gets_to != VendorState.PREPARED:
                lifecycle.invite(vendor, via=VIA)
    return vendor


def wait_until_sent(vendors: list[Vendor]) -> None:
    """Invitations are the worker's; without one running, be it."""
    queued = Invitation.objects.filter(user__vendor__in=vendors, state=Invitation.State.QUEUED)
    if not queued.exists():
        return
    worker.run_once()
    deadline = time.monotonic() + SECONDS_TO_INVITE
    while queued.exists():
        if time.monotonic() > deadline:
            raise CommandError("The invitations are still queued. Is the sandbox tenant running?")
        time.sleep(0.2)


@transaction.atomic
def go_on(person: Person, vendor: Vendor) -> None:
    """Take an invited vendor as far as the person gets. One who has left that state stays as people left it."""
    vendor.refresh_from_db()
    if person.gets_to in (VendorState.PREPARED, VendorState.INVITED) or vendor.state != VendorState.INVITED:
        return
    sign_in_first(vendor)
    draft = fill_in(person, vendor)
    if person.gets_to != VendorState.ONBOARDING:
        sent = submission.submit(draft, account=accounts.live_accounts(vendor.user).first())
        decide(person, sent)


def sign_in_first(vendor: Vendor) -> None:
    """As the pipeline ends when somebody comes back from the tenant."""
    account = accounts.live_accounts(vendor.user).first()
    if account is None:
        raise CommandError(f"{vendor.address} could not be invited: see the cases in the admin.")
    pipeline.finish(account.pk)
    vendor.refresh_from_db()


def fill_in(person: Person, vendor: Vendor) -> Draft:
    answers = person.answers()
    if "qualifications" in answers:
        file = SimpleUploadedFile(f"CV {person.name}.pdf", cv(person.name))
        documents.store(vendor, slot="cv", upload=file, content_type=inspection.check(file, kinds=(inspection.PDF,)))
    draft = Draft(vendor=vendor, answers=answers, revisions=dict.fromkeys(answers, 1))
    reading = read(draft, documents=documents.current_documents(vendor))
    draft.completed = [step for step, state in reading.states.items() if state == COMPLETED]
    draft.problems = [step for step, state in reading.states.items() if state == PROBLEM]
    draft.current_step = reading.next_to_do
    draft.save()
    for step in answers:
        lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, via=VIA, data={"step": step})
    return draft


def decide(person: Person, sent: Submission) -> None:
    if person.gets_to == VendorState.APPROVED:
        review.approve(sent, by=None)
    elif person.gets_to == VendorState.CHANGES_REQUESTED:
        for step, reason in person.asked_for.items():
            section_reviews.judge(sent, step, verdict=SectionReview.Verdict.CHANGE, by=None, reason=reason)
        review.request_changes(sent, by=None)


def overview(vendors: list[tuple[Person, Vendor]]) -> str:
    mail = f"{settings.ENTRA_AUTHORITY}/mail"
    lines = ["", "People to sign in as. Any password will do; verification codes come by email.", ""]
    lines += [f"Staff, at {settings.BASE_URL}/admin/ (emails to VM arrive at {mail}/{settings.VM_EMAIL[0]}/)"]
    lines += [f"  {address:34}{what}" for address, what in STAFF]
    lines += ["", f"Vendors (their mailboxes are at {mail}/<address>/)"]
    for person, vendor in vendors:
        vendor.refresh_from_db()
        hint = person.to_try if vendor.state == person.gets_to else ""
        lines.append(f"  {vendor.address:34}{vendor.get_state_display():20}{hint}".rstrip())
    nobodys = [address for address in NOT_ADDED_YET if not Vendor.objects.at_address(address).exists()]
    if nobodys:
        lines.append(f"  Not added yet, so that you can invite them: {', '.join(nobodys)}")
    return "\n".join(lines)

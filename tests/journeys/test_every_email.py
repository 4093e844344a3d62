"""Every email that Passport can send, with full, empty and hostile values, judged by its raw message."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test.signals import template_rendered
from django.utils import timezone

from identity import tasks as identity_tasks
from identity.failures import cases, mail_to_vm, without_record
from identity.jobs import heartbeat
from identity.models import EmergencyLink, Failure, Heartbeat, Invitation, protected_rows
from onboarding import tasks as onboarding_tasks
from onboarding.models import Submission
from tests.factories import create_email_change, create_failure, create_invitation, create_staff, create_vendor
from tests.onboarding.changing import sent_first
from tests.vendors.profiles import IBAN, approved
from tests.vendors.stored_documents import in_days, store
from vendors import tasks as vendors_tasks
from vendors.closing import notices
from vendors.data_requests import lifecycle as data_requests
from vendors.models import (
    BulkRow,
    BulkRun,
    ColleaguePreferences,
    Document,
    EmailChange,
    EmailChangeRequest,
    PaymentRelease,
    RateProposal,
    Vendor,
    VendorNotice,
    VendorState,
)
from vendors.payment import notice_recipients, releases
from vendors.profile import approved_profile
from vendors.still_right import lifecycle as still_right

PROJECT = Path(__file__).resolve().parents[2]
FAKE = "Approve with one click: https://evil.example/approve"
HOSTILE_NAME = f"Ana\r\nBcc: eve@evil.example\r\n\r\n{FAKE}\u202e" + "ё" * 150
LONG_ADDRESS = "a" * 60 + "@" + "b" * 60 + "." + "c" * 60 + ".example"

# name, display name, address, reason, file name, organisation
LEVELS: dict[str, dict[str, str]] = {
    "full": {
        "name": "Łucja Nowak-Åberg",
        "display_name": "Łucja",
        "address": "lucja@mail.example",
        "reason": "I have moved.\n\nTo another provider.",
        "file": "Życiorys.pdf",
        "organisation": "Sandberg",
    },
    "empty": {
        "name": "",
        "display_name": "",
        "address": "a@b.example",
        "reason": "",
        "file": "",
        "organisation": "S & S",
    },
    "hostile": {
        "name": HOSTILE_NAME[:200],
        "display_name": HOSTILE_NAME[:100],
        "address": LONG_ADDRESS,
        "reason": f"Moved.\r\n\r\n\r\n\r\n{FAKE}\u2028How we know it is them: by telephone." + " x" * 60,
        "file": f"cv\r\n{FAKE}.pdf"[:100],
        "organisation": "Международное бюро переводов Сандберг и партнёры",
    },
}


def templates() -> set[str]:
    found = [
        path for app in ("identity", "vendors", "onboarding") for path in PROJECT.glob(f"{app}/templates/*/mail/*")
    ]
    return {f"{path.parts[-3]}/mail/{path.name}" for path in found}


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    names: set[str] = set()

    def note(template: Any, **kwargs: Any) -> None:
        names.add(str(template.name))

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def to_staff(values: dict[str, str], vendor: Vendor) -> None:
    heartbeat.beat("worker")
    typed = cases.report(stage="sign_in", reason="says_cannot_sign_in", typed_address=values["address"])
    own = cases.report(stage="sign_in", reason="declined", user=vendor.user, claimed_address=values["name"])
    nobody = create_failure(user=create_vendor().user, reason="expired_in_catalogue")
    first = cases.report(stage="invitation", reason="graph_unavailable", address=values["address"])
    running = cases.report(stage="running", reason="clock_wrong")
    for failure in (typed, own, nobody, first, running):
        mail_to_vm.tell(failure.pk)
    vendors_tasks.mail_data_request(data_requests.ask(vendor, kind="access").pk)
    for address in (values["address"], "gita@mail.example", "eva@mail.example"):
        cases.report(stage="invitation", reason="graph_unavailable", address=address)
    mail_to_vm.tell(first.pk)
    for address in (values["address"], "chen@mail.example"):
        cases.report(stage="sign_in", reason="consent_declined", address=address)
    Failure.objects.update(mail_due_at=timezone.now() - mail_to_vm.HELD_BACK_AFTER * 2)
    mail_to_vm.tell_overflow(message_id="overflow-1")
    Failure.objects.get(reason="declined").people.update(count=7)
    mail_to_vm.tell_digest(message_id="digest-1")
    without_record.tell(stage="sign_in", reason="declined", address=values["address"])
    Heartbeat.objects.all().delete()
    heartbeat.tell_worker_is_dead()
    owner = create_staff(email="owner@sandberg.example")
    create_vendor(state=VendorState.SUBMITTED, owner=owner, name=values["name"])
    preferences = ColleaguePreferences.objects.create(user=owner, morning_due_at=timezone.now())
    vendors_tasks.mail_morning(preferences.pk)
    link = EmergencyLink.objects.create(
        pk=f"hash-{values['organisation'][:20]}",
        user=create_staff(email=values["address"]),
        role="Administrator",
        reason=values["reason"],
        made_by="operator",
        created_at=timezone.now(),
    )
    identity_tasks.mail_emergency(link.pk, "made")
    EmergencyLink.objects.update(used_at=timezone.now())
    identity_tasks.mail_emergency(link.pk, "used")


def to_invited(vendor: Vendor, values: dict[str, str]) -> None:
    for why in Invitation.Why.values:
        Invitation.objects.filter(user=vendor.user).update(state="superseded")
        invitation = create_invitation(user=vendor.user, address=values["address"], why=why)
        identity_tasks.mail_invitation(str(invitation.pk))
    identity_tasks.mail_reminder(str(invitation.pk), 1)


def about_the_address(vendor: Vendor, values: dict[str, str]) -> None:
    for mode in EmailChange.Mode.values:
        change = create_email_change(vendor=vendor, old=values["address"], mode=mode)
        vendors_tasks.tell_old_address(change.pk)
        EmailChange.objects.filter(pk=change.pk).update(state="undone")
        vendors_tasks.tell_old_address_undone(change.pk)
    request = EmailChangeRequest.objects.create(
        vendor=vendor,
        new="new@mail.example",
        reason=values["reason"],
        proven_at=timezone.now(),
        answer="Please call us.",
    )
    vendors_tasks.mail_email_request(request_id=request.pk)
    vendors_tasks.mail_email_request_declined(request_id=request.pk)


def about_answers(vendor: Vendor, values: dict[str, str]) -> None:
    sent = sent_first(vendor)
    sent.answers["about"] |= {"display_name": values["display_name"]}
    sent.reason = "Please add:\r\n\r\n\r\n\r\nyour town."
    sent.save()
    former = create_email_change(vendor=vendor, old="before@mail.example", state="confirmed")
    for kind in set(Submission.Kind.values) - {
        Submission.Kind.CARRIED_OVER
    }:  # approved from the start, and told of by no one
        for state, task in (
            ("waiting", onboarding_tasks.mail_vendor_submitted),
            ("waiting", onboarding_tasks.mail_vm_submitted),
            ("approved", onboarding_tasks.mail_approved),
            ("changes_requested", onboarding_tasks.mail_changes_requested),
            ("declined", onboarding_tasks.mail_declined),
        ):
            Submission.objects.filter(pk=sent.pk).update(state=state, kind=kind)
            task(sent.pk)
    onboarding_tasks.mail_corrected(sent.pk)
    for source in ("primary", f"former:{former.pk}"):
        onboarding_tasks.mail_payment_change_asked(sent.pk, source)
    Vendor.objects.filter(pk=vendor.pk).update(state="onboarding")
    vendor.draft.__class__.objects.update(reminded_at=timezone.now(), left_at=timezone.now())
    onboarding_tasks.mail_reminder(vendor.draft.pk)
    Vendor.objects.filter(pk=vendor.pk).update(state="declined", closed_as="withdrew")
    onboarding_tasks.mail_withdrawn(vendor.pk)
    Vendor.objects.filter(pk=vendor.pk).update(state="approved", closed_as="")
    check = still_right.ask(vendor)
    for number in (0, 1):
        vendors_tasks.mail_still_right(check.pk, number)


def written_by_vm(vendor: Vendor, values: dict[str, str]) -> None:
    parameters = {"subject": "For {name}", "text": "Hello {name},\n\nWe are closed in July."}
    run = BulkRun.objects.create(action="write", parameters=parameters, examined_at=timezone.now())
    row = BulkRow.objects.create(run=run, vendor=vendor, outcome="done", at=timezone.now())
    vendors_tasks.mail_written(row.pk)


def about_being_closed(vendor: Vendor) -> None:
    for about in VendorNotice.About:
        written = notices.proposal(vendor, about)
        notices.queue(vendor, written, about=about, address=vendor.primary_email, by=None)
    for notice in VendorNotice.objects.all():
        vendors_tasks.mail_notice(notice.pk)


def about_papers(vendor: Vendor, values: dict[str, str]) -> None:
    rows = [row.pk for row in vendor.acceptances.all()]
    vendors_tasks.mail_acceptances(vendor_id=vendor.pk, acceptance_ids=rows)
    rate = {"source": "de", "target": "pl", "service": "translation", "unit": "source_word"}
    proposal = RateProposal.objects.create(
        vendor=vendor, **rate, amount="0.09", currency="EUR", why=values["reason"][:300]
    )
    vendors_tasks.mail_rate_proposed(proposal.pk)
    approved_profile.adopt(vendor, approved(display_name=values["display_name"], billing_email="invoices@mail.example"))
    with transaction.atomic():
        release = releases.hold(vendor, IBAN, about="added", named_at=timezone.now(), by=None)
    for source in notice_recipients.of(vendor):
        vendors_tasks.mail_payment_added(release.pk, source)
        for state in ("released", "refused"):
            with protected_rows.lifted():
                PaymentRelease.objects.update(state=state, decided_at=timezone.now(), reason=values["reason"])
            vendors_tasks.mail_payment_decided(release.pk, source)
    paper = store(vendor, slot="degree_translation")
    Document.objects.filter(pk=paper.pk).update(
        name=values["file"], expires_on=in_days(20), approved_at=timezone.now(), verdict="Page two is missing."
    )
    vendors_tasks.mail_document_expiring(document_id=str(paper.pk), days=30)
    Document.objects.filter(pk=paper.pk).update(state="refused", judged_at=timezone.now())
    vendors_tasks.mail_document_refused(document_id=str(paper.pk))
    Document.objects.filter(pk=paper.pk).update(replaced_at=timezone.now(), state="sent")
    vendors_tasks.mail_document_expiring(document_id=str(paper.pk), days=7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", LEVELS)
def test_every_email(level, settings, rendered):
    values = LEVELS[level]
    settings.ORGANISATION_NAME = values["organisation"]
    settings.BASE_URL = "https://passport.sandberg.example"
    vendor = create_vendor(state=VendorState.APPROVED, primary_email=values["address"])
    # As it may have come into the database before names were cleaned.
    Vendor.objects.filter(pk=vendor.pk).update(name=values["name"])
    vendor.refresh_from_db()
    to_staff(values, vendor)
    to_invited(vendor, values)
    about_the_address(vendor, values)
    Vendor.objects.filter(pk=vendor.pk).update(state="onboarding")
    vendor.refresh_from_db()
    about_answers(vendor, values)
    about_papers(vendor, values)
    written_by_vm(vendor, values)
    about_being_closed(vendor)

    assert templates() - rendered == set()
    for message in mail.outbox:
        judge(message.message().as_bytes(linesep="\r\n"), values, to_staff="@sandberg.example" in message.to[0])


def test_templates_speak_english():
    foreign = re.compile(
        r"(?i)\b(an?|this|the|our|by|single|Microsoft's) mails?\b|\b(some|any|no)body\b|\bgets? in\b|\btelephone\b|"
        r"answer this|read it\.|what comes now|in the way|\blately\b|at present|does not answer"
    )
    paths = [PROJECT / name.split("/", 1)[0] / "templates" / name for name in templates()]

    found = [(path.name, words[0]) for path in paths if (words := foreign.search(path.read_text()))]

    assert found == []


def judge(raw: bytes, values: dict[str, str], *, to_staff: bool) -> None:
    head, _blank, _body = raw.partition(b"\r\n\r\n")
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    subject, text = str(parsed["Subject"]), parsed.get_content().replace("\r\n", "\n")
    judge_head(head.decode("ascii"), parsed, to_staff=to_staff)
    assert 0 < len(subject) < 70, subject
    assert to_staff or values["organisation"] in subject, subject
    assert to_staff or values["organisation"] in text or "Vendor Management" in text, subject
    assert not raw.replace(b"\r\n", b"").count(b"\n"), subject
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")), subject
    judge_words(f"{subject}\n{text}", subject)
    links = re.findall(r"(?i)\b(?:https?|ftp)://\S+", text)
    assert all(f"{link}/".startswith("https://passport.sandberg.example/") for link in links), links
    if to_staff:
        assert not re.search(r"(?<!@)\bevil\.example", f"{subject}\n{text}"), "names become links as well"
    else:
        assert text.split("\n\n")[1][0].isupper(), "English goes on in a capital after the greeting"
    typed = [number for number, line in enumerate(text.splitlines()) if "one click" in line]
    ours = [number for number, line in enumerate(text.splitlines()) if line.startswith("https://")]
    for number in typed:
        line = text.splitlines()[number]
        assert not line.startswith("Approve"), subject
        assert not line.startswith("> ") or not ours or number > max(ours), "below what Passport says"
    assert "\nHow we know it is them: by telephone" not in text


def judge_head(head: str, parsed: Any, *, to_staff: bool) -> None:
    names = re.findall(r"(?m)^([A-Za-z-]+):", head)
    assert len(names) == len(set(names)), names
    assert "Bcc" not in names
    assert re.search(r"(?m)^[A-Za-z-]+:\s*$", head) is None, "no first line of a header is empty"
    assert re.fullmatch(r"<[a-z-]+-[0-9a-f]{32}@passport\.sandberg\.example>", parsed["Message-ID"].strip())
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["From"].addresses[0].addr_spec == "passport@sandberg.example"
    assert parsed["To"].addresses
    assert parsed["Reply-To"].addresses
    if not to_staff:
        assert str(parsed["Reply-To"]) == "vm@sandberg.example"
    for line in head.split("\r\n"):
        assert len(line) <= 998


def judge_words(whole: str, subject: str) -> None:
    assert not re.search(r"\bNone\b", whole), subject
    assert "\n\n\n" not in whole, subject
    assert not re.search(r"\n\n +\S", whole), "what belongs to a line stands right below it"
    assert not re.search(r"\S  +\S", whole), subject
    assert not re.search(r" [,.;]( |\n)", whole), subject
    assert not re.search(r"&(amp|lt|gt|quot|#x?\w+);|\{\{|\{%|%\(\w+\)s", whole), subject
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\x00]", whole), subject

"""A vendor about whom Passport knows all that it can know, and another one who is like them in many words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from identity.encrypted import EncryptedJSONField
from identity.failures import cases
from identity.models import EntraAccount, Failure, LoggedSignIn, SignInAttempt
from onboarding.models import Submission
from onboarding.review import decide as review
from tests.factories import create_attempt, create_staff
from tests.journeys import database, wizard
from tests.onboarding import changing
from tests.passport_fixture import Passport
from tests.person import Person
from vendors import lifecycle
from vendors.away import lifecycle as away
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF
from vendors.email_change import lifecycle as email_change
from vendors.models import (
    AwayPeriod,
    BulkRow,
    BulkRun,
    EmailChangeRequest,
    PaymentRelease,
    TaxCheck,
    Vendor,
    VendorImport,
)
from vendors.payment import releases
from vendors.still_right import lifecycle as still_right
from vendors.still_right import training

MISTYPED, OLD, NOW, WISHED = "dorra@mail.example", "dora@mail.example", "dora@agency.example", "dora@home.example"
OTHER = "xdora@mail.example"  # ends like one of hers
NAME, OTHER_NAME = "Dora Nowak-Unmistakable", "Ewa Nowak"
UPLOADED = b"Curriculum of Dora"

# What was typed by her or about her, each found in the database or among the files before she is erased.
WORDS = [
    MISTYPED,
    OLD,
    NOW,
    WISHED,
    NAME,
    "Łucja Nowak-Åberg",
    "ul. Prosta 1",
    "+48221234567",
    "PL61109010140000071219812874",
    "MA in Applied Linguistics",
    "Uniwersytet Warszawski",
    "twelve years at sea",
    "My CV.pdf",
    "An older CV.pdf",
    UPLOADED.decode(),
    "she moved to the country",
    "please add your sworn translator's number",
    "rang from the hospital",
    "because of the neighbours",
    "at my sister's wedding",
    "a seminar on sea law",
    "called by her sister",
    "asked at the harbour",
]


@dataclass
class Acquaintance:
    vendor: Vendor
    browser: Person
    other: Vendor


def make(passport: Passport) -> Acquaintance:
    staff = create_staff(email="vera@sandberg.example")
    other = _another(passport)
    vendor = passport.invited(MISTYPED, name=NAME)
    email_change.start(vendor, new=OLD, reason="a letter too many", by=staff)
    passport.work()
    dora = passport.signed_in(OLD)
    _fill_in(passport, vendor, dora)
    email_change.start(vendor, new=NOW, reason="she moved to the country", how_known="called", by=staff)
    passport.work()
    vendor.refresh_from_db()
    lifecycle.suspend(vendor, reason="rang from the hospital", via="test")
    lifecycle.reinstate(vendor, via="test")
    dora = passport.signed_in(NOW, stay="yes")
    _after_approval(vendor)
    _ask_and_fail(vendor, other)
    _by_the_way(vendor)
    return Acquaintance(vendor, dora, other)


def _another(passport: Passport) -> Vendor:
    other = passport.invited(OTHER, name=OTHER_NAME)
    browser = passport.signed_in(OTHER)
    wizard.fill_in(browser, "about", full_name=OTHER_NAME, display_name="Ewa")
    documents.store(other, slot="cv", upload=SimpleUploadedFile("CV.pdf", b"of Ewa"), content_type=PDF)
    return other


def _fill_in(passport: Passport, vendor: Vendor, dora: Person) -> None:
    documents.store(vendor, slot="cv", upload=SimpleUploadedFile("An older CV.pdf", UPLOADED), content_type=PDF)
    wizard.fill_in_all(dora, qualifications={"notes": "twelve years at sea"})
    wizard.send(dora)
    sent = Submission.objects.get(vendor=vendor)
    changing.ask_for_changes(sent, rates="please add your sworn translator's number")
    wizard.fill_in(dora, "rates")
    wizard.send(dora)
    review.approve(Submission.objects.awaiting_review().get(vendor=vendor), by=None)
    passport.work()


def _after_approval(vendor: Vendor) -> None:
    today = timezone.localdate()
    away.save(vendor, AwayPeriod(starts_on=today, ends_on=today, note="at my sister's wedding"), today=today)
    training.add(vendor, what="a seminar on sea law", month="2026-03", hours=Decimal(6))
    still_right.ask(vendor)
    still_right.confirm(vendor)
    account = {"method": "paypal", "holder": "Dora", "paypal": "dora@purse.example"}
    release = releases.hold(vendor, account, about="change-1", named_at=timezone.now(), by=None)
    PaymentRelease.objects.filter(pk=release.pk).update(
        called_person="called by her sister", called_number="+4930123456"
    )
    TaxCheck.objects.create(
        vendor=vendor, of="vat_number", number="1", result="valid", checked_on=today, source="asked at the harbour"
    )


def _ask_and_fail(vendor: Vendor, other: Vendor) -> None:
    now = timezone.now()
    account = EntraAccount.objects.get(user=vendor.user, address=NOW)
    EmailChangeRequest.objects.create(
        vendor=vendor, new=WISHED, reason="because of the neighbours", account=account, proven_at=now
    )
    LoggedSignIn.objects.create(log_id="of-dora", account=account, code="50105", correlation_id="c-1", at=now)
    own = cases.report(stage="sign_in", reason="declined", user=vendor.user, claimed_address=NOW)
    Failure.objects.filter(pk=own.pk).update(notes="rang from the hospital")
    cases.report(stage="sign_in", reason="declined", address=OLD.upper())
    cases.report(stage="sign_in", reason="not_invited", oid=str(account.oid), claimed_address=OLD)
    cases.report(stage="sign_in", reason="different_account", user=other.user, claimed_address=NOW)
    for person in (other, vendor):
        cases.report(stage="sign_in", reason="microsoft_timeout", user=person.user, address=person.primary_email)
    noted = cases.report(stage="sign_in", reason="declined", user=other.user)
    Failure.objects.filter(pk=noted.pk).update(notes=f"Ewa <{OTHER}> shares a desk with <{OLD}>.")
    create_attempt(user=vendor.user)
    typed = create_attempt(user=vendor.user, outcome="failed")
    SignInAttempt.objects.filter(pk=typed.pk).update(user=None, address=OLD)


def _by_the_way(vendor: Vendor) -> None:
    now = timezone.now()
    LogEntry.objects.create(
        user=create_staff(),
        content_type=ContentType.objects.get_for_model(Vendor),
        object_id=str(vendor.pk),
        object_repr=NAME,
        action_flag=CHANGE,
    )
    done = VendorImport.objects.create(name="list.csv", rows=3, state="done", finished_at=now)
    done.lines.create(line=2, kind="known", address=OLD.upper(), sentence=f"Belongs to {NAME}.", vendor=vendor)
    done.lines.create(line=3, kind="known", address=OTHER, sentence=f"Belongs to {OTHER_NAME}.")
    done.lines.create(line=4, kind="refused", address="paul@mail.example", sentence=f"This is too much like {NAME}.")
    parameters = {"subject": f"About {NAME}", "text": f"Dear all, {NAME} has moved to {NOW}."}
    run = BulkRun.objects.create(action="write", parameters=parameters, state="done", examined_at=now)
    BulkRow.objects.create(run=run, vendor=vendor, outcome="done", at=now)
    other_run = BulkRun.objects.create(action="invite", state="done", examined_at=now)
    BulkRow.objects.create(run=other_run, vendor=vendor, outcome="refused", reason=f"{NAME} has left.", at=now)
    waiting = VendorImport.objects.create(name="wait.csv", rows=2)
    waiting.lines.create(line=2, kind="added", is_taken=True, name="Dora", address=NOW, cells={"raw": ["Dora", NOW]})
    waiting.lines.create(line=3, kind="refused", cells={"raw": ["Dorothea", "", f"formerly {MISTYPED}"]})


def kept(media_root: Path) -> str:
    """Every row of every table, what is encrypted in clear, and every file with its name."""
    lines = [database.everything()]
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedJSONField):
                lines += [str(value) for value in model._base_manager.values_list(field.name, flat=True)]
    for path in sorted(media_root.rglob("*")):
        lines.append(path.name)
        if path.is_file():
            lines.append(path.read_bytes().decode(errors="replace"))
    return "\n".join(lines)


def of_other(other: Vendor) -> dict[str, list[dict]]:
    """All rows of the other vendor, to be compared."""
    relations = ["draft", "documents", "events", "history"]
    return {
        name: list(Vendor._meta.get_field(name).related_model._base_manager.filter(**{field: other.pk}).values())
        for name in relations
        for field in [Vendor._meta.get_field(name).field.name]
    }


def found(words: list[str], text: str) -> list[str]:
    """Which of the words stand there on their own: one address may be the end of another."""
    return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}", text, re.IGNORECASE)]

"""What a vendor types into the wizard."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.contrib.auth import get_user
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from onboarding.draft.steps import CHECK, COMPLETED, read
from onboarding.draft.storage import DraftStorage
from onboarding.forms.base import as_typed
from vendors import lifecycle
from vendors.agreements import texts as agreements
from vendors.documents import lifecycle as documents
from vendors.models import VendorEvent

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

ABOUT = {"kind": "freelancer", "full_name": "Łucja Nowak-Åberg", "display_name": "Łucja", "company_legal_name": ""}
CONTACT = {
    "phone": "22 123 45 67",
    "contact_email": "",
    "billing_email": "",
    "address_lines": "ul. Prosta 1\nm. 5",
    "postal_code": "00-001",
    "locality": "Warszawa",
    "region": "",
    "country": "PL",
    "time_zone": "",
    "weekly_hours": "30",
    "working_days": ["mon", "tue", "thu"],
    "notice": "day",
}
LANGUAGES = {
    "native_1": "Polish",
    "native_2": "",
    "pairs": "1",
    "pairs-0-source": "German",
    "pairs-0-target": "pl",
}
SERVICES = {
    "everywhere": ["translation", "revision"],
    "specialisms": ["legal", "finance"],
    "cat_tools": ["memoq"],
    "other_tools": "",
    "sworn_authority": "",
    "sworn_number": "",
    "sworn_until": "",
}
RATES = {
    "currency": "EUR",
    "minimum_fee": "25",
    "usual-translation": "0,085",
    "unit-translation": "source_word",
    "usual-revision": "0.04",
    "unit-revision": "source_word",
}
QUALIFICATIONS = {
    "translation_degree": "yes",
    "other_degree": "no",
    "degree_title": "MA in Applied Linguistics",
    "institution": "Uniwersytet Warszawski",
    "institution_country": "PL",
    "graduated_in": "2012",
    "other_title": "",
    "other_institution": "",
    "other_country": "",
    "other_graduated_in": "",
    "has_worked": "yes",
    "work": "1",
    "work-0-since": "2012",
    "work-0-until": "",
    "work-0-share": "100",
    "work-0-kind": "both",
    "certificates": "",
    "notes": "",
}
TAX = {
    "tax_residence": "PL",
    "vat_status": "registered",
    "vat_number": "526-000-12-46",
    "tax_id": "",
}
PAYMENT = {
    "method": "iban",
    "holder": "Łucja Nowak-Åberg",
    "holder_is_vendor": "yes",
    "holder_reason": "",
    "iban": "PL61 1090 1014 0000 0712 1981 2874",
    "bic": "",
    "bank_country": "",
    "account_number": "",
    "bank_code": "",
    "paypal": "",
    "payout_currency": "",
}


def agreed() -> dict[str, str]:
    ticks = {agreement.document: "on" for agreement in agreements.current()}
    return ticks | {f"{agreement.document}-text": agreement.sha256 for agreement in agreements.current()}


def everything() -> dict[str, dict[str, Any]]:
    """Of each step a copy, to be changed at will."""
    steps = {
        "about": ABOUT,
        "contact": CONTACT,
        "languages": LANGUAGES,
        "services": SERVICES,
        "rates": RATES,
        "qualifications": QUALIFICATIONS | {"cv": pdf("My CV.pdf")},
        "tax": TAX,
        "payment": PAYMENT,
        "agreements": agreed(),
    }
    return {step: dict(fields) for step, fields in steps.items()}


def pdf(name: str = "cv.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def docx(name: str = "cv.docx", **extra: bytes) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
        for member, content in extra.items():
            archive.writestr(member, content)
    return SimpleUploadedFile(name, file.getvalue())


def url(step: str) -> str:
    return reverse("onboarding:step", kwargs={"step": step})


def revision_shown(response: HttpResponse) -> str:
    return str(response.context["revision"])


def body(step: str, typed: dict[str, Any], *, revision: str | int = "0", **buttons: str) -> dict[str, Any]:
    """What the browser sends for a page that was opened at this revision."""
    fields = {f"{step}-{name}": value for name, value in typed.items()}
    return {"wizard-current_step": step, "revision": str(revision), **fields, **buttons}


def save(client: Client, step: str, typed: dict[str, Any], **buttons: str) -> HttpResponse:
    """Open the page, fill it in, press a button."""
    page = client.get(url(step))
    assert page.status_code == 200, page
    return client.post(url(step), body(step, typed, revision=revision_shown(page), **buttons))


@transaction.atomic
def fill_in(client: Client, *, up_to: str = "", **changed: dict[str, Any]) -> None:
    """The steps before `up_to`, or all of them, as they are when each was saved on its page; but without the pages,
    which take a hundred times as long."""
    request = RequestFactory().post("/")
    request.user, request.session = get_user(client), client.session
    storage = DraftStorage("wizard", request)
    vendor = storage.draft.vendor
    for step, typed in (everything() | changed).items():
        if step == up_to:
            break
        uploads = {name: value for name, value in typed.items() if isinstance(value, SimpleUploadedFile)}
        for slot, upload in uploads.items():
            documents.store(vendor, slot=slot, upload=upload, content_type="application/pdf")
        answered = {name: value for name, value in typed.items() if name not in uploads}
        storage.put(step, {f"{step}-{name}": as_typed(value) for name, value in answered.items()})
        lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": step})
    reading = read(storage.draft, documents=documents.current_documents(vendor))
    unsaid = {step: reading.states[step] for step in storage.draft.answers if reading.states[step] != COMPLETED}
    assert not unsaid, unsaid
    storage.save(reading, left_off_at=up_to or CHECK.name)


def send(client: Client) -> HttpResponse:
    return save(client, "check", {"declared": "on"})


def languages_of(count: int) -> dict[str, str]:
    tags = ["de", "fr", "es", "it", "nl", "sv", "da", "fi", "cs", "sk", "sl", "hr", "hu", "ro", "bg", "el", "tr", "uk"]
    targets = ["pl", "en-GB", "lt"]
    pairs = [(source, target) for target in targets for source in tags][:count]
    rows: dict[str, str] = {"native_1": "pl", "native_2": "", "pairs": str(count)}
    for number, (source, target) in enumerate(pairs):
        rows |= {f"pairs-{number}-source": source, f"pairs-{number}-target": target}
    return rows

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
from onboarding.forms import ContactForm
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
TEAM = {
    "linguists_in_house": "6",
    "linguists_freelance": "80",
    "in_house_pairs": ["de.pl"],
    "in_house_services": ["revision"],
    "selection": ["qualifications", "test"],
    "revision": "always",
    "working_notes": "",
}
CERTIFICATES = {
    "holds": ["insurance"],
    "insurance-number": "P 2026/17",
    "insurance-issued_by": "Example Insurance plc",
    "insurance-scope": "Errors and omissions, EUR 1,000,000",
    "insurance-expires_on": "31 March 2031",
    "undertakes": "yes",
    "linguists": "2",
    "linguist-0-initials": "A. B., C. D.",
    "linguist-0-route": "translation_degree",
    "linguist-1-initials": "E. F.",
    "linguist-1-route": "experience",
    "client_references": "Example AG, Erna Muster, erna@client.example",
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


def agreed(audience: str = agreements.FREELANCER) -> dict[str, str]:
    texts = agreements.current(audience=audience)
    ticks = {agreement.document: "on" for agreement in texts}
    return ticks | {f"{agreement.document}-text": agreement.sha256 for agreement in texts}


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


def usual(changed: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Whatever fits who they are: an agency's where `changed` says that it is one."""
    return of_an_agency() if changed.get("about", {}).get("kind") == "company" else everything()


def of_an_agency() -> dict[str, dict[str, Any]]:
    """The same of a company with several translators, in the order in which it is asked."""
    steps = everything()
    about = {"kind": "company", "full_name": "Ewa Zielińska", "company_legal_name": "Nowak Sp. z o.o."}
    languages = {name: value for name, value in steps["languages"].items() if not name.startswith("native")}
    contact = {name: value for name, value in steps["contact"].items() if name not in ContactForm.OF_A_PERSON}
    by_company = {"signatory": "Ewa Zielińska", "position": "Prezes zarządu", "may_sign": "on"}
    return {
        "about": steps["about"] | about,
        "contact": contact | {"projects_name": "Projects desk", "projects_phone": "22 123 45 68"},
        "languages": languages,
        "services": steps["services"],
        "rates": steps["rates"],
        "team": dict(TEAM),
        "certificates": CERTIFICATES | {"insurance": pdf("Insurance.pdf")},
        "tax": steps["tax"] | {"registration_number": "0000123456"},
        "payment": steps["payment"] | {"holder": "Nowak Sp. z o.o."},
        "agreements": agreed(agreements.COMPANY) | by_company,
    }


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
    """Open the page, fill it in, press a button. A page with mistakes is what the browser shows then."""
    page = client.get(url(step))
    assert page.status_code == 200, page
    return shown_to_a_browser(
        client, client.post(url(step), body(step, typed, revision=revision_shown(page), **buttons))
    )


def shown_to_a_browser(client: Client, answer: HttpResponse) -> HttpResponse:
    """Where it is sent to look at its mistakes. Where it is sent after a success is for the test to see."""
    return client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


@transaction.atomic
def fill_in(client: Client, *, up_to: str = "", **changed: dict[str, Any]) -> None:
    """The steps before `up_to`, or all of them, as they are when each was saved on its page; but without the pages,
    which take a hundred times as long. An agency's where `changed` says that it is one."""
    request = RequestFactory().post("/")
    request.user, request.session = get_user(client), client.session
    storage = DraftStorage("wizard", request)
    vendor = storage.draft.vendor
    for step, typed in (usual(changed) | changed).items():
        if step == up_to:
            break
        uploads = {name: value for name, value in typed.items() if isinstance(value, SimpleUploadedFile)}
        for slot, upload in uploads.items():
            documents.store(vendor, slot=slot, upload=upload, content_type="application/pdf")
        answered = {name: value for name, value in typed.items() if name not in uploads}
        storage.put(step, {f"{step}-{name}": as_typed(value) for name, value in answered.items()})
        lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": step})
    reading = read(storage.draft, documents=documents.current_documents(vendor))
    states = {step: reading.states.get(step, COMPLETED) for step in storage.draft.answers}
    unsaid = {step: state for step, state in states.items() if state != COMPLETED}
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

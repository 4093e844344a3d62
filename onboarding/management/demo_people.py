"""Made-up vendors for the demo: who they are, how far they get, and what they type into the wizard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vendors.agreements import texts as agreements
from vendors.models import VendorState

Typed = Mapping[str, Any]

# The people of the sandbox tenant come first: theirs are the mailboxes to play with.
WHOLE_WIZARD = ("about", "contact", "languages", "services", "rates", "qualifications", "tax", "payment", "agreements")
OF_AN_AGENCY = (*WHOLE_WIZARD[:5], "team", "certificates", *WHOLE_WIZARD[6:])


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    address: str
    gets_to: VendorState = VendorState.INVITED
    language: str = "en-GB"
    to_try: str = ""
    typed: Typed = field(default_factory=dict)
    steps: tuple[str, ...] = WHOLE_WIZARD
    asked_for: Mapping[str, str] = field(default_factory=dict)

    def answers(self) -> dict[str, dict[str, list[str]]]:
        """As the browser would have sent them, step by step."""
        steps = {**_usual(self), **self.typed}
        steps["agreements"] = {**_accepted(steps["about"]["kind"]), **steps["agreements"]}
        return {
            step: {
                f"{step}-{name}": value if isinstance(value, list) else [value] for name, value in steps[step].items()
            }
            for step in self.steps
        }


def _usual(person: Person) -> dict[str, Typed]:
    """What most of them would say."""
    return {
        "about": {"kind": "freelancer", "full_name": person.name, "display_name": person.name.split()[0]},
        "services": {
            "everywhere": ["translation", "revision"],
            "specialisms": ["legal", "finance"],
            "cat_tools": ["studio"],
            "other_tools": "",
        },
        "rates": {
            "currency": "EUR",
            "minimum_fee": "30",
            "usual-translation": "0.11",
            "unit-translation": "source_word",
            "usual-revision": "0.045",
            "unit-revision": "source_word",
        },
        "qualifications": {
            "translation_degree": "yes",
            "other_degree": "no",
            "has_worked": "yes",
            "work": "1",
            "work-0-since": "2015",
            "work-0-until": "",
            "work-0-share": "100",
            "work-0-kind": "both",
            "certificates": "",
            "degree_title": "MA in Translation",
            "institution": "University of Examples",
            "institution_country": "",
            "graduated_in": "2014",
            "notes": "",
        },
        "payment": {"method": "later"},
        "agreements": {},
    }


def _accepted(kind: Any) -> Typed:
    """All the texts that are in force for them."""
    texts = agreements.current(audience=agreements.audience_of(kind))
    ticks = {agreement.document: "on" for agreement in texts}
    return ticks | {f"{agreement.document}-text": agreement.sha256 for agreement in texts}


def _home(phone: str, street: str, postal_code: str, town: str, country: str, time_zone: str = "") -> Typed:
    return {
        "phone": phone,
        "contact_email": "",
        "billing_email": "",
        "address_lines": street,
        "postal_code": postal_code,
        "locality": town,
        "region": "",
        "country": country,
        "time_zone": time_zone,
        "weekly_hours": "35",
        "working_days": ["mon", "tue", "wed", "thu", "fri"],
        "notice": "day",
    }


def _speaks(native: str, *pairs: tuple[str, str]) -> Typed:
    typed = {"native_1": native, "native_2": "", "pairs": str(len(pairs))}
    for number, (source, target) in enumerate(pairs):
        typed |= {f"pairs-{number}-source": source, f"pairs-{number}-target": target}
    return typed


def _registered(country: str, vat_number: str, registration_number: str = "") -> Typed:
    return {
        "tax_residence": country,
        "vat_status": "registered",
        "vat_number": vat_number,
        "tax_id": "",
        "registration_number": registration_number,
    }


def _small(country: str, tax_id: str) -> Typed:
    return {"tax_residence": country, "vat_status": "exempt_small", "vat_number": "", "tax_id": tax_id}


def _iban(holder: str, iban: str) -> Typed:
    return {"method": "iban", "holder": holder, "holder_is_vendor": "yes", "iban": iban, "bic": ""}


PEOPLE = [
    Person(name="Ana Almeida", address="sandbox-ana@gmail.com", language="pt-PT", to_try="accept with Google"),
    Person(name="Bruno Bauer", address="sandbox-bruno@outlook.com", language="de-DE", to_try="accept with Microsoft"),
    Person(name="Dora Dimitrova", address="dora@mail.example", to_try="accept with an emailed code"),
    Person(name="Emil Eriksen", address="emil@lingua.example", language="da-DK", to_try="accept with MFA"),
    Person(
        name="Chen Li",
        address="chen@agency.example",
        gets_to=VendorState.PREPARED,
        language="zh-CN",
        to_try="invite in the admin",
    ),
    Person(
        name="Mia Member",
        address="mia.member@sandberg.example",
        to_try="read the case that was emailed to VM",  # a colleague's address, which Microsoft refuses
    ),
    Person(
        name="Ines Iglesias",
        address="ines@palabras.example",
        gets_to=VendorState.ONBOARDING,
        language="es-ES",
        to_try="continue in the wizard",
        steps=("about", "contact", "languages"),
        typed={
            "contact": _home("+34 910 000 000", "Calle de Ejemplo 8", "28001", "Madrid", "ES", "Europe/Madrid"),
            "languages": _speaks("Spanish (Spain)", ("English", "Spanish (Spain)"), ("French", "Spanish (Spain)")),
        },
    ),
    Person(
        name="Jonas Jensen",
        address="jonas@ordklang.example",
        gets_to=VendorState.SUBMITTED,
        language="da-DK",
        to_try="review in the admin",
        typed={
            "contact": _home("+45 32 12 34 56", "Eksempelvej 3", "2100", "København", "DK"),
            "languages": _speaks("Danish", ("English", "Danish"), ("German", "Danish")),
            "tax": _small("DK", ""),
            "payment": _iban("Jonas Jensen", "DK50 0040 0440 1162 43"),
        },
    ),
    Person(
        name="Nadia Nasser",
        address="office@nasser-languages.example",
        gets_to=VendorState.SUBMITTED,
        to_try="review in the admin",
        typed={
            "about": {
                "kind": "company",
                "full_name": "Nadia Nasser",
                "display_name": "",
                "company_legal_name": "Nasser Languages",
            },
            "contact": _home("+31 20 123 4567", "Voorbeeldstraat 12", "1012 AB", "Amsterdam", "NL"),
            "tax": _registered("NL", "NL 0044 95 445 B01", "12345678"),
            "languages": _speaks("", ("English", "Arabic"), ("Dutch", "Arabic"), ("Arabic", "English")),
            "team": {
                "linguists_in_house": "6",
                "linguists_freelance": "40",
                "in_house_pairs": ["en.ar", "nl.ar"],
                "in_house_services": ["revision"],
                "selection": ["qualifications", "test"],
                "revision": "always",
                "working_notes": "",
            },
            "certificates": {
                "holds": [],
                "undertakes": "yes",
                "linguists": "2",
                "linguist-0-initials": "N. N., S. B.",
                "linguist-0-pairs": ["en.ar", "nl.ar"],
                "linguist-0-route": "translation_degree",
                "linguist-1-initials": "J. S.",
                "linguist-1-pairs": ["ar.en"],
                "linguist-1-route": "experience",
                "client_references": "",
            },
            "agreements": {"signatory": "Nadia Nasser", "position": "Managing director", "may_sign": "on"},
        },
        steps=OF_AN_AGENCY,
    ),
    Person(
        name="Lukas Lang",
        address="lukas@wortwerk.example",
        gets_to=VendorState.CHANGES_REQUESTED,
        language="de-DE",
        to_try="answer the request for changes",
        asked_for={"rates": "Your rate for revision is higher than your rate for translation. Could you check it?"},
        typed={
            "contact": _home("+43 1 234 5678", "Beispielgasse 5", "1010", "Wien", "AT"),
            "tax": _small("AT", "12 345/6789"),
            "languages": _speaks("German (Austria)", ("English", "German (Austria)")),
            "rates": {
                "currency": "EUR",
                "minimum_fee": "35",
                "usual-translation": "0.14",
                "unit-translation": "source_word",
                "usual-revision": "0.42",
                "unit-revision": "source_word",
            },
        },
    ),
    Person(
        name="Marta Mazur",
        address="marta@slowa.example",
        gets_to=VendorState.APPROVED,
        language="pl-PL",
        to_try="change the primary email to gita@mail.example",
        typed={
            "contact": _home("+48 22 123 45 67", "ul. Przykładowa 1\nm. 5", "00-001", "Warszawa", "PL"),
            "languages": _speaks("Polish", ("English", "Polish"), ("German", "Polish")),
            "tax": _registered("PL", "526-000-12-46"),
            "services": {
                "everywhere": ["translation", "revision", "sworn_translation"],
                "specialisms": ["legal", "finance"],
                "cat_tools": ["studio"],
                "other_tools": "",
                "sworn_authority": "Minister Sprawiedliwości, Poland",
                "sworn_number": "TP/0000/05",
                "sworn_until": "",
            },
            "rates": {
                "currency": "EUR",
                "minimum_fee": "30",
                "usual-translation": "0.11",
                "unit-translation": "source_word",
                "own-amount-translation-de.pl": "0.12",
                "own-unit-translation-de.pl": "",
                "usual-revision": "0.045",
                "unit-revision": "source_word",
                "usual-sworn_translation": "18",
                "unit-sworn_translation": "page",
            },
            "payment": _iban("Marta Mazur", "PL61 1090 1014 0000 0712 1981 2874"),
        },
    ),
    Person(
        name="Tomás Teixeira",
        address="tomas@letras.example",
        gets_to=VendorState.APPROVED,
        language="pt-PT",
        to_try="sign in and add payment details",
        typed={
            "contact": _home("+351 21 123 4567", "Rua do Exemplo 20", "1000-001", "Lisboa", "PT", "Europe/Lisbon"),
            "tax": _small("PT", "501 964 843"),
            "languages": _speaks("Portuguese (Portugal)", ("English", "pt-PT"), ("Spanish", "pt-PT")),
        },
    ),
]


def cv(name: str) -> bytes:
    """A one-page PDF that says whose CV it would be."""
    text = f"BT /F1 18 Tf 72 760 Td (CV of {name}, who does not exist) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
        b" /Encoding /WinAnsiEncoding >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    file, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    entries = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (entries, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % entries + table + trailer

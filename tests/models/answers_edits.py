"""What a vendor types on each page. The model picks one by its number; what does not fit the page is not typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.models.answers_typed import Shown

COMPANY, OTHER_COMPANY = "Nowak GmbH", "Nowak sp. z o.o."
ACCOUNT = {"iban": "DE89 3704 0044 0532 0130 00", "method": "iban", "holder": "L. N.", "holder_is_vendor": "yes"}
CARD = {"kind": "membership", "number": "B 7", "expires_on": "30 June 2031"}


@dataclass(frozen=True)
class Edit:
    """Fields to fill in, slots to choose a new file for, and the button that adds a row first."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()


Chooser = Callable[[Shown], Edit]


def typed(*files: str, **fields: Any) -> Chooser:
    return lambda shown: Edit({name: value for name, value in fields.items() if name in shown}, files)


def _nth(beginning: str, number: int, value: Any) -> Chooser:
    """In the first or the last of the fields whose names begin so."""

    def choose(shown: Shown) -> Edit:
        names = [name for name in shown if name.startswith(beginning)]
        return Edit({names[number]: value}) if names else Edit()

    return choose


def _another_pair(source: str) -> Chooser:
    """In the empty row, if there is one, or in place of the last pair."""

    def choose(shown: Shown) -> Edit:
        rows = int(shown["pairs"][-1])
        return Edit({f"pairs-{rows - 1}-source": source, f"pairs-{rows - 1}-target": "Polish"})

    return choose


def _remove_pair(number: int) -> Chooser:
    def choose(shown: Shown) -> Edit:
        rows = int(shown["pairs"][-1])
        return Edit({f"pairs-{number % rows}-remove": True}) if rows > 1 else Edit()

    return choose


def _certificate(**values: Any) -> Chooser:
    """In the last row, with a file where the row is new."""

    def choose(shown: Shown) -> Edit:
        keys = shown["certificates"][-1].split()
        if not keys:
            return Edit()
        slot = f"certificate-{keys[-1]}"
        is_new = not any(shown[f"{slot}-kind"])
        return Edit(
            {f"{slot}-{part}": value for part, value in values.items()}, (slot,) if is_new or not values else ()
        )

    return choose


EDITS: dict[str, list[Chooser]] = {
    "about": [
        typed(kind="freelancer_via_company", company_legal_name=COMPANY),
        typed(kind="freelancer"),
        typed(kind="freelancer_via_company", company_legal_name=OTHER_COMPANY),
        typed(display_name="Lu"),
        typed(display_name=""),
        typed(kind="freelancer_via_company", company_legal_name=""),
    ],
    "contact": [
        typed(phone="22 999 88 77"),
        typed(phone="no telephone"),
        typed(billing_email="bills@mail.example"),
        typed(weekly_hours="12"),
        typed(phone="22 123 45 67", billing_email=""),
    ],
    "languages": [
        _remove_pair(0),
        _remove_pair(1),
        _another_pair("Czech"),
        _another_pair("French"),
        _another_pair("German"),
        typed(native_2="Spanish"),
    ],
    "services": [
        typed(everywhere=["translation"]),
        typed(everywhere=["translation", "revision"]),
        _nth("only-", 0, ["proofreading"]),
        _nth("only-", -1, ["revision"]),
        typed(specialisms=["legal"]),
        _nth("only-", 0, []),
    ],
    "rates": [
        _nth("own-amount-translation", 0, "0.12"),
        _nth("own-amount-translation", -1, "0,15"),
        _nth("usual-", 0, "0.09"),
        typed(minimum_fee="30"),
        _nth("own-amount-", 0, ""),
        _nth("own-amount-", -1, "much"),
    ],
    "qualifications": [
        typed(notes="A prize"),
        typed("cv"),
        _certificate(**CARD),
        _nth("work-0-pairs", 0, ["de.pl"]),
        typed("degree", translation_degree="yes"),
        _certificate(),
        _certificate(remove=True),
        typed(degree_remove=True),
        typed(notes="", degree_title="MA"),
    ],
    "tax": [
        typed(vat_status="exempt_small", tax_id="1234560007", registration_number="0000012345"),
        typed(registration_number="0000028860"),
        typed(vat_status="registered", vat_number="1234560013"),
        typed(tax_id="1234560036"),
        typed(tax_residence="US", tax_id="1234560042", vat_status="not_in_scope"),
        typed(tax_residence="PL", tax_id="???"),
    ],
    "payment": [
        typed(holder="Łucja Nowak"),
        typed(iban="DE89 3704 0044 0532 0130 00"),
        typed(iban="PL61 1090 1014 0000 0712 1981 2874", holder="L. Nowak"),
        typed(iban="PL00"),
    ],
}


def completing(step: str, shown: Shown) -> Edit:
    """What a page lacks, so that it can be sent."""
    party = (shown.get("party") or [""])[-1]
    in_us = shown.get("tax_residence", [""])[-1:] == ["US"]
    register = "04-2103594" if in_us else "0000012345"
    wanted: dict[str, dict[str, Any]] = {
        "about": {"company_legal_name": COMPANY},
        "contact": {"phone": "22 123 45 67"},
        "services": {"everywhere": ["translation"]},
        "rates": {name: "0.07" for name in shown if name.startswith("usual-") and not any(shown[name])}
        | {name: "0.11" for name, value in shown.items() if name.startswith("own-amount-") and value == ["much"]},
        "tax": {"vat_status": "not_in_scope", "tax_id": "04-2103594" if in_us else "1234560007"}
        | ({"registration_number": register} if party == "company" else {})
        | ({"tax_residence": "PL"} if not any(shown.get("tax_residence", [])) else {}),
        "payment": {
            "iban": "DE89 3704 0044 0532 0130 00",
            "method": "iban",
            "holder": "L. N.",
            "holder_is_vendor": "yes",
        },
        "qualifications": {"degree_title": "MA", "institution": "UW"},
    }
    fields = {name: value for name, value in wanted.get(step, {}).items() if name in shown}
    files: list[str] = []
    if step == "qualifications":
        for key in shown["certificates"][-1].split():
            slot = f"certificate-{key}"
            if not any(shown[f"{slot}-kind"]) or not any(shown[f"{slot}-expires_on"]):
                fields |= {f"{slot}-{part}": value for part, value in CARD.items()}
            files.append(slot)
    return Edit(fields, tuple(files))

"""What a vendor has typed, and what follows from it: a second opinion on the wizard's forms, as short as it can be.

Typed is what stands in the questions of a page; facts are what Vendor Management gets to read of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.person import Form

Shown = dict[str, list[str]]
Typed = dict[str, list[Any]]
Facts = dict[str, Any]

STEPS = ("about", "contact", "languages", "services", "rates", "qualifications", "tax", "payment")
# Pages that keep answers to questions which they do not ask at the moment.
KEEP_UNASKED = {"services", "rates", "tax"}
OF_A_PARTY = ("tax_residence", "vat_status", "vat_number", "tax_id", "registration_number")
CERTIFICATE_PARTS = ("kind", "number", "expires_on")
CODES = {"german": "de", "french": "fr", "polish": "pl", "czech": "cs", "spanish": "es"}
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october"]


def shown_on(form: Form, step: str) -> Shown:
    """By the names of the fields without the page's prefix; files left out."""
    shown: Shown = {}
    for field in form.fields:
        if field.name.startswith(f"{step}-") and field.kind != "file":
            shown.setdefault(field.name.removeprefix(f"{step}-"), []).extend(field.values())
    return shown


def one(values: Any) -> str:
    return str(values[-1]).strip() if values else ""


def code(language: str) -> str:
    return CODES.get(language.strip().lower(), language.strip())


def questions(step: str, shown: Shown, *, has_file: Callable[[str], bool] = lambda slot: False) -> Typed:
    """The questions by what they are about, not by where they stand: rows move up when another is removed."""
    kept = {name: list(values) for name, values in shown.items() if not name.endswith(("remove", "opened"))}
    if step == "languages":
        rows = range(int(one(kept.pop("pairs", ["1"])) or 1))
        pairs = [tuple(code(one(kept.pop(f"pairs-{row}-{side}", []))) for side in ("source", "target")) for row in rows]
        removed = {row for row in rows if any(shown.get(f"pairs-{row}-remove", []))}
        natives = {name: [code(one(values))] for name, values in kept.items()}
        return natives | {"pairs": [pair for row, pair in enumerate(pairs) if any(pair) and row not in removed]}
    if step == "qualifications":
        return _rows(kept, shown, has_file)
    if step == "services":
        return {name: sorted(values) for name, values in kept.items()}
    if step == "tax":
        party = one(kept.pop("party", []))
        return {f"{name}@{party}" if name in OF_A_PARTY else name: values for name, values in kept.items()}
    return {name: [re.sub(r"\r\n", "\n", value) for value in values] for name, values in kept.items()}


def _rows(kept: Shown, shown: Shown, has_file: Callable[[str], bool]) -> Typed:
    work, rows = [], int(one(kept.pop("work", ["1"])) or 1)
    for row in range(rows):
        parts = {part: kept.pop(f"work-{row}-{part}", []) for part in ("since", "until", "share", "kind", "pairs")}
        is_begun = one(parts["since"]) or one(parts["until"])
        if is_begun and not any(shown.get(f"work-{row}-remove", [])):
            texts = [one(parts[part]) for part in ("since", "until", "share", "kind")]
            work.append((*texts, tuple(sorted(parts["pairs"]))))
    keys = []
    for key in one(kept.pop("certificates", [])).split():
        slot = f"certificate-{key}"
        is_begun = has_file(slot) or any(one(kept.get(f"{slot}-{part}", [])) for part in CERTIFICATE_PARTS)
        if is_begun and not any(shown.get(f"{slot}-remove", [])):
            keys.append(key)
        else:
            kept = {name: values for name, values in kept.items() if not name.startswith(f"{slot}-")}
    texts = {name: [value.replace("\r\n", "\n") for value in values] for name, values in kept.items()}
    return {**texts, "work": work, "certificates": keys}


def only_pair(shown: Shown) -> str:
    """The pair that services are asked for together with all pairs, because it is the only one."""
    has_own = any(name.startswith("only-") for name in shown)
    return "" if has_own else one(shown.get("opened", []))


def merged(step: str, before: Typed, shown: Shown, typed: Typed) -> Typed:
    """What is kept when a page is saved over what was there before."""
    if step == "payment" and not one(typed.get("iban")):
        return typed | {"iban": before.get("iban", [""])}
    if step not in KEEP_UNASKED:
        return typed
    if step == "services" and (pair := only_pair(shown)):
        typed = typed | {f"only-{pair}": []}
    return before | typed


def expected(step: str, memory: Typed, shown: Shown) -> Typed:
    """What a page should show in the questions that it asks, as far as somebody has answered them."""
    asked = questions(step, shown, has_file=lambda slot: True)
    answered = {name: memory[name] for name in asked if name in memory}
    if step == "payment" and not one(shown.get("iban")):
        answered.pop("iban", None)  # not shown without signing in once more, and kept all the same
    if step == "services" and (pair := only_pair(shown)):
        answered["everywhere"] = sorted({*memory.get("everywhere", []), *memory.get(f"only-{pair}", [])})
    return answered


def tidy(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing typed is nothing, whether a field came empty or not at all."""
    return {name: values for name, values in typed.items() if any(values)}


# Facts


# Whose answers the facts of a step rest on besides its own.
NEEDS = {"services": ("languages",), "rates": ("languages", "services"), "tax": ("about",)}


def facts(memory: Mapping[str, Typed], files: Mapping[str, str]) -> Facts:
    """Of the steps that are in the memory, with those that they need."""
    known = [step for step in STEPS if all(name in memory for name in (step, *NEEDS.get(step, ())))]
    return {step: _FACTS[step](memory, files) for step in known}


def _about(memory: Mapping[str, Typed], _files: Mapping[str, str]) -> Facts:
    about = {name: one(memory["about"].get(name)) for name in ("display_name", "full_name", "kind")}
    company = one(memory["about"].get("company_legal_name")) if about["kind"] != "freelancer" else ""
    return about | {"company": company}


def _pairs(memory: Mapping[str, Typed]) -> list[str]:
    return [".".join(pair) for pair in memory["languages"]["pairs"]]


def _rates(memory: Mapping[str, Typed], _files: Mapping[str, str]) -> Facts:
    rates, pairs = memory["rates"], _pairs(memory)
    services = _services(memory["services"], pairs)
    return {
        "currency": one(rates.get("currency")),
        "minimum_fee": _amount(rates.get("minimum_fee")),
        "rates": {f"{service} {key}": _rate(rates, service, key) for key in pairs for service in services[key]},
    }


def _natives_and_pairs(memory: Mapping[str, Typed], _files: Mapping[str, str]) -> Facts:
    natives = [one(memory["languages"].get(name)) for name in ("native_1", "native_2")]
    return {"native": list(filter(None, natives)), "pairs": _pairs(memory)}


def _services_and_subjects(memory: Mapping[str, Typed], _files: Mapping[str, str]) -> Facts:
    typed = memory["services"]
    return {"pairs": _services(typed, _pairs(memory)), "specialisms": sorted(typed["specialisms"])}


def _contact(given: Mapping[str, Any]) -> Facts:
    texts = ("contact_email", "billing_email", "postal_code", "locality", "country")
    return {
        "phone": digits(given.get("phone"))[-9:],
        "weekly_hours": str(given.get("weekly_hours") or ""),
        "address": str(given.get("address_lines", "")).split(),
        **{name: given.get(name, "") for name in texts},
    }


def _services(typed: Typed, pairs: list[str]) -> dict[str, list[str]]:
    everywhere = set(typed.get("everywhere", []))
    return {key: sorted(everywhere | set(typed.get(f"only-{key}", []))) for key in pairs}


def _rate(typed: Typed, service: str, key: str) -> tuple[str, str]:
    own, unit = typed.get(f"own-amount-{service}-{key}"), one(typed.get(f"own-unit-{service}-{key}"))
    amount = _amount(own) or _amount(typed.get(f"usual-{service}"))
    return amount, unit or one(typed.get(f"unit-{service}"))


def _amount(values: Any) -> str:
    try:
        return f"{Decimal(one(values).replace(',', '.')).normalize():f}"
    except InvalidOperation:
        return one(values)


def _qualifications(typed: Typed, files: Mapping[str, str]) -> Facts:
    has_degree = one(typed.get("translation_degree")) == "yes"
    has_worked = one(typed.get("has_worked")) == "yes"
    rows = [f"certificate-{key}" for key in typed["certificates"]]
    return {
        "notes": one(typed.get("notes")),
        "degrees": [one(typed.get("degree_title"))] if has_degree else [],
        "experience": [(year(row[0]), row[4]) for row in typed["work"]] if has_worked else [],
        "certificates": {
            slot: (
                one(typed.get(f"{slot}-kind")),
                one(typed.get(f"{slot}-number")),
                day(typed.get(f"{slot}-expires_on")),
            )
            for slot in rows
        },
        "documents": {slot: name for slot, name in files.items() if has_degree or slot != "degree"},
    }


def _tax(typed: Typed, party: str) -> Facts:
    given = {name: one(typed.get(f"{name}@{party}")) for name in OF_A_PARTY}
    register = given["registration_number"] if party == "company" else ""
    is_one_number = party == "company" and given["tax_residence"] == "US"
    return {
        "tax_residence": given["tax_residence"],
        "vat_status": given["vat_status"],
        "vat_number": digits(given["vat_number"]) if given["vat_status"] == "registered" else "",
        "tax_id": digits(register if is_one_number else given["tax_id"]),
        "registration_number": digits(register),
    }


def _account(given: Mapping[str, Any]) -> Facts:
    iban = re.sub(r"\W", "", str(given.get("iban", "")))
    return {"iban": iban, "holder": given.get("holder", ""), "method": given.get("method", "")}


def digits(text: Any) -> str:
    return re.sub(r"\D", "", str(text or ""))


def year(text: str) -> str:
    return (re.search(r"\d{4}", text) or [""])[0]


def day(values: Any) -> str:
    """31 March 2027 as 2027-03-31."""
    text = one(values)
    found = re.fullmatch(r"(\d+) (\w+) (\d{4})", text)
    return f"{found[3]}-{MONTHS.index(found[2].lower()) + 1:02}-{int(found[1]):02}" if found else text


def facts_of(answers: Mapping[str, Any], name_of: Callable[[str], str]) -> Facts:
    """The same of answers as they were sent."""
    about, languages, services, rates = (answers[step] for step in ("about", "languages", "services", "rates"))
    qualifications, tax = answers["qualifications"], answers["tax"]
    found = {
        "about": {name: about[name] for name in ("display_name", "full_name", "kind")}
        | {"company": about["company_legal_name"] or ""},
        "contact": _contact(answers["contact"]),
        "languages": {
            "native": languages["native"],
            "pairs": [f"{row['source']}.{row['target']}" for row in languages["pairs"]],
        },
        "services": {
            "pairs": {_key(row): sorted(row["services"]) for row in services["pairs"]},
            "specialisms": sorted(services["specialisms"]),
        },
        "rates": {
            "currency": rates["currency"],
            "minimum_fee": _amount([rates["minimum_fee"]]),
            "rates": {
                f"{row['service']} {_key(row)}": (_amount([row["amount"]]), row["unit"]) for row in rates["rates"]
            },
        },
        "qualifications": {
            "notes": qualifications["notes"],
            "degrees": [row["title"] for row in qualifications["degrees"]],
            "experience": [(year(row["since"]), tuple(sorted(row["pairs"]))) for row in qualifications["experience"]],
            "certificates": {
                row["slot"]: (row["kind"], row["number"], row["expires_on"]) for row in qualifications["certificates"]
            },
            "documents": {slot: name_of(row["id"]) for slot, row in qualifications["documents"].items()},
        },
        "tax": {name: tax[name] for name in ("tax_residence", "vat_status")}
        | {name: digits(tax.get(name)) for name in ("vat_number", "tax_id", "registration_number")},
    }
    if "payment" in answers:
        found["payment"] = _account(answers["payment"])
    return found


_FACTS: dict[str, Callable[[Mapping[str, Typed], Mapping[str, str]], Facts]] = {
    "about": _about,
    "contact": lambda memory, _files: _contact({name: one(values) for name, values in memory["contact"].items()}),
    "languages": _natives_and_pairs,
    "services": _services_and_subjects,
    "rates": _rates,
    "qualifications": lambda memory, files: _qualifications(memory["qualifications"], files),
    "tax": lambda memory, _files: _tax(memory["tax"], _party(memory)),
    "payment": lambda memory, _files: _account({name: one(values) for name, values in memory["payment"].items()}),
}


def _party(memory: Mapping[str, Typed]) -> str:
    return "person" if one(memory["about"].get("kind")) == "freelancer" else "company"


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['source']}.{row['target']}"


def differing(before: Facts, now: Facts) -> list[str]:
    return [step for step in STEPS if before.get(step) != now.get(step)]

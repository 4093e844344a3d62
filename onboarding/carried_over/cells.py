"""The cells of a row as the pages of the wizard take them: as if someone had typed it there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed import cleaning
from vendors.answers import countries, languages, money, service_catalogue
from vendors.models import VatStatus, VendorKind
from vendors.onboarding_interface import BadValue

Cells = Mapping[str, str]
Typed = dict[str, list[str]]  # by question, as a browser sends it

_ARROW = re.compile(r"\s*(?:->|–>|→|>)\s*")
KINDS = {
    "freelancer": VendorKind.FREELANCER,
    "owncompany": VendorKind.THROUGH_COMPANY,
    "freelancerwithowncompany": VendorKind.THROUGH_COMPANY,
    "company": VendorKind.COMPANY,
    "agency": VendorKind.COMPANY,
}
CHARGES_VAT = {
    "yes": VatStatus.REGISTERED,
    "registered": VatStatus.REGISTERED,
    "smallbusiness": VatStatus.EXEMPT_SMALL,
    "toosmall": VatStatus.EXEMPT_SMALL,
    "notinscope": VatStatus.NOT_IN_SCOPE,
    "doesnotapply": VatStatus.NOT_IN_SCOPE,
}


def refused(column: str, value: str, why: object) -> BadValue:
    """`why` is a sentence that says what would be right."""
    words = {"column": column, "value": value[:80], "why": ours(str(why))}
    if value:
        return BadValue(_("In the column “%(column)s”, “%(value)s” cannot be used. %(why)s") % words)
    return BadValue(_("In the column “%(column)s”, something is missing. %(why)s") % words)


def parts(cell: str) -> list[str]:
    """Of a list in one cell."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def about(cells: Cells, name: str) -> Typed:
    kind = (
        _one_of(KINDS, cells, "works as", _("Write “freelancer”, “own company” or “company”.")) or VendorKind.FREELANCER
    )
    if kind == VendorKind.FREELANCER and cells.get("company"):
        why = _("Write “own company” or “company” in the column “works as”, or leave this cell empty.")
        raise refused("company", cells["company"], why)
    return {"kind": [kind], "full_name": [name], "company_legal_name": [cells.get("company", "")]}


def contact(cells: Cells) -> Typed:
    names = {
        "phone": "phone",
        "address_lines": "street",
        "postal_code": "postcode",
        "locality": "town",
        "region": "region",
        "time_zone": "time zone",
    }
    typed: Typed = {name: [cells.get(column, "")] for name, column in names.items()}
    typed["time_zone"] = [cells.get("time zone", "").replace(" ", "_")]
    return typed | {"country": [_country(cells, "country")]}


def _languages(cells: Cells) -> list[tuple[str, str]]:
    pairs = []
    for part in parts(cells.get("pairs", "")):
        sides = _ARROW.split(part)
        if len(sides) != 2 or not all(sides):
            raise refused("pairs", part, _("Write each pair like en-GB > de-DE, and separate pairs with semicolons."))
        pairs.append((sides[0], sides[1]))
    return pairs


def spoken(cells: Cells) -> Typed:
    native = parts(cells.get("native languages", ""))
    if len(native) > 2:
        raise refused("native languages", cells["native languages"], _("Write one or two, separated by a semicolon."))
    pairs = _languages(cells)
    typed: Typed = {"pairs": [str(len(pairs) or 1)]}
    typed |= {f"native_{number}": [name] for number, name in enumerate(native, start=1)}
    for number, (source, target) in enumerate(pairs):
        typed |= {f"pairs-{number}-source": [source], f"pairs-{number}-target": [target]}
    return typed


def offered(cells: Cells, pairs: Iterable[Mapping[str, Any]]) -> Typed:
    """In all pairs, or in the one that is named in front of a colon."""
    keys = [f"{pair['source']}.{pair['target']}" for pair in pairs]
    typed: Typed = {"everywhere": []}
    for key, part in _by_pair(cells.get("services", ""), "services", keys):
        name = f"only-{key}" if key and len(keys) > 1 else "everywhere"
        typed.setdefault(name, []).extend(_service("services", text.strip()) for text in part.split(","))
    subjects, tools = parts(cells.get("subjects", "")), parts(cells.get("tools", ""))
    known = {_letters(label): code for code, label in service_catalogue.CAT_TOOLS}
    known |= {_letters(code): code for code, _label in service_catalogue.CAT_TOOLS}
    return typed | {
        "specialisms": [_named(service_catalogue.SPECIALISMS, "subjects", text) for text in subjects],
        "cat_tools": [known[_letters(tool)] for tool in tools if _letters(tool) in known],
        "other_tools": [", ".join(tool for tool in tools if _letters(tool) not in known)],
        "sworn_authority": [cells.get("sworn by", "")],
        "sworn_number": [cells.get("sworn number", "")],
        "sworn_until": [cells.get("sworn until", "")],
    }


def priced(cells: Cells, pairs: Iterable[Mapping[str, Any]]) -> Typed:
    """The rate of a service in all pairs, or in the one that is named in front of a colon."""
    keys = [f"{pair['source']}.{pair['target']}" for pair in pairs]
    typed: Typed = {"currency": [cells.get("currency", "").upper()], "minimum_fee": [cells.get("minimum fee", "")]}
    for key, part in _by_pair(cells.get("rates", ""), "rates", keys):
        service, amount = _service_in_front(part)
        unit = _unit(service, amount, part)
        name, of_unit = f"usual-{service}", f"unit-{service}"
        if key:
            name, of_unit = f"own-amount-{service}-{key}", f"own-unit-{service}-{key}"
            typed.setdefault(f"unit-{service}", [unit])
        if name in typed:
            raise refused("rates", part, _("This service already has a rate. Keep only one."))
        typed |= {name: [amount], of_unit: [unit]}
    return typed


def evidence(cells: Cells) -> Typed:
    """Nothing if there is none. What stands in an archive is no file here, so it is a claim."""
    columns = {
        "degree_title": "degree",
        "institution": "university",
        "institution_country": "degree country",
        "graduated_in": "degree year",
        "other_title": "other degree",
        "other_institution": "other university",
        "other_country": "other degree country",
        "other_graduated_in": "other degree year",
        "work-0-since": "translating since",
        "notes": "evidence on file",
    }
    typed: Typed = {name: [cells[column]] for name, column in columns.items() if cells.get(column)}
    if not typed:
        return {}
    yes_no = {
        "translation_degree": any(name in typed for name in list(columns)[:4]),
        "other_degree": any(name in typed for name in list(columns)[4:8]),
        "has_worked": "work-0-since" in typed,
    }
    return typed | {"work": ["1"]} | {name: ["yes" if is_so else "no"] for name, is_so in yes_no.items()}


def tax(cells: Cells) -> Typed:
    """Nothing if there is none."""
    columns = {"vat_number": "VAT number", "tax_id": "tax number", "registration_number": "registration number"}
    typed: Typed = {name: [cells[column]] for name, column in columns.items() if cells.get(column)}
    why = _("Write “yes”, “small business” or “does not apply”.")
    status = _one_of(CHARGES_VAT, cells, "charges VAT", why)
    if not typed and not status and not cells.get("tax country"):
        return {}
    if "vat_number" in typed and status not in (None, VatStatus.REGISTERED):
        raise refused("VAT number", cells["VAT number"], _("Leave it empty, or write “yes” in “charges VAT”."))
    status = status or (VatStatus.REGISTERED if "vat_number" in typed else None)
    country = _country(cells, "tax country") or _country(cells, "country")
    return typed | {"tax_residence": [country], "vat_status": [status or ""]}


def _by_pair(cell: str, column: str, keys: list[str]) -> Iterator[tuple[str, str]]:
    """Each part of a list, with the key of the pair in front of its colon, or none."""
    for part in parts(cell):
        pair, colon, rest = part.rpartition(":")
        if not colon:
            yield "", part
            continue
        sides = _ARROW.split(pair.strip())
        try:
            key = ".".join(languages.parse(side) for side in sides)
        except languages.UnknownLanguage as error:
            raise refused(column, part, error) from error
        if key not in keys:
            raise refused(column, part, _("This pair is not in the column “pairs”."))
        yield key, rest.strip()


def _service_in_front(part: str) -> tuple[str, str]:
    """ "post-editing 0.04 per word" is the service and what it costs."""
    first = re.search(r"[^\s\w(),/-]?\s*(?:[A-Z]{3}\s*)?\d", part)
    if first is None:
        raise refused("rates", part, _("Write each rate like “translation 0.12 per word”."))
    return _service("rates", part[: first.start()].strip(" =")), part[first.start() :].strip()


def _unit(service: str, amount: str, part: str) -> str:
    units = service_catalogue.UNITS_OF_SERVICE[service]
    try:
        written = money.parts(amount).units
    except money.NotAnAmount as error:
        raise refused("rates", part, error) from error
    unit = next((unit for unit in units if unit in written), "")
    if not unit:
        names = ", ".join(service_catalogue.unit_name(unit) for unit in units)
        raise refused("rates", part, _("Add one of these units: %(units)s.") % {"units": names})
    return unit


def _service(column: str, text: str) -> str:
    return _named(service_catalogue.SERVICES, column, text)


def _named(known: Iterable[tuple[str, Any]], column: str, text: str) -> str:
    """The code of what is called so: by the code itself, by its name, or by its name without what is in brackets."""
    wanted, names = _letters(text), []
    for code, label in known:
        names.append(str(label).partition(" (")[0])
        if wanted and wanted in (_letters(code), _letters(str(label)), _letters(names[-1])):
            return code
    raise refused(column, text or "–", _("Write one of these: %(names)s.") % {"names": ", ".join(names)})


def _one_of(known: Mapping[str, Any], cells: Cells, column: str, why: str) -> Any:
    if not (text := cells.get(column, "")):
        return None
    if (value := known.get(_letters(text))) is None:
        raise refused(column, text, why)
    return value


def _country(cells: Cells, column: str) -> str:
    text = cells.get(column, "")
    if text and not countries.code(text):
        raise refused(column, text, _("Write the country's name in English, or its code, like DE."))
    return countries.code(text) if text else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", cleaning.folded(text))

"""Tax, VAT and register numbers by each country's own rules: which there are, what they are called, which are right.

Only form and check digits are judged. Whether a number has been given to anybody is for the tax office to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES
from stdnum.exceptions import ValidationError as NotValid

from identity.typed import cleaning
from vendors.answers import countries, national_rules
from vendors.answers.odd_answers import Odd

LONGEST = 24


class NotANumber(Exception):
    """The message is for the person who typed it."""


class OddNumber(NotANumber, Odd):
    """A number that our rules do not know. That does not make it wrong."""


@dataclass(frozen=True)
class Kind:
    """A number as its own country calls it; `rules` are modules of stdnum, none where it has none."""

    name: str | Promise
    rules: tuple[str, ...] = ()
    is_needed: bool = False  # on every invoice, from whoever is not registered for VAT


VAT_NUMBER = Kind(gettext_lazy("VAT number"))
TAX_NUMBER = Kind(gettext_lazy("Tax number"))
TAX_NUMBERS = {
    "AR": Kind("CUIT", ("cuit", "dni"), is_needed=True),
    "AT": Kind("Steuernummer"),
    "AU": Kind("ABN", ("abn",), is_needed=True),
    "BE": Kind("Ondernemingsnummer / numéro d’entreprise", ("vat", "nn", "bis"), is_needed=True),
    "BG": Kind("ЕИК / ЕГН", ("vat",), is_needed=True),
    "BR": Kind("CPF / CNPJ", ("cpf", "cnpj"), is_needed=True),
    "CA": Kind("Business number", ("bn",)),
    "CH": Kind("UID / IDE", ("uid",)),
    "CL": Kind("RUT", ("rut",), is_needed=True),
    "CO": Kind("NIT", ("nit",), is_needed=True),
    "CZ": Kind("IČO", ("dic",), is_needed=True),
    "DE": Kind("Steuernummer", ("stnr", "idnr", "wid"), is_needed=True),
    "DK": Kind("CVR-nummer", ("cvr",)),
    "EE": Kind("Registrikood", ("registrikood",)),
    "ES": Kind("NIF", ("nif",), is_needed=True),
    "FI": Kind("Y-tunnus", ("ytunnus",)),
    "FR": Kind("SIREN / SIRET", ("siren", "siret", "nif"), is_needed=True),
    "GB": Kind("UTR", ("utr",)),
    "GR": Kind("ΑΦΜ", ("vat",), is_needed=True),
    "HR": Kind("OIB", ("oib",), is_needed=True),
    "HU": Kind("Adószám / adóazonosító jel", ("anum", "adoszam", "adoazonosito"), is_needed=True),
    "IL": Kind("מספר עוסק"),
    "IN": Kind("PAN", ("pan",), is_needed=True),
    "IT": Kind("Codice fiscale / Partita IVA", ("codicefiscale", "iva"), is_needed=True),
    "MX": Kind("RFC", ("rfc", "curp"), is_needed=True),
    "NO": Kind("Organisasjonsnummer", ("orgnr",)),
    "NZ": Kind("NZBN"),
    "PE": Kind("RUC", ("ruc", "cui"), is_needed=True),
    "PL": Kind("NIP / PESEL", ("nip", "pesel"), is_needed=True),
    "PT": Kind("NIF", ("nif",), is_needed=True),
    "RO": Kind("CUI / CIF", ("cf",), is_needed=True),
    "RS": Kind("PIB", ("pib",), is_needed=True),
    "RU": Kind("ИНН", ("inn", "innkpp")),
    "SE": Kind("Organisationsnummer / personnummer", ("orgnr", "personnummer")),
    "SI": Kind("Davčna številka", ("ddv",), is_needed=True),
    "SK": Kind("DIČ"),
    "TR": Kind("VKN / T.C. kimlik no", ("vkn", "tckimlik"), is_needed=True),
    "UA": Kind("ЄДРПОУ / РНОКПП", ("edrpou", "rntrc"), is_needed=True),
    "US": Kind("EIN", ("ein", "tin")),
    "UY": Kind("RUT", ("rut",), is_needed=True),
    "ZA": Kind("Income tax reference number", ("tin",)),
}

REGISTER_NUMBER = Kind(gettext_lazy("Company registration number"))
REGISTER_NUMBERS = {
    "AU": Kind("ACN / ABN", ("acn", "abn")),
    "BE": Kind("Ondernemingsnummer / numéro d’entreprise", ("vat",)),
    "BR": Kind("CNPJ", ("cnpj",)),
    "CH": Kind("UID / IDE", ("uid",)),
    "CZ": Kind("IČO", ("dic",)),
    "DE": Kind("Handelsregisternummer"),
    "DK": Kind("CVR-nummer", ("cvr",)),
    "EE": Kind("Registrikood", ("registrikood",)),
    "ES": Kind("CIF", ("cif",)),
    "FI": Kind("Y-tunnus", ("ytunnus",)),
    "FR": Kind("SIREN / SIRET", ("siren", "siret")),
    "GB": Kind("Company number"),
    "HR": Kind("OIB", ("oib",)),
    "IL": Kind("מספר חברה", ("hp",)),
    "IS": Kind("Kennitala", ("kennitala",)),
    "JP": Kind("法人番号", ("cn",)),
    "KR": Kind("사업자등록번호", ("brn",)),
    "MD": Kind("IDNO", ("idno",)),
    "NL": Kind("KvK-nummer"),
    "NO": Kind("Organisasjonsnummer", ("orgnr",)),
    "PL": Kind("KRS / REGON"),
    "PT": Kind("NIPC", ("nif",)),
    "RO": Kind("Nr. ORC"),
    "SE": Kind("Organisationsnummer", ("orgnr",)),
    "SG": Kind("UEN", ("uen",)),
    "SI": Kind("Matična številka", ("maticna",)),
    "UA": Kind("ЄДРПОУ", ("edrpou",)),
    "US": Kind("EIN", ("ein",)),
}

# How a country's VAT numbers begin. Greece is not GR there; Monaco and the Isle of Man use their neighbours' numbers.
_VAT_PREFIXES = {code.upper(): code.upper() for code in MEMBER_STATES} | {
    "CH": "CHE",
    "GB": "GB",
    "GR": "EL",
    "IM": "GB",
    "IS": "IS",
    "MC": "FR",
    "NO": "NO",
}
# What else people put in front, and what it stands for.
_OTHER_PREFIXES = {"GR": "EL", "CH": "CHE"}
_RULE_OF_PREFIX = {"CHE": "CH", "EL": "GR", "XI": "GB"}
_KNOWN_PREFIXES = sorted({*_VAT_PREFIXES.values(), *_OTHER_PREFIXES}, key=len, reverse=True)
# What follows a country's letters: digits, and where there is more to it, this.
_SHAPES = {
    "AT": r"U?[0-9]{7,9}",
    "CHE": r"[0-9]{8,10}(MWST|TVA|IVA|TPV)?",
    "CY": r"[0-9]{7,9}[A-Z]",
    "ES": r"[A-Z0-9][0-9]{7}[A-Z0-9]",
    "FR": r"[A-Z0-9]{2}[0-9]{8,10}",
    "GB": r"[0-9]{8,13}|(GD|HA)[0-9]{3}",
    "IE": r"[0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2}",
    "NL": r"[0-9]{8,10}B[0-9]{2}",
    "NO": r"[0-9]{8,10}(MVA)?",
}
# Elsewhere the number stands alone.
_VAT_RULES = {
    "AR": "cuit",
    "AU": "abn",
    "CL": "rut",
    "IN": "gstin",
    "JP": "cn",
    "KR": "brn",
    "MX": "rfc",
    "NZ": "ird",
    "RS": "pib",
    "RU": "inn",
    "TR": "vkn",
}

# Two letters in Greek or Cyrillic may be a country or a series: МК4030006403630, ΕΛ123456789, АБ123456.
_LABEL_IN_ANOTHER_SCRIPT = re.compile(r"(?:[Ͱ-ԯ]{3,}|[^\W\d_A-ZÀ-ԯ]{2,})(?=[0-9A-Z]{3})")

# Nobody who lives here charges VAT or its like.
WITHOUT_VAT = frozenset({"US", "HK", "KW", "QA", "BM", "KY", "MO"})


def tax_number(country: str) -> Kind:
    return TAX_NUMBERS.get(country, TAX_NUMBER)


def register_number(country: str) -> Kind:
    return REGISTER_NUMBERS.get(country, REGISTER_NUMBER)


def parse_number(text: str, *, kind: Kind, country: str) -> str:
    """The number without spaces and punctuation, with or without the country's code in front.

    Raise NotANumber for what is none, OddNumber for what the rules of the country do not know.
    """
    if not kind.rules:
        return _plain(_without_name(text, kind))
    prefix = _VAT_PREFIXES.get(country, country)
    for compact in _readings(text, country=country):
        for rule in kind.rules:
            for number in (compact, compact.removeprefix(prefix), compact.removeprefix(country)):
                if valid := _by_rule(country, rule, number):
                    return valid
    raise OddNumber(
        _(
            "This doesn't look like a valid %(name)s for %(country)s. Check it against your documents. If it's right, "
            "keep it as you typed it."
        )
        % {"name": kind.name, "country": countries.name(country)},
        as_typed=_plain(_without_name(text, kind)),
    )


def parse_vat(text: str, *, country: str) -> str:
    """The VAT number with its prefix, where it has one. The chosen country judges first; then the one whose letters
    it begins with, for whoever is registered abroad.

    Raise NotANumber for what is none, OddNumber for what the rules do not know.
    """
    own, rule = _VAT_PREFIXES.get(country, ""), _VAT_RULES.get(country, "")
    for compact in _readings(text, country=country):
        typed = _typed_prefix(compact)
        readings = [(own, compact)] if own and typed in ("", own) else []
        readings += [(_OTHER_PREFIXES.get(typed, typed), compact.removeprefix(typed))] if typed else []
        readings += [(own, compact)] if own else []
        if valid := _vat_elsewhere(compact, country=country, rule=rule) if rule else "":
            return valid
        for prefix, number in readings:
            if valid := _by_prefix(prefix, number):
                return valid
    compact = _plain(_without_name(text, tax_number(country)))
    typed = _typed_prefix(compact)
    foreign = typed if typed != own and _is_like_a_vat_number(compact, prefix=typed) else ""
    if not (own or rule or foreign):
        return compact
    claimed = _RULE_OF_PREFIX.get(foreign, foreign) or country
    raise OddNumber(
        _(
            "This doesn't look like a valid VAT number for %(country)s. Check it against your "
            "documents, and start it with the country code. If it's right, keep it as you typed it."
        )
        % {"country": countries.name(claimed)},
        as_typed=compact,
    )


def doubts(answer: Mapping[str, Any]) -> list[str]:
    """What was kept although the rules do not know it: for the vendor to see once more, and for the reviewer."""
    country = answer["tax_residence"]
    kinds = {"registration_number": register_number(country), "tax_id": tax_number(country), "vat_number": VAT_NUMBER}
    sentences = []
    for field, kind in kinds.items():
        try:
            if answer.get(field) and field == "vat_number":
                parse_vat(answer[field], country=country)
            elif answer.get(field):
                parse_number(answer[field], kind=kind, country=country)
        except NotANumber:
            values = {"name": kind.name, "country": countries.name(country)}
            sentences.append(
                _("The %(name)s doesn't look like those we know from %(country)s. It was kept as typed.") % values
            )
    return list(dict.fromkeys(sentences))


def _readings(text: str, *, country: str) -> Iterator[str]:
    """With and without what may be a label, and then without the words behind it: 732 829 320 RCS Paris."""
    for way in cleaning.without_words_behind(text, shortest=cleaning.SHORTEST_WORD):
        yield from _without_front(way, country=country)


def _without_front(text: str, *, country: str) -> Iterator[str]:
    """The letters of another country in front of the number are no label."""
    own = {_VAT_PREFIXES.get(country, country), country}
    before = ""
    for place, reading in enumerate(cleaning.readings(text)):
        dropped = before.removesuffix(reading)
        letters = cleaning.compact(dropped)
        if letters in _KNOWN_PREFIXES and letters not in own and not _is_a_word(dropped, reading, is_first=place == 1):
            return
        yield cleaning.compact(reading)
        before = reading


def _is_a_word(dropped: str, rest: str, *, is_first: bool) -> bool:
    """Are these letters of a country the word that they are as well? "VAT no.: 136…", "Número de IVA: ES X12…"."""
    letters = dropped.strip().upper()
    is_number = letters.startswith("NO") and (letters != "NO" or not is_first)
    is_another_behind = not any(sign.isdecimal() for sign in rest.partition(" ")[0])
    return is_number or is_another_behind or bool(_typed_prefix(cleaning.compact(rest)))


def _without_name(text: str, kind: Kind) -> str:
    """Of a number that no rule knows: what ends in a colon is a label, and so is what the number is called."""
    compact = cleaning.compact(cleaning.without_label(text))
    if in_another_script := _LABEL_IN_ANOTHER_SCRIPT.match(compact):
        return compact[in_another_script.end() :]
    names = {"VATNUMBER", "VATNO", "VATID", "VAT", "TVA", "IVA", "BTW", "TAXNUMBER", "TAXID", "TAXNO", "TIN"}
    names |= {"TRN", "KVK", "BSN", "PPS", "PPSN", "IRD", "GST", "GSTHST", "ICE", "MST", "NPWP", "PIN", "UTR", "CRN"}
    names |= {cleaning.compact(name) for name in str(kind.name).split("/")}
    for name in sorted(names, key=len, reverse=True):
        if compact.startswith(name) and re.match(r"[0-9].{2}", compact[len(name) :]):
            return compact[len(name) :]
    return compact


def _typed_prefix(compact: str) -> str:
    has_digits = any(sign in "0123456789" for sign in compact)
    return next((prefix for prefix in _KNOWN_PREFIXES if has_digits and compact.startswith(prefix)), "")


def _is_like_a_vat_number(compact: str, *, prefix: str) -> bool:
    """Of whose country's it is, with something wrong in it: many a word begins with two letters of a country."""
    shape = _SHAPES.get(_OTHER_PREFIXES.get(prefix, prefix), r"[0-9]{7,13}")
    return bool(prefix) and re.fullmatch(shape, compact.removeprefix(prefix)) is not None


def _by_prefix(prefix: str, number: str) -> str:
    """The one spelling that is kept, or nothing if the rules of that prefix refuse it."""
    if prefix == "CHE":
        # The ending is "VAT" in one of the country's languages.
        digits = re.sub(r"(MWST|TVA|IVA|TPV)$", "", number)
        return f"{digits}MWST" if (digits := _by_rule("CH", "uid", f"CHE{digits}")) else ""
    if prefix == "NO":
        digits = _by_rule("NO", "orgnr", number.removesuffix("MVA"))
        return f"NO{digits}MVA" if digits else ""
    if prefix == "AT":
        number = f"U{number.removeprefix('U')}"
    if prefix == "HU" and national_rules.is_hungarian_tax_number(number):
        number = number[:8]  # the rest says how the business is taxed, and where
    valid = _by_rule(_RULE_OF_PREFIX.get(prefix, prefix), "vat", number)
    return f"{prefix}{valid.removeprefix(prefix)}" if valid else ""


def _vat_elsewhere(compact: str, *, country: str, rule: str) -> str:
    for prefix in ("", country, "T"):  # as in Japan's T1234567890123
        if valid := _by_rule(country, rule, compact.removeprefix(prefix)):
            return valid
    return ""


def _by_rule(country: str, rule: str, number: str) -> str:
    if own := national_rules.RULES.get((country, rule)):
        return own(number)
    module = get_cc_module(country.lower(), rule)
    if module is None or not re.fullmatch(r"[0-9A-ZÑ+*&]{2,40}", number):
        return ""
    try:
        return cleaning.compact(module.validate(number))
    except (NotValid, ValueError):
        return ""


def _plain(compact: str) -> str:
    if not 3 <= len(compact) <= LONGEST or not any(sign.isdecimal() for sign in compact):
        raise NotANumber(_("Enter 3 to 24 digits and letters, with at least one digit."))
    return compact


def masked(number: str) -> str:
    """Enough to tell it from another one. Of the end only: a personal number begins with a birthday or a name."""
    shown = min(3, len(number) // 3)
    return f"…{number[len(number) - shown :]}"

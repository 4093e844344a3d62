"""Tax, VAT and register numbers by each country's own rules: which there are, what they are called, which are right.

Only form and check figures are judged. Whether a number has been given to anybody is for the tax office to say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES
from stdnum.exceptions import ValidationError as NotValid

from vendors.answers import countries


class NotANumber(Exception):
    """The message is for the person who typed it."""


@dataclass(frozen=True)
class Kind:
    """A number as its own country calls it; `rules` are modules of stdnum, none where it has none."""

    name: str | Promise
    rules: tuple[str, ...] = ()
    is_needed: bool = False  # on every invoice, from whoever is not registered for VAT


TAX_NUMBER = Kind(gettext_lazy("Tax number"))
TAX_NUMBERS = {
    "AR": Kind("CUIT", ("cuit",), is_needed=True),
    "AT": Kind("Steuernummer"),
    "AU": Kind("ABN", ("abn",), is_needed=True),
    "BE": Kind("Ondernemingsnummer / numéro d’entreprise", ("vat",), is_needed=True),
    "BG": Kind("ЕИК / ЕГН", ("vat",), is_needed=True),
    "BR": Kind("CPF / CNPJ", ("cpf", "cnpj"), is_needed=True),
    "CA": Kind("Business number", ("bn",)),
    "CH": Kind("UID / IDE", ("uid",)),
    "CL": Kind("RUT", ("rut",), is_needed=True),
    "CO": Kind("NIT", ("nit",), is_needed=True),
    "CZ": Kind("IČO", ("dic",), is_needed=True),
    "DE": Kind("Steuernummer", ("stnr", "idnr"), is_needed=True),
    "DK": Kind("CVR-nummer", ("cvr",)),
    "EE": Kind("Registrikood", ("registrikood",)),
    "ES": Kind("NIF", ("nif",), is_needed=True),
    "FI": Kind("Y-tunnus", ("ytunnus",)),
    "FR": Kind("SIREN / SIRET", ("siren", "siret"), is_needed=True),
    "GB": Kind("UTR", ("utr",)),
    "GR": Kind("ΑΦΜ", ("vat",), is_needed=True),
    "HR": Kind("OIB", ("oib",), is_needed=True),
    "HU": Kind("Adószám", ("anum",), is_needed=True),
    "IL": Kind("מספר עוסק"),
    "IN": Kind("PAN", ("pan",), is_needed=True),
    "IT": Kind("Codice fiscale / Partita IVA", ("codicefiscale", "iva"), is_needed=True),
    "MX": Kind("RFC", ("rfc",), is_needed=True),
    "NO": Kind("Organisasjonsnummer", ("orgnr",)),
    "NZ": Kind("NZBN"),
    "PE": Kind("RUC", ("ruc",), is_needed=True),
    "PL": Kind("NIP", ("nip",), is_needed=True),
    "PT": Kind("NIF", ("nif",), is_needed=True),
    "RO": Kind("CUI / CIF", ("cf",), is_needed=True),
    "RS": Kind("PIB", ("pib",), is_needed=True),
    "SE": Kind("Organisationsnummer", ("orgnr",)),
    "SI": Kind("Davčna številka", ("ddv",), is_needed=True),
    "SK": Kind("DIČ"),
    "TR": Kind("VKN / T.C. kimlik no", ("vkn", "tckimlik"), is_needed=True),
    "UA": Kind("ЄДРПОУ / РНОКПП", ("edrpou", "rntrc"), is_needed=True),
    "US": Kind("EIN", ("ein",)),
    "UY": Kind("RUT", ("rut",), is_needed=True),
    "ZA": Kind("Income tax reference number", ("tin",)),
}

REGISTER_NUMBER = Kind(gettext_lazy("Registration number of the company"))
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

# Nobody who lives here charges VAT or its like.
WITHOUT_VAT = frozenset({"US", "HK", "KW", "QA", "BM", "KY", "MO"})


def tax_number(country: str) -> Kind:
    return TAX_NUMBERS.get(country, TAX_NUMBER)


def register_number(country: str) -> Kind:
    return REGISTER_NUMBERS.get(country, REGISTER_NUMBER)


def parse_number(text: str, *, kind: Kind, country: str) -> str:
    """The number without spaces and punctuation, with or without the country's code in front."""
    compact = _compact(text)
    if not kind.rules:
        return _plain(compact)
    prefix = _VAT_PREFIXES.get(country, country)
    for rule in kind.rules:
        for number in (compact, compact.removeprefix(prefix), compact.removeprefix(country)):
            if valid := _by_rule(country, rule, number):
                return valid
    raise NotANumber(
        _("This cannot be right: the figures of %(name)s do not fit together. Please compare it with your papers.")
        % {"name": kind.name}
    )


def parse_vat(text: str, *, country: str) -> str:
    """The VAT number with its prefix, where it has one. Without one it is taken for a number of the country."""
    compact = _compact(text)
    own = _VAT_PREFIXES.get(country, "")
    typed = next((prefix for prefix in _known_prefixes() if re.match(rf"{prefix}.*[0-9]", compact)), "")
    readings = []
    if typed:
        readings.append((_OTHER_PREFIXES.get(typed, typed), compact.removeprefix(typed)))
    if own:
        readings.append((own, compact))
    for prefix, number in readings:
        if valid := _by_prefix(prefix, number):
            return valid
    if not own and not typed:
        return _vat_elsewhere(compact, country=country)
    claimed = country if not typed or typed == own else _RULE_OF_PREFIX.get(typed, typed)
    raise NotANumber(
        _(
            "This VAT number of %(country)s cannot be right: its figures do not fit together. Please compare it with "
            "your papers, and begin with the letters of its country."
        )
        % {"country": countries.name(claimed)}
    )


def _known_prefixes() -> list[str]:
    return sorted({*_VAT_PREFIXES.values(), *_OTHER_PREFIXES}, key=len, reverse=True)


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
    valid = _by_rule(_RULE_OF_PREFIX.get(prefix, prefix), "vat", number)
    return f"{prefix}{valid.removeprefix(prefix)}" if valid else ""


def _vat_elsewhere(compact: str, *, country: str) -> str:
    rule = _VAT_RULES.get(country)
    if rule is None:
        return _plain(compact)
    for prefix in ("", country, "T"):  # as in Japan's T1234567890123
        if valid := _by_rule(country, rule, compact.removeprefix(prefix)):
            return valid
    raise NotANumber(
        _("This cannot be right: the figures do not fit together. Please compare the number with your papers.")
    )


def _by_rule(country: str, rule: str, number: str) -> str:
    module = get_cc_module(country.lower(), rule)
    if module is None or not re.fullmatch(r"[0-9A-Z+*&]{2,40}", number):
        return ""
    try:
        return _compact(module.validate(number))
    except (NotValid, ValueError):
        return ""


def _plain(compact: str) -> str:
    if not re.fullmatch(r"[\w+*&]{3,24}", compact) or not any(sign.isdigit() for sign in compact):
        raise NotANumber(_("A number like this has 3 to 24 figures and letters."))
    return compact


def _compact(text: str) -> str:
    # + and * stand in old Irish VAT numbers, & in Mexican ones.
    return re.sub(r"[^\w+*&]|_", "", unicodedata.normalize("NFKC", text)).upper()


def masked(number: str) -> str:
    """Enough to tell it from another one. Of the end only: a personal number begins with a birthday or a name."""
    shown = min(3, len(number) // 3)
    return f"…{number[len(number) - shown :]}"

"""Tax numbers whose rules stdnum does not know. Each gives the spelling that is kept, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum.de import vat as german_vat
from stdnum.exceptions import ValidationError as NotValid
from stdnum.hu import anum
from stdnum.mx import rfc
from stdnum.ru import inn

RFC_WITHOUT_ITS_END = 10


def hungarian_tax_number(number: str) -> str:
    """12345676-1-42: the number itself, how the business is taxed, and where."""
    return f"{number[:8]}-{number[8]}-{number[9:]}" if is_hungarian_tax_number(number) else ""


def is_hungarian_tax_number(number: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{8}[1-5][0-9]{2}", number)) and anum.is_valid(number[:8])


def hungarian_persons_number(number: str) -> str:
    """Adóazonosító jel: an 8, the day of birth, a serial number, a check digit."""
    if not re.fullmatch(r"8[0-9]{9}", number):
        return ""
    total = sum(place * int(digit) for place, digit in enumerate(number[:9], start=1))
    return number if total % 11 == int(number[9]) else ""


def german_business_number(number: str) -> str:
    """Wirtschafts-Identifikationsnummer: like a VAT number, and the number of the business among the person's."""
    parts = re.fullmatch(r"DE([0-9]{9})([0-9]{5})", number)
    if parts is None:
        return ""
    try:
        return f"DE{german_vat.validate(parts[1])}-{parts[2]}"
    except NotValid:
        return ""


def mexican_number(number: str) -> str:
    """RFC: what names and a birthday give, and the three signs at the end that only the tax office knows."""
    try:
        valid = str(rfc.validate(number))
    except NotValid:
        return ""
    return valid if len(valid) > RFC_WITHOUT_ITS_END else ""


def russian_company_number(number: str) -> str:
    """ИНН/КПП, as companies write it: the second part says which office registered it."""
    return number[:10] if re.fullmatch(r"[0-9]{19}", number) and inn.is_valid(number[:10]) else ""


RULES: dict[tuple[str, str], Callable[[str], str]] = {
    ("DE", "wid"): german_business_number,
    ("HU", "adoszam"): hungarian_tax_number,
    ("HU", "adoazonosito"): hungarian_persons_number,
    ("MX", "rfc"): mexican_number,
    ("RU", "innkpp"): russian_company_number,
}

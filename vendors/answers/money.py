"""Amounts as people write them and as we show them; always decimal, never binary fractions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers import priced_units, vat_remarks
from vendors.answers.languages import ENGLISH

LONGEST = 60

# What else than its code people write for a currency, and which currencies it can mean.
_SIGNS = {
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP"},
    **{str(sign).casefold(): {str(code)} for code, sign in ENGLISH.currency_symbols.items() if len(sign) > 1},
    "£": {"GBP"},
    "€": {"EUR"},
    "¥": {"JPY", "CNY"},
    "円": {"JPY"},
    "元": {"CNY"},
    "rmb": {"CNY"},
    "원": {"KRW"},
    "won": {"KRW"},
    "nis": {"ILS"},
    'ש"ח': {"ILS"},
    "₱": {"PHP"},
    "₫": {"VND"},
    "đ": {"VND"},
    "฿": {"THB"},
    "baht": {"THB"},
    "₦": {"NGN"},
    "₸": {"KZT"},
    "rm": {"MYR"},
    "r": {"ZAR"},
    "km": {"BAM"},
    "лв": {"BGN"},
    "din": {"RSD"},
    "дин": {"RSD"},
    "ksh": {"KES"},
    "₴": {"UAH"},
    "₹": {"INR"},
    "₺": {"TRY"},
    "₽": {"RUB"},
    "₩": {"KRW"},
    "₪": {"ILS"},
    "a$": {"AUD"},
    "au$": {"AUD"},
    "c$": {"CAD"},
    "ca$": {"CAD"},
    "cad$": {"CAD"},
    "dollar": {"USD", "CAD", "AUD"},
    "dollars": {"USD", "CAD", "AUD"},
    **dict.fromkeys(
        ("euro", "euros", "евро", "євро", "евра", "ευρώ", "evro", "evrov", "eura", "eiro", "ユーロ"), {"EUR"}
    ),
    "fr": {"CHF"},
    "sfr": {"CHF"},
    "franc": {"CHF"},
    "francs": {"CHF"},
    "franken": {"CHF"},
    "s$": {"SGD"},
    "грн": {"UAH"},
    "руб": {"RUB"},
    "р": {"RUB"},
    "rp": {"IDR"},
    "rs": {"INR", "PKR", "LKR", "NPR"},
    "rupees": {"INR", "PKR", "LKR", "NPR"},
    "reais": {"BRL"},
    "crowns": {"CZK", "SEK", "DKK", "NOK", "ISK"},
    "kronor": {"SEK"},
    "kroner": {"DKK", "NOK"},
    "forint": {"HUF"},
    "zlotys": {"PLN"},
    "złotych": {"PLN"},
    "lira": {"TRY"},
    "ft": {"HUF"},
    "kr": {"SEK", "DKK", "NOK", "ISK"},
    "kč": {"CZK"},
    "kc": {"CZK"},
    "korun": {"CZK"},
    "lei": {"RON", "MDL"},
    "pounds": {"GBP"},
    "r$": {"BRL"},
    "tl": {"TRY"},
    "us$": {"USD"},
    "usd$": {"USD"},
    "yen": {"JPY"},
    "zł": {"PLN"},
    "zl": {"PLN"},
}


# Hundredths that people name instead of their currency, and of which currencies.
_CENTS = {"EUR", "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "ZAR", "TWD", "KES", "NAD", "JMD", "TTD", "FJD"} | {"MUR"}
_HUNDREDTHS = {
    **dict.fromkeys(("cent", "cents", "ct", "cts", "c", "¢"), _CENTS),
    **dict.fromkeys(("us cent", "us cents", "us¢"), {"USD"}),
    **dict.fromkeys(("eurocent", "eurocents", "€ct", "céntimos", "cêntimos", "centesimi"), {"EUR"}),
    **dict.fromkeys(("centime", "centimes"), {"EUR", "CHF"}),
    **dict.fromkeys(("p", "penny", "pence"), {"GBP"}),
    "rappen": {"CHF"},
    **dict.fromkeys(("grosz", "grosze", "groszy", "gr"), {"PLN"}),
    **dict.fromkeys(("haléř", "haléře", "haléřů"), {"CZK"}),
    **dict.fromkeys(("öre", "øre", "ore"), {"SEK", "DKK", "NOK"}),
    **dict.fromkeys(("centavo", "centavos"), {"BRL", "MXN", "ARS", "COP"}),
    **dict.fromkeys(("kuruş", "kurus"), {"TRY"}),
    **dict.fromkeys(("копеек", "копейки"), {"RUB"}),
    **dict.fromkeys(("копійок", "копійки"), {"UAH"}),
    "коп": {"RUB", "UAH"},
    "paise": {"INR", "PKR", "NPR"},
    "bani": {"RON", "MDL"},
    "stotinki": {"BGN"},
    "agorot": {"ILS"},
}

# Behind a currency at the end: "0,5 kr."
_POINT_OF_A_SHORT_FORM = re.compile(r"(?<![\d\s.,'-])\.$")
_WHOLE_IN_INDIA = re.compile(r"(?<=[0-9])\s?/[-=]$")  # Rs 25/-
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")  # euro-cents
# Their point is no decimal point.
_SHORT_FORMS = {"fr", "sfr", "kr", "rs"}


# In front of the last three digits of thousands, and of decimals.
_GROUPED = [
    re.compile(r"[1-9][0-9]{0,2}(?:[ '][0-9]{3})+(?:[.,][0-9]*)?"),
    re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]*|[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]*"),
    re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,}|(?:\.[0-9]{3}){2,})"),
    re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?"),  # lakhs
]
_PLAIN = re.compile(r"[0-9]*[.,]?[0-9]*")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


class NotAnAmount(Exception):
    """The message is for the person who typed it; `meant` is what they may have meant."""

    def __init__(self, message: str, *, meant: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.meant = list(meant)


@dataclass(frozen=True)
class Parts:
    """Of what was typed as an amount: the currencies and the units that it can be in; none if only a number was."""

    number: str
    currencies: set[str]
    in_hundredths: bool  # 8 cents
    units: set[str]
    priced: priced_units.Priced | None


def parts(text: str) -> Parts:
    """Raise NotAnAmount when there are words with it that say neither a currency nor a unit."""
    plain = cleaning.number(text)
    if len(plain) > LONGEST:
        raise _only_digits()
    if vat_remarks.say_included(plain):
        raise NotAnAmount(_("Enter the amount without VAT."))
    price, unit = priced_units.apart(_WHOLE_IN_INDIA.sub("", vat_remarks.without(plain)))
    priced = priced_units.read(unit) if unit else None
    if priced and not priced.units:
        raise _only_digits()
    number, currencies, in_hundredths = _apart(price)
    return Parts(number, currencies, in_hundredths, priced.units if priced else set(), priced)


def _apart(text: str) -> tuple[str, set[str], bool]:
    """The number, the currency in front of it, behind it or both, and whether it counts hundredths of that.

    Raise NotAnAmount when the words are no currency, or two.
    """
    text = _BETWEEN_LETTERS.sub(" ", _POINT_OF_A_SHORT_FORM.sub("", text.rstrip("; ")))
    number = text.strip("".join({sign for sign in text if not (sign.isdecimal() or sign in ".,'-+")}))
    before, _number, after = text.partition(number) if number else (text, "", "")
    words = [word for side in (before, after) for word in _currency_words(side)]
    hundredths = [word for word in words if word in _HUNDREDTHS]
    meant = [_HUNDREDTHS.get(word) or _named(word) for word in words]
    currencies = set.intersection(*meant) if meant else set()
    if (words and not currencies) or len(hundredths) > 1 or len(words) > 3:
        raise _only_digits()
    if re.match(r"\.\s", number) or before.strip().casefold() in _SHORT_FORMS:
        number = number.removeprefix(".")
    return number, currencies, bool(hundredths)


def _currency_words(side: str) -> list[str]:
    """A point may end the short form of a currency: "Fr. 25", "25 zł." """
    whole = side.strip(" .").casefold()
    if not whole or whole in _HUNDREDTHS or _named(whole):
        return [whole] if whole else []
    return [word.strip(".") for word in whole.split()]


def _named(word: str) -> set[str]:
    return _SIGNS.get(word) or ({word.removesuffix("$").upper()} & set(ENGLISH.currencies))


def parse_amount(text: str, *, decimals: int, zero_allowed: bool = False) -> Decimal:
    """Accept a decimal comma or point, separators between thousands, a currency and a unit with it, and cents.

    Whoever knows which currency and which unit are meant compares them with `parts`. Raise NotAnAmount for anything
    else, above all for what could mean two things.
    """
    typed = parts(text)
    number, whole = _without_dash(typed.number.strip())
    if re.match(r"-\s?[0-9]", number):
        raise NotAnAmount(_("Enter an amount greater than zero."))
    if _AMBIGUOUS.fullmatch(number) and not whole:
        raise _two_ways(cleaning.number(text), number, decimals=decimals - 2 * typed.in_hundredths)
    amount = Decimal(re.sub("[.,]", "", number)) if _AMBIGUOUS.fullmatch(number) else _exact(number)
    if typed.in_hundredths:
        amount = _of_hundredths(amount, typed, decimals=decimals)
    if typed.priced and typed.priced.count != 1:
        raise _price_of_many(amount, typed, typed.priced, decimals=decimals)
    if _places(amount) > decimals:
        raise NotAnAmount(_("Enter no more than %(decimals)s decimal places.") % {"decimals": decimals})
    if amount == 0 and not zero_allowed:
        raise NotAnAmount(_("Enter an amount greater than zero."))
    if amount >= 1_000_000:
        raise _too_much()
    return amount.quantize(Decimal(1).scaleb(-decimals))


def _of_hundredths(typed_amount: Decimal, typed: Parts, *, decimals: int) -> Decimal:
    """Some write 0.08 cents and mean 8: a factor of a hundred is nothing to guess either."""
    amount = typed_amount / 100
    if not 0 < typed_amount < 1:
        return amount
    ways = [f"{one:f}" for one in (typed_amount, amount)]
    unit = f"/{typed.priced.name}" if typed.priced else ""
    currency = f" {next(iter(typed.currencies))}" if len(typed.currencies) == 1 else ""
    raise NotAnAmount(
        _two_ways_sentence(*ways),
        meant=[f"{way}{currency}{unit}" for way in ways if _places(Decimal(way)) <= decimals],
    )


def _without_dash(number: str) -> tuple[str, bool]:
    """As shops write it, 25,- or 1.250,-: and whether it was a whole number."""
    plain = re.sub(r"[.,:]-{0,2}$", "", number)
    return plain, number.endswith("-") and plain != number


def _exact(number: str) -> Decimal:
    grouped = any(form.fullmatch(number) for form in _GROUPED)
    if not (grouped or _PLAIN.fullmatch(number)) or not any(sign.isdecimal() for sign in number):
        raise _only_digits()
    if len(number) > 20:
        raise _too_much()
    if not grouped:
        return Decimal(number.replace(",", "."))
    point = max(number.rfind("."), number.rfind(","))
    if point < 0 or number.count(number[point]) > 1:  # no decimals
        point = len(number)
    digits = re.sub("[^0-9]", "", number[:point])
    return Decimal(f"{digits}.{number[point + 1 :] or 0}")


def _places(amount: Decimal) -> int:
    return max(0, -int(amount.normalize().as_tuple().exponent))


def _two_ways(text: str, number: str, *, decimals: int) -> NotAnAmount:
    """1.250 is 1250 to some and 1.25 to others; a factor of a thousand is nothing to guess."""
    whole, part = re.split("[.,]", number)
    thousands, exact = f"{whole}{part}", f"{whole}.{part.rstrip('0') or '0'}"
    if len(exact) == len(number):
        exact += "0"  # or it would be asked again
    meant = [thousands, exact] if _places(Decimal(exact)) <= decimals else [thousands]
    return NotAnAmount(_two_ways_sentence(thousands, exact), meant=[text.replace(number, one, 1) for one in meant])


def _two_ways_sentence(one: str, other: str) -> str:
    return _("This can be read in two ways. Enter %(one)s or %(other)s.") % {"one": one, "other": other}


def _price_of_many(amount: Decimal, typed: Parts, priced: priced_units.Priced, *, decimals: int) -> NotAnAmount:
    one = (amount / priced.count).normalize() if priced.count else amount
    is_exact = amount > 0 and one * priced.count == amount and _places(one) <= decimals
    currency = next(iter(typed.currencies), "")
    meant = f"{one:f} {currency}".strip() + f"/{priced.name}"
    return NotAnAmount(
        _("You entered a price for %(count)s. Enter the price for one.") % {"count": f"{priced.count:,}"},
        meant=[meant] if is_exact and len(typed.currencies) < 2 else [],
    )


def _only_digits() -> NotAnAmount:
    return NotAnAmount(_("Enter the amount in digits only, for example 0.085 or 0,085."))


def _too_much() -> NotAnAmount:
    return NotAnAmount(_("That's more than we can accept here. Is a decimal point missing?"))


def display(amount: Decimal | str, currency: str) -> str:
    """With as many decimals as it has, two at least: "EUR 0.085"."""
    amount = Decimal(amount).normalize()
    places = max(2, -int(amount.as_tuple().exponent))
    return f"{currency} {amount:,.{places}f}"

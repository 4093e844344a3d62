"""The questions about how a vendor is paid."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import bic
from stdnum.exceptions import ValidationError as NotValid
from stdnum.us import rtn

from identity.typed import cleaning
from identity.typed.fields import Address, Code, Name
from vendors.answers import countries, ibans
from vendors.answers.keeping_odd_answers import MayKeep
from vendors.payment.details import ACCOUNT, IBAN, METHODS, PAYPAL

MINE = [
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No, it's someone else's")),
]

LONGEST_BANK_CODE = 20
_WORD = re.compile(r"(?<!\w)[^\W\d_]{4,}(?!\w)")

COUNTRY_MISSING = gettext_lazy("Choose a country")
CURRENCY_MISSING = gettext_lazy("The currency of my invoices")

# Inside SEPA the IBAN alone finds the bank.
_SEPA_COUNTRIES = """
AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK
SM VA
"""
_SEPA = set(_SEPA_COUNTRIES.split())


class PaymentForm(MayKeep):
    method = forms.ChoiceField(
        label=gettext_lazy("How should we pay you?"),
        choices=METHODS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how we should pay you.")},
    )
    holder = Name(
        label=gettext_lazy("Name of the account holder"),
        help_text=gettext_lazy("As it appears on your bank or PayPal account."),
        max_length=140,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter the name of the account holder.")},
    )
    holder_is_vendor = forms.ChoiceField(
        label=gettext_lazy("Is the account yours or your company's?"),
        choices=MINE,
        widget=forms.RadioSelect,
        required=False,
        error_messages={
            "required": gettext_lazy("Choose “Yes” if the account is yours or your company's, or “No” if it isn't.")
        },
    )
    holder_reason = Name(
        label=gettext_lazy("Whose is it, and why should we pay them?"),
        help_text=gettext_lazy("Vendor Management has to agree before we pay anything into it."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "true"}),
    )
    iban = Code(
        label=gettext_lazy("IBAN"),
        help_text=gettext_lazy("For example, DE89 3704 0044 0532 0130 00. Spaces don't matter."),
        max_length=100,
        required=False,
        error_messages={"required": gettext_lazy("Enter the IBAN.")},
    )
    bic = Code(
        label=gettext_lazy("BIC (SWIFT code)"),
        help_text=gettext_lazy("8 or 11 characters. Not needed for accounts in the Single Euro Payments Area (SEPA)."),
        max_length=60,
        required=False,
    )
    bank_country = forms.ChoiceField(
        label=gettext_lazy("Country of the bank"),
        choices=countries.usual_first(nothing=COUNTRY_MISSING),
        required=False,
        error_messages={"required": gettext_lazy("Choose the country of the bank.")},
    )
    account_number = Code(
        label=gettext_lazy("Account number"),
        max_length=40,
        required=False,
        error_messages={"required": gettext_lazy("Enter the account number.")},
    )
    bank_code = Code(
        label=gettext_lazy("Bank code"),
        help_text=gettext_lazy(
            "United States: the routing number, 9 digits. United Kingdom: the sort code, 6 digits. "
            "Elsewhere: the code or BIC that identifies your bank."
        ),
        max_length=40,
        required=False,
        error_messages={"required": gettext_lazy("Enter the bank code.")},
    )
    paypal = Address(
        label=gettext_lazy("Email address of your PayPal account"),
        max_length=254,
        required=False,
        error_messages={"required": gettext_lazy("Enter the email address of your PayPal account.")},
    )
    payout_currency = forms.ChoiceField(
        label=gettext_lazy("Which currency should we pay you in?"),
        choices=[
            ("", CURRENCY_MISSING),
            *countries.currencies_first(""),
        ],
        required=False,
    )

    _EVERY_WAY = ("holder", "holder_is_vendor", "holder_reason", "payout_currency")
    BRANCHES = {
        IBAN: (*_EVERY_WAY, "iban", "bic"),
        ACCOUNT: (*_EVERY_WAY, "bank_country", "account_number", "bank_code"),
        PAYPAL: (*_EVERY_WAY, "paypal"),
    }
    may_keep = ("iban",)
    MAY_BE_EMPTY = {"bic", "holder_reason", "payout_currency"}
    # Only where somebody reads the answers before anything is paid.
    takes_somebody_elses = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.takes_somebody_elses:
            del self.fields["holder_reason"]
        self.add_kept()

    def expect(self, *, holder: str | None, country: str | None) -> None:
        """Fill in what is likely before the vendor types anything: their own account, in their own country."""
        if holder:
            self.initial.update({"holder": holder, "holder_is_vendor": "yes"})
        if country:
            self.initial["bank_country"] = country
            banks = countries.usual_first(country, nothing=COUNTRY_MISSING)
            currencies = [("", CURRENCY_MISSING), *countries.currencies_first(country)]
            self.fields["bank_country"].choices = banks  # type: ignore[attr-defined]
            self.fields["payout_currency"].choices = currencies  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Judge the chosen branch only; what stands in the others stays where it is."""
        cleaned = super().clean() or self.cleaned_data
        branch = self.BRANCHES.get(cleaned.get("method", ""), ())
        for name in set().union(*self.BRANCHES.values()) - set(branch):
            self.errors.pop(name, None)
            cleaned.pop(name, None)
        for name in branch:
            if name in cleaned and not cleaned[name] and name not in self.MAY_BE_EMPTY:
                self.add_error(name, ValidationError(self.fields[name].error_messages["required"], code="required"))
        self.read("iban", ibans.parse, ibans.NotAnIban, code="iban")
        if cleaned.get("bic"):
            self._replace("bic", _bic)
        country = cleaned.get("bank_country", "")
        for name, judge in (("account_number", _account_number), ("bank_code", _bank_code)):
            if cleaned.get(name):
                self._replace(name, partial(judge, country=country))
        if branch:
            self._judge_owner()
        if cleaned.get("iban") and "bic" in cleaned and not cleaned["bic"] and cleaned["iban"][:2] not in _SEPA:
            message = _("Enter the BIC: outside SEPA, we need it as well as the IBAN.")
            self.add_error("bic", ValidationError(message, code="required"))
        return cleaned

    def _judge_owner(self) -> None:
        if self.cleaned_data.get("holder_is_vendor") != "no":
            self.errors.pop("holder_reason", None)
            self.cleaned_data["holder_reason"] = ""
        elif not self.takes_somebody_elses:
            message = _(
                "We can only pay into someone else's account once Vendor Management has agreed. Write to them first."
            )
            self.add_error("holder_is_vendor", ValidationError(message, code="third_party"))
        elif not self.cleaned_data.get("holder_reason") and "holder_reason" not in self.errors:
            message = _("Say whose account it is and why we should pay into it.")
            self.add_error("holder_reason", ValidationError(message, code="required"))

    def _replace(self, name: str, check: Any) -> None:
        try:
            self.cleaned_data[name] = check(self.cleaned_data[name])
        except ValidationError as error:
            self.add_error(name, error)

    def details(self) -> dict[str, str]:
        """The chosen branch's answers, normalised."""
        method = self.cleaned_data["method"]
        answers = {name: self.cleaned_data[name] for name in self.BRANCHES.get(method, ())}
        left_out = [name for name in ("holder_reason", "payout_currency") if not answers.get(name)]
        return {"method": method} | {name: value for name, value in answers.items() if name not in left_out}


def _bic(text: str) -> str:
    # The letters of a label can make up a BIC together with those behind them, so the shortest reading comes first.
    for reading in reversed([*cleaning.readings(text)]):
        with contextlib.suppress(NotValid):
            return bic.validate(_compact(reading))
    raise ValidationError(_("A BIC has 8 or 11 characters, for example DEUTDEFF."), code="bic")


def _without_label(text: str, is_usual: Callable[[str], object]) -> str:
    """ "Sort code 20-00-00" is the code when what is left looks like one; else only what ends in a colon is a label."""
    ways = cleaning.without_words_behind(text, shortest=cleaning.SHORTEST_WORD)
    readings = [_compact(reading) for way in ways for reading in cleaning.readings(way)]
    return next(filter(is_usual, readings), _compact(cleaning.without_label(text)))


def _compact(text: str) -> str:
    return re.sub(r"\W", "", cleaning.compact(text))


def _account_number(text: str, *, country: str) -> str:
    usual = {"GB": r"[0-9]{8}", "US": r"[0-9]{4,17}"}.get(country, r"[0-9]{3,33}[0-9X]")  # the last may be Brazil's X
    compact = _without_label(text, re.compile(usual).fullmatch)
    if country == "GB" and not re.fullmatch(r"[0-9]{8}", compact):
        raise ValidationError(
            _("A British account number has 8 digits. If yours has fewer, put zeros in front."), code="account_number"
        )
    if country == "US" and not re.fullmatch(r"[0-9]{4,17}", compact):
        raise ValidationError(_("An account number in the United States has 4 to 17 digits."), code="account_number")
    if not re.fullmatch(r"(?=.*[0-9])[0-9A-Z]{4,34}", compact):
        message = _("An account number has 4 to 34 digits or letters, with at least one digit.")
        raise ValidationError(message, code="account_number")
    return compact


def _is_usual_bank_code(compact: str) -> bool:
    """Digits, India's IFSC, or a BIC behind a label that is no part of it."""
    return bool(re.fullmatch(r"[0-9]{3,20}|[A-Z]{4}0[0-9A-Z]{6}", compact)) or bic.is_valid(compact)


def _bank_code(text: str, *, country: str) -> str:
    compact = _without_label(text, _is_usual_bank_code)
    if country == "US":
        try:
            return rtn.validate(compact)
        except NotValid as error:
            raise ValidationError(
                _(
                    "This isn't a valid routing number. Routing numbers have 9 digits, and you'll find yours at the "
                    "bottom of a cheque."
                ),
                code="bank_code",
            ) from error
    if country == "GB" and not re.fullmatch(r"[0-9]{6}", compact):
        raise ValidationError(_("A sort code has 6 digits, for example 20-00-00."), code="bank_code")
    parts = re.findall(r"[0-9]+", cleaning.code(text))
    if len(parts) > 1 and _WORD.search(text) and not _is_usual_bank_code(compact):
        compact = "".join(parts)  # Transit 12345, institution 003
    if not re.fullmatch(rf"[0-9A-Z]{{3,{LONGEST_BANK_CODE}}}", compact):
        raise ValidationError(_("A bank code has 3 to 20 digits or letters."), code="bank_code")
    return compact

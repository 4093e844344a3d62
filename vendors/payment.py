"""How a vendor is paid: the questions, and what is left to see once the answers are masked."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NotValid
from stdnum.us import rtn

from vendors.catalogue import countries, country_name
from vendors.form_fields import Text

IBAN, ACCOUNT, PAYPAL = "iban", "account", "paypal"

METHODS: list[tuple[str, str | Promise]] = [
    (IBAN, gettext_lazy("Bank account with an IBAN (Europe and many other countries)")),
    (
        ACCOUNT,
        gettext_lazy("Bank account with an account number and a bank code (United States, United Kingdom and others)"),
    ),
    (PAYPAL, gettext_lazy("PayPal")),
]

# Inside SEPA the IBAN alone finds the bank.
_SEPA_COUNTRIES = """
AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK
SM VA
"""
_SEPA = set(_SEPA_COUNTRIES.split())

_NAMES: dict[str, str | Promise] = {
    "holder": gettext_lazy("Account holder"),
    "iban": gettext_lazy("IBAN"),
    "bic": gettext_lazy("BIC"),
    "bank_country": gettext_lazy("Country of the bank"),
    "account_number": gettext_lazy("Account number"),
    "bank_code": gettext_lazy("Bank code"),
    "paypal": gettext_lazy("PayPal address"),
}


class PaymentForm(forms.Form):
    method = forms.ChoiceField(label=gettext_lazy("How shall we pay you?"), choices=METHODS, widget=forms.RadioSelect)
    holder = Text(
        label=gettext_lazy("Name of the account holder"),
        help_text=gettext_lazy(
            "As the bank knows it. If it is not your own name or your company's, we will ask you why."
        ),
        max_length=140,
        required=False,
    )
    iban = Text(
        label=gettext_lazy("IBAN"),
        help_text=gettext_lazy("For example DE89 3704 0044 0532 0130 00. Spaces do not matter."),
        max_length=60,
        required=False,
    )
    bic = Text(
        label=gettext_lazy("BIC (SWIFT code)"),
        help_text=gettext_lazy("8 or 11 characters. Not needed for accounts in the European payment area (SEPA)."),
        max_length=20,
        required=False,
    )
    bank_country = forms.ChoiceField(label=gettext_lazy("Country of the bank"), required=False)
    account_number = Text(label=gettext_lazy("Account number"), max_length=40, required=False)
    bank_code = Text(
        label=gettext_lazy("Bank code"),
        help_text=gettext_lazy(
            "United States: the routing number, 9 figures. United Kingdom: the sort code, 6 figures. "
            "Elsewhere: the code or BIC that identifies your bank."
        ),
        max_length=40,
        required=False,
    )
    paypal = forms.EmailField(
        label=gettext_lazy("Email address of your PayPal account"), max_length=254, required=False
    )

    BRANCHES = {
        IBAN: ("holder", "iban", "bic"),
        ACCOUNT: ("holder", "bank_country", "account_number", "bank_code"),
        PAYPAL: ("holder", "paypal"),
    }
    MAY_BE_EMPTY = {"bic"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_country"].choices = [("", _("Choose a country")), *countries()]  # type: ignore[attr-defined]
        for name in ("iban", "bic", "account_number", "bank_code", "paypal"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """Judge the chosen branch only; what stands in the others stays where it is."""
        cleaned = super().clean() or self.cleaned_data
        branch = self.BRANCHES.get(cleaned.get("method", ""), ())
        for name in set().union(*self.BRANCHES.values()) - set(branch):
            self.errors.pop(name, None)
            cleaned.pop(name, None)
        for name in branch:
            if name in cleaned and not cleaned[name] and name not in self.MAY_BE_EMPTY:
                self.add_error(name, ValidationError(_("Please fill this in."), code="required"))
        for name, check in (("iban", _iban), ("bic", _bic), ("account_number", _account_number)):
            if cleaned.get(name):
                self._replace(name, check)
        if cleaned.get("bank_code"):
            self._replace("bank_code", lambda text: _bank_code(text, country=cleaned.get("bank_country", "")))
        if cleaned.get("iban") and "bic" in cleaned and not cleaned["bic"] and cleaned["iban"][:2] not in _SEPA:
            self.add_error("bic", ValidationError(_("Banks outside SEPA need the BIC too."), code="required"))
        return cleaned

    def _replace(self, name: str, check: Any) -> None:
        try:
            self.cleaned_data[name] = check(self.cleaned_data[name])
        except ValidationError as error:
            self.add_error(name, error)

    def details(self) -> dict[str, str]:
        """The chosen branch's answers, normalised."""
        method = self.cleaned_data["method"]
        return {"method": method} | {name: self.cleaned_data[name] for name in self.BRANCHES.get(method, ())}


def _iban(text: str) -> str:
    try:
        # Without each country's own rules: they refuse accounts that exist.
        return iban.validate(re.sub(r"[\W_]", "", text), check_country=False)
    except NotValid as error:
        raise ValidationError(
            _("This IBAN cannot be right: its check figures do not fit. Please compare it with your bank statement."),
            code="iban",
        ) from error


def _bic(text: str) -> str:
    try:
        return bic.validate(re.sub(r"[\W_]", "", text))
    except NotValid as error:
        raise ValidationError(_("A BIC has 8 or 11 characters, for example DEUTDEFF."), code="bic") from error


def _account_number(text: str) -> str:
    compact = re.sub(r"[\W_]", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{4,34}", compact):
        raise ValidationError(_("An account number has 4 to 34 figures or letters."), code="account_number")
    return compact


def _bank_code(text: str, *, country: str) -> str:
    compact = re.sub(r"[\W_]", "", text).upper()
    if country == "US":
        try:
            return rtn.validate(compact)
        except NotValid as error:
            raise ValidationError(
                _("A routing number has 9 figures, and these do not fit together. It stands at the foot of a cheque."),
                code="bank_code",
            ) from error
    if country == "GB" and not re.fullmatch(r"[0-9]{6}", compact):
        raise ValidationError(_("A sort code has 6 figures, for example 20-00-00."), code="bank_code")
    if not re.fullmatch(r"[0-9A-Z]{3,20}", compact):
        raise ValidationError(_("A bank code has 3 to 20 figures or letters."), code="bank_code")
    return compact


def masked(details: dict[str, str]) -> str:
    """Enough for its owner to recognise it, too little for anybody to use."""
    method = details["method"]
    if method == PAYPAL:
        local, _at, domain = details["paypal"].partition("@")
        return f"PayPal {local[:1]}…@{domain}"
    if method == IBAN:
        return f"IBAN {details['iban'][:2]}… {details['iban'][-4:]}"
    return _("Account … %(end)s, %(country)s") % {
        "end": details["account_number"][-4:] if len(details["account_number"]) > 6 else "",
        "country": country_name(details["bank_country"]),
    }


def rows(details: dict[str, str]) -> list[tuple[str, str]]:
    """Everything, for the eyes of somebody who may see it and whose look has been recorded."""
    shown = [(name, details[name]) for name in _NAMES if details.get(name)]
    return [(str(_NAMES[name]), _shown(name, value)) for name, value in shown]


def _shown(name: str, value: str) -> str:
    if name == "iban":
        return iban.format(value)
    return country_name(value) if name == "bank_country" else value

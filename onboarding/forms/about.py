"""Who the vendor is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from onboarding.forms.base import StepForm
from vendors.models import VendorKind


class AboutForm(StepForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("How do you work?"),
        choices=[
            (VendorKind.FREELANCER, gettext_lazy("As a freelancer, under my own name")),
            (VendorKind.THROUGH_COMPANY, gettext_lazy("As a freelancer, but I invoice through my own company")),
            (VendorKind.COMPANY, gettext_lazy("We are a company with several translators")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how you work.")},
    )
    full_name = Name(
        label=gettext_lazy("Your full name"),
        help_text=gettext_lazy(
            "In any script, as it should appear in a contract. For a company: the person we deal with."
        ),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your full name.")},
    )
    display_name = Name(
        label=gettext_lazy("What should we call you?"),
        help_text=gettext_lazy("If you leave this empty, we'll use your full name."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    company_legal_name = Name(
        label=gettext_lazy("Name of the company"),
        help_text=gettext_lazy("As it is registered, including its legal form: Ltd, GmbH, sp. z o.o."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": gettext_lazy("Enter the name of the company.")},
    )
    conditional = ["company_legal_name"]

    def build(self) -> None:
        self.initial.setdefault("full_name", self.vendor.name)

    def clean(self) -> dict[str, Any]:
        if is_company(self.cleaned_data.get("kind")):
            self.require("company_legal_name")
        else:
            self.leave_out("company_legal_name")
        return self.cleaned_data


def is_company(kind: str | None) -> bool:
    """Does a company sign the contract and send the invoices?"""
    return kind in (VendorKind.COMPANY, VendorKind.THROUGH_COMPANY)

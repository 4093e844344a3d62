"""What people outside may type in."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.microsoft.error_answers import aadsts_numbers
from identity.typed import cleaning
from identity.typed.fields import Address, Name, Prose

_CODE = re.compile(r"\b(?:AADSTS)?(\d{5,8})\b")
_CORRELATION = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class WhichAddressForm(forms.Form):
    address = Address(
        label=_("Your email address"),
        max_length=254,
        error_messages={
            "required": _("Enter the address your invitation was sent to."),
        },
    )


class CannotSignInForm(forms.Form):
    address = Address(
        label=_("Which address was your invitation sent to?"),
        max_length=254,
        error_messages={
            "required": _("Enter the address your invitation was sent to."),
        },
    )
    shown = Prose(
        label=_("What did Microsoft's page say?"),
        help_text=_("Copy the whole text if you can. The numbers in it tell us what went wrong."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reach = Name(
        label=_("How else can we reach you?"),
        help_text=_("A phone number or another address, in case there's a problem with that mailbox."),
        required=False,
        max_length=200,
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def detail(self, *, pressed: bool) -> dict[str, Any]:
        """The codes and the correlation id out of the pasted text; the text itself is not kept.

        `pressed`: a person pressed the button, as far as their browser says.
        """
        text = cleaning.code(self.cleaned_data["shown"])
        detail: dict[str, Any] = {}
        if correlation := _CORRELATION.search(text):
            detail["correlation_id"] = correlation[0].lower()
        numbers = aadsts_numbers(text) or _CODE.findall(_CORRELATION.sub(" ", text))[:1]
        if numbers:
            detail["aadsts"] = numbers[0]
        if len(numbers) > 1:
            detail["codes"] = numbers
        if self.cleaned_data["reach"]:
            detail["reach"] = self.cleaned_data["reach"]
        if self.cleaned_data["website"]:
            # People do not see this field, but their browser or password manager may fill it in.
            detail["doubt"] = gettext("may have been sent by a bot: a hidden field was filled in")
        elif not pressed:
            detail["doubt"] = gettext("may have been sent by a bot: no one pressed the button")
        return detail

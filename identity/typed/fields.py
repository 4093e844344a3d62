"""Form fields for what people type: each says which kind of text it takes, and judges it when it is clean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from identity.typed import cleaning

NO_ADDRESS = _("Enter an email address, like ana@example.com.")


class Cleaned:
    """Goes before Django's field. A form of ours has no text field without it; a test walks them all."""

    kind: str  # of cleaning.KINDS
    # What browsers and the keyboards of phones have to know, unless the field says otherwise.
    hints: Mapping[str, str] = {}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        own = super().widget_attrs(widget)  # type: ignore[misc]
        return own if widget.is_hidden else {**self.hints, **widget.attrs, **own}

    def to_python(self, value: Any) -> Any:
        typed = cleaning.KINDS[self.kind](value) if isinstance(value, str) else value
        return super().to_python(typed)  # type: ignore[misc]


class Name(Cleaned, forms.CharField):
    """One line of any script."""

    kind = "name"
    hints = {"spellcheck": "false"}


class Prose(Cleaned, forms.CharField):
    kind = "prose"


class Code(Cleaned, forms.CharField):
    """A number or a code, still with its spaces and signs: whoever knows its rules takes them out."""

    kind = "code"
    hints = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


def _judge_address(address: str) -> None:
    """Once: two validators would say the same thing twice."""
    validate_email(address)
    if re.search(r"[\s\"<>()\\/]", address):
        raise ValidationError(NO_ADDRESS, code="invalid")


class Address(Cleaned, forms.EmailField):
    """As people have them: what may stand between quotation marks would be a line or a link of ours to its reader."""

    kind = "address"
    hints = {"autocomplete": "email"}
    default_error_messages = {"invalid": NO_ADDRESS, "required": NO_ADDRESS}
    default_validators = [_judge_address]


class AddressToJudge(Cleaned, forms.CharField):
    """For addresses that a domain function judges, in sentences of its own."""

    kind = "address"
    widget = forms.EmailInput
    default_error_messages = {"required": NO_ADDRESS}


class Time(Cleaned, forms.TimeField):
    """A time of day, 14:30 or 14.30."""

    kind = "code"
    widget = forms.TimeInput(format="%H:%M")
    hints = {"autocomplete": "off"}
    input_formats = ["%H:%M", "%H.%M"]


class WholeNumber(Cleaned, forms.IntegerField):
    kind = "number"
    widget = forms.TextInput  # a number box turns when it is scrolled over, and empties itself without a word
    hints = {"inputmode": "numeric", "autocomplete": "off"}

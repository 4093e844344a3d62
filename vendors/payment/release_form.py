"""What a colleague types about an account that waits: whom they called, or why it is not to be used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, Prose, Time
from vendors.answers import phones
from vendors.answers.fields import DayField


class CallForm(forms.Form):
    number = forms.ChoiceField(
        label=gettext_lazy("Number you called"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the number you called."),
            "invalid_choice": gettext_lazy("Choose a number that had been on file for 30 days before the call."),
        },
    )
    person = Name(
        label=gettext_lazy("Who you spoke to"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter the name of the person you spoke to.")},
    )
    day = DayField(
        label=gettext_lazy("Date of the call"),
        help_text=gettext_lazy("For example, 31 March 2027."),
        error_messages={"required": gettext_lazy("Enter the date of the call.")},
    )
    time = Time(
        label=gettext_lazy("Time of the call (UTC)"),
        help_text=gettext_lazy("For example, 14:30."),
        error_messages={
            "required": gettext_lazy("Enter the time of the call."),
            "invalid": gettext_lazy("Enter the time of the call as hours and minutes, for example 14:30."),
        },
    )

    def __init__(self, data: Any = None, *, numbers: Iterable[str]) -> None:
        super().__init__(data, label_suffix="", prefix="call")
        self.fields["number"].choices = [(number, phones.readable(number)) for number in numbers]  # type: ignore[attr-defined]

    @property
    def at(self) -> dt.datetime:
        return dt.datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], tzinfo=dt.UTC)


class RefusalForm(forms.Form):
    reason = Prose(
        label=gettext_lazy("Why the account must not be used"),
        help_text=gettext_lazy("The vendor sees this. Don't write any bank details here: it goes into an email."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why you are refusing the account.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", prefix="refuse")

"""A new version of an agreement, as VM writes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, Prose, WholeNumber
from vendors.agreements.versions import LONGEST_GRACE
from vendors.answers import dates
from vendors.models import AgreementVersion


class DraftForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**9)
    audience = forms.ChoiceField(
        label=gettext_lazy("Who it is for"), choices=AgreementVersion.Audience.choices, required=False
    )
    body = Prose(
        label=gettext_lazy("Text"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 24}),
        error_messages={"required": gettext_lazy("Enter the text.")},
    )
    changed = Prose(
        label=gettext_lazy("What has changed"),
        help_text=gettext_lazy("In a few words. Vendors see this above the text."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what has changed, in a few words.")},
    )
    grace_days = WholeNumber(
        label=gettext_lazy("Days to answer"),
        help_text=gettext_lazy("After that, a vendor who has not answered counts as overdue."),
        min_value=1,
        max_value=LONGEST_GRACE,
        error_messages={
            "required": gettext_lazy("Enter a number of days, like 30."),
            "invalid": gettext_lazy("Enter a number of days, like 30."),
            "min_value": gettext_lazy("Enter 1 day or more."),
            "max_value": gettext_lazy("Enter 365 days or fewer."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    @property
    def fields_of_draft(self) -> dict[str, Any]:
        """Of a valid form."""
        return {name: self.cleaned_data[name] for name in ("audience", "body", "changed", "grace_days")}


class PublishForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**9)
    since = Name(
        label=gettext_lazy("In force from"),
        help_text=gettext_lazy("For example, 1 June."),
        max_length=dates.LONGEST,
        error_messages={"required": gettext_lazy("Enter the date it comes into force, like 1 June.")},
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.today = today

    def clean_since(self) -> dt.date:
        try:
            return dates.parse_near_day(self.cleaned_data["since"], today=self.today, not_before=self.today)
        except dates.NotADate as error:
            raise ValidationError(str(error), code="not_a_date") from error

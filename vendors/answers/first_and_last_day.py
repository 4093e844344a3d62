"""The first and the last day of a time away, as people type them."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.answers import dates


class FirstAndLastDay(forms.Form):
    """The year may be left out: the next such day is meant. Without a last day, it is one day."""

    today: dt.date

    starts_on = Name(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy("For example, 24 December."),
        max_length=dates.LONGEST,
        error_messages={"required": gettext_lazy("Enter the first day, like 24 December.")},
    )
    ends_on = Name(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Leave this empty if it's just one day."),
        max_length=dates.LONGEST,
        required=False,
    )

    @property
    def earliest(self) -> dt.date:
        return self.today

    def clean_starts_on(self) -> dt.date:
        return self._day("starts_on", not_before=self.earliest, is_first=True)

    def clean_ends_on(self) -> dt.date | None:
        first: dt.date | None = self.cleaned_data.get("starts_on")
        if not self.cleaned_data["ends_on"]:
            return first
        return self._day("ends_on", not_before=first or self.today)

    def _day(self, name: str, *, not_before: dt.date, is_first: bool = False) -> dt.date:
        text = self.cleaned_data[name]
        try:
            return dates.parse_near_day(text, today=self.today, not_before=not_before, is_first=is_first)
        except dates.NotADate as error:
            raise ValidationError(str(error), code="not_a_date", params={"meant": error.meant}) from error

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.answers.fields import DayField


class HoldForm(forms.Form):
    reason = Name(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For example, an invoice in dispute. Kept in the vendor's timeline with your name."),
        max_length=500,
        error_messages={
            "required": gettext_lazy("Say why the vendor must not be erased."),
            "max_length": gettext_lazy("Shorten the reason to %(limit_value)s characters or fewer."),
        },
    )
    until = DayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("The last day, like 31 March 2027. Leave this empty to hold until someone lifts it."),
        required=False,
    )

    def clean_until(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["until"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(_("That day has passed. Check the year."), code="past")
        return day

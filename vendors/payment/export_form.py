"""What Finance says when it exports accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.payment import spreadsheet


class ExportForm(forms.Form):
    reason = Name(
        label=gettext_lazy("What you need them for"),
        max_length=300,
        help_text=gettext_lazy("Kept in each vendor's timeline with your name."),
        error_messages={"required": gettext_lazy("Say what you need the payment details for.")},
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[(spreadsheet.CSV, gettext_lazy("CSV")), (spreadsheet.XLSX, gettext_lazy("Excel (XLSX)"))],
        error_messages={
            "required": gettext_lazy("Choose a format."),
            "invalid_choice": gettext_lazy("Choose a format."),
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"format": spreadsheet.CSV})

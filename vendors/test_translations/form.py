from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.answers import languages, service_catalogue
from vendors.answers.fields import DayField, LanguageField
from vendors.models import TestTranslation


class TestTranslationForm(forms.Form):
    source = LanguageField(
        label=gettext_lazy("From"), error_messages={"required": gettext_lazy("Enter the language of the source text.")}
    )
    target = LanguageField(
        label=gettext_lazy("Into"), error_messages={"required": gettext_lazy("Enter the language of the translation.")}
    )
    subject = forms.ChoiceField(
        label=gettext_lazy("Subject"),
        choices=[("", gettext_lazy("Choose one")), *service_catalogue.SPECIALISMS],
        error_messages={"required": gettext_lazy("Choose the subject.")},
    )
    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        choices=[("", gettext_lazy("Choose one")), *TestTranslation.Result.choices],
        error_messages={"required": gettext_lazy("Choose the result.")},
    )
    assessor = Name(
        label=gettext_lazy("Assessed by"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Enter who assessed it."),
            "max_length": gettext_lazy("Shorten this to %(limit_value)s characters or fewer."),
        },
    )
    day = DayField(
        label=gettext_lazy("Assessed on"),
        help_text=gettext_lazy("For example, 31 March 2027."),
        error_messages={"required": gettext_lazy("Enter the date, like 31 March 2027.")},
    )

    @property
    def language_names(self) -> list[str]:
        """What the two fields of languages suggest."""
        return languages.names_usual_first()

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise ValidationError(_("The date must be today or in the past."), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("target"):
            self.add_error("target", ValidationError(_("Enter a different language from the one above."), code="same"))
        return cleaned

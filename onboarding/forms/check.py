"""The declaration before sending."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm


class CheckForm(StepForm):
    declared = forms.BooleanField(
        label=gettext_lazy("Everything I have entered here is true and complete."),
        error_messages={"required": gettext_lazy("Confirm that everything you have entered is true and complete.")},
    )

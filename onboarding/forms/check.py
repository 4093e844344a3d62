"""The declaration before sending."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm


class CheckForm(StepForm):
    declared = forms.BooleanField(
        label=gettext_lazy("What I have written here is true and complete."),
        error_messages={"required": gettext_lazy("Please confirm that what you have written is true and complete.")},
    )

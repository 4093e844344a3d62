from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, Prose
from onboarding.correction.lifecycle import LONGEST_OBJECTION


class SourceForm(forms.Form):
    source = Name(
        label=gettext_lazy("Where the correction comes from"),
        help_text=gettext_lazy(
            "For example, “your email of 3 May”. The vendor reads this, and it is kept in the history."
        ),
        max_length=300,
        error_messages={
            "required": gettext_lazy("Say where the correction comes from."),
            "max_length": gettext_lazy("Shorten this to %(limit_value)s characters or fewer."),
        },
    )


class ObjectionForm(forms.Form):
    why = Prose(
        label=gettext_lazy("What is wrong?"),
        max_length=LONGEST_OBJECTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": gettext_lazy("Tell us what is wrong."),
            "max_length": gettext_lazy("Shorten your answer to %(limit_value)s characters or fewer."),
        },
    )

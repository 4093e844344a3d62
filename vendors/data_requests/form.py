from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, Prose
from vendors.answers.fields import DayField
from vendors.models import DataRequest

OLDEST = dt.timedelta(days=366)


class DataRequestForm(forms.Form):
    """What VM or operations have received by email, by letter or on the phone."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What they are asking for"),
        choices=DataRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what they are asking for.")},
    )
    received_on = DayField(
        label=gettext_lazy("Received on"),
        help_text=gettext_lazy("For example, 31 March 2027. You have one month from this day to reply."),
        error_messages={"required": gettext_lazy("Enter the date the request arrived.")},
    )
    identity = forms.ChoiceField(
        label=gettext_lazy("How we know it is them"),
        choices=[choice for choice in DataRequest.Identity.choices if choice[0] != DataRequest.Identity.SIGNED_IN],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how you know that it is them.")},
    )
    identity_note = Name(
        label=gettext_lazy("Details"),
        help_text=gettext_lazy("For example, who called and when. Required if you choose “another way”."),
        max_length=300,
        required=False,
        error_messages={"max_length": gettext_lazy("Shorten this to %(limit_value)s characters or fewer.")},
    )

    def clean_received_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["received_on"]
        today = timezone.localdate()
        if day > today:
            raise ValidationError(_("The date must be today or in the past."), code="future")
        if day < today - OLDEST:
            raise ValidationError(_("That was more than a year ago. Check the year."), code="too_old")
        return day

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("identity") == DataRequest.Identity.OTHER and not cleaned.get("identity_note"):
            self.add_error("identity_note", _("Say how you know that it is them."))
        return cleaned


class AnswerForm(forms.Form):
    """One text; which button is pressed says what it is for."""

    # Several of these are on one page.
    use_required_attribute = False

    text = Prose(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("Shorten this to %(limit_value)s characters or fewer.")},
    )

    def __init__(self, data: object = None, *, label: str, missing: str, prefix: str) -> None:
        super().__init__(data, prefix=prefix, label_suffix="")  # type: ignore[arg-type]
        self.fields["text"].label = label
        self.fields["text"].error_messages["required"] = missing

"""What an action for many vendors asks for, which is the same for all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy

from identity.direction import gettext as _
from identity.models import User
from identity.typed.fields import Name, Prose
from vendors.bulk import emails, notes
from vendors.notes.form import NewNoteForm


class ParametersForm(forms.Form):
    """Its values are kept with the run, as JSON."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def parameters(self) -> dict[str, Any]:
        values = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        return {name: value.pk if isinstance(value, Model) else value for name, value in values.items()}


class OwnerForm(ParametersForm):
    owner = forms.ModelChoiceField(
        label=gettext_lazy("New owner"),
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        empty_label=gettext_lazy("Choose one"),
        error_messages={
            "required": gettext_lazy("Choose the new owner."),
            "invalid_choice": gettext_lazy("Choose one of your colleagues."),
        },
    )


class WriteForm(ParametersForm):
    subject = Name(
        label=gettext_lazy("Subject"),
        max_length=60,
        help_text=gettext_lazy("The organisation's name is put in front of it."),
        error_messages={
            "required": gettext_lazy("Enter a subject."),
            "max_length": gettext_lazy("The subject is longer than 60 characters. Please shorten it."),
        },
    )
    text = Prose(
        label=gettext_lazy("Text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy(
            "Plain text. {name} becomes what the vendor wants to be called. It is left out at an address with which no "
            "one has signed in yet."
        ),
        error_messages={
            "required": gettext_lazy("Enter the text of the email."),
            "max_length": gettext_lazy("The text is longer than 5,000 characters. Please shorten it."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].initial = _("Hello {name},") + "\n\n"

    def clean_subject(self) -> str:
        return _with_known_placeholders(self.cleaned_data["subject"])

    def clean_text(self) -> str:
        return _with_known_placeholders(self.cleaned_data["text"])


class BulkNoteForm(ParametersForm, NewNoteForm):
    """One note for each of them, the same words on every page."""

    field_order = ("text", "is_pinned")


def _with_known_placeholders(text: str) -> str:
    if unknown := emails.unknown_placeholders(text):
        raise ValidationError(
            _("Passport cannot fill in %(unknown)s. Only {name} can be filled in.") % {"unknown": ", ".join(unknown)},
            code="unknown_placeholder",
        )
    return text


# By the name of the action that asks.
FORMS: dict[str, type[ParametersForm]] = {
    "assign-owner": OwnerForm,
    emails.ACTION: WriteForm,
    notes.ACTION: BulkNoteForm,
}

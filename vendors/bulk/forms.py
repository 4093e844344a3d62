"""What an action for many vendors asks for, which is the same for all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name, Prose
from vendors.bulk import closing, emails, notes, withdrawing
from vendors.notes.form import NewNoteForm
from vendors.tags import lifecycle as tags


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
            "Plain text. {name} becomes what the vendor wants to be called. It is left out if no one has "
            "signed in with the address yet."
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


class TagsForm(ParametersForm):
    tags = Name(
        label=gettext_lazy("Tags"),
        max_length=1000,
        help_text=gettext_lazy("Separated by commas, for example: rush jobs, legal team"),
        error_messages={
            "required": gettext_lazy("Enter a tag."),
            "max_length": gettext_lazy("That is more than 1,000 characters. Enter fewer tags."),
        },
    )

    def clean_tags(self) -> str:
        try:
            known = tags.parse(self.cleaned_data["tags"])
        except tags.NotATag as error:
            raise ValidationError(str(error), code="not_a_tag") from error
        if not known:
            raise ValidationError(_("Enter a tag."), code="required")
        return ", ".join(known)


class ReasonForm(ParametersForm):
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your colleagues. Kept in the timeline of each vendor."),
        error_messages={
            "required": gettext_lazy("Enter a reason."),
            "max_length": gettext_lazy("Shorten the reason to 300 characters or fewer."),
        },
    )


class CloseForm(ReasonForm):
    field_order = ("closed_as", "reason")

    closed_as = forms.ChoiceField(
        label=gettext_lazy("How they are closed"),
        widget=forms.RadioSelect,
        choices=[(way.value, way.label) for way in closing.WAYS],
        help_text=gettext_lazy("“Left” is for vendors who are or were approved. The others are for applicants."),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose how the vendors are closed.")
        ),
    )


# By the name of the action that asks.
FORMS: dict[str, type[ParametersForm]] = {
    "assign-owner": OwnerForm,
    "add-tags": TagsForm,
    "remove-tags": TagsForm,
    "close": CloseForm,
    emails.ACTION: WriteForm,
    notes.ACTION: BulkNoteForm,
    withdrawing.ACTION: ReasonForm,
}

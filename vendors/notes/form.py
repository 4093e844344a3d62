from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Prose
from vendors.notes.lifecycle import LONGEST


class NoteForm(forms.Form):
    text = Prose(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The vendor may ask to read this."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Write the note first."),
            "max_length": gettext_lazy("Shorten the note to %(limit_value)s characters or fewer."),
        },
    )


class NewNoteForm(NoteForm):
    is_pinned = forms.BooleanField(label=gettext_lazy("Pin it to the top of the page"), required=False)

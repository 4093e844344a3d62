"""A word to VM on what it asked to change."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Prose


class ReplyForm(forms.Form):
    use_required_attribute = False

    reply = Prose(
        label=gettext_lazy("Why it should stay as it is"),
        help_text=gettext_lazy(
            "Vendor Management will read this when you send your answers again. Leave this empty to withdraw your "
            "reply."
        ),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

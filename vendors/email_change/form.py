"""What a vendor who asks for another address types in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Address, Prose


class EmailRequestForm(forms.Form):
    new = Address(
        label=gettext_lazy("New email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Enter your new email address."),
        },
    )
    reason = Prose(
        label=gettext_lazy("Why it's changing"),
        help_text=gettext_lazy("This helps Vendor Management decide. For example, “I have left the agency”."),
        required=False,
        max_length=300,
    )

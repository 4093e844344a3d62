"""What VM says when it suspends, closes, ends or reopens a vendor: how, why, and what the vendor is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed.fields import Name, Prose
from vendors.closing import notices
from vendors.models import ClosedAs, Vendor, VendorNotice


class ClosingForm(forms.Form):
    """Leaves out the question how to close where there is only one answer."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    closed_as = forms.ChoiceField(
        label=gettext_lazy("Close the vendor as"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what to close the vendor as.")},
    )
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your colleagues. Kept in the vendor's timeline."),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )
    writes = forms.BooleanField(label=gettext_lazy("Send the vendor this email"), required=False)
    subject = Name(label=gettext_lazy("Subject"), max_length=150, required=False)
    text = Prose(
        label=gettext_lazy("Text"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("Sent exactly as shown here. Replies go to Vendor Management."),
    )

    def __init__(
        self, data: QueryDict | None, *, vendor: Vendor, about: VendorNotice.About, ways: Sequence[ClosedAs] = ()
    ) -> None:
        proposed = notices.proposal(vendor, about)
        initial = {"seen": vendor.state, "subject": proposed.subject, "text": proposed.text}
        super().__init__(data, initial=initial)
        self.vendor = vendor
        if ways:
            self.fields["closed_as"].choices = [(way.value, way.label) for way in ways]  # type: ignore[attr-defined]
        else:
            del self.fields["closed_as"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        seen = values.get("seen")
        if seen and seen != self.vendor.state:
            # A colleague or the vendor was quicker. Pressing the button again means the vendor as it is now.
            self.data = {**self.data.dict(), "seen": self.vendor.state}  # type: ignore[attr-defined]
            sentence = _("The vendor is now “%(state)s”. If you still want to do this, press the button again.")
            raise ValidationError(sentence % {"state": ours(self.vendor.get_state_display())}, code="moved_on")
        if values.get("writes"):
            if not values.get("subject"):
                self.add_error("subject", ValidationError(_("Enter the subject of the email."), code="required"))
            if not values.get("text"):
                self.add_error("text", ValidationError(_("Enter the text of the email."), code="required"))
        return values

    @property
    def written(self) -> notices.Written | None:
        """The email, if there is to be one."""
        values = self.cleaned_data
        return notices.Written(values["subject"], values["text"]) if values.get("writes") else None

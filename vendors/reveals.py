"""Looking at what is masked: whoever does it says why, and both are recorded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name

REASON_MISSING = gettext_lazy("Say why you need to see them. Nothing has been shown.")


class ReasonToLook(forms.Form):
    # Several of these forms may be on one page.
    use_required_attribute = False

    reason = Name(
        label=gettext_lazy("Why you need to see them"),
        max_length=300,
        help_text=gettext_lazy("Kept in the vendor's timeline with your name."),
        error_messages={"required": REASON_MISSING},
    )

    def __init__(self, data: object = None, *, auto_id: str = "look_%s") -> None:
        super().__init__(data, label_suffix="", auto_id=auto_id)  # type: ignore[arg-type]

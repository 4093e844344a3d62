"""Files that are valid until a day which is written beside them."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from onboarding.forms.base import StepForm
from vendors.documents.field import another_is_needed


class DatedFiles(StepForm):
    """A step some of whose slots hold such a file, with its day in the field `<slot>-expires_on`."""

    def valid_until(self, slot: str) -> dt.date | None:
        """A document that was renewed on its own page after approval is newer than what is written here."""
        typed = self.cleaned_data.get(f"{slot}-expires_on")
        document = self.documents.get(slot)
        if typed and typed < timezone.localdate() and document and document.expires_on:
            return max(typed, document.expires_on)
        return typed

    def clean_dated_file(self, slot: str, *, until: dt.date | None, expired: str) -> None:
        """`expired` is what to say of one that is not valid any more, with %(day)s."""
        if until and until < timezone.localdate():
            message = expired % {"day": date_format(until, "j F Y")}
            self.add_error(f"{slot}-expires_on", ValidationError(message, code="expired"))
        document = self.documents.get(slot)
        if document is None:
            self.require(slot)
        elif document.is_refused and not self.cleaned_data.get(slot) and slot not in self.errors:
            self.add_error(slot, another_is_needed(document))

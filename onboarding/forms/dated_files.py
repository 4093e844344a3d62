"""Files that are valid until a day which is written beside them."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from onboarding.forms.base import StepForm
from vendors.documents.field import another_is_needed


def valid_until(form: StepForm, slot: str) -> dt.date | None:
    """A document that was renewed on its own page after approval is newer than what is written here."""
    typed = form.cleaned_data.get(f"{slot}-expires_on")
    document = form.documents.get(slot)
    if typed and typed < timezone.localdate() and document and document.expires_on:
        return max(typed, document.expires_on)
    return typed


def clean(form: StepForm, slot: str, *, until: dt.date | None, expired: str) -> None:
    """`expired` is what to say of one that is not valid any more, with %(day)s."""
    if until and until < timezone.localdate():
        message = expired % {"day": date_format(until, "j F Y")}
        form.add_error(f"{slot}-expires_on", ValidationError(message, code="expired"))
    document = form.documents.get(slot)
    if document is None:
        form.require(slot)
    elif document.is_refused and not form.cleaned_data.get(slot) and slot not in form.errors:
        form.add_error(slot, another_is_needed(document))

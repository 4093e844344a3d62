"""A newer document in place of one that expires, or of one that VM could not accept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Code
from vendors.answers.fields import DayField
from vendors.documents import inspection
from vendors.documents.field import SCANS, UploadField
from vendors.models import Document


class ReplaceDocumentForm(forms.Form):
    number = Code(
        label=gettext_lazy("Its number, if it has one"),
        max_length=Document._meta.get_field("number").max_length,
        required=False,
    )
    expires_on = DayField(
        label=gettext_lazy("Valid until"),
        help_text=gettext_lazy("For example, 31 March 2027."),
        error_messages={"required": gettext_lazy("Enter the date it is valid until.")},
    )

    def __init__(self, data: Any = None, files: Any = None, *, document: Document) -> None:
        super().__init__(data, files, label_suffix="", initial={"number": document.number})
        is_cv = document.kind == Document.Kind.CV
        self.fields["file"] = UploadField(
            label=_("The new file"),
            help_text=_("PDF, Word (.docx), JPEG or PNG, smaller than 10 MB.")
            if is_cv
            else _("PDF, JPEG or PNG, smaller than 10 MB."),
            kinds=(*SCANS, inspection.DOCX) if is_cv else SCANS,
            error_messages={"required": _("Choose the new file.")},
        )
        if not document.certificate:
            del self.fields["number"]
        if not document.certificate or document.certificate in Document.NEVER_EXPIRE:
            del self.fields["expires_on"]
        else:
            self.fields["expires_on"].required = document.certificate in Document.MUST_EXPIRE
        self.order_fields(["file"])

    def clean_expires_on(self) -> dt.date | None:
        day = self.cleaned_data["expires_on"]
        if day and day < timezone.localdate():
            raise ValidationError(
                _("This one expired on %(day)s. Send the current one.") % {"day": date_format(day, "j F Y")},
                code="expired",
            )
        return day

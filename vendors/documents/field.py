"""A file that somebody chose on a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vendors.documents import inspection
from vendors.models import Document

SCANS = (inspection.PDF, inspection.JPEG, inspection.PNG)


class UploadField(forms.FileField):
    """A file that has been looked into: its content type is what the bytes say, not what the browser said."""

    widget = forms.FileInput

    def __init__(self, *, kinds: tuple[str, ...] = SCANS, **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accept = ",".join(extension for kind in self.kinds for extension in inspection.EXTENSIONS[kind])
        return super().widget_attrs(widget) | {"accept": accept}

    def to_python(self, data: Any) -> UploadedFile | None:
        if data in self.empty_values:
            return None
        try:
            data.content_type = inspection.check(data, kinds=self.kinds)
        except inspection.Refused as refused:
            raise ValidationError(str(refused), code="refused_file") from refused
        data.name = inspection.named(data.name, data.content_type)
        return data

    def show(self, document: Document) -> None:
        """Say which file is there, and what VM thinks of it."""
        self.help_text = _what_we_have(document, self.help_text)


def _what_we_have(document: Document, hint: Any) -> SafeString:
    url = reverse("vendors:document", kwargs={"pk": document.pk})
    file = format_html('<a href="{}" translate="no">{}</a>', url, document.name)
    if document.is_refused:
        text = _("Vendor Management couldn't accept {}: {} Choose another file. {}")
        return format_html(text, file, document.verdict, hint)
    if document.state == Document.State.VERIFIED:
        text = _("We have {} and have verified it. Choose a file only if you want to replace it. {}")
    else:
        text = _("We have {}. Choose a file only if you want to replace it. {}")
    return format_html(text, file, hint)


def another_is_needed(document: Document) -> ValidationError:
    return ValidationError(
        _("Vendor Management couldn't accept “%(name)s”: %(reason)s Choose another file.")
        % {"name": document.name, "reason": document.verdict},
        code="refused_document",
    )

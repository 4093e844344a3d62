"""The file that VM uploads, and what holds for every row of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from vendors.bulk_import import runs
from vendors.bulk_import.decisions import ForAll
from vendors.models import VendorImport
from vendors.tags import lifecycle as tags

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "An Excel workbook (.xlsx, its first sheet) or a CSV file, at most 2 MB. The first row names the columns: "
            "name (or first name and last name), email and, if you like, language (like de or en-GB) and owner (a "
            "colleague's address)."
        ),
        widget=forms.FileInput(attrs={"accept": f".csv,text/csv,.xlsx,{XLSX}"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty. Please choose another."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > runs.FILE_LIMIT:
            raise ValidationError(_("This file is larger than 2 MB. Please split it."), code="too_large")
        return file


class ForAllForm(forms.Form):
    """What holds for every row of the file."""

    invites = forms.ChoiceField(
        label=gettext_lazy("What to do with the ticked rows"),
        choices=[
            ("yes", gettext_lazy("Add and invite")),
            ("no", gettext_lazy("Add only")),
            ("bind", gettext_lazy("Add and connect to their existing guest accounts in the tenant")),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose what to do with the ticked rows.")
        ),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner for all of them"),
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        required=False,
        empty_label=gettext_lazy("As the file says"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of your colleagues.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of all invitations"),
        choices=[("", gettext_lazy("As the file says, or else English")), *settings.VENDOR_LANGUAGES],
        required=False,
    )
    tags = Name(
        label=gettext_lazy("Tags for everyone added"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Separated by commas, for example: rush jobs, legal team"),
        error_messages={"max_length": gettext_lazy("That is more than 1,000 characters. Enter fewer tags.")},
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_tags(self) -> str:
        try:
            return ", ".join(tags.parse(self.cleaned_data["tags"]))
        except tags.NotATag as error:
            raise ValidationError(str(error), code="not_a_tag") from error

    @classmethod
    def of(cls, run: VendorImport) -> ForAllForm:
        now = ForAll.of(run)
        invites = "bind" if now.binds else "yes" if now.invites else "no"
        initial = {"invites": invites, "owner": now.owner, "language": now.language, "tags": now.tags}
        return cls(initial={**initial, "shown": now.mark})

    def again(self, run: VendorImport) -> ForAllForm:
        """As it was typed, to be kept by pressing once more."""
        return ForAllForm({**self.data.dict(), "shown": ForAll.of(run).mark})  # type: ignore[attr-defined]

    def for_all(self) -> ForAll:
        values = self.cleaned_data
        return ForAll(
            values["invites"] == "yes",
            values["owner"],
            values["language"],
            values["tags"],
            values["shown"],
            binds=values["invites"] == "bind",
        )

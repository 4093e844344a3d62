"""ISO 17100's route and the evidence for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms.base import YES_NO, StepForm, Typed
from vendors import catalogue, iso_17100, uploads
from vendors.form_fields import AmountField, Text
from vendors.models import Qualification


class UploadField(forms.FileField):
    """A file that has been looked into: its content type is what the bytes say, not what the browser said."""

    widget = forms.FileInput

    def __init__(self, *, kinds: tuple[str, ...], **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accept = ",".join(extension for kind in self.kinds for extension in uploads.EXTENSIONS[kind])
        return super().widget_attrs(widget) | {"accept": accept}

    def to_python(self, data: Any) -> UploadedFile | None:
        if data in self.empty_values:
            return None
        try:
            data.content_type = uploads.check(data, kinds=self.kinds)
        except uploads.Refused as refused:
            raise ValidationError(str(refused), code="refused_file") from refused
        return data


class QualificationsForm(StepForm):
    """ISO 17100's route is found by three questions; the evidence follows from it."""

    translation_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in translation, linguistics or languages?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )
    other_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in another subject?"), choices=YES_NO, widget=forms.RadioSelect
    )
    experience_years = AmountField(
        label=gettext_lazy("For how many years have you translated full time?"),
        help_text=gettext_lazy(
            "Part-time work counts in proportion: four years at half time are 2. Write 0 for none yet."
        ),
        decimals=2,
        zero_allowed=True,
    )
    degree_title = Text(label=gettext_lazy("Title of your degree"), max_length=200, required=False)
    institution = Text(label=gettext_lazy("Where you got it"), max_length=200, required=False)
    institution_country = forms.ChoiceField(label=gettext_lazy("In which country"), required=False)
    graduated_in = forms.IntegerField(
        label=gettext_lazy("In which year"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    cv = UploadField(
        label=gettext_lazy("Your CV"),
        help_text=gettext_lazy("PDF, Word (.docx), JPEG or PNG, smaller than 10 MB."),
        kinds=(uploads.PDF, uploads.DOCX, uploads.JPEG, uploads.PNG),
        required=False,
    )
    degree = UploadField(
        label=gettext_lazy("A copy of your degree certificate"),
        help_text=gettext_lazy("A scan or a photo: PDF, JPEG or PNG, smaller than 10 MB. You may send it later."),
        kinds=(uploads.PDF, uploads.JPEG, uploads.PNG),
        required=False,
    )
    notes = Text(
        label=gettext_lazy("Anything else that shows what you can do?"),
        help_text=gettext_lazy("Memberships, examinations, prizes, books you have translated."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    conditional = ["cv", "degree_title", "institution", "institution_country", "graduated_in"]
    css = {"experience_years": "narrow", "graduated_in": "narrow"}

    UPLOADS = ("cv", "degree")

    def build(self) -> None:
        country = self.fields["institution_country"]
        country.choices = [("", _("Choose a country")), *catalogue.countries()]  # type: ignore[attr-defined]
        for kind in self.UPLOADS:
            if document := self.documents.get(kind):
                self.fields[kind].help_text = format_html(
                    _('We have <a href="{}">{}</a>. Choose a file only if you want to replace it. {}'),
                    reverse("vendors:document", kwargs={"pk": document.pk}),
                    document.name,
                    self.fields[kind].help_text,
                )
        if "degree" in self.documents:
            self.fields["remove_degree"] = forms.BooleanField(
                label=_("Remove the degree certificate you sent"), required=False
            )

    def clean_graduated_in(self) -> int | None:
        year = self.cleaned_data["graduated_in"]
        if year is not None and not 1930 <= year <= dt.datetime.now(tz=dt.UTC).year:
            raise ValidationError(_("Please write the year with four figures, as in 2012."), code="year")
        return year

    def clean_experience_years(self) -> Decimal:
        years = self.cleaned_data["experience_years"]
        if years > 80:
            raise ValidationError(_("Please write the number of years, as in 7 or 2.5."), code="years")
        return years

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "yes" in (cleaned.get("translation_degree"), cleaned.get("other_degree")):
            self.require("degree_title", "institution")
        if "cv" in cleaned and not cleaned["cv"] and "cv" not in self.documents:
            self.add_error("cv", ValidationError(_("Please choose the file with your CV."), code="required"))
        return cleaned

    def new_files(self) -> dict[str, UploadedFile]:
        return {kind: self.cleaned_data[kind] for kind in self.UPLOADS if self.cleaned_data.get(kind)}

    def files_to_remove(self) -> list[str]:
        wants = self.cleaned_data.get("remove_degree") and not self.cleaned_data.get("degree")
        return ["degree"] if wants and "degree" in self.documents else []

    def typed(self, *, another_row: bool = False) -> Typed:
        """The tick for removing a file is an order, not an answer."""
        typed = super().typed()
        typed.pop(self.add_prefix("remove_degree"), None)
        return typed

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        has_languages = answer["route"] == Qualification.Route.TRANSLATION_DEGREE
        # Rounded up, since what is typed is rounded down to months.
        years = (Decimal(answer["experience_months"]) / 12).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
        return super().typed_from(answer) | {
            "translation_degree": ["yes" if has_languages else "no"],
            "other_degree": ["yes" if answer["degree_title"] and not has_languages else "no"],
            "experience_years": [str(years)],
        }

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        months = int(cleaned["experience_years"] * 12)
        has_degree = "yes" in (cleaned["translation_degree"], cleaned["other_degree"])
        return {
            "route": iso_17100.route(
                translation_degree=cleaned["translation_degree"] == "yes",
                other_degree=cleaned["other_degree"] == "yes",
                experience_months=months,
            ).value,
            "experience_months": months,
            "degree_title": cleaned["degree_title"] if has_degree else "",
            "institution": cleaned["institution"] if has_degree else "",
            "institution_country": cleaned["institution_country"] if has_degree else "",
            "graduated_in": cleaned["graduated_in"] if has_degree else None,
            "notes": cleaned["notes"],
            "documents": {
                kind: {"id": str(document.pk), "name": document.name}
                for kind, document in self.documents.items()
                if kind in self.UPLOADS
            },
        }

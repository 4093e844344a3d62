"""ISO 17100's route, found by three questions, and the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, Prose, WholeNumber
from onboarding.forms.base import YES_NO, StepForm, Typed
from onboarding.forms.certificates import CertificateRows
from onboarding.forms.experience import ExperienceRows
from vendors.answers import countries
from vendors.answers.fields import CountryField
from vendors.documents import inspection
from vendors.documents.field import UploadField, another_is_needed
from vendors.qualification_claims import Claims, File, RegisterEntry
from vendors.qualifications import evidence_pieces, iso_17100, judging
from vendors.qualifications.experience import COUNTS_AS_TRANSLATING, Period, full_time_months
from vendors.qualifications.findings import Finding, grouped

COUNTRY = gettext_lazy("Country")
YEAR = gettext_lazy("Year")
NOT_A_YEAR = gettext_lazy("Enter the year of your degree with four digits, for example 2012.")
COPY = gettext_lazy("A copy of your degree certificate")
COPY_HINT = gettext_lazy("A scan or a photo: PDF, JPEG or PNG, smaller than 10 MB. You can send it later.")


def _title() -> Name:
    return Name(
        label=gettext_lazy("Title of your degree"),
        max_length=200,
        required=False,
        error_messages={"required": gettext_lazy("Enter the title of your degree.")},
    )


def _institution() -> Name:
    return Name(
        label=gettext_lazy("University or college"),
        max_length=200,
        required=False,
        error_messages={"required": gettext_lazy("Enter the university or college that awarded your degree.")},
    )


def _year() -> WholeNumber:
    return WholeNumber(label=YEAR, required=False, error_messages={"invalid": NOT_A_YEAR})


class QualificationsForm(ExperienceRows, CertificateRows):
    """Three questions find the route; what is typed under each is the evidence."""

    translation_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in translation, linguistics or languages?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose whether you have a degree in translation, linguistics or languages.")
        },
    )
    degree_title = _title()
    institution = _institution()
    institution_country = CountryField(label=COUNTRY, max_length=60, required=False)
    graduated_in = _year()
    degree = UploadField(label=COPY, help_text=COPY_HINT, required=False)

    other_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in another subject?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"required": gettext_lazy("Choose whether you have a degree in another subject.")},
    )
    other_title = _title()
    other_institution = _institution()
    other_country = CountryField(label=COUNTRY, max_length=60, required=False)
    other_graduated_in = _year()
    other_degree_copy = UploadField(label=COPY, help_text=COPY_HINT, required=False)

    has_worked = forms.ChoiceField(
        label=gettext_lazy("Have you worked as a translator or reviser?"),
        help_text=gettext_lazy("Part-time work counts pro rata, and overlapping periods count once."),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("Not yet"))],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"required": gettext_lazy("Choose whether you have worked as a translator or reviser.")},
    )
    cv = UploadField(
        label=gettext_lazy("Your CV"),
        help_text=gettext_lazy("PDF, Word (.docx), JPEG or PNG, smaller than 10 MB."),
        kinds=(inspection.PDF, inspection.DOCX, inspection.JPEG, inspection.PNG),
        required=False,
    )
    notes = Prose(
        label=gettext_lazy("Anything else that shows what you can do?"),
        help_text=gettext_lazy("Prizes, books you have translated, people who can vouch for your work."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    css = {"graduated_in": "narrow", "other_graduated_in": "narrow"}

    # Of each subject the question, and the fields in the order of PARTS_OF_A_DEGREE.
    DEGREES = {
        evidence_pieces.TRANSLATION: (
            "translation_degree",
            ("degree_title", "institution", "institution_country", "graduated_in"),
        ),
        evidence_pieces.OTHER: (
            "other_degree",
            ("other_title", "other_institution", "other_country", "other_graduated_in"),
        ),
    }
    PARTS_OF_A_DEGREE = ("title", "institution", "country", "year")
    # The question and the file about the other degree cannot have one name.
    FILES = {"cv": "cv", "degree": "degree", "other_degree": "other_degree_copy"}

    def build(self) -> None:
        super().build()
        for slot, name in self.FILES.items():
            if document := self.documents.get(slot):
                self.fields[name].show(document)  # type: ignore[attr-defined]
                if slot != "cv":
                    label = _("Remove the degree certificate you sent")
                    self.fields[f"{name}_remove"] = forms.BooleanField(label=label, required=False)
        self.conditional = [name for name in self.fields if name != "notes"]
        last = ["cv", *(name for name in self.fields if name.startswith("certificate")), "notes"]
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def field_of(self, slot: str) -> str:
        return self.FILES.get(slot, slot)

    def slot_of(self, field: str) -> str:
        return {name: slot for slot, name in self.FILES.items()}.get(field, field)

    def clean_graduated_in(self) -> int | None:
        return _checked_year(self.cleaned_data["graduated_in"])

    def clean_other_graduated_in(self) -> int | None:
        return _checked_year(self.cleaned_data["other_graduated_in"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        has_languages = cleaned.get("translation_degree") == "yes"
        if not has_languages:  # which is a way of its own
            self.require("other_degree", "has_worked")
        for subject, (_question, names) in self.DEGREES.items():
            slot = evidence_pieces.COPY_OF[subject]
            if self._is_asked(slot):
                self.require(*names[:2])
            else:
                self.forgive(*names, self.field_of(slot))
        if cleaned.get("has_worked") == "yes":
            self.clean_periods()
            if not has_languages and not self.periods_given() and not self._has_error_in("work-"):
                self.require("work-0-since")
        else:
            self.forgive(*(name for name in self.fields if name.startswith("work-")))
        self.clean_certificates_rows()
        cv = self.documents.get("cv")
        if not cleaned.get("cv") and "cv" not in self.errors:
            if cv is None:
                self.add_error("cv", ValidationError(_("Choose the file with your CV."), code="required"))
            elif cv.is_refused:
                self.add_error("cv", another_is_needed(cv))
        return cleaned

    def _is_asked(self, slot: str) -> bool:
        """The copy of a degree only after a yes."""
        questions = {evidence_pieces.COPY_OF[subject]: question for subject, (question, _names) in self.DEGREES.items()}
        return slot not in questions or self.cleaned_data.get(questions[slot]) == "yes"

    def _has_error_in(self, prefix: str) -> bool:
        return any(name.startswith(prefix) for name in self.errors)

    def unjudged(self) -> StepForm:
        """The route is told all the same, of what can be read."""
        self.full_clean()
        return super().unjudged()

    # Files

    def new_files(self) -> dict[str, UploadedFile]:
        fixed = {slot: self.cleaned_data.get(name) for slot, name in self.FILES.items() if self._is_asked(slot)}
        return {slot: upload for slot, upload in fixed.items() if upload} | self.certificate_files()

    def files_to_remove(self) -> list[str]:
        fixed = [
            slot
            for slot, name in self.FILES.items()
            if slot in self.documents and self.cleaned_data.get(f"{name}_remove") and not self.cleaned_data.get(name)
        ]
        return [*fixed, *self.certificates_to_remove()]

    # What is kept

    def typed(self, *, another_row: bool = False) -> Typed:
        typed = super().typed()
        for name in self.FILES.values():  # the tick for removing a file is an order, not an answer
            typed.pop(self.add_prefix(f"{name}_remove"), None)
        wanted = self.data.get("another", "") if another_row else ""
        self.close_up_periods(typed, another_row=wanted == "period")
        self.close_up_certificates(typed, another_row=wanted == "certificate")
        return typed

    def last_row_id(self, typed: Typed) -> str:
        """Where the page goes on: at the new row, or at the route that was asked for."""
        wanted = self.data.get("another", "")
        if wanted == "period":
            last = int(typed[self.add_prefix("work")][0]) - 1
            return f"id_{self.add_prefix(f'work-{last}-since')}"
        if wanted == "certificate" and (keys := typed[self.add_prefix("certificates")][0].split()):
            return f"id_{self.add_prefix(f'certificate-{keys[-1]}-kind')}"
        return "route"

    def full_label(self, name: str) -> str:
        label = super().full_label(name)
        row, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        if row == "work" and number.isdecimal():
            return f"{_('Period')} {int(number) + 1}: {label}"
        if row == "certificate" and number in self.keys:
            return f"{_('Certificate')} {self.keys.index(number) + 1}: {label}"
        return label

    # What follows from it

    def degrees_given(self) -> list[dict[str, Any]]:
        cleaned = self.cleaned_data
        return [
            {"subject": subject}
            | {part: cleaned.get(name, "") for part, name in zip(self.PARTS_OF_A_DEGREE, names, strict=True)}
            for subject, (question, names) in self.DEGREES.items()
            if cleaned.get(question) == "yes"
        ]

    @cached_property
    def findings(self) -> list[Finding]:
        """Per pair and service, as far as the questions are answered."""
        if not self.is_bound or not hasattr(self, "cleaned_data") or not self.route:
            return []
        services = self.earlier.get("services", {})
        claims = Claims(
            pairs=services.get("pairs", []),
            specialisms=services.get("specialisms", []),
            degrees=self.degrees_given(),
            experience=self._periods(),
            register=RegisterEntry.of(services),
            files={slot: File.of(document) for slot, document in self.documents.items()},
        )
        return judging.findings(claims, today=timezone.localdate())

    @property
    def country_names(self) -> list[str]:
        return countries.names_usual_first(countries.of_address(self.vendor.address))

    @property
    def settled(self) -> dict[str, bool]:
        """By question, whether the page may fold away what was said of the degree."""
        files = {evidence_pieces.TRANSLATION: "degree", evidence_pieces.OTHER: "other_degree_copy"}
        return {
            question: self.is_settled(*parts, files[subject]) for subject, (question, parts) in self.DEGREES.items()
        }

    @property
    def is_proven(self) -> bool:
        return bool(self.findings) and all(finding.is_complete for finding in self.findings)

    @property
    def finding_lines(self) -> list[Finding]:
        return grouped(self.findings)

    @cached_property
    def route(self) -> str:
        """Empty until those of the three questions are answered on which it hangs."""
        cleaned = getattr(self, "cleaned_data", {})
        has_languages = cleaned.get("translation_degree") == "yes"
        if not has_languages and not all(map(cleaned.get, ("translation_degree", "other_degree", "has_worked"))):
            return ""
        return iso_17100.route(
            translation_degree=has_languages,
            other_degree=cleaned.get("other_degree") == "yes",
            experience_months=self._months(),
        ).value

    @property
    def route_in_words(self) -> str:
        return iso_17100.in_a_sentence(self.route, is_proven=self.is_proven) if self.route else ""

    def note_when_saved(self) -> str:
        self.full_clean()
        outstanding = dict.fromkeys(str(lack) for finding in self.findings for lack in finding.missing)
        if not outstanding:
            return self.route_in_words
        return _("%(route)s Still missing: %(missing)s.") % {
            "route": self.route_in_words,
            "missing": "; ".join(outstanding),
        }

    def _periods(self) -> list[dict[str, Any]]:
        return self.periods_given() if self.cleaned_data.get("has_worked") == "yes" else []

    def _months(self) -> int:
        translating = [period for period in map(Period.of, self._periods()) if period.kind in COUNTS_AS_TRANSLATING]
        return full_time_months(translating, today=timezone.localdate())

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed = {"notes": [answer["notes"]], "has_worked": ["yes" if answer["experience"] else "no"]}
        degrees = {degree["subject"]: degree for degree in answer["degrees"]}
        for subject, (question, names) in cls.DEGREES.items():
            typed[question] = ["yes" if subject in degrees else "no"]
            for part, name in zip(cls.PARTS_OF_A_DEGREE, names, strict=True):
                value = str(degrees[subject][part] or "") if subject in degrees else ""
                typed[name] = [countries.name(value) if part == "country" else value]
        return typed | cls.periods_typed(answer["experience"]) | cls.certificates_typed(answer["certificates"])

    def answer(self) -> dict[str, Any]:
        return {
            "route": self.route,
            "experience_months": self._months(),
            "degrees": self.degrees_given(),
            "experience": self._periods(),
            "certificates": self.certificates_given(),
            "notes": self.cleaned_data["notes"],
            "documents": {
                slot: {"id": str(document.pk), "name": document.name}
                for slot, document in self.documents.items()
                if self._is_asked(slot) and not document.is_refused
            },
        }


def _checked_year(year: int | None) -> int | None:
    if year is not None and not 1930 <= year <= timezone.localdate().year:
        raise ValidationError(NOT_A_YEAR, code="year")
    return year

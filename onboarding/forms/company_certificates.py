"""An agency's certificates and insurance, and what its ISO 17100 rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Code, Name, Prose
from onboarding.forms.base import Typed
from onboarding.forms.dated_files import DatedFiles
from onboarding.forms.linguists import LinguistRows
from vendors.answers.fields import DayField
from vendors.documents.field import UploadField
from vendors.models import Document

Certificate = Document.Certificate
ISO_17100 = Certificate.ISO_17100.value
NAMES = {
    Certificate.ISO_17100: gettext_lazy("ISO 17100 certificate (translation services)"),
    Certificate.ISO_18587: gettext_lazy("ISO 18587 certificate (post-editing of machine translation)"),
    Certificate.ISO_9001: gettext_lazy("ISO 9001 certificate (quality management)"),
    Certificate.INSURANCE: gettext_lazy("Professional indemnity insurance"),
}


class CompanyCertificatesForm(DatedFiles, LinguistRows):
    """Each document is in the slot of its own name, so no rows are needed."""

    holds = forms.MultipleChoiceField(
        label=gettext_lazy("Which of these does your company have?"),
        help_text=gettext_lazy("Tick only what is valid now. If you have none, leave them all unticked."),
        choices=[(kind.value, NAMES[kind]) for kind in Document.OF_A_COMPANY],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    undertakes = forms.ChoiceField(
        label=gettext_lazy("Do you undertake that all linguists who work on our jobs meet ISO 17100?"),
        help_text=gettext_lazy("We ask because you have no ISO 17100 certificate of your own."),
        choices=[("yes", gettext_lazy("Yes, we undertake this in writing")), ("no", gettext_lazy("Not at the moment"))],
        widget=forms.RadioSelect,
        required=False,
        error_messages={
            "required": gettext_lazy(
                "Say whether you undertake that your linguists meet ISO 17100, or add your ISO 17100 certificate above."
            )
        },
    )
    client_references = Prose(
        label=gettext_lazy("Two or three clients we may ask about you"),
        help_text=gettext_lazy("For each: the company, a person and their email address. Please ask them first."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    SLOTS = tuple(kind.value for kind in Document.OF_A_COMPANY)
    PARTS = ("number", "issued_by", "scope", "expires_on")

    def build(self) -> None:
        super().build()
        for kind in Document.OF_A_COMPANY:
            self._add_certificate(kind)
        self.conditional = [name for name in self.fields if name != "client_references"]

    def _add_certificate(self, kind: Certificate) -> None:
        slot, values = kind.value, {"name": kind.label}
        is_insurance = kind == Certificate.INSURANCE
        missing_number = (
            _("Enter the policy number of your %(name)s.") if is_insurance else _("Enter the number of your %(name)s.")
        )
        self.fields[f"{slot}-number"] = Code(
            label=_("Policy number") if is_insurance else _("Certificate number"),
            max_length=Document._meta.get_field("number").max_length,
            required=False,
            error_messages={"required": missing_number % values},
        )
        self.fields[f"{slot}-issued_by"] = Name(
            label=_("Insurer") if is_insurance else _("Certification body"),
            max_length=Document._meta.get_field("issued_by").max_length,
            required=False,
            error_messages={"required": _("Enter who issued your %(name)s.") % values},
        )
        self.fields[f"{slot}-scope"] = Name(
            label=_("What it covers, and up to what amount")
            if is_insurance
            else _("Scope, as stated on the certificate"),
            max_length=Document._meta.get_field("scope").max_length,
            required=False,
            error_messages={"required": _("Enter what your %(name)s covers.") % values},
        )
        self.fields[f"{slot}-expires_on"] = DayField(
            label=_("Valid until"),
            help_text=_("For example, 31 March 2027."),
            required=False,
            error_messages={"required": _("Enter the date your %(name)s is valid until.") % values},
        )
        self.fields[slot] = UploadField(
            label=_("A copy"),
            help_text=_("PDF, JPEG or PNG, smaller than 10 MB."),
            required=False,
            error_messages={"required": _("Choose the file with your %(name)s.") % values},
        )
        if document := self.documents.get(slot):
            self.fields[slot].show(document)  # type: ignore[attr-defined]

    @property
    def certificate_groups(self) -> list[dict[str, Any]]:
        return [
            {
                "slot": kind.value,
                "name": NAMES[kind],
                "fields": [self[f"{kind.value}-{part}"] for part in self.PARTS],
                "file": self[kind.value],
                "is_settled": self.is_settled(*(f"{kind.value}-{part}" for part in self.PARTS), kind.value),
                "in_words": self.shown(f"{kind.value}-number"),
            }
            for kind in Document.OF_A_COMPANY
        ]

    def clean(self) -> dict[str, Any]:
        for slot in self.SLOTS:
            if slot in self._held():
                self._clean_certificate(slot)
            else:
                self.forgive(slot, *(f"{slot}-{part}" for part in self.PARTS))
        if ISO_17100 not in self._held():
            self.require("undertakes")
        if self._undertakes():
            self.clean_linguists_rows()
        else:
            self.forgive(*(name for name in self.errors.copy() if name.startswith("linguist-")))
        return self.cleaned_data

    def _held(self) -> list[str]:
        return self.cleaned_data.get("holds", [])

    def _undertakes(self) -> bool:
        return ISO_17100 not in self._held() and self.cleaned_data.get("undertakes") == "yes"

    def _clean_certificate(self, slot: str) -> None:
        self.require(*(f"{slot}-{part}" for part in self.PARTS))
        expired = _("This one expired on %(day)s. Send the current one, or untick it above.")
        self.clean_dated_file(slot, until=self.valid_until(slot), expired=expired)

    # Files

    def new_files(self) -> dict[str, UploadedFile]:
        return {slot: self.cleaned_data[slot] for slot in self._held() if self.cleaned_data.get(slot)}

    # What is kept

    def typed(self, *, another_row: bool = False) -> Typed:
        typed = super().typed()
        self.close_up_linguists(typed, another_row=another_row)
        return typed

    def last_row_id(self, typed: Typed) -> str:
        return self.last_linguist_id(typed)

    def question_label(self, name: str) -> str:
        return self.full_label(name) if name.partition("-")[0] in self.SLOTS else super().question_label(name)

    def full_label(self, name: str) -> str:
        label = super().full_label(name)
        row, _dash, rest = name.partition("-")
        if row in self.SLOTS:
            return f"{NAMES[Certificate(row)]}: {label}"
        number = rest.partition("-")[0]
        return f"{_('Line')} {int(number) + 1}: {label}" if row == "linguist" and number.isdecimal() else label

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed: Typed = {
            "holds": [certificate["slot"] for certificate in answer["certificates"]],
            "undertakes": ["yes" if answer["undertakes"] else "no"],
            "client_references": [answer["client_references"]],
        }
        for certificate in answer["certificates"]:
            typed |= {f"{certificate['slot']}-{part}": [certificate[part]] for part in cls.PARTS}
        return typed | cls.linguists_typed(answer["linguists"])

    def answer(self) -> dict[str, Any]:
        return {
            "certificates": [
                {
                    "slot": slot,
                    "kind": slot,
                    **{part: self.cleaned_data[f"{slot}-{part}"] for part in ("number", "issued_by", "scope")},
                    "expires_on": day.isoformat() if (day := self.valid_until(slot)) else "",
                }
                for slot in self.SLOTS
                if slot in self._held()
            ],
            "documents": {
                slot: {"id": str(document.pk), "name": document.name}
                for slot, document in self.documents.items()
                if slot in self._held() and not document.is_refused
            },
            "undertakes": self._undertakes(),
            "linguists": self.linguists_given() if self._undertakes() else [],
            "client_references": self.cleaned_data["client_references"],
        }

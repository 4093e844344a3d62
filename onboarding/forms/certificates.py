"""The rows of memberships, examinations, sworn translators' certificates and what else proves something.

A row has a key of its own for as long as it is there, because its file is kept under it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from identity.typed.fields import Code
from onboarding.forms.base import Typed
from onboarding.forms.dated_files import DatedFiles
from vendors.answers.fields import DayField
from vendors.documents.field import UploadField
from vendors.models import Document, VendorKind

MAX_CERTIFICATES = 6
Certificate = Document.Certificate
FOR_COMPANIES = {Certificate.INSURANCE, Certificate.ISO}
# Agencies are asked for these one by one.
FOR_AGENCIES = {Certificate.ISO_17100, Certificate.ISO_18587, Certificate.ISO_9001}


class CertificateRows(DatedFiles):
    certificates = forms.CharField(widget=forms.HiddenInput, required=False)

    CERTIFICATE_PARTS = ("kind", "number", "expires_on")

    def build(self) -> None:
        super().build()
        self.keys = _keys(self.data.get(self.add_prefix("certificates"), "")) if self.is_bound else []
        self.initial["certificates"] = " ".join(self.keys)
        for number, key in enumerate(self.keys, start=1):
            self._add_certificate(key, number)

    def _add_certificate(self, key: str, number: int) -> None:
        slot, values = f"certificate-{key}", {"number": number}
        chosen = self.data.get(self.add_prefix(f"{slot}-kind"), "")
        kinds = [
            (kind.value, str(kind.label).capitalize())
            for kind in Certificate
            if kind not in FOR_AGENCIES and (kind not in FOR_COMPANIES or self.is_company or kind == chosen)
        ]
        self.fields[f"{slot}-kind"] = forms.ChoiceField(
            label=_("What is it?"),
            choices=[("", _("Choose one")), *kinds],
            required=False,
            error_messages={"required": _("Choose what certificate %(number)s is.") % values},
        )
        self.fields[f"{slot}-number"] = Code(
            label=_("Its number, if it has one"),
            max_length=Document._meta.get_field("number").max_length,
            required=False,
        )
        self.fields[f"{slot}-expires_on"] = DayField(
            label=_("Valid until"),
            help_text="" if number > 1 else _("For example, 31 March 2027. Leave this empty if it doesn't expire."),
            required=False,
            error_messages={"required": _("Enter the date certificate %(number)s is valid until.") % values},
        )
        self.fields[slot] = UploadField(
            label=_("A scan or photo of it"),
            help_text="" if number > 1 else _("PDF, JPEG or PNG, smaller than 10 MB."),
            required=False,
            error_messages={"required": _("Choose the file for certificate %(number)s.") % values},
        )
        self.fields[f"{slot}-remove"] = forms.BooleanField(
            label=_("Remove certificate %(number)s") % values, required=False
        )
        if document := self.documents.get(slot):
            self.fields[slot].show(document)  # type: ignore[attr-defined]

    @property
    def is_company(self) -> bool:
        return self.earlier.get("about", {}).get("kind", VendorKind.FREELANCER) != VendorKind.FREELANCER

    @property
    def may_add_certificate(self) -> bool:
        return len(self.keys) < MAX_CERTIFICATES

    @property
    def certificate_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "number": number,
                "is_settled": self.is_settled(
                    *(f"certificate-{key}-{part}" for part in self.CERTIFICATE_PARTS), f"certificate-{key}"
                ),
                "kind": self[f"certificate-{key}-kind"],
                "number_field": self[f"certificate-{key}-number"],
                "expires_on": self[f"certificate-{key}-expires_on"],
                "file": self[f"certificate-{key}"],
                "remove": self[f"certificate-{key}-remove"],
            }
            for number, key in enumerate(self.keys, start=1)
        ]

    def clean_certificates_rows(self) -> None:
        for key in self.keys:
            slot = f"certificate-{key}"
            if self._is_removed(key) or self._is_unbegun(key):
                for name in (slot, *(f"{slot}-{part}" for part in self.CERTIFICATE_PARTS)):
                    self.errors.pop(name, None)
                continue
            self.require(f"{slot}-kind")
            kind = self.cleaned_data.get(f"{slot}-kind")
            if kind in Document.MUST_EXPIRE:
                self.require(f"{slot}-expires_on")
            expired = _("This one expired on %(day)s. Send the new one, or remove this one.")
            self.clean_dated_file(slot, until=self._expires_on(key), expired=expired)

    def _expires_on(self, key: str) -> dt.date | None:
        if self.cleaned_data.get(f"certificate-{key}-kind") in Document.NEVER_EXPIRE:
            return None
        return self.valid_until(f"certificate-{key}")

    def _is_removed(self, key: str) -> bool:
        return bool(self.cleaned_data.get(f"certificate-{key}-remove"))

    def _is_unbegun(self, key: str) -> bool:
        slot = f"certificate-{key}"
        has_file = slot in self.documents or self.add_prefix(slot) in self.files
        return not has_file and not any(
            self.data.get(self.add_prefix(f"{slot}-{part}"), "").strip() for part in self.CERTIFICATE_PARTS
        )

    def certificates_given(self) -> list[dict[str, Any]]:
        given = []
        for key in self.keys:
            kind = self.cleaned_data.get(f"certificate-{key}-kind")
            if not kind or self._is_removed(key):
                continue
            expires_on = self._expires_on(key)
            given.append(
                {
                    "slot": f"certificate-{key}",
                    "kind": kind,
                    "number": self.cleaned_data.get(f"certificate-{key}-number", ""),
                    "expires_on": expires_on.isoformat() if expires_on else "",
                }
            )
        return given

    def certificate_files(self) -> dict[str, UploadedFile]:
        slots = [f"certificate-{key}" for key in self.keys if not self._is_removed(key)]
        return {slot: self.cleaned_data[slot] for slot in slots if self.cleaned_data.get(slot)}

    def certificates_to_remove(self) -> list[str]:
        """Those ticked, and files whose row is gone."""
        kept = {f"certificate-{key}" for key in self.keys if not self._is_removed(key)}
        return [slot for slot in self.documents if slot.startswith("certificate-") and slot not in kept]

    def close_up_certificates(self, typed: Typed, *, another_row: bool) -> None:
        keys = []
        for key in self.keys:
            names = [self.add_prefix(f"certificate-{key}-{part}") for part in self.CERTIFICATE_PARTS]
            removed = typed.pop(self.add_prefix(f"certificate-{key}-remove"), None)
            if removed or self._is_unbegun(key):
                for name in names:
                    typed.pop(name, None)
            else:
                keys.append(key)
        if another_row and len(keys) < MAX_CERTIFICATES:
            keys.append(str(max(map(int, self.keys), default=0) + 1))
        typed[self.add_prefix("certificates")] = [" ".join(keys)]

    @staticmethod
    def certificates_typed(certificates: list[Mapping[str, Any]]) -> Typed:
        keys = [certificate["slot"].removeprefix("certificate-") for certificate in certificates]
        typed: Typed = {"certificates": [" ".join(keys)]}
        for certificate in certificates:
            typed[f"{certificate['slot']}-kind"] = [certificate["kind"]]
            typed[f"{certificate['slot']}-number"] = [certificate["number"]]
            typed[f"{certificate['slot']}-expires_on"] = [certificate["expires_on"]]
        return typed


def _keys(typed: str) -> list[str]:
    words = [word for word in str(typed).split() if word.isascii() and word.isdecimal() and len(word) <= 4]
    return list(dict.fromkeys(str(int(word)) for word in words))[:MAX_CERTIFICATES]

"""A row of another system, read by the wizard's own pages: what they refuse is not carried over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from identity.text_direction import gettext as _
from onboarding.carried_over import cells as of_row
from onboarding.carried_over.cells import Cells, Typed, refused
from onboarding.draft.steps import PAYMENT, QUALIFICATIONS, STEPS, make_form
from onboarding.submission.differences import as_stored
from vendors.answers import dates, service_catalogue
from vendors.models import Vendor, VendorKind
from vendors.onboarding_interface import CarriedOver

# Which column a field's complaint is about; the longest beginning counts.
_COLUMN_OF = {
    "about": {"": "name", "kind": "works as", "company_legal_name": "company"},
    "contact": {
        "phone": "phone",
        "country": "country",
        "address_lines": "street",
        "postal_code": "postcode",
        "locality": "town",
        "region": "region",
        "time_zone": "time zone",
    },
    "languages": {"": "pairs", "native": "native languages"},
    "services": {
        "": "services",
        "specialisms": "subjects",
        "other_tools": "tools",
        "sworn_authority": "sworn by",
        "sworn_number": "sworn number",
        "sworn_until": "sworn until",
    },
    "rates": {"": "rates", "currency": "currency", "minimum_fee": "minimum fee"},
    QUALIFICATIONS: {
        "": "evidence on file",
        "degree_title": "degree",
        "institution": "university",
        "institution_country": "degree country",
        "graduated_in": "degree year",
        "other_title": "other degree",
        "other_institution": "other university",
        "other_country": "other degree country",
        "other_graduated_in": "other degree year",
        "work-": "translating since",
    },
    "tax": {
        "": "tax country",
        "vat_status": "charges VAT",
        "vat_number": "VAT number",
        "tax_id": "tax number",
        "registration_number": "registration number",
    },
}
# What another system may not know: the vendor adds it.
_MAY_LACK: dict[str, Collection[str]] = {
    "contact": ("address_lines", "postal_code", "locality", "region", "time_zone"),
    "languages": ("native_1",),
    "services": ("specialisms",),
    QUALIFICATIONS: ("cv",),
    "tax": ("tax_id", "registration_number"),
}
# Where the page's own words are about a list or a box.
_AS_A_CELL = {
    ("contact", "time_zone", "invalid_choice"): gettext_lazy("Write it like Europe/Lisbon."),
    ("contact", "country", "required"): gettext_lazy("Write the country's name in English, or its code, like DE."),
    ("rates", "currency", "invalid_choice"): gettext_lazy("Write its code, like EUR."),
    ("rates", "currency", "required"): gettext_lazy("Write its code, like EUR."),
    ("languages", "pairs-0-source", "required"): gettext_lazy("Write each pair like en-GB > de-DE."),
}
_SIGNED = {"confidentiality": "confidentiality signed", "cooperation": "terms signed"}
_OF_A_PERSON = ("native languages", "sworn by", "sworn number", "sworn until")


@dataclass
class _Row:
    cells: Cells
    vendor: Vendor
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self, step: str, typed: Typed) -> None:
        """Raise BadValue."""
        form = make_form(
            STEPS[step],
            {f"{step}-{name}": values for name, values in typed.items()},
            vendor=self.vendor,
            earlier=self.answers,
            documents={},
        )
        if not form.is_valid():
            self._forgive_or_refuse(step, form)
        self.answers[step] = as_stored(form.answer())

    def _forgive_or_refuse(self, step: str, form: Any) -> None:
        for name, errors in form.errors.as_data().items():
            is_missing = all(error.code == "required" for error in errors)
            if step == "rates" and is_missing and name.startswith(("unit-", "usual-")):
                raise refused("rates", "", self._lacks_rate(name))
            if is_missing and name in _MAY_LACK.get(step, ()):
                form.cleaned_data[name] = [] if name == "specialisms" else ""
                continue
            column = _column(step, name)
            why = _AS_A_CELL.get((step, name, errors[0].code or "")) or next(iter(form.errors[name]))
            raise refused(column, "" if is_missing else self._value(column, form, name), _without_button(str(why)))

    def _lacks_rate(self, name: str) -> str:
        service = service_catalogue.service_name(name.partition("-")[2])
        return _("Add a rate for “%(service)s”, like “translation 0.12 per word”.") % {"service": service}

    def _value(self, column: str, form: Any, name: str) -> str:
        """As it is in the cell, or as much of a list as is meant."""
        return form.text_of(name) if name in form.fields and form.text_of(name) else self.cells.get(column, "")


def read(cells: Cells, *, name: str) -> CarriedOver:
    """Raise BadValue."""
    row = _Row(cells, Vendor(name=name, primary_email=""))
    row.read("about", of_row.about(cells, name))
    is_agency = row.answers["about"]["kind"] == VendorKind.COMPANY
    if is_agency:
        _refuse_what_is_a_persons(cells)
    row.read("contact", of_row.contact(cells))
    row.read("languages", of_row.spoken(cells))
    row.read("services", of_row.offered(cells, row.answers["languages"]["pairs"]))
    row.read("rates", of_row.priced(cells, row.answers["services"]["pairs"]))
    evidence, tax = of_row.evidence(cells), of_row.tax(cells)
    if evidence and not is_agency:
        row.read(QUALIFICATIONS, evidence)
    if tax:
        row.read("tax", tax)
    row.answers[PAYMENT] = {"method": "later"}  # the account is for the vendor alone to give
    return CarriedOver(row.answers, _signed(cells))


def _refuse_what_is_a_persons(cells: Cells) -> None:
    columns = [column for column in cells if column in (*_OF_A_PERSON, *_COLUMN_OF[QUALIFICATIONS].values())]
    if columns:
        why = _("Leave this cell empty for a company: the answer is different for each linguist.")
        raise refused(columns[0], cells[columns[0]], why)


def _column(step: str, name: str) -> str:
    known = _COLUMN_OF[step]
    return known[max((beginning for beginning in known if name.startswith(beginning)), key=len)]


def _without_button(why: str) -> str:
    """A page offers to keep what looks odd. A file has nobody to ask: what is odd is left for the vendor to enter."""
    return why.replace(_("If it's right, keep it as you typed it."), "").strip()


def _signed(cells: Cells) -> Mapping[str, dt.date]:
    signed = {}
    for document, column in _SIGNED.items():
        if not (text := cells.get(column, "")):
            continue
        try:
            day = dates.parse_day(text)
        except dates.NotADate as error:
            raise refused(column, text, error) from error
        if day > dt.datetime.now(dt.UTC).date():
            raise refused(column, text, _("Enter the date it was signed. It cannot be in the future."))
        signed[document] = day
    return signed

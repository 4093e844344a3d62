"""What changed in the tables of the profile and on the vendor's own row, and who changed it.

The database keeps every version of a row (vendors.models.history). Two neighbouring versions are compared. Pairs and
rates are made anew whenever a profile is approved: of those, what went and what came in one transaction is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from django.db.models import BigIntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import User
from vendors.answers import countries, languages, money, phones, regions, service_catalogue
from vendors.models import CompanyDetails, LanguagePair, Profile, Qualification, Rate, Vendor

AT_MOST = 100  # versions of one row
AT_MOST_OF_MANY = 1000  # of the pairs and rates: each approval writes all of them

DELETED = "delete"


def _list_of(name: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda codes: ", ".join(name(code) for code in codes)


def _plain(value: Any) -> str:
    return str(value)


@dataclass(frozen=True)
class Shown:
    label: str | Promise
    words: Callable[[Any], str] = _plain

    def in_words(self, value: Any) -> str:
        return "" if value in (None, "", []) else self.words(value)


def _choice(model: type[Model], name: str) -> Callable[[Any], str]:
    labels = dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return lambda value: str(labels.get(value, value))


_WORDS_OF_VENDOR = {
    "name": Shown(gettext_lazy("Name")),
    "language": Shown(gettext_lazy("Language of Microsoft's invitation email"), _choice(Vendor, "language")),
    "owner_address": Shown(gettext_lazy("VM owner")),
}
_WORDS_OF_PROFILE = {
    "kind": Shown(gettext_lazy("Works as"), _choice(Profile, "kind")),
    "full_name": Shown(gettext_lazy("Full name")),
    "display_name": Shown(gettext_lazy("Preferred name")),
    "company_legal_name": Shown(gettext_lazy("Name of the company")),
    "registration_number": Shown(gettext_lazy("Company registration number")),
    "phone": Shown(gettext_lazy("Phone"), phones.readable),
    "contact_email": Shown(gettext_lazy("Email for job offers")),
    "billing_email": Shown(gettext_lazy("Email for invoices")),
    "address_lines": Shown(gettext_lazy("Street address")),
    "locality": Shown(gettext_lazy("Town or city")),
    "region": Shown(gettext_lazy("State, province or region"), regions.name),
    "postal_code": Shown(gettext_lazy("Postcode")),
    "country": Shown(gettext_lazy("Country"), countries.name),
    "time_zone": Shown(gettext_lazy("Time zone")),
    "weekly_hours": Shown(gettext_lazy("Hours a week")),
    "working_days": Shown(gettext_lazy("Working days"), _list_of(service_catalogue.working_day_name)),
    "notice": Shown(gettext_lazy("Notice needed"), _choice(Profile, "notice")),
    "tax_residence": Shown(gettext_lazy("Tax residence"), countries.name),
    "tax_id": Shown(gettext_lazy("Tax number")),
    "vat_status": Shown(gettext_lazy("VAT"), _choice(Profile, "vat_status")),
    "vat_number": Shown(gettext_lazy("VAT number")),
    "native_languages": Shown(gettext_lazy("Native language"), _list_of(languages.name)),
    "specialisms": Shown(gettext_lazy("Subjects"), _list_of(service_catalogue.specialism_name)),
    "cat_tools": Shown(gettext_lazy("CAT tools"), _list_of(service_catalogue.cat_tool_name)),
    "sworn_authority": Shown(gettext_lazy("Sworn in by")),
    "sworn_number": Shown(gettext_lazy("Sworn translator number")),
    "sworn_until": Shown(gettext_lazy("Sworn until")),
    "minimum_fee": Shown(gettext_lazy("Minimum fee")),
    "currency": Shown(gettext_lazy("Currency")),
}
_WORDS_OF_QUALIFICATION = {
    "route": Shown(gettext_lazy("Route (ISO 17100)"), _choice(Qualification, "route")),
    "degrees": Shown(gettext_lazy("Degrees"), lambda degrees: str(len(degrees))),
    "experience": Shown(gettext_lazy("Periods of experience"), lambda periods: str(len(periods))),
    "experience_months": Shown(gettext_lazy("Months of experience")),
    "notes": Shown(gettext_lazy("About the qualifications")),
}
_WORDS_OF_COMPANY = {
    "projects_name": Shown(gettext_lazy("Contact for projects")),
    "projects_phone": Shown(gettext_lazy("Phone number for projects"), phones.readable),
    "accounts_name": Shown(gettext_lazy("Contact for invoices")),
    "accounts_phone": Shown(gettext_lazy("Phone number for invoices"), phones.readable),
    "linguists_in_house": Shown(gettext_lazy("In-house linguists")),
    "linguists_freelance": Shown(gettext_lazy("Freelance linguists")),
    "in_house_services": Shown(gettext_lazy("Services provided in-house"), _list_of(service_catalogue.service_name)),
    "revision": Shown(gettext_lazy("Who checks translations"), _choice(CompanyDetails, "revision")),
    "working_notes": Shown(gettext_lazy("About the linguists")),
    "undertakes_iso_17100": Shown(
        gettext_lazy("Undertakes that its linguists meet ISO 17100"), lambda value: _("yes") if value else _("no")
    ),
    "client_references": Shown(gettext_lazy("Clients we may ask")),
}


@dataclass(frozen=True)
class Change:
    """All that one transaction changed in one table."""

    at: dt.datetime
    lines: list[tuple[str, str, str]]  # what, before, after
    by: str = ""
    by_id: int | None = None
    via: str = ""  # the task or the command, if no person did it


@dataclass(frozen=True)
class Table:
    model: type[Model]
    shown: Mapping[str, Shown]


OF_ONE = (
    Table(Vendor, _WORDS_OF_VENDOR),
    Table(Profile, _WORDS_OF_PROFILE),
    Table(Qualification, _WORDS_OF_QUALIFICATION),
    Table(CompanyDetails, _WORDS_OF_COMPANY),
)

Found = tuple[list[Change], dt.datetime | None]


def of_vendor(vendor: Vendor, *, before: dt.datetime | None = None) -> list[Found]:
    """For each table the changes, and the time down to which they are complete (None: there are no others).

    One statement for each table.
    """
    return [*(_of_one(table, vendor, before) for table in OF_ONE), _of_pairs(vendor, before), _of_rates(vendor, before)]


def _of_one(table: Table, vendor: Vendor, before: dt.datetime | None) -> Found:
    """Each version of the row against the one before it."""
    rows = _rows(table.model, vendor, before)
    if table.model is Vendor:
        owner = User.objects.filter(pk=OuterRef("owner")).values("email")[:1]
        rows = rows.annotate(owner_address=Subquery(owner))
    versions = list(rows[: AT_MOST + 1])
    changes = []
    for version, previous in pairwise(versions):
        lines = [
            (str(shown.label), shown.in_words(getattr(previous, name)), shown.in_words(getattr(version, name)))
            for name, shown in table.shown.items()
            if getattr(previous, name) != getattr(version, name)
        ]
        if lines:
            changes.append(_change(version, lines))
    return changes, versions[-1].pgh_created_at if len(versions) > AT_MOST else None


def _of_pairs(vendor: Vendor, before: dt.datetime | None) -> Found:
    return _of_many(
        _rows(LanguagePair, vendor, before),
        key=lambda row: languages.pair_name(row.source, row.target),
        words=lambda row: ", ".join(map(service_catalogue.service_name, row.services)) or _("no services"),
    )


def _of_rates(vendor: Vendor, before: dt.datetime | None) -> Found:
    # The pair itself may be gone, so it is looked up in its history.
    pair = _history(LanguagePair).objects.filter(pgh_obj=OuterRef("pair")).order_by("pgh_id")
    sides = {side: Subquery(pair.values(side)[:1]) for side in ("source", "target")}
    return _of_many(
        _rows(Rate, vendor, before).annotate(**sides),
        key=lambda row: (
            _("%(pair)s, %(service)s, %(unit)s")
            % {
                "pair": languages.pair_name(row.source, row.target),
                "service": service_catalogue.service_name(row.service),
                "unit": service_catalogue.unit_name(row.unit),
            }
        ),
        words=lambda row: money.display(row.amount, row.currency),
    )


def _of_many(rows: QuerySet, *, key: Callable[[Any], str], words: Callable[[Any], str]) -> Found:
    """What each transaction left different, whatever rows it made anew."""
    newest_first = list(rows[: AT_MOST_OF_MANY + 1])
    is_cut = len(newest_first) > AT_MOST_OF_MANY
    floor = newest_first[-1].pgh_created_at if is_cut else None
    known: dict[int, Any] = {}  # the version of each row that is in force
    changes: list[Change] = []
    for number, (_at, group) in enumerate(groupby(reversed(newest_first), key=attrgetter("pgh_created_at"))):
        was: dict[str, str] = {}
        now: dict[str, str] = {}
        for row in group:
            last = row
            earlier = row if row.pgh_label == DELETED else known.pop(row.pgh_obj_id, None)
            if earlier is not None:
                was.setdefault(key(earlier), words(earlier))
                now.pop(key(earlier), None)
            if row.pgh_label != DELETED:
                known[row.pgh_obj_id] = row
                now[key(row)] = words(row)
        lines = [
            (name, was.get(name, ""), now.get(name, ""))
            for name in sorted({*was, *now})
            if was.get(name) != now.get(name)
        ]
        if lines and number:  # what was there first is no change, and what is before a cut is not known
            changes.append(_change(last, lines))
    return changes, floor


def _rows(model: type[Model], vendor: Vendor, before: dt.datetime | None) -> QuerySet:
    """Newest first, with who did it."""
    rows = _history(model).objects.filter(**{"pgh_obj" if model is Vendor else "vendor": vendor.pk})
    if before is not None:
        rows = rows.filter(pgh_created_at__lt=before)
    person = Cast(KeyTextTransform("user", "pgh_context__metadata"), BigIntegerField())
    address = Subquery(User.objects.filter(pk=OuterRef("by_id")).values("email")[:1])
    rows = rows.annotate(by_id=person).annotate(by_address=address)
    return rows.select_related("pgh_context").order_by("-pgh_created_at", "-pgh_id")


def _history(model: Any) -> Any:
    return model.history.rel.related_model


def _change(row: Any, lines: list[tuple[str, str, str]]) -> Change:
    metadata = row.pgh_context.metadata if row.pgh_context else {}
    by_program = metadata.get("operator") or metadata.get("task") or metadata.get("command") or ""
    return Change(row.pgh_created_at, lines, by=row.by_address or "", by_id=row.by_id, via=str(by_program))

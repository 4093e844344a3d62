"""The columns of an export. Nothing of payment is among them, and no number of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import Resource

from vendors.answers import countries, languages, service_catalogue
from vendors.finding.results import Offer
from vendors.models import AwayPeriod, Vendor


@dataclass(frozen=True)
class Row:
    """One vendor, with one of its rates or with none."""

    vendor: Vendor
    offer: Offer | None
    group: str
    away: list[AwayPeriod]

    @property
    def profile(self) -> Any:
        return getattr(self.vendor, "profile", None)


def _names(codes: Iterable[str], name: Any) -> str:
    return ", ".join(name(code) for code in codes)


class VendorResource(Resource):
    """What is not on file is an empty cell. Amounts are numbers, everything else is text."""

    name = Field(column_name=_("Name"))
    kind = Field(column_name=_("Works as"))
    state = Field(column_name=_("State"))
    primary_email = Field(column_name=_("Primary email"))
    contact_email = Field(column_name=_("Email for job offers"))
    phone = Field(column_name=_("Phone"))
    country = Field(column_name=_("Country"))
    time_zone = Field(column_name=_("Time zone"))
    owner = Field(column_name=_("Owner"))
    native_languages = Field(column_name=_("Native language"))
    specialisms = Field(column_name=_("Subjects"))
    cat_tools = Field(column_name=_("CAT tools"))
    tags = Field(column_name=_("Tags"))
    away = Field(column_name=_("Away in the next two weeks"))
    source = Field(column_name=_("From"))
    target = Field(column_name=_("Into"))
    service = Field(column_name=_("Service"))
    amount = Field(column_name=_("Rate"))
    currency = Field(column_name=_("Currency"))
    unit = Field(column_name=_("Unit"))
    converted = Field(column_name=_("Rate in the comparison currency"))
    compared_in = Field(column_name=_("Comparison currency"))
    exchange_rates = Field(column_name=_("Exchange rate"))
    compared = Field(column_name=_("Compared"))

    def dehydrate_name(self, row: Row) -> str:
        return str(row.vendor)

    def dehydrate_kind(self, row: Row) -> str:
        return row.profile.get_kind_display() if row.profile else ""

    def dehydrate_state(self, row: Row) -> str:
        return row.vendor.get_state_display()

    def dehydrate_primary_email(self, row: Row) -> str:
        return row.vendor.primary_email or ""

    def dehydrate_contact_email(self, row: Row) -> str:
        return row.profile.contact_email if row.profile else ""

    def dehydrate_phone(self, row: Row) -> str:
        return row.profile.phone if row.profile else ""

    def dehydrate_country(self, row: Row) -> str:
        return countries.name(row.profile.country) if row.profile else ""

    def dehydrate_time_zone(self, row: Row) -> str:
        return row.profile.time_zone if row.profile else ""

    def dehydrate_owner(self, row: Row) -> str:
        return str(row.vendor.owner or "")

    def dehydrate_native_languages(self, row: Row) -> str:
        return _names(row.profile.native_languages, languages.name) if row.profile else ""

    def dehydrate_specialisms(self, row: Row) -> str:
        return _names(row.profile.specialisms, service_catalogue.specialism_name) if row.profile else ""

    def dehydrate_cat_tools(self, row: Row) -> str:
        return _names(row.profile.cat_tools, service_catalogue.cat_tool_name) if row.profile else ""

    def dehydrate_tags(self, row: Row) -> str:
        return ", ".join(sorted(tag.tag_id for tag in row.vendor.vendor_tags.all()))

    def dehydrate_away(self, row: Row) -> str:
        return "; ".join(
            f"{period.get_kind_display()} {date_format(period.starts_on, 'j F Y')} – "
            f"{date_format(period.ends_on, 'j F Y')}"
            for period in row.away
        )

    def dehydrate_source(self, row: Row) -> str:
        return languages.name(row.offer.rate.pair.source) if row.offer else ""

    def dehydrate_target(self, row: Row) -> str:
        return languages.name(row.offer.rate.pair.target) if row.offer else ""

    def dehydrate_service(self, row: Row) -> str:
        return service_catalogue.service_name(row.offer.rate.service) if row.offer else ""

    def dehydrate_amount(self, row: Row) -> Decimal | str:
        return row.offer.rate.amount if row.offer else ""

    def dehydrate_currency(self, row: Row) -> str:
        return row.offer.rate.currency if row.offer else ""

    def dehydrate_unit(self, row: Row) -> str:
        return service_catalogue.unit_name(row.offer.rate.unit) if row.offer else ""

    def dehydrate_converted(self, row: Row) -> Decimal | str:
        return row.offer.converted if row.offer and row.offer.converted is not None else ""

    def dehydrate_compared_in(self, row: Row) -> str:
        return row.offer.currency if row.offer and row.offer.converted is not None else ""

    def dehydrate_exchange_rates(self, row: Row) -> str:
        by = row.offer.by if row.offer else []
        return "; ".join(f"{rate}, {date_format(rate.valid_on, 'j F Y')}" for rate in by)

    def dehydrate_compared(self, row: Row) -> str:
        return row.group


# Without one of these, a vendor with several rates is one line.
OF_RATES = {
    "source",
    "target",
    "service",
    "amount",
    "currency",
    "unit",
    "converted",
    "compared_in",
    "exchange_rates",
    "compared",
}
USUAL = ["name", "primary_email", "country", "source", "target", "service", "amount", "currency", "unit", "converted"]


def choices() -> list[tuple[str, str | Promise]]:
    return [(name, field.column_name) for name, field in VendorResource.fields.items()]

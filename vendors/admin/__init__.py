"""VM's pages about vendors. Django's admin imports this package, which registers them all."""

from vendors.admin import (
    data_requests,
    documents,
    email_requests,
    evidence,
    payment_details,
    payment_releases,
    retention,
    tax_checks,
    vendor,
)
from vendors.agreements import admin as agreements
from vendors.colleagues import admin as colleagues
from vendors.exchange_rates import admin as exchange_rates
from vendors.finding import exports_list
from vendors.texts import admin as texts

__all__ = [
    "agreements",
    "colleagues",
    "data_requests",
    "documents",
    "email_requests",
    "evidence",
    "exchange_rates",
    "exports_list",
    "payment_details",
    "payment_releases",
    "retention",
    "tax_checks",
    "texts",
    "vendor",
]

"""The pages about vendors that have a module of their own."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern

from vendors.admin import (
    data_requests,
    duplicates,
    exceptions,
    locked,
    qualified,
    retention,
    sessions,
    tax_checks,
    tax_numbers,
)
from vendors.bulk import admin as bulk
from vendors.bulk_import import admin as bulk_import
from vendors.diagnosis import admin as diagnosis
from vendors.finding import admin as finding
from vendors.notes import admin as notes
from vendors.profile import admin as profile
from vendors.rate_proposals import admin as rate_proposals
from vendors.tags import admin as tags
from vendors.test_translations import admin as test_translations

PAGES = (
    diagnosis,
    sessions,
    tax_numbers,
    tax_checks,
    exceptions,
    qualified,
    duplicates,
    tags,
    finding,
    notes,
    rate_proposals,
    test_translations,
    profile,
    data_requests,
    retention,
    locked,
)


def urls(site: AdminSite) -> list[URLPattern]:
    return [*bulk_import.urls(), *bulk.urls(), *(url for page in PAGES for url in page.urls(site))]

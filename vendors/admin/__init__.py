"""VM's pages about vendors. Django's admin imports this package, which registers them all."""

from vendors.admin import documents, email_requests, evidence, payment_details, payment_releases, tax_checks, vendor

__all__ = ["documents", "email_requests", "evidence", "payment_details", "payment_releases", "tax_checks", "vendor"]

"""What each app role may do with vendors."""

from __future__ import annotations

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, PROJECT_MANAGER, VENDOR_MANAGER

# To offer work: who does what, at what rate, and is there.
_OFFER_WORK = frozenset(
    {"vendors.view_vendor", "vendors.view_profile", "vendors.view_languagepair", "vendors.view_rate"}
)
_LOOK = _OFFER_WORK | frozenset(
    {
        "vendors.view_emailchange",
        "vendors.view_emailchangerequest",
        "vendors.view_vendorevent",
        "vendors.view_qualification",
        "vendors.view_evidence",
        "vendors.view_acceptance",
        "vendors.view_exchangerate",
    }
)
_RELEASE = frozenset({"vendors.view_paymentrelease", "vendors.release_payment"})
# What is about to be erased, and what people ask about their data.
_SEE_PRIVACY = frozenset({"vendors.view_retentionentry", "vendors.view_retentionhold", "vendors.view_datarequest"})
_ANSWER = _SEE_PRIVACY | {"vendors.answer_datarequest"}
_MANAGE = frozenset(
    {
        "vendors.add_vendor",
        "vendors.change_vendor",
        "vendors.invite_vendor",
        "vendors.change_primary_email",
        "vendors.review_vendor",
        "vendors.suspend_vendor",
        "vendors.close_vendor",
        "vendors.view_possibleduplicate",
        "vendors.merge_vendors",
        "vendors.end_sessions",
        "vendors.export_vendors",
        "vendors.view_vendorexport",
        "vendors.view_document",
        "vendors.view_paymentdetails",
        "vendors.see_tax_numbers",
        "vendors.grant_iso_exception",
        "vendors.view_taxcheck",
        *_RELEASE,
        "vendors.write_to_vendors",
        "vendors.view_absence",
        "vendors.change_texts",
        "vendors.hold_vendor",
        "vendors.see_locked_data",
        *_ANSWER,
    }
)
_NOTES = frozenset({"vendors.view_note", "vendors.add_note", "vendors.change_note"})
_AUDIT = frozenset(
    {
        "vendors.view_document",
        "vendors.view_note",
        "vendors.view_possibleduplicate",
        "vendors.view_taxcheck",
        "vendors.view_vendorexport",
        *_SEE_PRIVACY,
    }
)
_PAY = frozenset(
    {
        "vendors.view_paymentdetails",
        "vendors.see_payment_details",
        "vendors.add_exchangerate",
        "vendors.see_tax_numbers",
        "vendors.view_document",
        "vendors.export_payment",
        "vendors.view_taxcheck",
        "vendors.check_tax_numbers",
        "vendors.see_locked_data",
        *_RELEASE,
    }
)

PERMISSIONS: dict[str, frozenset[str]] = {
    VENDOR_MANAGER: _LOOK | _MANAGE | _NOTES,
    PROJECT_MANAGER: _OFFER_WORK,
    FINANCE: _LOOK | _PAY,
    OPERATIONS: _LOOK | _ANSWER | {"vendors.invite_vendor", "vendors.end_sessions"},
    AUDITOR: _LOOK | _AUDIT,
    ADMINISTRATOR: _LOOK | _MANAGE | _NOTES | _PAY,
}

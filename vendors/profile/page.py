"""What the page of the approved profile shows, to its vendor and, read-only, to staff."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from vendors import correspondence
from vendors.answers import languages
from vendors.evidence import current_evidence
from vendors.models import AwayPeriod, Document, RateProposal, Vendor, VendorKind
from vendors.models.document import EXPIRES_SOON
from vendors.onboarding_interface import onboarding
from vendors.payment import disputes as payment_disputes
from vendors.payment import releases as payment_releases
from vendors.profile import company, outstanding, tax
from vendors.qualifications import judging, wording
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import grouped
from vendors.still_right import lifecycle as still_right
from vendors.texts import choices

TRAINING_SHOWN = 10


def about(vendor: Vendor) -> dict[str, Any]:
    """All but the agreements."""
    payment_details = payment_disputes.details_in_force(vendor)
    waiting_payment = payment_releases.waiting_for_vendor(vendor)
    qualification = getattr(vendor, "qualification", None)
    is_agency, today = vendor.profile.kind == VendorKind.COMPANY, timezone.localdate()
    documents = list(Document.objects.filter(vendor=vendor).shown(of_company=is_agency))
    pairs = list(vendor.language_pairs.prefetch_related("rates"))
    claims = current_evidence.assembled(
        vars(vendor.profile),
        pairs=map(vars, pairs),
        qualification=qualification,
        company=getattr(vendor, "company_details", None) if is_agency else None,
        documents=[document for document in documents if document.approved_at],
    )
    findings = judging.findings(claims, current_evidence.checks_of(vendor, with_samples=is_agency), today=today)
    native_languages = ", ".join(map(languages.name, vendor.profile.native_languages))
    here = correspondence.today_in(vendor.profile.time_zone)
    return {
        "vendor": vendor,
        "away": _away(vendor, here),
        "check": still_right.open_check(vendor),
        "training": vendor.training_records.all()[:TRAINING_SHOWN],
        "profile": vendor.profile,
        "tax_rows": tax.rows(vendor.profile),
        "native_languages": native_languages,
        "is_agency": is_agency,
        **(company.of_vendor(vendor) if is_agency else {}),
        "pairs": pairs,
        "rate_proposals": vendor.rate_proposals.filter(state=RateProposal.State.OPEN),
        "qualification": qualification,
        "payment_details": payment_details,
        "waiting_payment": waiting_payment,
        "invoicing": choices.current(),
        "documents": documents,
        "has_urgent_documents": any(
            document.is_refused or (document.expires_on and document.expires_on <= today + EXPIRES_SOON)
            for document in documents
        ),
        "degrees": [wording.degree(degree) for degree in qualification.degrees] if qualification else [],
        "experience": [wording.period(Period.of(row)) for row in qualification.experience] if qualification else [],
        "finding_lines": grouped(findings),
        "today": here,
        "soon": here + EXPIRES_SOON,
        "outstanding": outstanding.of(
            has_payment=payment_details is not None or waiting_payment is not None,
            findings=findings,
            documents=documents,
        ),
        "change": onboarding().change_under_way(vendor),
        "change_urls": onboarding().change_urls(),
        "confirmation_url": onboarding().confirmation_url(),
        "downloads": onboarding().download_urls(vendor),
    }


def _away(vendor: Vendor, today: dt.date) -> dict[str, list[AwayPeriod]]:
    """Those to come in their order, those that are over from the last one back."""
    periods = list(vendor.away_periods.all())
    return {
        "to_come": [period for period in periods if period.ends_on >= today],
        "past": [period for period in reversed(periods) if period.ends_on < today],
    }

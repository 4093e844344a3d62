"""What an approved vendor sees of itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vendors.access import vendor_of
from vendors.agreements import acceptances
from vendors.answers import languages
from vendors.evidence import present
from vendors.models import AwayPeriod, Document, Vendor, VendorKind, VendorState
from vendors.models import AwayPeriod, Document, RateProposal, Vendor, VendorKind, VendorState
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
from vendors.agreements.views import ask_to_accept, must_ask
from vendors.models import VendorState
from vendors.onboarding_interface import onboarding
from vendors.profile import page


@never_cache
@require_safe
def show_profile(request: HttpRequest) -> HttpResponse:
    vendor = vendor_of(request)
    if vendor.state != VendorState.APPROVED or not hasattr(vendor, "profile"):
        return redirect(onboarding().start_url())
    standing = acceptances.standing(vendor)
    waiting = [status.outstanding for status in standing if status.outstanding]
    payment_details = payment_disputes.details_in_force(vendor)
    waiting_payment = payment_releases.waiting_for_vendor(vendor)
    qualification = getattr(vendor, "qualification", None)
    is_agency, today = vendor.profile.kind == VendorKind.COMPANY, timezone.localdate()
    documents = list(Document.objects.filter(vendor=vendor).shown(of_company=is_agency))
    pairs = list(vendor.language_pairs.prefetch_related("rates"))
    claims = present.assembled(
        vars(vendor.profile),
        pairs=map(vars, pairs),
        qualification=qualification,
        company=getattr(vendor, "company_details", None) if is_agency else None,
        documents=[document for document in documents if document.approved_at],
    )
    findings = judging.findings(claims, present.checks_of(vendor, with_samples=is_agency), today=today)
    native_languages = ", ".join(map(languages.name, vendor.profile.native_languages))
    here = correspondence.today_in(vendor.profile.time_zone)
    context = {
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
        "pairs": vendor.language_pairs.prefetch_related("rates"),
        "rate_proposals": vendor.rate_proposals.filter(state=RateProposal.State.OPEN),
        "qualification": qualification,
        "payment_details": payment_details,
        "waiting_payment": waiting_payment,
        "agreements": standing,
        "invoicing": choices.current(),
        "waiting_agreements": waiting,
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
        "downloads": onboarding().download_urls(vendor),
    }
    if must_ask(request, waiting):
        return ask_to_accept(request)
    context = {**page.about(vendor), "agreements": standing, "waiting_agreements": waiting}
    return render(request, "vendors/profile.html", context)

"""What a vendor claims today, and what VM has found out about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from identity.compiled_queries import Compiled, Given
from vendors.models import (
    CompanyDetails,
    Document,
    LanguagePair,
    LinguistSample,
    Profile,
    Qualification,
    Vendor,
    VendorKind,
    Verification,
)
from vendors.onboarding_interface import onboarding
from vendors.qualification_claims import Claims, File, RegisterEntry
from vendors.qualifications.findings import Checks

OF_THE_PROFILE = ("kind", "specialisms", "sworn_authority", "sworn_number", "sworn_until")


def claims_of(vendor: Vendor) -> Claims | None:
    """What VM has approved; before that, what is waiting to be reviewed."""
    return approved_claims(vendor) or onboarding().evidence_sent(vendor)


def approved_claims(vendor: Vendor) -> Claims | None:
    # Whatever the instance has read before may have been replaced since.
    profile = Profile.objects.filter(vendor=vendor).values(*OF_THE_PROFILE).first()
    if profile is None:
        return None
    is_company = profile["kind"] == VendorKind.COMPANY
    return assembled(
        profile,
        pairs=LanguagePair.objects.filter(vendor=vendor).values("source", "target", "services"),
        qualification=None if is_company else Qualification.objects.filter(vendor=vendor).first(),
        company=CompanyDetails.objects.filter(vendor=vendor).first() if is_company else None,
        documents=Document.objects.filter(vendor=vendor).in_force(),
    )


def assembled(
    profile: Mapping[str, Any],
    *,
    pairs: Iterable[Mapping[str, Any]],
    qualification: Qualification | None,
    company: CompanyDetails | None,
    documents: Iterable[Document],
) -> Claims:
    """Rows of the history will do as well."""
    is_company = profile["kind"] == VendorKind.COMPANY
    return Claims(
        is_company=is_company,
        pairs=list(pairs),
        specialisms=profile["specialisms"],
        degrees=qualification.degrees if qualification else (),
        experience=qualification.experience if qualification else (),
        register=None if is_company else RegisterEntry.of(profile),
        files={document.slot: File.of(document) for document in documents},
        undertakes=company.undertakes_iso_17100 if company else False,
        linguists=company.linguists if company else (),
    )


LIVE = Compiled(lambda: Verification.objects.filter(vendor=Given("vendor"), revoked_at=None).select_related("by"))


def checks_of(vendor: Vendor, *, with_samples: bool = True) -> Checks:
    """`with_samples` is for agencies: nobody else has a list."""
    live = LIVE.all(vendor=vendor.pk)
    samples = LinguistSample.objects.filter(vendor=vendor).order_by("at", "id").values_list("fingerprint", "holds")
    return Checks(
        {verification.fingerprint: verification for verification in live}, dict(samples) if with_samples else {}
    )


def last_sample(vendor: Vendor, fingerprint: str) -> LinguistSample | None:
    """What VM has found out last about this very list."""
    return vendor.linguist_samples.filter(fingerprint=fingerprint).first()

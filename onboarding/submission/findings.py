"""Who would be qualified under ISO 17100 by the answers of a draft or a submission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from onboarding.draft.steps import AGENCIES, CERTIFICATES, QUALIFICATIONS, WITH_FILES
from vendors.models import Document, LinguistSample, Vendor
from vendors.qualifications import companies, iso_17100
from vendors.qualifications.experience import Period


@dataclass(frozen=True)
class Checks:
    """What VM has found out about an agency's evidence: the ids of verified files, and its look into the list."""

    verified: frozenset[str] = frozenset()
    sample: LinguistSample | None = None


NOTHING_CHECKED = Checks()


def findings(answers: Mapping[str, Mapping[str, Any]], checks: Checks = NOTHING_CHECKED) -> list[iso_17100.Finding]:
    """Who would be qualified for what by these answers; nothing while they do not say it."""
    if "services" not in answers or not answers.keys() & set(WITH_FILES):
        return []
    if answers.get("about", {}).get("kind") in AGENCIES:
        # One that was asked as a person once has shown nothing that counts.
        evidence = _evidence(answers[CERTIFICATES], checks) if CERTIFICATES in answers else companies.Evidence()
        return companies.findings(evidence, pairs=answers["services"]["pairs"])
    answer, services, today = answers[QUALIFICATIONS], answers["services"], timezone.localdate()
    expired = {
        certificate["slot"]
        for certificate in answer["certificates"]
        if certificate["expires_on"] and certificate["expires_on"] < f"{today}"
    }
    return iso_17100.findings(
        degrees=answer["degrees"],
        experience=[Period.of(row) for row in answer["experience"]],
        documents=answer["documents"].keys() - expired,
        pairs=services["pairs"],
        domains=services["specialisms"],
        today=today,
    )


def _evidence(answer: Mapping[str, Any], checks: Checks) -> companies.Evidence:
    document = answer["documents"].get(companies.CERTIFICATE)
    ends = {certificate["slot"]: certificate["expires_on"] for certificate in answer["certificates"]}
    counts = document is not None and ends.get(companies.CERTIFICATE, "") >= f"{timezone.localdate()}"
    state = Document.State.VERIFIED if document and document["id"] in checks.verified else Document.State.SENT
    return companies.Evidence(
        certificate=state if counts else None,
        undertakes=answer["undertakes"],
        linguists=answer["linguists"],
        sample=checks.sample,
    )


def checks_of(vendor: Vendor, answers: Mapping[str, Mapping[str, Any]], documents: Iterable[Document]) -> Checks:
    """What VM has found out about an agency's evidence. Of others nothing is asked of the database."""
    if CERTIFICATES not in answers:
        return NOTHING_CHECKED
    verified = {str(document.pk) for document in documents if document.state == Document.State.VERIFIED}
    return Checks(frozenset(verified), companies.last_sample(vendor, answers[CERTIFICATES]["linguists"]))


def finding_lines(
    answers: Mapping[str, Mapping[str, Any]], checks: Checks = NOTHING_CHECKED
) -> list[iso_17100.Finding]:
    return iso_17100.grouped(findings(answers, checks))

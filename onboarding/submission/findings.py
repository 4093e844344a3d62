"""Who would be qualified for what by the answers of a draft or a submission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from onboarding.draft.steps import AGENCIES, CERTIFICATES, QUALIFICATIONS, WITH_FILES
from vendors.models import Document
from vendors.qualification_claims import Claims, File, RegisterEntry
from vendors.qualifications import judging
from vendors.qualifications.findings import NOTHING_CHECKED, Checks, Finding

Answers = Mapping[str, Mapping[str, Any]]


def findings(
    answers: Answers, checks: Checks = NOTHING_CHECKED, *, documents: Iterable[Document] = ()
) -> list[Finding]:
    """Who would be qualified for what by these answers; nothing while they do not say it.

    Without the `documents` that the answers name, nothing about them can have been verified.
    """
    claims = claims_of(answers, documents=documents)
    return judging.findings(claims, checks, today=timezone.localdate()) if claims else []


def claims_of(answers: Answers, *, documents: Iterable[Document] = ()) -> Claims | None:
    if "services" not in answers or not answers.keys() & set(WITH_FILES):
        return None
    services = answers["services"]
    is_company = answers.get("about", {}).get("kind") in AGENCIES
    step = CERTIFICATES if is_company else QUALIFICATIONS
    shown = answers.get(step, {})  # an agency that was asked as a person once has shown nothing that counts
    return Claims(
        is_company=is_company,
        pairs=services["pairs"],
        specialisms=services["specialisms"],
        degrees=shown.get("degrees", ()),
        experience=shown.get("experience", ()),
        register=None if is_company else RegisterEntry.of(services),
        files=_files(shown, documents),
        undertakes=shown.get("undertakes", False),
        linguists=shown.get("linguists", ()),
    )


def _files(shown: Mapping[str, Any], documents: Iterable[Document]) -> dict[str, File]:
    known = {str(document.pk): document for document in documents}
    certificates = {row["slot"]: row for row in shown.get("certificates", ())}
    files = {}
    for slot, named in shown.get("documents", {}).items():
        given = _said_of(certificates.get(slot))
        document = known.get(named["id"])
        files[slot] = File.of(document, **given) if document else File(None, slot, **given)
    return files


def _said_of(certificate: Mapping[str, Any] | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    until = certificate["expires_on"]
    return {
        "certificate": certificate["kind"],
        "number": certificate["number"],
        "scope": certificate.get("scope", ""),
        "issued_by": certificate.get("issued_by", ""),
        "expires_on": dt.date.fromisoformat(until) if until else None,
    }

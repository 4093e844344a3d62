"""The answers of a submission as the vendor's profile takes them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from onboarding.draft.steps import PAYMENT, QUALIFICATIONS
from onboarding.models import Submission
from vendors.profile import approved_profile as profile


def profile_of(submission: Submission) -> profile.ApprovedProfile:
    answers = submission.answers
    services, rates = answers["services"], answers["rates"]
    qualification = dict(answers["qualifications"])
    documents, certificates = qualification.pop("documents"), qualification.pop("certificates")
    certificate_in_slot = {certificate["slot"]: certificate for certificate in certificates}
    names_account = submission.decides_on(PAYMENT) and answers[PAYMENT]["method"] != "later"
    rates_of_pair = _rates_of_pairs(rates["rates"])
    return profile.ApprovedProfile(
        **answers["about"],
        **answers["contact"],
        **answers.get("tax", {}),
        native_languages=answers["languages"]["native"],
        specialisms=services["specialisms"],
        cat_tools=services["cat_tools"],
        sworn_authority=services.get("sworn_authority", ""),
        sworn_number=services.get("sworn_number", ""),
        sworn_until=_day(services.get("sworn_until")),
        minimum_fee=Decimal(rates["minimum_fee"]) if rates["minimum_fee"] else None,
        currency=rates["currency"],
        pairs=[
            profile.ApprovedPair(**pair, rates=rates_of_pair[pair["source"], pair["target"]])
            for pair in services["pairs"]
        ],
        qualification=profile.ApprovedQualification(**qualification),
        payment=answers[PAYMENT] if names_account else None,
        documents=[_document(document, certificate_in_slot.get(slot)) for slot, document in documents.items()]
        if submission.decides_on(QUALIFICATIONS)
        else None,
        answered_at=submission.submitted_at,
    )


def _rates_of_pairs(rates: list[Mapping[str, Any]]) -> dict[tuple[str, str], list[profile.ApprovedRate]]:
    rates_of_pair: dict[tuple[str, str], list[profile.ApprovedRate]] = {}
    for rate in rates:
        rates_of_pair.setdefault((rate["source"], rate["target"]), []).append(
            profile.ApprovedRate(
                service=rate["service"], unit=rate["unit"], amount=Decimal(rate["amount"]), currency=rate["currency"]
            )
        )
    return rates_of_pair


def _document(document: Mapping[str, str], certificate: Mapping[str, str] | None) -> profile.ApprovedDocument:
    if certificate is None:
        return profile.ApprovedDocument(id=uuid.UUID(document["id"]))
    return profile.ApprovedDocument(
        id=uuid.UUID(document["id"]),
        certificate=certificate["kind"],
        number=certificate["number"],
        expires_on=_day(certificate["expires_on"]),
    )


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None

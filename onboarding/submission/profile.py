"""The answers of a submission as the vendor's profile takes them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from onboarding.draft.steps import CERTIFICATES, PAYMENT, QUALIFICATIONS, WITH_FILES
from onboarding.forms import ContactForm
from onboarding.models import Submission
from vendors.profile import approved_profile as profile


def profile_of(submission: Submission) -> profile.ApprovedProfile:
    answers = submission.answers
    services, rates = answers["services"], answers["rates"]
    contact = dict(answers["contact"])
    of_company = {name: contact.pop(name) for name in ContactForm.OF_A_COMPANY if name in contact}
    names_account = submission.decides_on(PAYMENT) and answers[PAYMENT]["method"] != "later"
    rates_of_pair = _rates_of_pairs(rates["rates"])
    return profile.ApprovedProfile(
        **answers["about"],
        **contact,
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
        qualification=_qualification(answers.get(QUALIFICATIONS)),
        company=_company(answers, of_company),
        payment=answers[PAYMENT] if names_account else None,
        documents=_documents(answers) if any(map(submission.decides_on, WITH_FILES)) else None,
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


def _qualification(answer: Mapping[str, Any] | None) -> profile.ApprovedQualification | None:
    if answer is None:
        return None
    return profile.ApprovedQualification(
        **{name: value for name, value in answer.items() if name not in ("documents", "certificates")}
    )


def _company(answers: Mapping[str, Any], contacts: Mapping[str, Any]) -> profile.ApprovedCompany | None:
    """Of an agency that was asked as one."""
    if "team" not in answers or CERTIFICATES not in answers:
        return None
    certificates = answers[CERTIFICATES]
    return profile.ApprovedCompany(
        **answers["team"],
        **contacts,
        undertakes_iso_17100=certificates["undertakes"],
        linguists=certificates["linguists"],
        client_references=certificates["client_references"],
    )


def _documents(answers: Mapping[str, Any]) -> list[profile.ApprovedDocument]:
    with_files = [answers[step] for step in WITH_FILES if step in answers]
    certificates = {row["slot"]: row for answer in with_files for row in answer["certificates"]}
    return [
        _document(document, certificates.get(slot))
        for answer in with_files
        for slot, document in answer["documents"].items()
    ]


def _document(document: Mapping[str, str], certificate: Mapping[str, str] | None) -> profile.ApprovedDocument:
    if certificate is None:
        return profile.ApprovedDocument(id=uuid.UUID(document["id"]))
    return profile.ApprovedDocument(
        id=uuid.UUID(document["id"]),
        certificate=certificate["kind"],
        number=certificate["number"],
        scope=certificate.get("scope", ""),
        issued_by=certificate.get("issued_by", ""),
        expires_on=_day(certificate["expires_on"]),
    )


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None

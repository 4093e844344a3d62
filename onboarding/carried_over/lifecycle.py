"""A profile from another system is in force, as if it had been sent and approved, until the vendor has confirmed it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from identity.models import User
from onboarding.draft.steps import QUALIFICATIONS, RATES
from onboarding.models import Submission
from onboarding.submission.findings import claims_of
from onboarding.submission.profile import profile_of
from vendors.agreements import acceptances
from vendors.models import Vendor
from vendors.onboarding_interface import CarriedOver, ProfileCarriedOver, RateCarriedOver
from vendors.profile import approved_profile as profile


@transaction.atomic
def put_in_force(vendor: Vendor, carried: CarriedOver, *, by: User | None) -> Submission:
    submission = Submission.objects.create(
        vendor=vendor,
        kind=Submission.Kind.CARRIED_OVER,
        token=uuid.uuid4(),
        answers=dict(carried.answers),
        state=Submission.State.APPROVED,
        reviewed_at=timezone.now(),
        reviewed_by=by,
    )
    profile.adopt(vendor, profile_of(submission))
    acceptances.record_on_paper(vendor, carried.signed, kind=str(carried.answers["about"]["kind"]))
    return submission


def profiles_of(vendors: Collection[int]) -> dict[int, ProfileCarriedOver]:
    """As they were carried over, whatever has changed since. In one statement."""
    submissions = Submission.objects.filter(vendor__in=vendors, kind=Submission.Kind.CARRIED_OVER).order_by()
    return {vendor: _profile(answers) for vendor, answers in submissions.values_list("vendor", "answers")}


def _profile(answers: dict[str, Any]) -> ProfileCarriedOver:
    # An entry in a register is carried over without any answers about degrees and experience.
    claims = claims_of({QUALIFICATIONS: {}, **answers})
    assert claims is not None
    rates = (
        RateCarriedOver(
            rate["source"], rate["target"], rate["service"], rate["unit"], Decimal(rate["amount"]), rate["currency"]
        )
        for rate in answers[RATES]["rates"]
    )
    return ProfileCarriedOver(claims, frozenset(rates))

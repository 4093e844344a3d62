"""A profile from another system is in force, as if it had been sent and approved, until the vendor has confirmed it."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from identity.models import User
from onboarding.models import Submission
from onboarding.submission.profile import profile_of
from vendors.agreements import acceptances
from vendors.models import Vendor
from vendors.onboarding_interface import CarriedOver
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

"""Evidence of a submission is verified before the first approval, and stays verified with it."""

from __future__ import annotations

import pytest

from onboarding.review import decide as review
from tests.onboarding import answers, changing
from tests.vendors.verified import standings, verify
from vendors import lifecycle
from vendors.models import Evidence, Vendor

pytestmark = pytest.mark.django_db


def waiting() -> list[str]:
    return sorted(Evidence.objects.to_verify().values_list("kind", flat=True))


def test_what_is_verified_before_the_approval_is_verified_after_it(vendor, as_vera, vera):
    sent = changing.sent_first(vendor)
    before = waiting()
    assert "cv" in before
    for kind in before:
        verify(vendor, kind, by=vera)
    assert waiting() == []
    assert not standings(vendor)  # nothing is approved yet

    review.approve(sent, by=vera)

    assert waiting() == []
    assert sorted(vendor.evidence.values_list("kind", flat=True)) == before
    assert standings(vendor)["de.pl translation"] == "verified"


def test_reviewer_gets_there_from_the_submission(vendor, as_vera):
    sent = changing.sent_first(vendor)

    page = as_vera.get(f"/admin/onboarding/submission/{sent.pk}/change/").text

    cv = vendor.evidence.get(kind="cv")
    assert f"/admin/vendors/evidence/{cv.pk}/change/" in page
    assert as_vera.get(f"/admin/vendors/evidence/{cv.pk}/change/").status_code == 200


def test_submission_that_does_not_wait_is_in_no_queue(vendor, vera):
    sent = changing.sent_first(vendor)
    before = waiting()

    changing.ask_for_changes(sent, about="Look.")
    assert waiting() == []
    vendor = Vendor.objects.get(pk=vendor.pk)
    lifecycle.withdraw(vendor)
    assert waiting() == []
    assert before


def test_declined_submission_waits_again_when_it_is_reopened(vendor, vera):
    sent = changing.sent_first(vendor)
    before = waiting()
    review.decline(sent, by=vera, reason="Not now.")
    assert waiting() == []

    lifecycle.reopen(Vendor.objects.get(pk=vendor.pk))

    assert waiting() == before


def test_list_of_an_agency_is_sampled_in_the_same_queue(vendor, vera, as_vera):
    sent = changing.sent_first(vendor, **answers.of_an_agency())
    assert "linguists" in waiting()

    as_vera.post(f"/admin/onboarding/submission/{sent.pk}/sample/", {"holds": "no", "how": "E. F. has two years only."})

    assert "linguists" not in waiting()
    assert vendor.evidence.get(kind="linguists").verification is None

"""What vendors asks, answered by the onboarding: tests/vendors knows only the questions."""

from __future__ import annotations

import pytest

from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.change.proposal import lay_out
from onboarding.models import Draft
from tests.factories import create_submission, create_vendor
from vendors.models import VendorState
from vendors.onboarding_interface import ProfileChange, onboarding

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved():
    vendor = create_vendor(state=VendorState.APPROVED)
    create_submission(vendor=vendor, state="approved")
    return vendor


def test_approved_profile_alone_is_no_change(approved):
    assert onboarding().change_under_way(approved) is None


@pytest.mark.parametrize(
    ("state", "stage"),
    [("waiting", "sent"), ("changes_requested", "returned"), ("approved", None), ("withdrawn", None)],
)
def test_change_is_under_way_until_it_is_decided(approved, state, stage):
    change = create_submission(vendor=approved, state=state, kind="change")

    answer = onboarding().change_under_way(approved)

    assert answer == (stage and ProfileChange(stage, change.submitted_at))


@pytest.mark.parametrize(("state", "stage"), [("waiting", "unsent"), ("changes_requested", "returned")])
def test_what_vm_asks_comes_before_what_is_not_sent(approved, state, stage):
    create_submission(vendor=approved, state=state, kind="change")
    draft = Draft(vendor=approved)
    submission = approved_submission(approved)
    assert submission is not None
    lay_out(draft, submission, None, in_force=answers_in_force(submission))
    draft.saved_since = ["contact"]
    draft.save()

    answer = onboarding().change_under_way(approved)

    assert answer is not None
    assert answer.stage == stage


def test_downloads_are_there_once_something_was_sent(approved):
    assert set(onboarding().download_urls(approved)) == {"html", "json", "whole"}
    assert onboarding().download_urls(create_vendor(state=VendorState.APPROVED)) == {}

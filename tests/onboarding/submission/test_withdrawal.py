"""A vendor takes the application back, at every stage of it, and VM lets them return to where they were."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from identity.failures import cases
from identity.models import Device, EntraAccount, Failure, Session
from identity.sign_in.pipeline import NotAllowed
from onboarding.draft import retention
from onboarding.models import Draft, Submission
from onboarding.review import decide as review
from tests.clients import signed_in
from tests.factories import create_draft, create_staff, create_vendor
from tests.onboarding import changing
from tests.records import events
from vendors import hooks, lifecycle
from vendors.models import EmailChangeRequest, Vendor, VendorState

pytestmark = pytest.mark.django_db

PAGE, DONE = "/onboarding/withdraw/", "/onboarding/withdrawn/"
S = VendorState


def filling_in() -> Vendor:
    vendor = create_vendor(state=S.ONBOARDING)
    create_draft(vendor=vendor, answers={"about": {"about-full_name": ["Dora"]}})
    return vendor


def waiting() -> Vendor:
    vendor = create_vendor(state=S.ONBOARDING)
    changing.sent_first(vendor)
    return vendor


def sent_back() -> Vendor:
    vendor = waiting()
    changing.ask_for_changes(Submission.objects.get(vendor=vendor), rates="Please look at them again.")
    return vendor


STAGES = {
    S.ONBOARDING: (filling_in, None),
    S.SUBMITTED: (waiting, "waiting"),
    S.CHANGES_REQUESTED: (sent_back, "changes_requested"),
}


@pytest.mark.parametrize("state", STAGES)
def test_withdrawn_from_every_stage_and_reopened_to_it(state, as_vera):
    make, submission_state = STAGES[state]
    vendor = make()
    EmailChangeRequest.objects.create(vendor=vendor, new="new@mail.example", proven_at=timezone.now())
    Device.objects.create(id_hash="a", account=vendor.user.accounts.get(), interactive_at=timezone.now())
    if state != S.SUBMITTED:
        cases.report(stage="onboarding", reason="stuck", user=vendor.user)
        Draft.objects.update(stuck_reported_at=timezone.now())
    client, elsewhere = signed_in(vendor.user), signed_in(vendor.user)
    assert f'href="{PAGE}"' in client.get("/onboarding/").text
    assert 'id="withdraw"' in client.get(PAGE).text
    assert Vendor.objects.get(pk=vendor.pk).state == state, "looking changes nothing"

    done = client.post(PAGE, {"reason": "Too busy this year."}, follow=True)

    assert [url for url, _status in done.redirect_chain] == [DONE]
    assert 'id="withdrawn"' in done.text
    vendor.refresh_from_db()
    assert (vendor.state, vendor.closed_from, vendor.closed_as) == (S.DECLINED, state, "withdrew")
    assert list(Submission.objects.values_list("state", flat=True)) == (["withdrawn"] if submission_state else [])
    assert not Submission.objects.awaiting_review().exists()
    assert not Failure.objects.open().exists()
    assert Draft.objects.get().left_at is None
    assert Draft.objects.get().answers, "kept for a month"
    assert EmailChangeRequest.objects.get().state == "withdrawn"
    assert not Session.objects.filter(user=vendor.user).exists()
    assert Device.objects.get().ended_at
    assert elsewhere.get("/onboarding/").url.startswith("/sign-in/")
    event = vendor.events.get(kind="withdrew")
    assert (event.by, event.reason) == (vendor.user, "Too busy this year.")
    assert ProcrastinateJob.objects.filter(task_name="onboarding.tasks.mail_withdrawn").count() == 1
    with pytest.raises(NotAllowed) as refused:
        hooks.admit(None, vendor.user, EntraAccount.objects.get(user=vendor.user))
    assert refused.value.reason == "vendor_withdrew"

    shown = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/")
    assert "Too busy this year." in shown.text
    as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/reopen/", {"reason": "Has time again."})
    vendor.refresh_from_db()
    assert (vendor.state, vendor.closed_from, vendor.closed_as) == (state, "", "")
    assert list(Submission.objects.values_list("state", flat=True)) == ([submission_state] if submission_state else [])
    assert Draft.objects.unfinished().exists() == (state != S.SUBMITTED)
    page = signed_in(vendor.user).get("/onboarding/")
    assert page.status_code == 200
    assert ('id="sent-back"' in page.text) == (state == S.CHANGES_REQUESTED)
    if state == S.SUBMITTED:
        review.approve(Submission.objects.get(), by=create_staff())


def test_whoever_vm_has_decided_about_meanwhile_withdraws_nothing():
    vendor = waiting()
    client = signed_in(vendor.user)
    stale = Vendor.objects.get(pk=vendor.pk)
    review.approve(Submission.objects.get(), by=None)

    with pytest.raises(lifecycle.WrongState):
        lifecycle.withdraw(stale)
    assert client.get(PAGE).url == client.post(PAGE, {}).url == "/"

    vendor.refresh_from_db()
    assert (vendor.state, events(vendor).count("withdrew")) == (S.APPROVED, 0)


def test_page_afterwards_is_for_who_has_just_withdrawn(client):
    assert client.get(DONE).url == "/"
    assert client.get(PAGE).url.startswith("/sign-in/")


def test_too_long_a_reason_is_refused_and_kept():
    client = signed_in(filling_in().user)

    page = client.post(PAGE, {"reason": "x" * 1001})

    assert page.context["form"].has_error("reason")
    assert len(page.context["form"]["reason"].value()) == 1001
    assert Vendor.objects.get().state == S.ONBOARDING


def test_draft_that_was_forgotten_begins_with_what_was_sent():
    vendor = sent_back()
    signed_in(vendor.user).post(PAGE)
    now = timezone.now() + dt.timedelta(days=31)
    Draft.objects.update(updated_at=timezone.now() - dt.timedelta(days=1))
    assert retention.forget_drafts(now=now - dt.timedelta(days=2))["withdrawn_drafts"] == 0
    assert retention.forget_drafts(now=now)["withdrawn_drafts"] == 1

    vendor.refresh_from_db()
    lifecycle.reopen(vendor, by=create_staff(), reason="Has time again.")

    assert Draft.objects.get().answers["about"]
    assert 'id="sent-back"' in signed_in(vendor.user).get("/onboarding/").text

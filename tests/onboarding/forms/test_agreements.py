"""A new version of a text while the wizard is open, and the copy that follows the answers."""

import pytest

from onboarding.models import Submission
from tests.onboarding import answers
from tests.records import jobs
from vendors import tasks
from vendors.models import Acceptance, VendorState

pytestmark = pytest.mark.django_db


def state_of(client, title):
    return next(step["state"] for step in client.get("/onboarding/").context["steps"] if step["title"] == title)


def test_new_version_makes_the_step_incomplete_again(as_vendor, publish):
    answers.fill_in(as_vendor)
    assert state_of(as_vendor, "Agreements") == "completed"
    publish("1.1", body="We pay within 14 days.")

    assert state_of(as_vendor, "Agreements") == "problem"
    page = as_vendor.get(answers.url("agreements")).text
    assert "The text of “Terms of cooperation” has changed" in page
    assert "We pay within 14 days." in page
    assert page.count(" checked") == 2, "the box of the new text has to be ticked anew"
    ready = answers.body("check", {"declared": "on"})
    assert as_vendor.post(answers.url("check"), ready).url == "/onboarding/"
    assert not Submission.objects.exists()

    answers.save(as_vendor, "agreements", answers.agreed())
    answers.send(as_vendor)
    accepted = set(Acceptance.objects.values_list("document", "version"))
    assert accepted == {("confidentiality", "1.0"), ("cooperation", "1.1"), ("privacy", "1.0")}


def test_page_opened_before_the_new_version_does_not_accept_it(as_vendor, publish):
    answers.fill_in(as_vendor, up_to="agreements")
    old = answers.agreed()
    publish("1.1")

    page = answers.save(as_vendor, "agreements", old)

    assert page.status_code == 200
    assert "has changed. Read it again" in page.text
    assert page.text.count(" checked") == 2
    assert page.context["form"].data.get("agreements-cooperation") is None


def test_copy_is_mailed_once_after_sending(as_vendor, vendor, mailoutbox):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    as_vendor.post(answers.url("check"), answers.body("check", {"declared": "on"}))

    [job] = jobs("vendors.tasks.mail_acceptances")
    tasks.mail_acceptances(**job)

    [mail] = mailoutbox
    assert mail.to == [vendor.primary_email]
    for row in Acceptance.objects.filter(vendor=vendor):
        assert row.sha256 in mail.body
    assert "What you promise" in mail.body


def test_changed_answers_sent_again_accept_nothing_twice(as_vendor, vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
    before = list(Acceptance.objects.values())
    vendor.state = VendorState.CHANGES_REQUESTED
    vendor.save()
    Submission.objects.update(state=Submission.State.CHANGES_REQUESTED)
    vendor.draft.submission_token = "5f1d7a52-8d4c-4b57-9a52-0a4f6f0c8d11"
    vendor.draft.save()
    answers.send(as_vendor)

    assert Submission.objects.count() == 2
    assert list(Acceptance.objects.values()) == before
    assert len(jobs("vendors.tasks.mail_acceptances")) == 1

import threading

import pytest
from django.db import connections

from onboarding.models import Draft, Submission
from onboarding.submission import submit as submission
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers
from tests.records import events, jobs
from vendors.agreements import texts as agreements
from vendors.models import Acceptance, VendorState


def account_of(vendor):
    return vendor.user.accounts.get()


@pytest.fixture
def ready(as_vendor):
    """Everything is filled in and nothing is sent."""
    answers.fill_in(as_vendor)
    return as_vendor


def test_submission_holds_the_answers_and_tells_both_sides(ready, vendor):
    sent = submission.submit(vendor.draft, account=account_of(vendor))

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
    assert sent.state == Submission.State.WAITING
    assert sent.answers["contact"]["phone"] == "+48221234567"
    assert sent.answers["languages"]["pairs"] == [{"source": "de", "target": "pl"}]
    assert sent.answers["qualifications"]["documents"]["cv"]["name"] == "My CV.pdf"
    assert events(vendor)[-1] == "submitted"
    assert jobs("onboarding.tasks.mail_vendor_submitted") == [{"submission_id": sent.pk}]
    assert jobs("onboarding.tasks.mail_vm_submitted") == [{"submission_id": sent.pk}]


def test_acceptances_name_account_address_version_and_hash(ready, vendor):
    submission.submit(vendor.draft, account=account_of(vendor))

    rows = {row.document: row for row in Acceptance.objects.all()}
    assert set(rows) == {"confidentiality", "cooperation", "privacy"}
    for agreement in agreements.current():
        row = rows[agreement.document]
        assert (row.version, row.sha256) == (agreement.version, agreement.sha256)
        assert (row.oid, row.address) == (account_of(vendor).oid, "lucja@example.com")


def test_same_draft_sent_again_gives_the_same_submission(ready, vendor):
    first = submission.submit(vendor.draft, account=None)

    assert submission.submit(vendor.draft, account=None) == first
    assert Submission.objects.count() == 1
    assert len(jobs("onboarding.tasks.mail_vm_submitted")) == 1


def test_page_sent_twice_shows_the_same_status_page(ready):
    page = ready.get(answers.url("check"))
    body = answers.body("check", {"declared": "on"}, revision=answers.revision_shown(page))

    responses = [ready.post(answers.url("check"), body, follow=True) for _ in range(2)]

    reference = Submission.objects.get().reference
    assert all(reference in response.text for response in responses)
    assert reference in ready.get("/onboarding/").text


@pytest.mark.django_db(transaction=True)
def test_two_tabs_sending_at_the_same_moment_make_one_submission():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    clients = [signed_in(vendor.user) for _ in range(2)]
    answers.fill_in(clients[0])
    barrier = threading.Barrier(2)
    statuses = []

    def send(client):
        body = answers.body("check", {"declared": "on"})
        barrier.wait()
        statuses.append(client.post(answers.url("check"), body).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302, 302]
    assert Submission.objects.count() == 1
    assert events(vendor).count("submitted") == 1
    # Jobs of other tests that committed are still there.
    assert jobs("onboarding.tasks.mail_vm_submitted").count({"submission_id": Submission.objects.get().pk}) == 1


def test_incomplete_draft_is_refused_with_the_step_that_is_missing(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="payment")

    with pytest.raises(submission.NotComplete) as refused:
        submission.submit(vendor.draft, account=None)

    assert refused.value.step == "payment"
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING


def test_check_page_asks_for_the_declaration(ready):
    page = answers.save(ready, "check", {})

    assert "Confirm that everything you have entered is true and complete." in page.text
    assert Submission.objects.count() == 0


def test_crash_while_sending_keeps_every_answer(ready, vendor, monkeypatch):
    before = Draft.objects.get().answers

    def crash(**_kwargs):
        raise OSError("power cut")

    monkeypatch.setattr("onboarding.tasks.mail_vm_submitted.configure", crash)
    page = answers.send(ready)
    monkeypatch.undo()

    assert page.status_code == 500
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    assert (Submission.objects.count(), Acceptance.objects.count()) == (0, 0)
    assert Draft.objects.get().answers == before
    assert answers.send(ready).status_code == 302
    assert Submission.objects.count() == 1

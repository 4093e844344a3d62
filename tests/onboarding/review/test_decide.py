import pytest

from identity.models import Session
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from tests.factories import create_staff
from tests.onboarding import answers
from tests.records import events, jobs
from vendors.lifecycle import WrongState
from vendors.models import Document, VendorState


def mark(sent, **reasons):
    for step, reason in (reasons or {"rates": "Please look at it again."}).items():
        section_reviews.judge(sent, step, verdict="change", by=None, reason=reason)


DECISIONS = {
    "approve": (review.approve, {}, VendorState.APPROVED, "approved"),
    "request_changes": (
        review.request_changes,
        {"note": "Please send\nyour degree."},
        VendorState.CHANGES_REQUESTED,
        "changes_requested",
    ),
    "decline": (review.decline, {"reason": "No work in this pair."}, VendorState.DECLINED, "declined"),
}


@pytest.fixture
def sent(as_vendor, vendor):
    """A submission that waits, sent through the wizard."""
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    return Submission.objects.select_related("vendor").get()


@pytest.mark.parametrize("name", DECISIONS)
def test_decision_moves_submission_and_vendor_and_tells_the_vendor(sent, name):
    decide, given, state, event = DECISIONS[name]
    staff = create_staff()
    if name == "request_changes":
        mark(sent)

    decide(sent, by=staff, **given)

    sent.refresh_from_db()
    sent.vendor.refresh_from_db()
    assert (sent.state, sent.vendor.state) == (event, state)
    assert sent.reviewed_by == staff
    assert sent.reviewed_at is not None
    assert sent.reason == given.get("reason", given.get("note", ""))
    assert events(sent.vendor)[-1] == event
    assert jobs(f"onboarding.tasks.mail_{event}") == [{"submission_id": sent.pk}]


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
def test_second_decision_is_refused(sent, first, second):
    decide, given, state, _event = DECISIONS[first]
    if first == "request_changes":
        mark(sent)
    decide(sent, by=None, **given)
    again, given_again, _state, _event = DECISIONS[second]

    with pytest.raises(submissions.NotWaiting):
        again(Submission.objects.get(), by=None, **given_again)

    sent.vendor.refresh_from_db()
    assert sent.vendor.state == state


def test_declining_needs_a_reason(sent):
    with pytest.raises(submissions.ReasonMissing):
        review.decline(sent, by=None, reason=" \n")

    sent.refresh_from_db()
    assert sent.state == Submission.State.WAITING


def test_decision_is_refused_while_the_vendor_is_suspended(sent):
    type(sent.vendor).objects.update(state=VendorState.SUSPENDED, suspended_from=VendorState.SUBMITTED)
    sent.vendor.refresh_from_db()

    with pytest.raises(WrongState):
        review.approve(sent, by=None)

    assert Submission.objects.get().state == Submission.State.WAITING


def test_approved_answers_become_the_profile(sent, vendor):
    review.approve(sent, by=None)

    vendor.refresh_from_db()
    assert vendor.name == "Łucja Nowak-Åberg"
    assert vendor.profile.time_zone == "Europe/Warsaw"
    assert list(vendor.rates.values_list("service", "unit")) == [
        ("translation", "source_word"),
        ("revision", "source_word"),
    ]
    assert (vendor.profile.tax_residence, vendor.profile.vat_status) == ("PL", "registered")
    assert (vendor.profile.numbers["vat_number"], vendor.profile.working_days) == (
        "PL5260001246",
        ["mon", "tue", "thu"],
    )
    assert vendor.qualification.route == "translation_degree"
    assert vendor.payment_details.details["iban"] == "PL61109010140000071219812874"
    assert Document.objects.get().approved_at is not None


def test_approved_vendor_sees_the_profile(sent, as_vendor):
    review.approve(sent, by=None)

    page = as_vendor.get("/onboarding/", follow=True)

    assert page.redirect_chain == [("/profile/", 302)]
    for text in (
        'Translation: <span translate="no">EUR 0.085</span> per source word',
        "…246",
        "Monday, Tuesday, Thursday",
    ):
        assert text in page.text


def test_asking_for_changes_opens_the_wizard_with_all_answers_kept(sent, as_vendor, vendor):
    mark(sent, qualifications="Please send\nyour degree certificate.")
    review.request_changes(sent, by=None, note="Nearly there!")

    index = as_vendor.get("/onboarding/")
    assert "Please send<br>your degree certificate." in index.text
    assert "Nearly there!" in index.text
    assert "Please send<br>your degree certificate." in as_vendor.get(answers.url("qualifications")).text
    step = as_vendor.get(answers.url("about"))
    assert "Please send" not in step.text
    assert step.context["form"]["full_name"].value() == "Łucja Nowak-Åberg"

    degree = answers.pdf("degree.pdf", answers.PDF * 2)
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"degree": degree})
    assert answers.send(as_vendor).status_code == 302

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
    waiting = Submission.objects.get(state=Submission.State.WAITING)
    assert waiting.pk != sent.pk
    assert set(waiting.answers["qualifications"]["documents"]) == {"cv", "degree"}
    assert vendor.acceptances.count() == 3


def test_changes_can_be_asked_for_again(sent, as_vendor):
    for number in range(2):
        waiting = Submission.objects.select_related("vendor").get(state=Submission.State.WAITING)
        mark(waiting, about=f"Reason {number}")
        review.request_changes(waiting, by=None)
        assert f"Reason {number}" in as_vendor.get("/onboarding/").text
        answers.save(as_vendor, "about", answers.ABOUT | {"display_name": f"Name {number}"})
        answers.send(as_vendor)

    assert Submission.objects.count() == 3


def test_declined_vendor_is_signed_out(sent, as_vendor):
    review.decline(sent, by=None, reason="No work in this pair.")

    assert not Session.objects.exists()


def test_payment_left_for_later_leaves_the_profile_without(as_vendor, vendor):
    answers.fill_in(as_vendor, payment=answers.PAYMENT | {"method": "later"})
    answers.send(as_vendor)

    review.approve(Submission.objects.select_related("vendor").get(), by=None)

    assert "Still missing: payment details" in as_vendor.get("/profile/").text

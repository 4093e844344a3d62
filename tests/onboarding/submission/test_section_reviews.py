"""VM judges section by section; the vendor answers to what was marked, and to nothing else."""

import datetime as dt

import pytest
from django.core import mail
from django.db import connection

from identity import roles
from onboarding import tasks
from onboarding.draft.steps import asked_of
from onboarding.models import Draft, SectionReview, Submission
from onboarding.review import decide as review
from onboarding.submission import section_reviews
from onboarding.submission import submit as submission
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff, create_vendor
from tests.onboarding import answers, changing
from vendors.models import VendorState

STEPS = [step.name for step in asked_of("freelancer")]


@pytest.fixture
def sent(vendor):
    return changing.sent_first(vendor)


@pytest.fixture
def returned(sent):
    """Rates and contact are to be changed."""
    changing.mark(sent, rates="Your rate for revision looks low.", contact="Is that your number?")
    review.request_changes(sent, by=None)
    return sent


def page(submission, action="change"):
    return f"/admin/onboarding/submission/{submission.pk}/{action}/"


def judge(client, submission, step, verdict, *, reason="", seen=0, follow=False):
    body = {"verdict": verdict, "reason": reason, "seen": str(seen)}
    return client.post(page(submission, f"section/{step}"), body, follow=follow)


def verdict_of(submission, step):
    return {row.step: row.verdict for row in SectionReview.objects.filter(submission=submission)}.get(step)


# At VM's desk


def test_verdicts_are_kept_as_they_are_ticked(sent, as_vera, vera):
    kept = judge(as_vera, sent, "about", "accepted")
    judge(as_vera, sent, "rates", "change", reason="Too low?")

    assert kept.url == f"{page(sent)}#section-about"
    shown = as_vera.get(page(sent)).context["parts"]
    assert {part.step for part in shown if part.is_accepted} == {"about"}
    assert {part.step: part.reason for part in shown if part.is_marked} == {"rates": "Too low?"}
    assert [part.step for part in shown if part.is_unfolded] == [step for step in STEPS if step != "about"]
    assert SectionReview.objects.get(step="about").by == vera


def test_mark_needs_a_reason(sent, as_vera):
    refused = judge(as_vera, sent, "rates", "change", reason=" ")

    assert refused.status_code == 200
    assert "Please give a reason." in refused.text
    assert "<title>Error:" in refused.text
    assert not SectionReview.objects.exists()


def test_colleague_who_was_quicker_is_not_written_over(sent, as_vera):
    colleague = create_staff(role=roles.VENDOR_MANAGER, email="colleague@sandberg.example")
    judge(signed_in(colleague), sent, "rates", "accepted")

    refused = judge(as_vera, sent, "rates", "change", reason="Much too low.")

    assert refused.status_code == 409
    assert (
        '<bdi translate="no">colleague@sandberg.example</bdi> has marked this section “accepted” since you opened '
        "this page" in refused.text
    )
    assert "Much too low.</textarea>" in refused.text
    assert verdict_of(sent, "rates") == "accepted"
    part = next(part for part in refused.context["parts"] if part.step == "rates")
    judge(as_vera, sent, "rates", "change", reason="Much too low.", seen=part.version)
    assert verdict_of(sent, "rates") == "change"


def test_verdict_taken_back_and_given_again_is_still_seen(sent, as_vera):
    judge(as_vera, sent, "rates", "accepted")
    judge(as_vera, sent, "rates", "open", seen=1)
    judge(as_vera, sent, "rates", "change", reason="Look.", seen=2)

    assert judge(as_vera, sent, "rates", "accepted", seen=1).status_code == 409
    assert verdict_of(sent, "rates") == "change"


def test_all_the_rest_is_accepted_with_one_click(sent, as_vera):
    judge(as_vera, sent, "rates", "change", reason="Look.")

    as_vera.post(page(sent, "accept-the-rest"))

    judged = {row.step: row.verdict for row in SectionReview.objects.all()}
    assert judged == dict.fromkeys(STEPS, "accepted") | {"rates": "change"}


@pytest.mark.parametrize("body", [{}, {"verdict": "accepted"}, {"verdict": "nonsense", "seen": "0"}])
def test_verdict_that_no_page_sent_is_refused(sent, as_vera, body):
    assert as_vera.post(page(sent, "section/rates"), body).status_code == 400
    assert as_vera.post(page(sent, "section/nonsense"), {"verdict": "accepted", "seen": "0"}).status_code == 404


@pytest.mark.parametrize("role", [roles.FINANCE, roles.OPERATIONS, roles.AUDITOR])
def test_only_those_who_review_judge(sent, role):
    client = signed_in(create_staff(role=role))

    assert judge(client, sent, "rates", "accepted").status_code == 403
    assert client.post(page(sent, "accept-the-rest")).status_code == 403
    assert "Accept" not in client.get(page(sent)).text
    assert not SectionReview.objects.exists()


def test_get_judges_nothing(sent, as_vera):
    assert as_vera.get(page(sent, "section/rates")).status_code == 403
    assert as_vera.get(page(sent, "accept-the-rest")).status_code == 403


def test_marked_submission_cannot_be_approved(sent, as_vera):
    assert page(sent, "approve") in as_vera.get(page(sent)).text
    changing.mark(sent, rates="Look.")

    assert page(sent, "approve") not in as_vera.get(page(sent)).text
    refused = as_vera.post(page(sent, "approve"), follow=True)

    assert "A section is marked “please change”" in refused.text
    sent.refresh_from_db()
    assert sent.is_waiting


def test_changes_cannot_be_asked_for_without_a_mark(sent, as_vera):
    assert page(sent, "request-changes") not in as_vera.get(page(sent)).text

    refused = as_vera.post(page(sent, "request-changes"), {"note": "Please change."}, follow=True)

    assert "Mark at least one section" in refused.text
    sent.refresh_from_db()
    assert sent.is_waiting


def test_changes_are_not_asked_for_by_verdicts_that_vm_has_not_seen(sent, as_vera):
    changing.mark(sent, rates="Look.")
    seen = as_vera.get(page(sent, "request-changes")).context["form"]["seen"].value()
    changing.mark(sent, contact="Look here too.")

    refused = as_vera.post(page(sent, "request-changes"), {"note": "", "seen": seen}, follow=True)

    assert "A colleague has reviewed a section since you opened the page" in refused.text
    sent.refresh_from_db()
    assert sent.is_waiting


def test_what_is_decided_is_not_judged_any_more(sent, as_vera):
    review.approve(sent, by=None)

    late = judge(as_vera, sent, "rates", "change", reason="Look.", follow=True)

    assert "no longer waiting" in late.text
    assert not SectionReview.objects.exists()


def test_page_takes_a_constant_number_of_statements(sent, as_vera, django_assert_max_num_queries):
    changing.mark(sent, **dict.fromkeys(STEPS, "Look."))

    with django_assert_max_num_queries(11):
        as_vera.get(page(sent))


def test_page_of_a_change_takes_hardly_more(vendor, as_vera, as_vendor, django_assert_max_num_queries):
    changing.approved_first(vendor)
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)

    with django_assert_max_num_queries(12):
        shown = as_vera.get(page(changing.latest()))

    assert [part.step for part in shown.context["parts"] if part.needs_review] == ["contact"]
    assert [part.step for part in shown.context["parts"]][0] == "contact", "what is news comes first"
    as_vera.post(page(changing.latest(), "accept-the-rest"))
    assert list(SectionReview.objects.values_list("step", "verdict")) == [("contact", "accepted")]


@pytest.mark.parametrize(("days", "warned"), [(0, "today"), (1, "1 day ago"), (29, "29 days ago"), (31, "")])
def test_email_change_of_late_is_flagged(sent, as_vera, days, warned):
    change = create_email_change(vendor=sent.vendor, old="before@mail.example")
    type(change).objects.update(created_at=change.created_at - dt.timedelta(days=days, minutes=1))

    shown = as_vera.get(page(sent)).text

    assert (f"The primary email was changed {warned}" in shown) == bool(warned)
    assert ("The primary email was changed" in shown) == bool(warned)


# The vendor's answer


def test_vendor_finds_what_to_change_on_top_and_nothing_else(returned, as_vendor):
    index = as_vendor.get("/onboarding/")

    assert [item["name"] for item in index.context["to_change"]] == ["contact", "rates"]
    assert [item["state"] for item in index.context["to_change"]] == ["problem", "problem"]
    assert {str(item["state_label"]) for item in index.context["to_change"]} == {"Please change"}
    assert {step["name"]: step["state"] for step in index.context["steps"]}["about"] == "completed"
    assert index.context["go_on_url"] == answers.url("contact")
    assert "Your rate for revision looks low." in as_vendor.get(answers.url("rates")).text
    assert "looks low" not in as_vendor.get(answers.url("about")).text


def test_sending_again_is_refused_until_every_mark_is_answered(returned, as_vendor, vendor):
    refused = answers.send(as_vendor)
    assert refused.url == answers.url("contact")
    answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    index = as_vendor.get("/onboarding/")
    assert [item["state"] for item in index.context["to_change"]] == ["completed", "problem"]
    assert "needs a reply about: Rates." in as_vendor.get(answers.url("check")).text
    shown = as_vendor.get(answers.send(as_vendor).url)
    assert "“Rates”, and you haven&#x27;t saved that step since" in shown.text

    replied = as_vendor.post("/onboarding/rates/reply/", {"reply": "I am a quick reviser."}, follow=True)
    assert "I am a quick reviser." in replied.text
    assert answers.send(as_vendor).url == "/onboarding/"

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUBMITTED
    again = changing.latest()
    assert (again.compared_with, again.previous, again.changed) == (returned, returned, ["contact"])


def test_saving_without_another_answer_is_an_answer_too(returned, as_vendor):
    answers.save(as_vendor, "contact", answers.CONTACT)
    answers.save(as_vendor, "rates", answers.RATES)

    assert answers.send(as_vendor).url == "/onboarding/"
    assert changing.latest().changed == []


def test_reply_can_be_taken_back(returned, as_vendor):
    as_vendor.post("/onboarding/rates/reply/", {"reply": "It stays."})
    as_vendor.post("/onboarding/rates/reply/", {"reply": " "})

    with pytest.raises(section_reviews.NotAnswered):
        submission.submit(Draft.objects.get(), account=None)
    assert as_vendor.get("/onboarding/about/reply/").url == "/onboarding/"


def test_mail_names_the_sections_with_their_reasons(returned):
    tasks.mail_changes_requested(returned.pk)

    body = mail.outbox[-1].body
    assert "* Contact and address\nIs that your number?" in body
    assert "* Rates\nYour rate for revision looks low." in body
    assert "* About you" not in body


def test_second_review_shows_the_differences_only(returned, as_vendor, as_vera):
    answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    as_vendor.post("/onboarding/rates/reply/", {"reply": "I am a quick reviser."})
    answers.send(as_vendor)
    again = changing.latest()

    shown = as_vera.get(page(again))

    parts = shown.context["parts"]
    assert [part.step for part in parts if part.is_unfolded] == ["contact", "rates"]
    assert [part.step for part in parts if part.is_accepted] == [s for s in STEPS if s not in ("contact", "rates")]
    assert "<del>22 123 45 67 (+48 22 123 45 67)</del>" in shown.text
    assert "<ins>22 999 88 77 (+48 22 999 88 77)</ins>" in shown.text
    assert "Your rate for revision looks low." in shown.text
    assert "I am a quick reviser." in shown.text
    assert all(part.is_unfolded for part in as_vera.get(page(again), {"all": ""}).context["parts"])


def test_draft_that_was_purged_comes_back_with_the_request(sent, as_vendor):
    Draft.objects.all().delete()
    changing.mark(sent, rates="Look.")

    review.request_changes(sent, by=None)

    assert as_vendor.get(answers.url("about")).context["form"]["full_name"].value() == "Łucja Nowak-Åberg"
    answers.save(as_vendor, "rates", answers.RATES | {"usual-revision": "0.05"})
    assert answers.send(as_vendor).url == "/onboarding/"
    assert changing.latest().changed == ["rates"]


def test_nothing_of_an_answer_or_a_reply_is_readable_in_the_database(returned, as_vendor):
    as_vendor.post("/onboarding/rates/reply/", {"reply": "pay to PL61109010140000071219812874"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT reply FROM onboarding_sectionreview WHERE reply IS NOT NULL")
        [(stored,)] = cursor.fetchall()
    assert b"PL61" not in bytes(stored)


@pytest.mark.django_db(transaction=True)
def test_mark_and_approval_at_the_same_moment_never_both(transactional_db):
    sent = changing.sent_first(create_vendor(state=VendorState.ONBOARDING))

    def approve():
        review.approve(Submission.objects.select_related("vendor").get(pk=sent.pk), by=None)

    def mark():
        section_reviews.judge(
            Submission.objects.get(pk=sent.pk), "rates", verdict="change", by=None, reason="Look.", seen=0
        )

    outcomes = [type(outcome).__name__ for outcome in changing.at_once(approve, mark)]

    assert outcomes in (["NoneType", "NotWaiting"], ["SectionsMarked", "NoneType"])


@pytest.mark.django_db(transaction=True)
def test_two_of_vm_judging_a_section_at_the_same_moment_keep_the_first(transactional_db):
    sent = changing.sent_first(create_vendor(state=VendorState.ONBOARDING))

    def judge_it(verdict):
        row = Submission.objects.get(pk=sent.pk)
        section_reviews.judge(row, "rates", verdict=verdict, by=None, reason="Look.", seen=0)

    outcomes = changing.at_once(lambda: judge_it("change"), lambda: judge_it("accepted"))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MarkedMeanwhile", "NoneType"]
    assert SectionReview.objects.count() == 1

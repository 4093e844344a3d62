"""VM samples an agency's list of linguists, before it decides and after."""

from __future__ import annotations

import pytest

from identity import roles
from onboarding.review import decide as review
from tests.clients import signed_in
from tests.factories import create_staff
from tests.onboarding import answers, changing
from vendors.models import LinguistSample, Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(vendor: Vendor):
    return changing.sent_first(vendor, **answers.of_an_agency())


def page(submission, action="change"):
    return f"/admin/onboarding/submission/{submission.pk}/{action}/"


def missing(client, submission) -> list[str]:
    findings = client.get(page(submission)).context["findings"]
    return [str(each) for finding in findings for each in finding.missing]


def test_sample_is_kept_with_who_and_how_and_may_be_taken_again(sent, as_vera, vera):
    assert len(missing(as_vera, sent)) == 2  # translation and revision

    as_vera.post(page(sent, "sample"), {"holds": "no", "how": "E. F. has two years only."})
    assert len(missing(as_vera, sent)) == 2
    review.approve(sent, by=None)
    as_vera.post(page(sent, "sample"), {"holds": "yes", "how": "E. F. replaced by G. H."})

    assert missing(as_vera, sent) == []
    last = LinguistSample.objects.first()
    assert (last.holds, last.how, last.by) == (True, "E. F. replaced by G. H.", vera)
    assert "E. F. replaced by G. H." in as_vera.get(page(sent)).text


def test_list_that_was_changed_has_not_been_sampled(sent, as_vera, as_vendor):
    as_vera.post(page(sent, "sample"), {"holds": "yes", "how": "Seen."})
    changing.ask_for_changes(sent, certificates="Please add a reviser.")
    answers.save(as_vendor, "certificates", answers.CERTIFICATES | {"linguist-1-initials": "E. F., G. H."})
    answers.send(as_vendor)
    again = changing.latest()

    assert len(missing(as_vera, again)) == 2
    shown = as_vera.get(page(again)).text
    assert "<ins>E. F., G. H.: German → Polish (five years of full-time experience)</ins>" in shown


def test_sample_without_a_word_about_it_is_refused(sent, as_vera):
    refused = as_vera.post(page(sent, "sample"), {"holds": "yes", "how": " "})

    assert (refused.status_code, LinguistSample.objects.count()) == (200, 0)
    assert 'id="problem-sample"' in refused.text
    assert as_vera.post(page(sent, "sample"), {"holds": "maybe", "how": "Seen."}).status_code == 400
    assert as_vera.get(page(sent, "sample")).status_code == 403


@pytest.mark.parametrize("role", [roles.FINANCE, roles.OPERATIONS, roles.AUDITOR])
def test_only_reviewers_sample(sent, role):
    colleague = signed_in(create_staff(role=role))

    assert colleague.post(page(sent, "sample"), {"holds": "yes", "how": "Seen."}).status_code == 403
    assert "sample-how" not in colleague.get(page(sent)).text


def test_freelancer_has_no_list_to_sample(vendor, as_vera):
    sent = changing.sent_first(vendor)

    assert as_vera.post(page(sent, "sample"), {"holds": "yes", "how": "Seen."}).status_code == 400
    assert "sample-how" not in as_vera.get(page(sent)).text

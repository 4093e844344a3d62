"""VM proposes a rate, and the vendor accepts or declines it with one press."""

from __future__ import annotations

import pytest
from django.core import mail as outbox
from django.urls import reverse

from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers, changing
from tests.records import events, jobs
from tests.vendors.profiles import approved_vendor
from vendors import lifecycle, tasks
from vendors.models import Rate, RateProposal, VendorState

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

State = RateProposal.State


@pytest.fixture
def vendor():
    return approved_vendor()


def propose(client, vendor, **changed):
    url = reverse("admin:vendors_vendor_propose_rate", args=[vendor.pk])
    typed = {"what": "de.pl.translation", "amount": "0,092", "unit": "target_word", "why": "As agreed by phone"}
    return client.post(url, typed | changed, follow=True)


def answer(client, proposal, pressed):
    return client.post(reverse("vendors:rate-proposal", args=[proposal.pk]), {"answer": pressed}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def rates(vendor):
    return sorted(
        f"{rate.pair} {rate.service} {rate.unit} {rate.amount.normalize()} {rate.currency}"
        for rate in Rate.objects.filter(vendor=vendor).select_related("pair")
    )


def test_proposed_emailed_and_accepted_with_one_press(as_vera, vera, vendor):
    before = rates(vendor)
    assert "What will happen" in as_vera.get(reverse("admin:vendors_vendor_propose_rate", args=[vendor.pk])).text
    propose(as_vera, vendor)

    proposal = RateProposal.objects.get()
    assert (str(proposal.amount), proposal.currency, proposal.by) == ("0.0920", "EUR", vera)
    assert jobs("vendors.tasks.mail_rate_proposed") == [{"proposal_id": proposal.pk}]
    tasks.mail_rate_proposed(proposal.pk)
    assert "EUR 0.092 per target word" in outbox.outbox[0].body
    assert rates(vendor) == before, "until it is accepted"

    client = signed_in(vendor.user)
    assert "EUR 0.092" in client.get("/profile/").text
    response = answer(client, proposal, "accept")

    assert said(response) == ["Thank you. The rate applies from now on."]
    assert "de → pl translation target_word 0.092 EUR" in rates(vendor)
    assert len(rates(vendor)) == 2, "in place of the one before"
    assert events(vendor)[-2:] == ["rate_proposed", "rate_accepted"]
    assert f'id="rate-{proposal.pk}"' not in response.text


def test_accepted_rate_is_what_the_next_change_begins_with(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(vendor)
    pair = vendor.language_pairs.first()
    propose(as_vera, vendor, what=f"{pair.source}.{pair.target}.{pair.services[0]}", unit="source_word")
    client = signed_in(vendor.user)
    answer(client, RateProposal.objects.get(), "accept")
    assert any("0.092" in rate for rate in rates(vendor))

    changing.save(client, "contact", answers.CONTACT | {"locality": "Kraków"})
    changing.send(client)
    assert changing.latest().changed == ["contact"]
    assert "0.092" in str(changing.latest().answers["rates"])


def test_vendor_who_is_changing_the_rates_finishes_that_first(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(vendor)
    pair = vendor.language_pairs.first()
    propose(as_vera, vendor, what=f"{pair.source}.{pair.target}.{pair.services[0]}", unit="source_word")
    client, proposal = signed_in(vendor.user), RateProposal.objects.get()
    changing.save(client, "rates", answers.RATES | {"minimum_fee": "40"})

    assert "Finish or withdraw your changes first" in said(answer(client, proposal, "accept"))[0]
    changing.send(client)
    assert "Finish or withdraw your changes first" in said(answer(client, proposal, "accept"))[0]
    proposal.refresh_from_db()
    assert proposal.state == State.OPEN


def test_declined_or_withdrawn_it_changes_nothing_and_cannot_be_accepted(as_vera, vendor):
    before, client = rates(vendor), signed_in(vendor.user)
    propose(as_vera, vendor)
    declined = RateProposal.objects.get()
    answer(client, declined, "decline")
    propose(as_vera, vendor)
    withdrawn = RateProposal.objects.latest("pk")
    url = reverse("admin:vendors_vendor_propose_rate", args=[vendor.pk])
    as_vera.post(url, {"withdraw": withdrawn.pk})

    for proposal, state in ((declined, State.DECLINED), (withdrawn, State.WITHDRAWN)):
        assert said(answer(client, proposal, "accept")) == ["This proposal is no longer open."]
        proposal.refresh_from_db()
        assert proposal.state == state
    assert "no longer open" in said(as_vera.post(url, {"withdraw": declined.pk}, follow=True))[-1]
    assert rates(vendor) == before
    assert events(vendor)[-4:] == ["rate_proposed", "rate_declined", "rate_proposed", "rate_withdrawn"]
    tasks.mail_rate_proposed(withdrawn.pk)
    assert outbox.outbox == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": ""}, "Enter the rate"),
        ({"amount": "much"}, "digits only"),
        ({"unit": "half_day"}, "not available for this service"),
        ({"what": "de.fr.translation"}, "errornote"),
        ({"amount": "0.085", "unit": "source_word"}, "This is already the vendor"),
    ],
)
def test_what_cannot_be_proposed_says_why_and_is_handed_back(as_vera, vendor, changed, words):
    page = propose(as_vera, vendor, **changed)

    assert words in page.text
    assert "As agreed by phone" in page.text
    assert not RateProposal.objects.exists()


def test_one_is_open_for_each_pair_service_and_unit(as_vera, vendor):
    propose(as_vera, vendor)

    assert "Withdraw it first" in propose(as_vera, vendor, amount="0.1").text
    propose(as_vera, vendor, unit="source_word")
    assert RateProposal.objects.filter(state=State.OPEN).count() == 2


def test_only_an_approved_vendor_is_asked_and_answers(as_vera, vendor):
    propose(as_vera, vendor)
    proposal = RateProposal.objects.get()
    lifecycle.suspend(vendor, reason="on leave")

    assert "suspended" in said(propose(as_vera, vendor, unit="source_word"))[0]
    assert signed_in(vendor.user).post(f"/profile/rates/{proposal.pk}/", {"answer": "accept"}).status_code == 403
    tasks.mail_rate_proposed(proposal.pk)
    assert outbox.outbox == []


def test_proposal_is_nobody_elses(as_vera, vendor):
    propose(as_vera, vendor)
    other = signed_in(create_vendor(state=VendorState.APPROVED).user)

    assert other.post(f"/profile/rates/{RateProposal.objects.get().pk}/", {"answer": "accept"}).status_code == 404

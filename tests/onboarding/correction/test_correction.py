"""VM corrects an approved profile; the vendor is told and can object."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core import mail as outbox
from django.urls import reverse

from identity.models import Failure
from onboarding import tasks
from onboarding.models import Draft, Submission
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers, changing
from tests.records import events, jobs
from vendors import lifecycle
from vendors.models import VendorEvent, VendorState

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

SOURCE = "your email of 3 May"
TAX = answers.TAX


@pytest.fixture
def approved(vendor):
    changing.approved_first(vendor)
    return vendor


def url(vendor, step):
    return reverse("admin:vendors_vendor_correct", args=[vendor.pk, step])


def correct(client, vendor, step, *, source=SOURCE, seen=None, **changed):
    """As the page is sent: with all that it showed, and what is changed there."""
    page = client.get(url(vendor, step), follow=True)
    shown = page.context.get("form")
    if shown is None:
        return page
    typed = dict(shown.data.lists()) | {f"{step}-{name}": value for name, value in changed.items()}
    return client.post(
        url(vendor, step), {**typed, "source": source, "seen": seen or page.context["seen"].pk}, follow=True
    )


def refused(answer):
    return [str(message) for message in answer.context["messages"]]


def test_corrected_at_once_recorded_and_the_vendor_is_told(as_vera, vera, approved):
    page = as_vera.get(url(approved, "contact"))
    assert "The vendor gets an email" in page.text

    answer = correct(as_vera, approved, "contact", locality="Kraków")

    said = "The profile has been corrected. The vendor will get an email that says what has changed."
    assert refused(answer) == [said]
    approved.refresh_from_db()
    assert approved.profile.locality == "Kraków"
    event = approved.events.get(kind=VendorEvent.Kind.PROFILE_CORRECTED)
    correction = Submission.objects.latest("pk")
    assert (event.by, event.reason, event.data["submission"]) == (vera, SOURCE, correction.reference)
    assert (correction.state, correction.reviewed_by, correction.changed) == ("approved", vera, ["contact"])
    assert jobs("onboarding.tasks.mail_corrected") == [{"submission_id": correction.pk}]
    timeline = as_vera.get(reverse("admin:vendors_vendor_change", args=[approved.pk])).text
    assert "Town or city" in timeline
    assert "Kraków" in timeline


def test_email_says_what_changed_but_nothing_personal(as_vera, approved):
    correct(as_vera, approved, "contact", locality="Kraków")
    tasks.mail_corrected(Submission.objects.latest("pk").pk)
    correct(as_vera, approved, "rates", minimum_fee="31.50")
    correction = Submission.objects.latest("pk")
    tasks.mail_corrected(correction.pk)

    contact, rates = (message.body for message in outbox.outbox)
    assert SOURCE in contact
    assert "Kraków" not in contact
    assert "31.50" in rates
    assert f"/profile/corrections/{correction.reference}/" in rates


def test_next_change_of_the_vendor_begins_with_the_correction(as_vera, approved):
    client = signed_in(approved.user)
    changing.save(client, "rates", answers.RATES | {"minimum_fee": "40"})
    correct(as_vera, approved, "contact", locality="Kraków")

    changing.send(client)
    change = changing.latest()
    assert change.changed == ["rates"]
    assert change.answers["contact"]["locality"] == "Kraków"


def test_section_that_the_vendor_is_changing_is_left_to_them(as_vera, approved):
    changing.save(signed_in(approved.user), "rates", answers.RATES | {"minimum_fee": "40"})

    answer = correct(as_vera, approved, "rates", minimum_fee="50")

    assert "is changing “Rates”" in refused(answer)[0]
    assert 'value="50"' in answer.text, "nothing typed is lost"
    assert not jobs("onboarding.tasks.mail_corrected")


def test_change_that_was_sent_is_decided_first(as_vera, approved):
    client = signed_in(approved.user)
    changing.save(client, "rates", answers.RATES | {"minimum_fee": "40"})
    changing.send(client)

    assert "Decide on it first" in refused(correct(as_vera, approved, "contact", locality="Kraków"))[0]


def test_page_that_was_opened_before_another_correction_changes_nothing(as_vera, approved):
    seen = Submission.objects.latest("pk").pk
    correct(as_vera, approved, "contact", locality="Kraków")

    answer = correct(as_vera, approved, "contact", locality="Gdynia", seen=seen)

    assert "has changed since you opened this page" in refused(answer)[0]
    approved.refresh_from_db()
    assert approved.profile.locality == "Kraków"


@pytest.mark.parametrize(
    ("step", "changed", "source", "said"),
    [
        ("contact", {"locality": "Kraków"}, " ", "Say where the correction comes from."),
        ("contact", {"locality": ""}, SOURCE, "Enter your town or city."),
        ("about", {"kind": "company", "company_legal_name": "Nowak"}, SOURCE, "Only the vendor can change this"),
    ],
)
def test_what_cannot_be_saved_says_why(as_vera, approved, step, changed, source, said):
    answer = correct(as_vera, approved, step, source=source, **changed)

    assert said in answer.text
    assert VendorEvent.Kind.PROFILE_CORRECTED not in events(approved)


def test_nothing_changed_is_no_correction(as_vera, approved):
    assert refused(correct(as_vera, approved, "contact")) == ["Nothing has changed."]


def together(client, vendor, answer, step, **typed):
    """What the page that came back shows, with what is typed on it by the names of its fields."""
    shown = {key: values for _step, form in answer.context["sections"] for key, values in form.data.lists()}
    also = [section.name for section, _form in answer.context["sections"] if section.name != step]
    seen = answer.context["seen"].pk
    return client.post(url(vendor, step), {**shown, "also": also, "source": SOURCE, "seen": seen} | typed, follow=True)


def test_what_builds_on_it_is_corrected_with_it(as_vera, approved):
    answer = correct(as_vera, approved, "services", everywhere=["translation", "interpreting"])
    assert refused(answer) == ["Nothing has been saved yet. Check “Rates” as well."]
    assert [section.name for section, _form in answer.context["sections"]] == ["services", "rates"]
    assert changing.latest().kind == "onboarding"

    answer = together(as_vera, approved, answer, "services")
    assert "Enter your rate for “Interpreting”" in answer.text
    assert SOURCE in answer.text
    together(
        as_vera, approved, answer, "services", **{"rates-usual-interpreting": "80", "rates-unit-interpreting": "hour"}
    )

    assert changing.latest().changed == ["services", "rates"]
    rates = approved.language_pairs.first().rates
    assert {(rate.service, rate.amount) for rate in rates.all()} >= {("interpreting", Decimal(80))}


def test_pair_is_added_with_its_rates(as_vera, approved):
    page = as_vera.get(url(approved, "languages"))
    rows = int(page.context["form"].data["languages-pairs"])
    pair = {f"languages-pairs-{rows}-source": "Czech", f"languages-pairs-{rows}-target": "Polish"}
    pair |= {"languages-pairs": str(rows + 1)}

    answer = together(as_vera, approved, page, "languages", **pair)
    assert refused(answer) == ["Nothing has been saved yet. Check “Services and subjects, Rates” as well."]
    together(as_vera, approved, answer, "languages")

    assert changing.latest().changed == ["languages", "services", "rates"]
    added = approved.language_pairs.get(source="cs", target="pl")
    assert {rate.service for rate in added.rates.all()} == set(added.services) == {"translation", "revision"}


def test_company_through_which_they_invoice_is_corrected_with_its_tax(as_vera, approved):
    typed = {"about-kind": "freelancer_via_company", "about-company_legal_name": "Nowak sp. z o.o."}
    page = as_vera.get(url(approved, "about"))
    answer = together(as_vera, approved, page, "about", **typed)
    assert [section.name for section, _form in answer.context["sections"]] == ["about", "tax"]
    assert approved.events.filter(kind=VendorEvent.Kind.TAX_NUMBERS_REVEALED).count() == 1

    tax = {"registration_number": "0000123456", "vat_status": "registered", "vat_number": "PL 526-000-12-46"}
    together(as_vera, approved, answer, "about", **{f"tax-{name}": value for name, value in tax.items()})

    approved.refresh_from_db()
    assert changing.latest().changed == ["about", "tax"]
    assert (approved.profile.kind, approved.profile.company_legal_name) == (
        "freelancer_via_company",
        "Nowak sp. z o.o.",
    )
    assert approved.events.filter(kind=VendorEvent.Kind.TAX_NUMBERS_REVEALED).count() == 1, "shown once"


@pytest.mark.parametrize("step", ["payment", "agreements", "qualifications", "certificates", "check", "nonsense"])
def test_payment_agreements_and_evidence_are_the_vendors_own(as_vera, approved, step):
    assert as_vera.get(url(approved, step)).status_code == 404


def test_only_an_approved_profile_is_corrected(as_vera, approved):
    lifecycle.suspend(approved, reason="on leave")
    assert "suspended" in refused(as_vera.get(url(approved, "contact"), follow=True))[0]

    other = create_vendor(state=VendorState.APPROVED)
    assert "no answers that were approved in Passport" in refused(as_vera.get(url(other, "contact"), follow=True))[0]


def test_looking_at_a_persons_tax_numbers_is_recorded(as_vera, vera, approved):
    as_vera.get(url(approved, "tax"))

    assert approved.events.get(kind=VendorEvent.Kind.TAX_NUMBERS_REVEALED).by == vera


# The vendor's side


@pytest.fixture
def corrected(as_vera, approved):
    correct(as_vera, approved, "contact", locality="Kraków")
    return Submission.objects.latest("pk")


def page(correction):
    return reverse("corrections:correction", args=[correction.reference])


def test_vendor_sees_what_changed_and_objects_once(corrected):
    client = signed_in(corrected.vendor.user)
    shown = client.get(page(corrected))
    assert "Kraków" in shown.text
    assert SOURCE in shown.text

    client.post(page(corrected), {"why": "I never moved."})
    answer = client.post(page(corrected), {"why": "I never moved at all."}, follow=True)

    assert "You have already told us" in refused(answer)[-1]
    assert "I never moved." in answer.text
    event = corrected.vendor.events.get(kind=VendorEvent.Kind.CORRECTION_DISPUTED)
    assert (event.reason, event.by) == ("I never moved.", corrected.vendor.user)
    case = Failure.objects.get(reason="correction_disputed")
    assert (case.user, case.state) == (corrected.vendor.user, "open")


@pytest.mark.parametrize(("why", "said"), [("", "Tell us what is wrong."), ("x" * 1001, "1000 characters or fewer")])
def test_objection_that_cannot_be_taken_is_handed_back(corrected, why, said):
    answer = signed_in(corrected.vendor.user).post(page(corrected), {"why": why})

    assert said in answer.text
    assert why in answer.text
    assert not Failure.objects.exists()


def test_correction_is_nobody_elses(corrected):
    other = create_vendor(state=VendorState.APPROVED)

    assert signed_in(other.user).get(page(corrected)).status_code == 404
    sent = Submission.objects.exclude(pk=corrected.pk).get()
    assert signed_in(corrected.vendor.user).get(page(sent)).status_code == 404, "not a correction"


def test_draft_that_is_not_open_stays_as_it_is(as_vera, approved):
    Draft.objects.filter(vendor=approved).update(based_on=None, answers={})

    correct(as_vera, approved, "contact", locality="Kraków")

    assert Draft.objects.get(vendor=approved).answers == {}

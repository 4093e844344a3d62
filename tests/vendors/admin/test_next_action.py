"""The sentence on top of a vendor's page, computed from what is there."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from identity.roles import AUDITOR, FINANCE, VENDOR_MANAGER
from onboarding.models import Draft
from tests.clients import signed_in
from tests.factories import create_draft, create_failure, create_staff, create_submission, create_vendor
from tests.vendors.payment import releasing
from tests.vendors.profiles import approved, approved_vendor
from tests.vendors.stored_documents import store
from vendors.duplicates import lifecycle as duplicates
from vendors.models import (
    AwayPeriod,
    Document,
    EmailChangeRequest,
    Evidence,
    PaymentDetails,
    ProfileCheck,
    RateProposal,
    Vendor,
    VendorState,
)
from vendors.payment import details as payment
from vendors.profile import approved_profile
from vendors.still_right import lifecycle as still_right

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

DAY = dt.timedelta(days=1)


def says(client, vendor):
    """The sentence and the link of the button."""
    html = client.get(reverse("admin:vendors_vendor_change", args=[vendor.pk])).text
    box = html.partition('class="next-action"')[2].partition("</div>")[0]
    link = re.search(r'href="([^"]+)"', box)
    words = " ".join(unescape(re.sub(r"<[^>]+>", "", box[1:].partition("<a ")[0])).split())
    return words, link[1] if link else ""


@pytest.fixture
def vendor():
    vendor = approved_vendor()
    details = {"method": "paypal", "paypal": "lucja@mail.example"}
    payment.adopt(vendor, details)
    return vendor


def test_each_thing_that_waits_replaces_the_one_before(as_vera, vendor):
    today = timezone.localdate()
    assert says(as_vera, vendor) == ("Approved. There is nothing for you to do.", "")

    AwayPeriod.objects.create(vendor=vendor, starts_on=today, ends_on=today + DAY)
    assert "away until" in says(as_vera, vendor)[0]

    check = still_right.ask(vendor)
    assert "to answer “Is this still right?”" in says(as_vera, vendor)[0]
    ProfileCheck.objects.filter(pk=check.pk).update(due_at=timezone.now() - 2 * DAY)
    assert "and has not" in says(as_vera, vendor)[0]

    degree = {"subject": "translation", "title": "MA", "institution": "UJ", "country": "PL", "year": 2012}
    qualification = approved_profile.ApprovedQualification(route="translation_degree", degrees=[degree])
    approved_profile.adopt(vendor, approved(qualification=qualification))
    evidence = Evidence.objects.get(vendor=vendor, kind="degree")
    sentence, link = says(as_vera, vendor)
    assert "1 piece of evidence is waiting to be verified: Degree in translation or languages." in sentence
    assert link == f"/admin/vendors/evidence/{evidence.pk}/change/"

    change = create_submission(vendor=vendor, kind="change")
    assert says(as_vera, vendor)[1] == f"/admin/onboarding/submission/{change.pk}/change/"

    request = EmailChangeRequest.objects.create(vendor=vendor, new="wish@mail.example", proven_at=timezone.now())
    assert says(as_vera, vendor)[1] == f"/admin/vendors/emailchangerequest/{request.pk}/change/"

    failure = create_failure(user=vendor.user)
    sentence, link = says(as_vera, vendor)
    assert sentence.startswith("There is 1 open case.")
    assert link == f"/admin/identity/failure/{failure.pk}/change/"


@pytest.mark.parametrize("state", [VendorState.PREPARED, VendorState.INVITED, VendorState.ONBOARDING])
def test_possible_duplicate_is_decided_on_by_whoever_may(as_vera, vendor, state):
    other = create_vendor(state=state, name="Łucja Nowak")
    Vendor.objects.filter(pk=vendor.pk).update(name=other.name)
    [found] = duplicates.look(other.pk)

    for each in (vendor, other):
        sentence, link = says(as_vera, each)
        assert "may be the same vendor as" in sentence
        assert link == f"/admin/vendors/possibleduplicate/{found.pk}/change/"
    sentence, link = says(signed_in(create_staff(role=AUDITOR)), other)
    assert "may be the same vendor as" in sentence
    assert link == ""
    duplicates.rule_out(found, by=create_staff())
    assert "may be the same" not in says(as_vera, other)[0]


def test_account_that_waits_is_released_by_someone_other_than_the_approver(as_vera, vera, vendor):
    release = releasing.waiting(vendor, by=vera)
    url = f"/admin/vendors/paymentrelease/{release.pk}/change/"

    assert "You approved them, so someone else has to release them." in says(as_vera, vendor)[0]
    for role in (VENDOR_MANAGER, FINANCE):
        sentence, link = says(signed_in(create_staff(role=role)), vendor)
        assert sentence.startswith("Payment details have been waiting for release since")
        assert link == url


def test_missing_payment_details_and_a_rate_that_was_proposed(as_vera, vera, vendor):
    RateProposal.objects.create(
        vendor=vendor,
        source="de",
        target="pl",
        service="translation",
        unit="source_word",
        amount="0.09",
        currency="EUR",
        by=vera,
    )
    assert "has not responded to the rate proposed on" in says(as_vera, vendor)[0]

    PaymentDetails.objects.filter(vendor=vendor).delete()
    Vendor.objects.filter(pk=vendor.pk).update(has_payment_details=False)
    finance = signed_in(create_staff(role=FINANCE))
    for client in (as_vera, finance):
        assert "still has to send: payment details" in says(client, vendor)[0]


def test_expired_document_of_an_approved_vendor(as_vera, vendor):
    document = store(vendor, slot="certificate-1")
    yesterday = timezone.localdate() - DAY
    Document.objects.filter(pk=document.pk).update(approved_at=timezone.now(), state="verified", expires_on=yesterday)

    assert "expired on" in says(as_vera, vendor)[0]


def test_who_stopped_in_the_wizard_is_reminded_unless_they_just_were(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    draft = create_draft(vendor=vendor, current_step="rates", left_at=timezone.now() - 4 * DAY)

    sentence, link = says(as_vera, vendor)
    assert "stopped at “Rates”" in sentence
    assert link.endswith("/remind/")
    Draft.objects.filter(pk=draft.pk).update(reminded_at=timezone.now())
    assert says(as_vera, vendor) == ("The vendor is in onboarding. There is nothing for you to do.", "")


def test_colleague_who_may_do_nothing_reads_it_without_a_button(vendor):
    create_submission(vendor=vendor, kind="change")

    sentence, link = says(signed_in(create_staff(role=AUDITOR)), vendor)
    assert "waiting for your review" in sentence
    assert link == ""

"""A vendor asks for another address, and VM makes the change without deciding about the request."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.clients import signed_in
from tests.factories import create_vendor
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.models import EmailChangeRequest, VendorState

pytestmark = pytest.mark.django_db

OLD, NEW = "old@mail.example", "new@mail.example"


@pytest.fixture
def vendor():
    return create_vendor(state=VendorState.APPROVED, primary_email=OLD)


@pytest.fixture
def request_waiting(vendor):
    return email_requests.ask(vendor, new=NEW, reason="", account=None, proven_at=timezone.now())


def change_in_the_admin(as_vera, vendor, *, new):
    page = f"/admin/vendors/vendor/{vendor.pk}/change-email/"
    typed = {"new": new, "mode": "planned", "how_known": "called", "reason": "asked by phone", "sure": "on"}
    confirmation = as_vera.post(page, typed)
    assert as_vera.post(page, typed | {"_confirm": "1"}).status_code == 302
    return confirmation.text


@pytest.mark.parametrize("typed", [NEW, "New@mail.example"])
def test_change_that_was_asked_for_closes_the_request(request_waiting, vendor, vera, as_vera, typed):
    confirmation = change_in_the_admin(as_vera, vendor, new=typed)

    assert f'the vendor asked to use <bdi translate="no">{NEW}</bdi>. That' in confirmation
    assert "so the request will be closed as done." in confirmation
    request_waiting.refresh_from_db()
    assert (request_waiting.state, request_waiting.decided_by) == ("approved", vera)
    assert request_waiting.change == email_change.open_change(vendor)
    with pytest.raises(email_requests.NotWaiting):
        email_requests.decline(request_waiting, by=vera, answer="No.")
    assert "has your request" not in signed_in(vendor.user).get("/profile/email-change/").text


def test_change_to_another_address_leaves_the_request_waiting(request_waiting, vendor, as_vera):
    confirmation = change_in_the_admin(as_vera, vendor, new="third@mail.example")

    assert f'the vendor asked to use <bdi translate="no">{NEW}</bdi>. That' in confirmation
    assert "so the request stays open." in confirmation
    assert email_requests.waiting(vendor) == request_waiting


def test_form_names_the_waiting_request(request_waiting, vendor, as_vera):
    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change-email/").text

    assert f'the vendor asked to use <bdi translate="no">{NEW}</bdi>. That' in page
    assert f"/admin/vendors/emailchangerequest/{request_waiting.pk}/change/" in page


def test_command_closes_the_request_too(request_waiting, vendor):
    call_command("change_vendor_email", OLD, NEW, "--reason", "asked by phone")

    assert EmailChangeRequest.objects.get().state == "approved"


def test_request_of_another_vendor_is_left_alone(vendor):
    other = create_vendor(state=VendorState.APPROVED)
    EmailChangeRequest.objects.create(vendor=other, new=NEW, proven_at=timezone.now())

    email_change.start(vendor, new=NEW, reason="moved")

    assert EmailChangeRequest.objects.get().state == "waiting"

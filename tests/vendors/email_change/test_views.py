import re

import pytest
from django.test import Client

from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_email_change, create_vendor
from tests.records import events
from tests.vendors.profiles import approved_vendor
from vendors import tasks
from vendors.email_change import disputes
from vendors.models import EmailChange, VendorState

pytestmark = pytest.mark.django_db


@pytest.fixture
def change():
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="new@mail.example")
    return create_email_change(vendor=vendor, old="old@mail.example")


def test_email_change_page_says_how_to_ask_and_what_happens():
    page = signed_in(approved_vendor().user).get("/profile/email-change/")

    assert "lucja@example.com" in page.text
    assert "mailto:vm@sandberg.example" in page.text


def test_email_change_page_shows_an_open_change():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    create_email_change(vendor=vendor, new="new@example.com")

    page = signed_in(vendor.user).get("/profile/email-change/")

    assert "new@example.com" in page.text


def link_in(mail):
    return re.search(r"http://127\.0\.0\.1:8000(/email-change/not-me/\S+)", mail.body)[1]


def test_this_was_not_me_opens_one_case(change, mailoutbox):
    tasks.tell_old_address(email_change_id=change.pk)
    client = Client(enforce_csrf_checks=True)
    link = link_in(mailoutbox[0])

    page = client.get(link)
    assert page.status_code == 200
    assert not Failure.objects.exists()
    assert EmailChange.objects.get().disputed_at is None

    assert client.post(link).status_code == 400
    assert not Failure.objects.exists()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    for _again in range(2):
        answer = client.post(link, {"csrfmiddlewaretoken": token})
        assert "<form" not in answer.text, "said once is enough"

    failure = Failure.objects.get()
    assert (failure.stage, failure.reason, failure.user, failure.address, failure.count) == (
        "email_change",
        "change_disputed",
        change.vendor.user,
        "old@mail.example",
        1,
    )
    assert events(change.vendor) == ["email_change_disputed"]
    assert EmailChange.objects.get().disputed_at is not None


@pytest.mark.parametrize("token", ["nonsense", "MQ:1abcde:forged"])
def test_unreadable_link_says_so(client, token):
    answer = client.get(f"/email-change/not-me/{token}/")

    assert answer.status_code == 404
    assert "<form" not in answer.text


def test_link_names_nobody(change):
    assert "@" not in disputes.link(change)

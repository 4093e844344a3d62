import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from django.db import connections, transaction
from django.test import Client

from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_email_change, create_vendor
from tests.records import events, jobs
from tests.vendors.profiles import approved_vendor
from tests.waiting import somebody_waits_for_us, wait_for
from vendors import tasks
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
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
        client.post(link, {"csrfmiddlewaretoken": token})
        answer = client.post(link, {"csrfmiddlewaretoken": token, "sure": "yes"})
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


def mailed(change, mailoutbox):
    tasks.tell_old_address(email_change_id=change.pk)
    return link_in(mailoutbox[-1])


def press(link):
    """As a person does: the button, and the one of the page that asks once more."""
    client = Client()
    client.post(link)
    return client.post(link, {"sure": "yes"})


def test_one_press_and_one_that_no_person_made_tell_nobody(change, mailoutbox):
    link, client = mailed(change, mailoutbox), Client()

    assert 'name="sure"' in client.post(link).text
    by_script = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert 'name="sure"' in client.post(link, {"sure": "yes"}, headers=by_script).text

    assert not Failure.objects.exists()
    assert "<form" not in client.post(link, {"sure": "yes"}, headers=by_script | {"Sec-Fetch-User": "?1"}).text
    assert Failure.objects.count() == 1


def test_it_works_again_after_vendor_management_has_confirmed_the_change(change, mailoutbox):
    link = mailed(change, mailoutbox)
    press(link)
    email_change.uphold(change.vendor, reason="Called them.")

    page = Client().get(link).text
    assert "confirmed the change" in page
    press(link)

    assert Failure.objects.open().count() == 1
    assert events(change.vendor).count("email_change_disputed") == 2


def test_old_link_says_that_the_change_was_undone(change, mailoutbox):
    link = mailed(change, mailoutbox)
    email_change.undo(change)

    for page in (Client().get(link), press(link)):
        assert "has been undone" in page.text
        assert "<form" not in page.text
        assert "@mail.example" not in page.text, "the link may have gone on to somebody else"
    assert not Failure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_undone_in_the_moment_of_the_press_says_so(change):
    link = urlsplit(disputes.link(change)).path

    def press_at_last():
        try:
            return Client().post(link, {"sure": "yes"}, follow=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            email_change.undo(change)
            pressing = pool.submit(press_at_last)
            wait_for(somebody_waits_for_us)
        page = pressing.result()

    assert page.status_code == 200
    assert "has been undone" in page.text
    assert not Failure.objects.exists()


def test_old_link_says_that_the_new_address_has_been_used_and_works(change, mailoutbox):
    link = mailed(change, mailoutbox)
    EmailChange.objects.update(state="confirmed")

    assert "has been used to sign in" in Client().get(link).text
    assert "<form" not in press(link).text
    assert Failure.objects.get().reason == "change_disputed"


def test_link_of_a_change_that_was_replaced_is_about_the_one_in_its_place(change, mailoutbox):
    link = mailed(change, mailoutbox)
    newer = email_change.start(change.vendor, new="newer@mail.example", reason="A slip.")

    press(link)

    newer.refresh_from_db()
    assert newer.disputed_at is not None
    assert Failure.objects.get().address == "old@mail.example"


def test_cutting_off_later_tells_the_old_address(change):
    email_change.cut_off(change)

    assert jobs("vendors.tasks.tell_old_address") == [{"email_change_id": change.pk}]


@pytest.mark.parametrize("token", ["nonsense", "MQ:1abcde:forged"])
def test_unreadable_link_says_so(client, token):
    answer = client.get(f"/email-change/not-me/{token}/")

    assert answer.status_code == 404
    assert "<form" not in answer.text


def test_link_names_nobody(change):
    assert "@" not in disputes.link(change)

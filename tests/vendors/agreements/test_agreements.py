"""The texts vendors accept, what is recorded and mailed, and how a new version is asked for."""

import datetime as dt
import hashlib
import threading
import uuid
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import timezone

from identity.models import EntraAccount
from tests.clients import signed_in
from tests.factories import create_acceptances, create_staff, create_vendor
from tests.records import events, jobs
from tests.vendors.profiles import approved
from vendors import tasks
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.models import Acceptance, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

LATER = 'name="later"'  # the button that puts it off
WAITING = 'href="/agreements/"'  # the link to what was put off

# A published text is never changed: whoever accepted it must find it again by its hash.
PUBLISHED = {
    "confidentiality 1.0": "3d5ed50f9e0baa80aa161d7f3ed11bc8a153222f7cc363929c9873192285c001",
    "cooperation 1.0": "52dabd2bad76918d6b26e2e52d841d638b30aff204feea9c346cba4aa865a73f",
    "privacy 1.0": "0d36db88b7851023cfa332d5a722f3e3189f430b65ed265abd8648bf13776b62",
}


def approved_vendor():
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    approved_profile.adopt(vendor, approved())
    return vendor


def account_of(vendor):
    return EntraAccount.objects.get(user=vendor.user)


def form(*texts, **fields):
    body = {"next": "/profile/"}
    for text in texts:
        body |= {text.document: "on", f"{text.document}-text": text.sha256}
    return body | fields


# The files


def test_published_texts_never_change():
    found = {f"{each.document} {each.version}": each.sha256 for each in agreements.published()}

    assert {name: found[name] for name in PUBLISHED} == PUBLISHED


def test_every_text_has_its_date_and_every_later_one_says_what_changed():
    folder = Path(django_settings.AGREEMENTS)
    names = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.txt")}
    assert names == {f"{each.document}/{each.version}.txt" for each in agreements.published()}
    seen = set()
    for each in agreements.published():
        assert bool(each.changed) == (each.document in seen), each
        seen.add(each.document)


def test_newest_version_that_is_in_force_counts(publish):
    publish("1.2", days_ago=5)
    publish("1.10", days_ago=2)
    publish("2.0", days_ago=-3)

    versions = {each.document: each.version for each in agreements.current()}
    later = {each.document: each.version for each in agreements.current(on=timezone.now().date() + dt.timedelta(3))}

    assert versions == {"confidentiality": "1.0", "cooperation": "1.10", "privacy": "1.0"}
    assert later["cooperation"] == "2.0"


# What is recorded


def test_acceptance_names_text_account_and_address(publish):
    vendor = approved_vendor()
    text = publish("1.1")

    [row] = acceptances.accept(vendor, [text], account=account_of(vendor))

    assert (row.document, row.version, row.language) == ("cooperation", "1.1", "en")
    assert row.sha256 == hashlib.sha256(text.text.encode()).hexdigest()
    assert (row.oid, row.address) == (account_of(vendor).oid, "lucja@example.com")
    assert abs(row.accepted_at - timezone.now()) < dt.timedelta(minutes=1)
    assert events(vendor) == ["agreements_accepted"]
    assert vendor.events.get().data == {"agreements": ["cooperation 1.1"]}


def test_accepting_twice_records_and_mails_once(publish):
    vendor = approved_vendor()
    text = publish("1.1")
    [first] = acceptances.accept(vendor, [text], account=account_of(vendor))

    assert acceptances.accept(vendor, [text], account=None) == []

    row = Acceptance.objects.get(vendor=vendor, version="1.1")
    assert (row.pk, row.oid) == (first.pk, account_of(vendor).oid)
    assert jobs("vendors.tasks.mail_acceptances") == [{"vendor_id": row.vendor_id, "acceptance_ids": [row.pk]}]


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_row(publish):
    vendor = approved_vendor()
    text = publish("1.1")
    clients = [signed_in(vendor.user), signed_in(vendor.user)]
    barrier = threading.Barrier(2)
    statuses = []

    def press(client):
        barrier.wait()
        statuses.append(client.post("/agreements/", form(text)).status_code)
        connections.close_all()

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302, 302]
    row = Acceptance.objects.get(vendor=vendor, version="1.1")
    # Jobs of other tests stay in the table: procrastinate's tables are not Django's.
    assert jobs("vendors.tasks.mail_acceptances").count({"vendor_id": row.vendor_id, "acceptance_ids": [row.pk]}) == 1


def test_copy_holds_the_texts_with_version_hash_and_date(publish, mailoutbox):
    vendor = approved_vendor()
    texts = [publish("1.1", body="We pay within 14 days & never later."), publish("2.0", document="privacy")]
    rows = acceptances.accept(vendor, texts, account=None)

    tasks.mail_acceptances(vendor_id=rows[0].vendor_id, acceptance_ids=[row.pk for row in rows])

    [mail] = mailoutbox
    assert mail.to == ["lucja@example.com"]
    assert mail.subject == "Sandberg: your copy of what you accepted"
    assert "We pay within 14 days & never later." in mail.body
    assert f"{timezone.now():%-d %B %Y}" in mail.body
    for row in rows:
        assert f"Version: {row.version}" in mail.body
        assert row.sha256 in mail.body
    assert mail.extra_headers["Message-ID"].startswith("<acceptances-")


# Asking


def test_new_version_is_asked_for_on_the_way_in_and_in_nobodys_way(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    assert client.get("/profile/").status_code == 200
    text = publish("1.1", days_ago=10, changed="We pay within 14 days.", body="Invoices are paid within 14 days.")

    assert client.get("/").url == "/agreements/?next=%2F"
    assert WAITING in client.get("/profile/").text
    assert client.get("/profile/payment/").status_code == 200
    page = client.get("/agreements/?next=%2Fprofile%2F").text

    assert "Terms of cooperation" in page
    assert "Confidentiality agreement" not in page
    assert "We pay within 14 days." in page
    assert "Invoices are paid within 14 days." in page
    assert f"Version 1.1, in force since {text.since:%-d %B %Y}" in page
    assert "vm@sandberg.example" in page
    answer = client.post("/agreements/", form(text))
    assert answer.url == "/profile/"
    page = client.get("/profile/").text
    assert f"/agreements/{text.sha256}/" in page
    assert WAITING not in page


def test_submitted_vendor_is_asked_too(publish):
    client = signed_in(create_vendor(state=VendorState.SUBMITTED).user)
    publish("1.1")

    assert client.get("/").url == "/agreements/?next=%2F"
    assert WAITING in client.get("/onboarding/").text


@pytest.mark.parametrize("state", [VendorState.ONBOARDING, VendorState.CHANGES_REQUESTED])
def test_while_the_wizard_is_open_it_asks_itself(publish, state):
    client = signed_in(create_vendor(state=state).user)
    publish("1.1")

    assert client.get("/onboarding/").status_code == 200
    assert client.get("/agreements/").url == "/"


def test_all_changes_since_the_version_accepted_are_told(publish):
    vendor = approved_vendor()
    publish("1.1", days_ago=9, changed="Invoices by mail.")
    publish("1.2", days_ago=8, changed="Invoices by post.")
    publish("2.0", days_ago=-1, changed="Invoices by pigeon.")

    page = signed_in(vendor.user).get("/agreements/").text

    assert "Invoices by mail." in page
    assert "Invoices by post." in page
    assert "Invoices by pigeon." not in page


def test_not_now_is_an_answer_for_thirty_days_and_this_session(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    text = publish("1.1", days_ago=29)
    assert LATER in client.get("/agreements/").text

    assert client.post("/agreements/", form(later="yes")).url == "/profile/"

    page = client.get("/profile/")
    assert page.status_code == 200
    assert WAITING in page.text
    assert f"answer before {text.required_from:%-d %B %Y}" in page.text
    assert client.get("/").url == "/profile/"
    assert signed_in(vendor.user).get("/").url.startswith("/agreements/"), "the next sign-in asks again"


def test_another_new_version_is_asked_for_although_one_was_put_off(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    publish("1.1")
    client.post("/agreements/", form(later="yes"))
    publish("1.2")

    assert client.get("/").url.startswith("/agreements/")


def test_after_thirty_days_the_answer_is_overdue_and_still_in_nobodys_way(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    text = publish("1.1", days_ago=30)

    page = client.get("/agreements/").text
    assert "waiting for your answer" in page
    assert LATER in page
    assert client.post("/agreements/", form(later="yes")).url == "/profile/"

    page = client.get("/profile/").text
    assert f"your answer was due on {text.required_from:%-d %B %Y}" in page
    assert client.get("/profile/payment/").status_code == 200


def test_what_was_put_off_becomes_required_when_its_time_is_up(publish):
    vendor = approved_vendor()
    text = publish("1.1", days_ago=29)
    tomorrow = timezone.now() + dt.timedelta(days=1)

    assert [each.is_required for each in acceptances.outstanding(vendor)] == [False]
    assert [each.is_required for each in acceptances.outstanding(vendor, now=tomorrow)] == [True]
    assert text.required_from == tomorrow.date()


def test_session_that_put_it_off_is_asked_when_its_time_is_up(publish):
    client = signed_in(approved_vendor().user)
    put_off = publish("1.1", days_ago=29)
    client.post("/agreements/", form(later="yes"))
    assert client.get("/").url == "/profile/"

    assert publish("1.1", days_ago=30).sha256 == put_off.sha256

    assert client.get("/").url.startswith("/agreements/")


def test_box_left_empty_is_told_and_nothing_is_recorded(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    first, second = publish("1.1"), publish("1.1", document="privacy")

    page = client.post("/agreements/", form(first) | {"privacy-text": second.sha256}).text

    assert 'href="#id_privacy"' in page
    assert "<title>Error:" in page
    assert page.count(" checked") == 1
    assert not Acceptance.objects.filter(vendor=vendor, version="1.1").exists()


def test_text_that_changed_while_the_page_was_open_is_asked_again(publish):
    vendor = approved_vendor()
    client = signed_in(vendor.user)
    shown = publish("1.1")
    now_in_force = publish("1.2", body="Quite another text.")

    page = client.post("/agreements/", form(shown)).text

    assert 'href="#id_cooperation"' in page
    assert "Quite another text." in page
    assert " checked" not in page
    assert not Acceptance.objects.filter(vendor=vendor, document="cooperation").exclude(version="1.0").exists()
    assert client.post("/agreements/", form(now_in_force)).status_code == 302
    assert Acceptance.objects.filter(vendor=vendor, version="1.2").count() == 1


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/agreements/?next=/agreements/", ""])
def test_page_leads_nowhere_strange(publish, target):
    client = signed_in(approved_vendor().user)
    text = publish("1.1")

    assert client.post("/agreements/", form(text, next=target)).url == "/"


def test_nothing_to_accept_leads_on():
    client = signed_in(approved_vendor().user)

    assert client.get("/agreements/?next=/profile/").url == "/profile/"


def test_looking_costs_two_statements_whatever_is_new(publish, django_assert_num_queries):
    vendor = approved_vendor()
    publish("1.1")
    publish("1.1", document="privacy")

    with django_assert_num_queries(2):
        assert len(acceptances.outstanding(vendor)) == 2


# Reading again


def test_accepted_text_can_be_read_again_after_a_newer_one(publish):
    vendor = approved_vendor()
    old = next(each for each in agreements.current() if each.document == "cooperation")
    publish("1.1")

    page = signed_in(vendor.user).get(f"/agreements/{old.sha256}/")

    assert page.status_code == 200
    assert old.sha256 in page.text
    assert "notice-success" in page.text, "when it was accepted"


def test_text_is_shown_to_whoever_accepted_it_and_to_staff(publish):
    stranger = approved_vendor()
    other = create_vendor(state=VendorState.APPROVED)
    text = publish("1.1")
    create_acceptances(vendor=other, texts=[text])

    assert signed_in(stranger.user).get(f"/agreements/{text.sha256}/").status_code == 404
    assert signed_in(other.user).get(f"/agreements/{text.sha256}/").status_code == 200
    assert signed_in(create_staff()).get(f"/agreements/{text.sha256}/").status_code == 200
    assert signed_in(other.user).get(f"/agreements/{uuid.uuid4().hex}/").status_code == 404


def test_staff_are_asked_nothing(publish):
    publish("1.1")

    assert signed_in(create_staff()).get("/agreements/").status_code == 403


# What VM sees


def test_vm_sees_what_was_accepted_and_what_is_outstanding(publish, as_vera):
    vendor = approved_vendor()
    url = f"/admin/vendors/vendor/{vendor.pk}/change/"
    assert "not accepted" not in as_vera.get(url).text
    old = publish("1.1", days_ago=40)
    create_acceptances(vendor=vendor, texts=[old])
    publish("1.2", days_ago=31)
    newest = publish("2.0", document="privacy", days_ago=1)

    page = as_vera.get(url).text

    assert f'/agreements/{old.sha256}/">Version 1.1</a>' in page
    assert 'as <bdi translate="no">lucja@example.com</bdi>' in page
    assert "version 1.2 (in force since" in page
    assert "overdue; they are asked again at each sign-in" in page
    assert f"can be postponed until {newest.required_from:%-d %B %Y}" in page


def test_timeline_names_the_versions(publish, as_vera):
    vendor = approved_vendor()
    acceptances.accept(vendor, [publish("1.1")], account=None)

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

    assert "Agreements accepted" in page
    assert "Terms of cooperation 1.1" in page

"""What strangers may do how often."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from identity import networks
from identity.invitations import links
from identity.models import Device, Failure, Heartbeat, NetworkCount, SignInAttempt
from identity.sessions import devices
from tests.factories import create_failure, create_vendor
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

FORM = "/help/cannot-sign-in/"
HERE, NEIGHBOUR, ELSEWHERE = "203.0.113.7", "203.0.113.200", "198.51.100.7"


@pytest.fixture(autouse=True)
def worker_lives():
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


def fill_in(client, number, *, address=HERE, **headers):
    return client.post(FORM, {"address": f"ana{number}@mail.example"}, REMOTE_ADDR=address, headers=headers)


def test_form_is_closed_for_one_network_only(client):
    assert [fill_in(client, number).status_code for number in range(10)] == [200] * 10

    page = fill_in(client, 11, address=NEIGHBOUR)
    assert page.status_code == 429
    assert "vm@sandberg.example" in page.text
    assert sum(Failure.objects.values_list("count", flat=True)) == 10
    assert fill_in(client, 12, address=ELSEWHERE).status_code == 200

    NetworkCount.objects.update(since=timezone.now() - dt.timedelta(minutes=61))
    assert fill_in(client, 13).status_code == 200


def test_problem_page_is_shown_sixty_times_an_hour(client):
    case = create_failure()
    url = f"/sign-in/problem/{case.reference}/"

    answers = [client.get(url, REMOTE_ADDR=HERE).status_code for _visit in range(61)]

    assert answers == [200] * 60 + [429]


def test_problem_page_of_a_vendor_is_never_closed(client):
    vendor = create_vendor()
    case = create_failure(user=vendor.user)

    for _visit in range(61):
        assert client.get(f"/sign-in/problem/{case.reference}/", REMOTE_ADDR=HERE).status_code == 200


def begin_and_decline(client):
    begun = client.post("/auth/login/entra/", REMOTE_ADDR=HERE)
    state = begun["Location"].partition("state=")[2].partition("&")[0]
    return client.get("/auth/complete/entra/", {"state": state, "error": "access_denied"}, REMOTE_ADDR=HERE)


def test_failed_callbacks_of_strangers_are_recorded_thirty_times_an_hour(client):
    answers = [begin_and_decline(client).status_code for _press in range(31)]

    assert answers == [302] * 30 + [429]
    assert SignInAttempt.objects.exclude(failure=None).count() == 30


def start(client, *, address=HERE, **typed):
    return client.post("/auth/login/entra/", typed, REMOTE_ADDR=address)


def almost_over(number):
    NetworkCount.objects.filter(kind=networks.START).update(count=number)


def test_sign_ins_are_begun_six_hundred_times_an_hour(client):
    start(client)
    almost_over(598)
    assert [start(client).status_code for _press in range(2)] == [302, 302]

    page = start(client, address=NEIGHBOUR)

    assert page.status_code == 429
    assert "vm@sandberg.example" in page.text
    assert "Location" not in page.headers
    assert "sign-ins from your network" in page.text
    assert SignInAttempt.objects.count() == 3
    assert not Failure.objects.exists()
    assert start(client, address=ELSEWHERE).status_code == 302
    NetworkCount.objects.update(since=timezone.now() - dt.timedelta(minutes=61))
    assert start(client).status_code == 302


def test_counting_a_start_takes_no_statement_more(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert start(client).status_code == 302
    with django_assert_num_queries(1):
        assert start(client, address="127.0.0.1").status_code == 302


def test_attempt_is_kept_whole_when_it_is_counted(client):
    start(client, next="/onboarding/")
    start(client, address="127.0.0.1", next="/onboarding/")

    counted, plain = SignInAttempt.objects.order_by("started_at")

    for field in SignInAttempt._meta.concrete_fields:
        if field.name not in ("state_hash", "binding_hash", "transaction", "started_at"):
            assert getattr(counted, field.name) == getattr(plain, field.name), field.name
    assert counted.transaction.keys() == plain.transaction.keys()
    assert counted.next_url == "/onboarding/"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "192.168.1.1"])
def test_sign_ins_on_this_machine_and_behind_a_proxy_that_is_not_known_are_not_counted(client, address):
    start(client, address=address)
    start(client)
    almost_over(600)

    assert start(client, address=address).status_code == 302
    assert NetworkCount.objects.filter(kind=networks.START).count() == 1


def test_whoever_is_invited_begins_where_strangers_may_not(client):
    vendor = create_vendor(state=VendorState.INVITED)
    invitation = vendor.user.invitations.get()
    start(client)
    almost_over(600)

    assert start(client).status_code == 429
    assert start(client, invitation=links.token(invitation)).status_code == 302


def test_another_account_on_a_device_that_stays_signed_in_is_begun_where_strangers_may_not(client):
    account = create_vendor(state=VendorState.APPROVED).user.accounts.get()
    Device.objects.create(id_hash=devices._hashed("of this browser"), account=account, interactive_at=timezone.now())
    start(client)
    almost_over(600)
    assert start(client, account="other").status_code == 429

    client.cookies[settings.DEVICE_COOKIE_NAME] = "of this browser"

    assert start(client, account="other").status_code == 302


def test_second_round_counts_as_a_start_and_is_told_the_same(client):
    begun = start(client)
    state = begun["Location"].partition("state=")[2].partition("&")[0]
    SignInAttempt.objects.update(claimed_at=timezone.now())
    almost_over(600)

    page = client.get("/auth/complete/entra/", {"state": state, "code": "any"}, REMOTE_ADDR=HERE)

    assert page.status_code == 429
    assert not Failure.objects.exists()


@pytest.mark.parametrize(
    ("address", "forwarded", "trusted", "is_limited"),
    [
        ("127.0.0.1", "", False, False),
        ("::1", "", False, False),
        ("10.0.0.7", "", False, False),
        ("10.0.0.7", "203.0.113.7", False, False),
        ("10.0.0.7", "203.0.113.7", True, True),
        ("10.0.0.7", "10.0.0.9", True, True),
        ("10.0.0.7", "203.0.113.7, 127.0.0.1", True, False),
        ("10.0.0.7", "rubbish", True, True),
        ("203.0.113.7", "127.0.0.1", False, True),
        ("2001:4860::7", "", False, True),
        ("::ffff:10.0.0.7", "", False, False),
        ("", "", False, False),
    ],
)
def test_who_is_limited(rf, settings, address, forwarded, trusted, is_limited):
    settings.TRUSTED_PROXY = trusted
    request = rf.get("/", REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded} if forwarded else {})

    assert bool(networks.network_of(request)) == is_limited


def network(rf, address, **extra):
    return networks.network_of(rf.get("/", REMOTE_ADDR=address, **extra))


def test_network_is_a_keyed_hash_of_the_nearest_addresses(rf, settings):
    assert network(rf, HERE) == network(rf, NEIGHBOUR) != network(rf, ELSEWHERE)
    assert network(rf, "2a00:1450:1:2::1") == network(rf, "2a00:1450:1:2:3::1") != network(rf, "2a00:1450:1:3::1")
    before = network(rf, HERE)
    settings.SECRET_KEY = "another"
    assert network(rf, HERE) != before


def test_browser_cannot_choose_its_network_behind_a_proxy(rf, settings):
    settings.TRUSTED_PROXY = True

    forged = network(rf, "10.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.1, {HERE}")

    assert forged == network(rf, "10.0.0.1", HTTP_X_FORWARDED_FOR=HERE)


def test_counts_are_forgotten_after_an_hour(client):
    fill_in(client, 1)
    assert networks.forget() == 0
    assert networks.forget(now=timezone.now() + dt.timedelta(minutes=61)) == 1

import threading

import pytest
from django.db import connection, transaction

from tests.factories import create_email_change, create_vendor
from vendors import addresses, lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sandbox-ana@gmial.com", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gamil.com", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gmai.com", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gmaill.com", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gnail.com", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gmail.con", "sandbox-ana@gmail.com"),
        ("sandbox-ana@gmail.co", "sandbox-ana@gmail.com"),
        ("sandbox-Ana.B@HOTMIAL.com", "sandbox-Ana.B@hotmail.com"),
        ("sandbox-ana@outlok.com", "sandbox-ana@outlook.com"),
        ("sandbox-ana@yaho.com", "sandbox-ana@yahoo.com"),
        ("sandbox-ana@iclod.com", "sandbox-ana@icloud.com"),
        ("sandbox-ana@agency.con", "sandbox-ana@agency.com"),
    ],
)
def test_near_miss_gets_a_suggestion(typed, meant):
    assert addresses.suggestion(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "sandbox-ana@gmail.com",
        "sandbox-ana@mail.com",
        "sandbox-ana@email.com",
        "sandbox-ana@ymail.com",
        "sandbox-ana@hotmail.co.uk",
        "ana@agency.example",
        "sandbox-ana@gmx.de",
        "sandbox-ana@sandberg.de",
        "ana",
        "",
    ],
)
def test_right_address_gets_no_suggestion(typed):
    assert addresses.suggestion(typed) is None


@pytest.mark.django_db
def test_address_of_another_vendor_is_taken_whatever_its_case():
    holder = create_vendor(primary_email="ana@mail.example")

    with transaction.atomic(), pytest.raises(addresses.AddressTaken) as caught:
        addresses.claim("ANA@Mail.Example")

    assert caught.value.vendor == holder
    assert holder.name in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize("side", ["old", "new"])
def test_address_in_an_open_email_change_is_taken(side):
    holder = create_vendor()
    change = create_email_change(vendor=holder, old="old@mail.example", new="new@mail.example")

    with transaction.atomic(), pytest.raises(addresses.AddressTaken) as caught:
        addresses.claim(getattr(change, side).upper())

    assert caught.value.vendor == holder
    assert caught.value.in_change


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["confirmed", "undone", "superseded"])
def test_address_in_a_closed_email_change_is_free_and_names_its_former_holder(state):
    holder = create_vendor()
    create_email_change(vendor=holder, old="old@mail.example", state=state)

    with transaction.atomic():
        addresses.claim("old@mail.example")

    assert addresses.former_holders("OLD@mail.example") == [holder]
    assert addresses.former_holders("old@mail.example", besides=holder) == []


@pytest.mark.django_db
def test_own_address_is_not_taken():
    vendor = create_vendor(primary_email="ana@mail.example")
    create_email_change(vendor=vendor, old="before@mail.example", new="ana@mail.example")

    with transaction.atomic():
        addresses.claim("ana@mail.example", besides=vendor)
        addresses.claim("before@mail.example", besides=vendor)


@pytest.mark.django_db(transaction=True)
def test_one_address_added_twice_at_once_makes_one_vendor():
    outcomes = []
    both_ready = threading.Barrier(2)

    def add(address):
        try:
            both_ready.wait(timeout=10)
            outcomes.append(lifecycle.add(name="Ana", primary_email=address, language="en-GB"))
        except addresses.AddressTaken as taken:
            outcomes.append(taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=[address]) for address in ("ana@mail.example", "ANA@mail.example")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AddressTaken", "Vendor"]
    assert Vendor.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_new_address_taken_by_another_vendor_at_the_same_moment_goes_to_one_of_them():
    vendor = create_vendor(state="approved")
    outcomes = []
    both_ready = threading.Barrier(2)

    def run(command):
        try:
            both_ready.wait(timeout=10)
            command()
            outcomes.append("done")
        except addresses.AddressTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=[command])
        for command in (
            lambda: lifecycle.add(name="Bo", primary_email="new@mail.example", language="en-GB"),
            lambda: email_change.start(vendor, new="new@mail.example", reason="moved"),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert sorted(outcomes) == ["done", "taken"]
    holders = Vendor.objects.at_address("new@mail.example").count()
    assert holders == 1
    assert EmailChange.objects.filter(new="new@mail.example").count() <= 1

"""Finance keeps exchange rates, and what vendors charge is worked out in euros by the newest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, VENDOR_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff
from tests.vendors.profiles import approved_vendor, pair
from vendors.models import ExchangeRate, Rate, Vendor
from vendors.profile.approved_profile import ApprovedPair, ApprovedRate

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/vendors/exchangerate/", "/admin/vendors/exchangerate/add/"


@pytest.fixture
def fred():
    return create_staff(role=FINANCE)


@pytest.fixture
def as_fred(fred):
    return signed_in(fred)


def typed(currency: str = "SEK", per_euro: str = "11,20", valid_on: str = "2 November 2026") -> dict[str, str]:
    return {"currency": currency, "per_euro": per_euro, "valid_on": valid_on}


def vendor_charging(amount: str, currency: str) -> Vendor:
    rate = ApprovedRate(service="translation", unit="source_word", amount=Decimal(amount), currency=currency)
    return approved_vendor(pairs=[ApprovedPair(source="en-GB", target="sv", services=["translation"], rates=[rate])])


def in_euros() -> Decimal | None:
    return Rate.objects.get().in_euros


def test_finance_adds_an_exchange_rate_and_sees_who_did(as_fred, fred):
    as_fred.post(ADD, typed())

    kept = ExchangeRate.objects.get()
    assert (kept.currency, kept.per_euro, kept.valid_on, kept.by) == (
        "SEK",
        Decimal("11.2"),
        dt.date(2026, 11, 2),
        fred,
    )
    listed = as_fred.get(LIST).text
    assert "11.20" in listed
    assert "2 November 2026" in listed
    assert fred.email in listed


@pytest.mark.parametrize("role", [VENDOR_MANAGER, AUDITOR])
def test_others_see_exchange_rates_and_add_none(as_fred, role):
    as_fred.post(ADD, typed())
    client = signed_in(create_staff(role=role))

    assert "11.20" in client.get(LIST).text
    assert client.post(ADD, typed()).status_code == 403
    assert ExchangeRate.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"per_euro": "eleven"}, "Enter the amount in digits only"),
        ({"per_euro": "0"}, "Enter an amount greater than zero."),
        ({"currency": ""}, "Choose a currency."),
        ({"currency": "EUR"}, "Choose a currency."),
        ({"valid_on": ""}, "Enter the date of the exchange rate."),
        ({"valid_on": "2 November 1999"}, "Enter a date after 31 December 1999."),
    ],
)
def test_what_cannot_be_right_is_refused_and_kept_as_typed(as_fred, wrong, sentence):
    refused = as_fred.post(ADD, typed() | wrong)

    assert sentence in refused.text
    assert not ExchangeRate.objects.exists()


def test_day_that_has_not_come_is_refused(as_fred):
    tomorrow = timezone.localdate() + dt.timedelta(1)

    refused = as_fred.post(ADD, typed(valid_on=f"{tomorrow:%-d %B %Y}"))

    assert "The date is in the future." in refused.text
    assert 'value="11,20"' in refused.text


def test_one_that_is_far_from_the_one_in_force_is_asked_about_once(as_fred):
    as_fred.post(ADD, typed())

    asked = as_fred.post(ADD, typed(per_euro="0.0893"))

    assert (
        "This is very different from the exchange rate in force, which is 1 EUR = 11.20 SEK (2 November 2026)."
        in asked.text
    )
    assert ExchangeRate.objects.count() == 1
    as_fred.post(ADD, typed(per_euro="0.0893") | {"asked_about": asked.context["form"]["asked_about"].value()})
    assert ExchangeRate.objects.count() == 2


def test_newest_day_counts_and_the_later_of_the_same_day(as_fred):
    vendor_charging("1.12", "SEK")
    assert in_euros() is None

    as_fred.post(ADD, typed())
    assert in_euros() == Decimal("0.1")
    as_fred.post(ADD, typed(per_euro="11.3", valid_on="1 October 2026"))
    assert in_euros() == Decimal("0.1")
    as_fred.post(ADD, typed(per_euro="10"))
    assert in_euros() == Decimal("0.112")


def test_rate_that_is_approved_later_is_worked_out_as_well(as_fred):
    as_fred.post(ADD, typed())

    vendor_charging("2.24", "SEK")

    assert in_euros() == Decimal("0.2")


def test_rate_in_euros_needs_no_exchange_rate():
    approved_vendor(pairs=[pair("zh-Hant-HK", "x-klingon", "0.085")])

    rate = Rate.objects.get()
    assert (rate.in_euros, rate.source_language, rate.target_language) == (Decimal("0.085"), "zh", "x-klingon")


def test_rate_follows_what_its_pair_and_its_amount_become():
    vendor = approved_vendor(pairs=[pair("de", "pl", "0.085")])

    vendor.language_pairs.update(source="en-GB")
    Rate.objects.update(amount=Decimal("0.09"))

    rate = Rate.objects.get()
    assert (rate.source_language, rate.in_euros) == ("en", Decimal("0.09"))


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_was_added_stays(as_fred, act):
    as_fred.post(ADD, typed())
    kept = ExchangeRate.objects.get()

    with pytest.raises(ProgrammingError), transaction.atomic():
        ExchangeRate.objects.update(per_euro=1) if act == "update" else kept.delete()
    client = signed_in(create_staff(role=ADMINISTRATOR))
    assert client.post(f"{LIST}{kept.pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{kept.pk}/change/", typed()).status_code in (200, 403)
    assert ExchangeRate.objects.get().per_euro == Decimal("11.2")

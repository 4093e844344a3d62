import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import EntraAccount, User
from identity.sign_in.pipeline import NotAllowed
from tests.factories import create_account, create_email_change, create_staff, create_vendor
from tests.records import events, live_addresses
from vendors import lifecycle, pipeline
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db


def pass_through(account):
    """Both steps as the pipeline calls them."""
    values = {"backend": None, "user": account.user, "account": account}
    values |= pipeline.admit(**values) or {}
    pipeline.sign_in(**values)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (VendorState.SUSPENDED, "vendor_suspended"),
        (VendorState.ENDED, "vendor_ended"),
        (VendorState.DECLINED, "vendor_declined"),
        (VendorState.ERASED, "access_revoked"),
    ],
)
def test_whoever_is_shut_out_is_not_admitted(state, reason):
    vendor = create_vendor(state=state)

    with pytest.raises(NotAllowed) as caught:
        pipeline.admit(None, vendor.user, EntraAccount.objects.get())

    assert (caught.value.reason, caught.value.user) == (reason, vendor.user)


def test_prepared_vendor_is_not_admitted():
    vendor = create_vendor()
    account = create_account(user=vendor.user, address=vendor.primary_email)

    with pytest.raises(NotAllowed) as caught:
        pipeline.admit(None, vendor.user, account)

    assert caught.value.reason == "access_revoked"


def test_guest_without_a_vendor_is_not_admitted():
    account = create_account(user=User.objects.create_user(), address="ana@mail.example")

    with pytest.raises(NotAllowed) as caught:
        pipeline.admit(None, account.user, account)

    assert caught.value.reason == "vendor_missing"


def test_staff_pass_without_a_look_at_vendors(django_assert_num_queries):
    account = EntraAccount.objects.select_related("user").get(user=create_staff())

    with django_assert_num_queries(0):
        pass_through(account)


def test_first_sign_in_opens_the_onboarding():
    vendor = create_vendor(state=VendorState.INVITED)

    pass_through(EntraAccount.objects.select_related("user").get())

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING
    assert events(vendor) == ["signed_in_first"]


def test_first_sign_in_in_two_tabs_opens_it_once():
    vendor = create_vendor(state=VendorState.INVITED)
    account = EntraAccount.objects.select_related("user").get()
    first_tab = {"backend": None, "user": account.user, "account": account}
    second_tab = first_tab | (pipeline.admit(**first_tab) or {})

    pass_through(account)
    pipeline.sign_in(**second_tab)

    assert events(vendor) == ["signed_in_first"]


@pytest.mark.parametrize(
    "state",
    [VendorState.ONBOARDING, VendorState.SUBMITTED, VendorState.CHANGES_REQUESTED, VendorState.APPROVED],
)
def test_returning_vendor_costs_one_statement_and_changes_nothing(state, django_assert_num_queries):
    vendor = create_vendor(state=state)
    account = EntraAccount.objects.select_related("user").get()

    with django_assert_num_queries(1):
        pass_through(account)

    vendor.refresh_from_db()
    assert vendor.state == state
    assert events(vendor) == []


def test_first_sign_in_with_the_new_address_confirms_the_change():
    vendor = create_vendor(state=VendorState.APPROVED)
    old_account = EntraAccount.objects.get()
    change = create_email_change(vendor=vendor, new="new@mail.example", old_account=old_account)
    new_account = create_account(user=vendor.user, address="new@mail.example", used=True)

    pass_through(new_account)

    change.refresh_from_db()
    assert change.state == "confirmed"
    assert live_addresses(vendor.user) == ["new@mail.example"]


def test_steps_run_after_the_person_said_that_the_account_is_their_own():
    """identity.sign_in.pipeline.finish goes on after `accept` and has no admit step before this one."""
    vendor = create_vendor(state=VendorState.INVITED)
    account = EntraAccount.objects.select_related("user").get()

    pipeline.sign_in(backend=None, user=account.user, account=account)

    assert Vendor.objects.get().state == VendorState.ONBOARDING
    assert events(vendor) == ["signed_in_first"]


def test_suspended_between_the_steps_stays_suspended():
    vendor = create_vendor(state=VendorState.INVITED)
    account = EntraAccount.objects.select_related("user").get()
    values = {"backend": None, "user": account.user, "account": account}
    values |= pipeline.admit(**values) or {}
    lifecycle.suspend(Vendor.objects.get())

    with CaptureQueriesContext(connection):
        pipeline.sign_in(**values)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUSPENDED

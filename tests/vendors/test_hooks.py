import pytest

from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Invitation, User
from identity.sign_in.pipeline import NotAllowed
from tests.factories import create_account, create_email_change, create_invitation, create_staff, create_vendor
from tests.records import events, live_addresses
from vendors import lifecycle
from vendors.hooks import admit, invitation_settled, sign_in
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db


def pass_through(account):
    """Both steps as the pipeline calls them."""
    values = {"backend": None, "user": account.user, "account": account}
    values |= admit(**values) or {}
    sign_in(**values)


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
        admit(None, vendor.user, EntraAccount.objects.get())

    assert (caught.value.reason, caught.value.user) == (reason, vendor.user)


def test_prepared_vendor_is_not_admitted():
    vendor = create_vendor()
    account = create_account(user=vendor.user, address=vendor.primary_email)

    with pytest.raises(NotAllowed) as caught:
        admit(None, vendor.user, account)

    assert caught.value.reason == "access_revoked"


def test_guest_without_a_vendor_is_not_admitted():
    account = create_account(user=User.objects.create_user(), address="ana@mail.example")

    with pytest.raises(NotAllowed) as caught:
        admit(None, account.user, account)

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
    second_tab = first_tab | (admit(**first_tab) or {})

    pass_through(account)
    sign_in(**second_tab)

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

    sign_in(backend=None, user=account.user, account=account)

    assert Vendor.objects.get().state == VendorState.ONBOARDING
    assert events(vendor) == ["signed_in_first"]


def test_suspended_between_the_steps_is_not_let_in():
    vendor = create_vendor(state=VendorState.INVITED)
    account = EntraAccount.objects.select_related("user").get()
    values = {"backend": None, "user": account.user, "account": account}
    values |= admit(**values) or {}
    lifecycle.suspend(Vendor.objects.get())

    with pytest.raises(NotAllowed):
        sign_in(**values)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.SUSPENDED


def test_what_graph_answers_is_recorded(tenant, send):
    vendor = create_vendor()
    lifecycle.invite(vendor)

    invitation = send(vendor.user)

    assert invitation.state == "sent"
    assert events(vendor) == ["invited", "invitation_sent"]
    assert vendor.events.first().data == {"invitation": str(invitation.pk)}
    vendor.refresh_from_db()
    assert vendor.state == VendorState.INVITED


def test_refusal_is_recorded_with_its_reason(tenant, send):
    vendor = create_vendor(primary_email="vera.vm@sandberg.example")
    lifecycle.invite(vendor)

    invitation = send(vendor.user)

    assert invitation.state == "refused"
    assert vendor.events.first().data == {"invitation": str(invitation.pk), "reason": "address_is_member"}
    assert events(vendor)[-1] == "invitation_refused"


def test_acceptance_is_recorded():
    vendor = create_vendor(state=VendorState.INVITED)

    invitations.accepted(EntraAccount.objects.get())

    assert events(vendor) == ["invitation_accepted"]


@pytest.mark.parametrize("event", ["withdrawn", "expired"])
def test_lapsed_invitation_makes_the_vendor_prepared_again(event):
    vendor = create_vendor(state=VendorState.INVITED)

    invitation_settled(Invitation.objects.get(), event)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.PREPARED
    assert events(vendor) == ["invitation_withdrawn"]


def test_lapsed_invitation_to_a_new_address_leaves_the_state():
    vendor = create_vendor(state=VendorState.APPROVED)
    invitation = create_invitation(user=vendor.user, address="new@mail.example")
    create_email_change(vendor=vendor, invitation=invitation)

    invitation_settled(invitation, "withdrawn")

    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED


def test_withdrawal_by_vm_is_recorded_once_with_who_did_it(vera):
    vendor = create_vendor(state=VendorState.INVITED)

    lifecycle.withdraw_invitation(vendor, by=vera)

    assert list(vendor.events.values_list("kind", "by")) == [("invitation_withdrawn", vera.pk)]


def test_invitation_of_somebody_who_is_no_vendor_is_none_of_our_business():
    staff = create_staff()

    invitation_settled(create_invitation(user=staff, address="x@mail.example"), "sent")

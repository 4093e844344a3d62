import pytest

from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Invitation
from tests.factories import create_email_change, create_invitation, create_staff, create_vendor
from tests.records import events
from vendors import lifecycle
from vendors.listeners import invitation_settled
from vendors.models import VendorState

pytestmark = pytest.mark.django_db


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

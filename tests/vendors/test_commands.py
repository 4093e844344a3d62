import pytest
from django.core.management import CommandError, call_command

from identity.models import EntraAccount, Invitation
from tests.factories import create_vendor
from tests.records import events, live_addresses
from vendors.models import EmailChange, Vendor, VendorState

pytestmark = pytest.mark.django_db


def test_invite_vendor_adds_and_invites_an_unknown_address(capsys):
    call_command("invite_vendor", "ana@Mail.example", "--name", "Ana Almeida", "--language", "pt-PT")

    vendor = Vendor.objects.get()
    assert (vendor.name, vendor.primary_email, vendor.language, vendor.state) == (
        "Ana Almeida",
        "ana@mail.example",
        "pt-PT",
        "invited",
    )
    assert list(vendor.events.values_list("kind", "via", "by")) == [
        ("invited", "invite_vendor", None),
        ("added", "invite_vendor", None),
    ]
    assert capsys.readouterr().out == "ana@mail.example: invitation queued.\n"


def test_invite_vendor_invites_a_prepared_one():
    vendor = create_vendor(primary_email="ana@mail.example", name="Ana")

    call_command("invite_vendor", "ANA@mail.example", "--name", "Somebody else")

    vendor.refresh_from_db()
    assert (vendor.name, vendor.state) == ("Ana", "invited")


def test_invite_vendor_refuses_who_is_invited_and_says_what_to_do():
    create_vendor(state=VendorState.INVITED, primary_email="ana@mail.example")

    with pytest.raises(CommandError, match="invited.*reinvite_vendor") as caught:
        call_command("invite_vendor", "ana@mail.example")

    assert caught.value.returncode == 1


@pytest.mark.parametrize("address", ["ana", "a+b@mail.example"])
def test_invite_vendor_refuses_a_bad_address_and_adds_nobody(address):
    with pytest.raises(CommandError):
        call_command("invite_vendor", address)

    assert not Vendor.objects.exists()


def test_reinvite_vendor_supersedes():
    vendor = create_vendor(state=VendorState.INVITED)

    call_command("reinvite_vendor", vendor.primary_email)

    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["queued", "superseded"]
    assert vendor.events.get().via == "reinvite_vendor"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (VendorState.PREPARED, "invite_vendor"),
        (VendorState.APPROVED, "already signed in"),
        (VendorState.SUSPENDED, "suspended"),
    ],
)
def test_reinvite_vendor_refuses(state, said):
    vendor = create_vendor(state=state)

    with pytest.raises(CommandError, match=said):
        call_command("reinvite_vendor", vendor.primary_email)

    assert not Invitation.objects.filter(state="queued").exists()


def test_reinvite_vendor_refuses_an_unknown_address():
    with pytest.raises(CommandError, match="No vendor has"):
        call_command("reinvite_vendor", "nobody@mail.example")


@pytest.mark.parametrize(
    ("flags", "mode", "live"), [([], "planned", ["old@mail.example"]), (["--cut-off"], "cut_off", [])]
)
def test_change_vendor_email(flags, mode, live):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="old@mail.example")

    call_command("change_vendor_email", "OLD@mail.example", "new@mail.example", "--reason", "moved", *flags)

    vendor.refresh_from_db()
    change = EmailChange.objects.get()
    assert vendor.primary_email == "new@mail.example"
    assert (change.mode, change.reason, change.how_known) == (mode, "moved", "other")
    assert live_addresses(vendor.user) == live
    assert events(vendor) == ["email_change_started"]
    assert vendor.events.get().via == "change_vendor_email"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("nobody@mail.example", "new@mail.example", "No vendor has"),
        ("old@mail.example", "taken@mail.example", "already the primary email"),
        ("old@mail.example", "old@mail.example", "already the vendor"),
        ("old@mail.example", "new", "Enter an email address"),
        ("suspended@mail.example", "new@mail.example", "suspended"),
    ],
)
def test_change_vendor_email_refuses(old, new, said):
    create_vendor(state=VendorState.APPROVED, primary_email="old@mail.example")
    create_vendor(primary_email="taken@mail.example")
    create_vendor(state=VendorState.SUSPENDED, primary_email="suspended@mail.example")

    with pytest.raises(CommandError, match=said) as caught:
        call_command("change_vendor_email", old, new, "--reason", "moved")

    assert caught.value.returncode == 1
    assert not EmailChange.objects.exists()
    assert EntraAccount.objects.live().count() == 2

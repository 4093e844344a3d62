"""Vendor Management adds a vendor in the admin and sees what becomes of the invitation."""

from __future__ import annotations

from django.utils import timezone

from identity.jobs.heartbeat import DEAD_AFTER
from identity.models import EntraAccount, Failure, Heartbeat, Invitation
from tests.journeys import desk
from tests.passport_fixture import VM
from tests.waiting import wait_for
from vendors.models import Vendor, VendorState

DORA = "dora@mail.example"


def test_invited_at_once_sent_again_and_withdrawn(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Dora Dimitrova", address="Dora@MAIL.example", language="de-DE")

    vendor = Vendor.objects.get()
    assert vera.page.path == f"/admin/vendors/vendor/{vendor.pk}/change/", vera.page
    assert (vendor.name, vendor.primary_email, vendor.state) == ("Dora Dimitrova", "Dora@mail.example", "invited")
    assert "Invitation to Dora@mail.example (vendor added) queued" in vera.page.text

    passport.work()
    desk.open_vendor(vera, vendor)
    assert "Invitation to Dora@mail.example (vendor added) sent" in vera.page.text
    assert "Invitation sent by Microsoft" in vera.page.text
    assert f"· {VM} Added" in vera.page.text
    [asked] = passport.tenant.requests(operation="invitations")
    assert asked["body"]["invitedUserEmailAddress"] == "Dora@mail.example"
    assert asked["body"]["invitedUserMessageInfo"] == {"messageLanguage": "de-DE"}
    dora = passport.person(DORA)
    assert dora.read_mail("invited you to collaborate")["source"] == "invitation"
    ours = dora.read_mail(kind="invitation")
    assert ["Reply-To", "vm@sandberg.example"] in ours["headers"]

    desk.press(vera, vendor, "invite-again")
    passport.work()
    desk.open_vendor(vera, vendor)
    assert "Invitation to Dora@mail.example (sent again) sent" in vera.page.text
    assert "Invitation to Dora@mail.example (vendor added) superseded" in vera.page.text
    assert dora.read_new_mail("invited you to collaborate")
    assert EntraAccount.objects.live().filter(guest=True).count() == 1, "the same guest, whichever link is used"

    desk.press(vera, vendor, "withdraw-invitation")
    vendor.refresh_from_db()
    assert vendor.state == VendorState.PREPARED
    assert "Invitation to Dora@mail.example (sent again) withdrawn" in vera.page.text
    assert not EntraAccount.objects.live().filter(guest=True).exists()
    assert "Can sign in with nothing yet" in vera.page.text

    dora.accept_invitation()
    assert "ask-vm" in dora.page.forms, dora.page
    dora.go("/sign-in/")
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path.startswith("/sign-in/problem/")

    desk.press(vera, vendor, "invite")
    passport.work()
    dora.go("/sign-in/")
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path == "/stay-signed-in/", dora.page
    desk.open_vendor(vera, vendor)
    assert "Signed in for the first time" in vera.page.text


def test_prepared_first_and_invited_later(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Dora", address=DORA, button="_prepare")

    vendor = Vendor.objects.get()
    assert vendor.state == VendorState.PREPARED
    assert "but not invited yet" in vera.page.text
    passport.work()
    assert passport.tenant.requests(operation="invitations") == []
    assert passport.tenant.mails(DORA) == []

    desk.press(vera, vendor, "invite")
    passport.work()
    assert Invitation.objects.get().state == Invitation.State.SENT
    assert passport.tenant.wait_for_mail(DORA, "invited you to collaborate")


def test_did_you_mean_asks_and_does_not_insist(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Ana", address="sandbox-ana@gmial.com", button="_prepare")

    assert "Did you mean sandbox-ana@gmail.com?" in vera.page.text, vera.page
    assert not Vendor.objects.exists()
    vera.submit(button="_prepare")
    assert Vendor.objects.get().primary_email == "sandbox-ana@gmial.com"


def test_suggestion_can_be_followed(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Ana", address="sandbox-ana@gmial.com", button="_prepare")
    vera.submit(button="_prepare", primary_email="sandbox-ana@gmail.com")

    assert Vendor.objects.get().primary_email == "sandbox-ana@gmail.com"


REFUSED = {
    "dora": "Enter an email address, like ana@example.com.",
    "dora@": "Enter an email address, like ana@example.com.",
    "do ra@mail.example": "Microsoft cannot invite an address with a space in it.",
    "dora#1@mail.example": "Microsoft cannot invite an address with “#” in it.",
    ".dora@mail.example": "begins or ends with a dot",
    "döra@mail.example": "plain Latin letters",
    "CHEN@agency.example": "This address is already the primary email of Chen Li",
    "": "Enter the vendor's email address.",
}


def test_address_that_cannot_be_invited_is_a_sentence_on_the_form(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Chen Li", address="chen@agency.example", button="_prepare")
    vera.go("/admin/vendors/vendor/add/")

    for address, sentence in REFUSED.items():
        vera.submit(button="_invite", name="Somebody", primary_email=address)
        assert (vera.page.status, vera.page.path) == (200, "/admin/vendors/vendor/add/"), vera.page
        assert sentence in vera.page.text, f"{address}: {vera.page.text}"
        assert vera.form().field("name").value == "Somebody", "what was typed stays"
        assert vera.form().field("primary_email").value == address

    assert Vendor.objects.get().name == "Chen Li"
    assert not Invitation.objects.exists()


def test_graphs_own_refusal_is_told_on_the_vendors_page(passport):
    """What no form can know: the address belongs to an employee."""
    vera = passport.staff()
    desk.add_vendor(vera, name="Mia", address="mia.member@sandberg.example")
    passport.work()

    vendor = Vendor.objects.get()
    desk.open_vendor(vera, vendor)
    assert "Invitation to mia.member@sandberg.example (vendor added) refused" in vera.page.text
    refused = Failure.objects.get()
    assert vera.page.link(f"/admin/identity/failure/{refused.pk}/change/")
    assert vera.page.link(desk.page_of(vendor, "change-email"))


def test_tenant_down_leaves_it_queued_and_the_page_says_so(passport):
    vera = passport.staff()
    passport.tenant.fault("invitations", status=503, headers={"Retry-After": "1"}, count=1)
    desk.add_vendor(vera, name="Dora", address=DORA)
    vendor = Vendor.objects.get()
    passport.work()

    desk.open_vendor(vera, vendor)
    assert f"Invitation to {DORA} (vendor added) queued" in vera.page.text
    assert "Waiting for Microsoft. Next attempt on" in vera.page.text
    assert "503" in vera.page.text

    until_sent(passport, vendor)
    desk.open_vendor(vera, vendor)
    assert f"Invitation to {DORA} (vendor added) sent" in vera.page.text
    assert "Waiting for Microsoft" not in vera.page.text
    assert not Failure.objects.open().exists()


def until_sent(passport, vendor: Vendor) -> None:
    def is_sent() -> bool:
        passport.work()
        return Invitation.objects.get(user=vendor.user_id).state != Invitation.State.QUEUED

    wait_for(is_sent)


def test_worker_down_leaves_it_queued_and_the_page_says_so(passport):
    vera = passport.staff()
    desk.add_vendor(vera, name="Dora", address=DORA)
    vendor = Vendor.objects.get()
    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now() - DEAD_AFTER)

    desk.open_vendor(vera, vendor)
    assert f"Invitation to {DORA} (vendor added) queued" in vera.page.text
    assert "the worker is not running" in vera.page.text
    vera.go("/admin/")
    assert "worker-is-dead" in vera.page.ids

    passport.work()
    desk.open_vendor(vera, vendor)
    assert f"Invitation to {DORA} (vendor added) sent" in vera.page.text
    assert "the worker is not running" not in vera.page.text

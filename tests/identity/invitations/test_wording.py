"""What changed since the invitation before: the person reads it in Passport's mail, VM wherever it looks."""

from __future__ import annotations

from django.core.management import call_command

from identity.models import Invitation
from identity.sandbox.client import is_of_kind
from tests.passport_fixture import Passport
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import Vendor

OLD, NEW = "dora@mail.example", "sandbox-ana@gmail.com"


def changes(passport: Passport, address: str) -> list[str]:
    """The lines of Passport's latest invitation to this address that tell what is different."""
    mails = [mail for mail in passport.tenant.mails(address) if mail["source"] == "smtp"]
    return [line.removeprefix("- ") for line in mails[-1]["text"].splitlines() if line.startswith("- ")]


def subject(passport: Passport, address: str) -> str:
    return [mail["subject"] for mail in passport.tenant.mails(address) if mail["source"] == "smtp"][-1]


def text(passport: Passport, address: str) -> str:
    return [mail["text"] for mail in passport.tenant.mails(address) if mail["source"] == "smtp"][-1]


def change_address(passport: Passport, vendor: Vendor, *, cut_off: bool = False) -> email_change.EmailChange:
    change = email_change.start(vendor, new=NEW, reason="asked", how_known="called", cut_off=cut_off)
    passport.work()
    return change


def told_vm() -> str:
    """What stands in the admin beside the latest invitation."""
    from vendors.history.timeline import of_invitations  # noqa: PLC0415

    rows = list(Invitation.objects.select_related("account", "by").order_by("-queued_at"))
    return " ".join(next(of_invitations(rows, worker_is_dead=False)).details)


def test_first_invitation_has_nothing_before_it(passport):
    passport.invited(OLD)

    assert changes(passport, OLD) == []
    assert told_vm() == ""


def test_sent_again(passport):
    vendor = passport.invited(OLD)
    lifecycle.resend_invitation(vendor)
    passport.work()

    [said] = changes(passport, OLD)
    assert "is for the same mailbox. The link in the earlier email still works as well." in said
    assert subject(passport, OLD) == "Sandberg has sent your invitation to Passport again"
    assert "sent on " in told_vm()
    assert f"to {OLD} (vendor added). The link sent earlier still works" in told_vm()


def test_older_link_works_as_the_mail_says(passport):
    vendor = passport.invited(OLD)
    first = passport.person(OLD)
    lifecycle.resend_invitation(vendor)
    passport.work()
    first.accept_invitation()
    first.submit("signin")
    first.authenticate()

    assert first.page.path == "/stay-signed-in/", first.page


def test_sent_again_before_the_first_one_went_out(passport):
    passport.tenant.fault("invitations", status=503)
    vendor = passport.invited(OLD)
    lifecycle.resend_invitation(vendor)
    passport.work()

    assert changes(passport, OLD) == [], "the person never had one"
    assert "which was not sent" in told_vm()


def test_correction(passport):
    """Whoever reads it has never heard of us, and may be somebody else once more: it is not told the old address."""
    vendor = passport.invited(OLD)
    change_address(passport, vendor)

    assert changes(passport, NEW) == []
    assert subject(passport, NEW) == "Sandberg has invited you to Passport"
    assert "would like to work with you" in text(passport, NEW)
    assert OLD not in str(passport.tenant.mails(NEW))
    assert f"New address: {NEW} instead of {OLD}. The link sent to {OLD} no longer works." in told_vm()


def test_correction_sent_again(passport):
    vendor = passport.invited(OLD)
    change_address(passport, vendor)
    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()

    assert subject(passport, NEW) == "Sandberg has sent your invitation to Passport again"
    assert "The link in the earlier email still works as well." in changes(passport, NEW)[0]


def test_sent_again_after_an_address_to_which_nothing_went(passport):
    """Corrected before the first one went out, and sent again at once."""
    passport.tenant.fault("invitations", status=503)
    vendor = passport.invited(OLD)
    email_change.start(vendor, new=NEW, reason="mistyped")
    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()

    assert subject(passport, NEW) == "Sandberg has invited you to Passport"


def test_planned_change(passport):
    passport.invited(OLD)
    passport.signed_in(OLD)
    change_address(passport, Vendor.objects.get())

    assert subject(passport, NEW) == "Sandberg Passport: your new sign-in address"
    assert changes(passport, NEW)[1] == (
        "The address you have used so far will keep working until you first sign in with this one."
    )
    assert f"{OLD} will keep working until the first sign-in with {NEW}." in told_vm()

    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()
    assert "The link in the earlier email still works as well." in changes(passport, NEW)[0]
    assert changes(passport, NEW)[1].startswith("The address you have used so far will keep working until")


def test_cut_off(passport):
    passport.invited(OLD)
    passport.signed_in(OLD)
    change_address(passport, Vendor.objects.get(), cut_off=True)

    assert changes(passport, NEW)[1] == "No one can sign in with the earlier address any longer."
    assert f"The link sent to {OLD} no longer works." in told_vm()


def test_cut_off_and_undone_has_nothing_to_accept(passport):
    """Microsoft mails nothing to a guest who has accepted."""
    passport.invited(OLD)
    passport.signed_in(OLD)
    change = change_address(passport, Vendor.objects.get(), cut_off=True)
    email_change.undo(change)
    passport.work()

    mails = [mail["text"] for mail in passport.tenant.mails(OLD) if is_of_kind(mail, "invitation")]
    assert "There's nothing to accept this time. Sign in as before:" in mails[-1]
    assert "Accept invitation" not in mails[-1]
    assert "Review permissions" not in mails[-1]


def test_undone(passport):
    passport.invited(OLD)
    change = change_address(passport, Vendor.objects.get())
    email_change.undo(change)
    passport.work()

    assert changes(passport, OLD) == [
        "The change to another address was undone. Please sign in with this one, as before."
    ]
    assert subject(passport, OLD) == "Sandberg has sent your invitation to Passport again"
    assert "Your profile stays as it is" not in text(passport, OLD)
    assert f"New address: {OLD} instead of {NEW}. The link sent to {NEW} no longer works." in told_vm()


def test_repaired(passport):
    passport.tenant.settings(permissions=["User.Invite.All", "User.ReadWrite.All"])
    passport.invited(OLD)
    passport.signed_in(OLD)
    email_change.repair(Vendor.objects.get(), reason="the mailbox moved")
    passport.work()

    assert "We have renewed your sign-in" in changes(passport, OLD)[0]
    assert subject(passport, OLD) == "Sandberg Passport: your sign-in was renewed"
    assert f"The link sent to {OLD} no longer works." in told_vm()


def test_invited_again_after_it_was_withdrawn(passport):
    vendor = passport.invited(OLD)
    lifecycle.withdraw_invitation(vendor)
    lifecycle.invite(vendor)
    passport.work()

    [said] = changes(passport, OLD)
    assert "whose link no longer works. Please use this one." in said


def test_admin_says_it_before_and_after(passport):
    vendor = passport.invited(OLD)
    vera = passport.staff()
    vera.go(f"/admin/vendors/vendor/{vendor.pk}/invite-again/")
    assert "It replaces the invitation sent on " in vera.page.text
    assert "The link sent earlier still works" in vera.page.text

    vera.submit()
    assert "The link sent earlier still works" in vera.page.text
    vera.go(f"/admin/identity/invitation/{Invitation.objects.first().pk}/change/")
    assert "The link sent earlier still works" in vera.page.text


def test_reinvite_vendor_prints_it(passport, capsys):
    passport.invited(OLD)
    call_command("reinvite_vendor", OLD)

    queued, replaces, leads_in = capsys.readouterr().out.splitlines()
    assert queued == f"{OLD}: invitation queued again."
    assert replaces.startswith("It replaces the invitation sent on ")
    assert leads_in == "The link sent earlier still works: it belongs to the same guest."

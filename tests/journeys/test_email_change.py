"""A vendor's primary email changes: a planned move, a lost mailbox, a typing mistake, and taking it back."""

from __future__ import annotations

from typing import Any

from django.forms.models import model_to_dict

from identity.models import EntraAccount, Failure, Session
from onboarding.models import Draft
from tests.journeys import desk, wizard
from tests.onboarding.answers import PDF
from tests.passport_fixture import VM, Passport
from tests.person import Person
from vendors.models import EmailChange, Vendor, VendorState

OLD, NEW = "dora@mail.example", "sandbox-ana@gmail.com"


def test_planned_move_of_an_approved_vendor(passport):
    vendor = passport.invited(OLD)
    dora = passport.signed_in(OLD)
    wizard.fill_in_all(dora)
    wizard.send(dora)
    vera = passport.staff()
    desk.decide(vera, vendor, "approve")
    passport.work()
    before = everything_about(vendor)
    passport.tenant.forget_requests()

    # The form, the page that says what will happen, then it happens
    desk.change_email(vera, vendor, new=NEW)
    assert "how_known" in vera.page.invalid, "VM has to say how it knows that it is them"
    vera.submit(how_known="called", mode="planned")
    assert "consequences" in vera.page.ids, vera.page
    for sentence in [
        f"The primary email of Łucja Nowak-Åberg becomes {NEW}.",
        f"Microsoft emails an invitation to {NEW}",
        f"{OLD} keeps working until the first sign-in with {NEW}",
        f"{OLD} gets an email about the change, with a “This was not me” link but without the new address",
        "The profile, the answers and the timeline stay as they are.",
    ]:
        assert sentence in vera.page.text
    assert not EmailChange.objects.exists(), "nothing happens before the last button"
    vera.submit(button="_edit")
    assert vera.form().field("new").value == NEW
    vera.submit()
    vera.submit(button="_confirm")
    assert f"The primary email is now {NEW}." in vera.page.text
    assert f"{OLD} → {NEW}" in vera.page.text
    assert f"Primary email changed from {OLD} to {NEW} (planned)" in vera.page.text
    assert "How we know it is them: call to the number on file" in vera.page.text
    assert f"· {VM} Primary email changed" in vera.page.text
    passport.work()

    # The old address is told, not of the new one, and works until the new one is used
    told = dora.read_new_mail(kind="email-changed")["text"]
    assert NEW not in told
    assert "/email-change/not-me/" in told
    dora.go("/profile/")
    assert f"Signed in as {OLD}" in dora.page.text, "that is the account of this session"
    assert passport.signed_in(OLD).page.path == "/profile/"
    [asked] = passport.tenant.requests(operation="invitations")
    assert asked["body"]["invitedUserEmailAddress"] == NEW

    # The new mailbox accepts: the same profile, nothing else changed
    ana = passport.person(NEW)
    ours = ana.read_mail(kind="invitation")["text"]
    assert "Your profile stays as it is." in ours
    ana.accept_invitation()
    ana.submit("signin")
    ana.authenticate()
    ana.submit("stay", button=("stay", "no"))
    assert ana.page.path == "/profile/", ana.page
    assert NEW in ana.page.text
    assert everything_about(vendor) == before
    ana.follow(named=wizard.CV_NAME)
    assert ana.page.response.content == PDF
    assert Vendor.objects.get().primary_email == NEW

    # The old one is out: the session that was open, and signing in anew
    assert dora.go("/profile/").path == "/sign-in/"
    shut_out(passport, OLD, reason="access_revoked")
    desk.open_vendor(vera, vendor)
    assert "New address used for the first time" in vera.page.text
    assert [account.address for account in EntraAccount.objects.live().filter(user=vendor.user)] == [NEW]
    assert "planned, confirmed" in vera.page.text


def test_lost_mailbox_is_cut_off_at_once(passport):
    vendor = passport.invited(OLD, name="Dora Dimitrova")
    dora = passport.signed_in(OLD, stay="yes")
    wizard.fill_in(dora, "about")
    wizard.fill_in(dora, "payment")
    before = everything_about(vendor)

    vera = passport.staff()
    desk.change_email(vera, vendor, new=NEW, mode="cut_off", how_known="known_contact")
    assert f"No one can sign in with {OLD} any more. Everyone signed in with it is signed out." in vera.page.text
    vera.submit(button="_confirm")

    assert dora.go("/onboarding/").path == "/sign-in/", "signed out before any worker has run"
    passport.work()
    shut_out(passport, OLD, reason="access_revoked")
    assert "You can no longer sign in with this address." in dora.read_new_mail(kind="email-changed")["text"]

    ana = passport.signed_in(NEW)
    assert ana.page.heading_id == "welcome-back", ana.page
    assert everything_about(vendor) == before
    assert wizard.typed(ana, "about")["about-full_name"] == ["Łucja Nowak-Åberg"]


def test_this_was_not_me_and_undo(passport):
    vendor = passport.invited(OLD, name="Dora Dimitrova")
    dora = passport.signed_in(OLD)
    vera = passport.staff()
    desk.change_email(vera, vendor, new=NEW, mode="planned", how_known="other")
    vera.submit(button="_confirm")
    passport.work()

    told = dora.read_new_mail(kind="email-changed")["text"]
    stranger = passport.person(OLD)
    stranger.go(next(line for line in told.splitlines() if "/not-me/" in line))
    assert stranger.page.forms, stranger.page
    assert not Failure.objects.exists(), "a mail scanner may open the link"
    stranger.submit("not-me")
    assert not Failure.objects.exists(), "or press the first button that it finds"
    stranger.submit("not-me", button=("sure", "yes"))
    failure = Failure.objects.get()
    assert (failure.stage, failure.reason, failure.address) == ("email_change", "change_disputed", OLD)
    passport.work()
    [mail] = passport.vm_mail(OLD)
    assert {OLD, "change_disputed"} <= set(mail["text"].splitlines())
    stranger.go(next(line for line in told.splitlines() if "/not-me/" in line))
    assert not stranger.page.forms, "said once is enough"

    desk.press(vera, vendor, "undo-email-change")
    vendor.refresh_from_db()
    assert vendor.primary_email == OLD
    assert EmailChange.objects.get().state == EmailChange.State.UNDONE
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED
    assert dora.go("/onboarding/").path == "/onboarding/", "the old sign-in was never touched"
    passport.work()

    ana = passport.person(NEW)
    ana.accept_invitation()
    assert "ask-vm" in ana.page.forms, ana.page
    shut_out(passport, NEW, reason="access_revoked")
    assert EmailChange.objects.get().state == EmailChange.State.UNDONE


def test_cut_off_taken_back_invites_the_old_address_again(passport):
    vendor = passport.invited(OLD)
    passport.signed_in(OLD)
    vera = passport.staff()
    desk.change_email(vera, vendor, new=NEW, mode="cut_off", how_known="called")
    vera.submit(button="_confirm")
    passport.work()
    desk.press(vera, vendor, "undo-email-change")
    passport.work()

    assert passport.signed_in(OLD).page.path == "/onboarding/"
    shut_out(passport, NEW, reason="access_revoked")
    [live] = EntraAccount.objects.live().filter(user=vendor.user_id)
    assert live.address == OLD


def test_typing_mistake_corrected_before_the_first_sign_in(passport):
    typo, meant = "dora@mial.example", OLD
    vera = passport.staff()
    desk.add_vendor(vera, name="Dora Dimitrova", address=typo)
    vendor = Vendor.objects.get()
    passport.work()
    stranger = passport.person(typo)
    stranger.accept_invitation()  # accepted at Microsoft, and not signed in to Passport yet
    assert stranger.page.path.startswith("/welcome/"), stranger.page

    desk.change_email(vera, vendor, new=meant)
    assert "it is not notified" in vera.page.text
    assert "how_known" not in vera.form().names
    vera.submit(button="_confirm")
    passport.work()

    stranger.submit("signin")
    stranger.authenticate()
    assert stranger.page.path.startswith("/sign-in/problem/"), stranger.page
    shut_out(passport, typo, reason="access_revoked")
    vendor.refresh_from_db()
    assert vendor.state == VendorState.INVITED
    assert not Session.objects.filter(user=vendor.user_id).exists()
    assert not [mail for mail in passport.tenant.mails(typo) if "was changed" in mail["subject"]]

    dora = passport.person(meant)
    dora.accept_invitation()
    dora.submit("signin")
    dora.authenticate()
    dora.submit("stay", button=("stay", "no"))
    assert dora.page.heading_id == "welcome", dora.page
    assert Vendor.objects.get().pk == vendor.pk
    shut_out(passport, typo, reason="access_revoked")


def everything_about(vendor: Vendor) -> dict[str, Any]:
    """Every row that belongs to the vendor, with its key; the address and the history of events apart."""
    vendor = Vendor.objects.get(pk=vendor.pk)
    rows = {
        name: sorted(f"{row.pk} {model_to_dict(row)}" for row in getattr(vendor, name).all())
        for name in ("language_pairs", "rates", "documents", "acceptances", "submissions")
    }
    single = {
        name: model_to_dict(getattr(vendor, name))
        for name in ("profile", "qualification", "payment_details")
        if hasattr(vendor, name)
    }
    fields = model_to_dict(vendor, exclude=["primary_email"])
    return {"pk": vendor.pk, "vendor": fields, "draft": Draft.objects.get(vendor=vendor).answers} | rows | single


def shut_out(passport: Passport, address: str, *, reason: str) -> Person:
    """Somebody with that address tries to sign in, from a fresh browser."""
    person = passport.person(address)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Failure.objects.open().filter(reason=reason, stage=Failure.Stage.SIGN_IN).exists()
    assert person.go("/profile/").path == "/sign-in/"
    return person

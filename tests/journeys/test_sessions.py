"""How long somebody stays signed in, and what ends it."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from django.db import transaction

from identity import accounts
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, Invitation, Session, SignInAttempt, User
from tests.passport_fixture import VM
from tests.person import Person
from tests.waiting import somebody_waits_for_us, wait_for
from vendors import lifecycle
from vendors.email_change import lifecycle as email_change
from vendors.models import Vendor


def test_no_means_until_the_browser_closes(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="no")
    assert person.go(f"{passport.url}/onboarding/").path == "/onboarding/"

    person.close_browser()
    person.go(f"{passport.url}/onboarding/")

    assert person.page.path == "/sign-in/"


def test_yes_survives_closing_the_browser(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")

    person.close_browser()
    person.go(f"{passport.url}/onboarding/")

    assert person.page.path == "/onboarding/"
    [cookie] = [cookie for cookie in person.browser.cookies if cookie.name == "passport_session"]
    assert 29 * 86400 < cookie.expires - time.time() <= 30 * 86400


def test_lapsed_session_is_renewed_without_a_page_while_the_tenant_knows_them(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")
    Session.objects.all().delete()

    person.go(f"{passport.url}/onboarding/")

    assert person.page.path == "/onboarding/"
    assert SignInAttempt.objects.filter(prompt="none", outcome="succeeded").count() == 1
    person.close_browser()
    assert person.go(f"{passport.url}/onboarding/").path == "/onboarding/"


def test_lapsed_session_shows_the_sign_in_screen_when_the_tenant_does_not(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")
    Session.objects.all().delete()
    passport.tenant.end_sessions()

    person.go(f"{passport.url}/onboarding/")

    assert person.page.path == "/sign-in/"
    assert person.page.query == {"next": "/onboarding/"}
    assert SignInAttempt.objects.get(prompt="none").outcome == "no_session"
    assert not Failure.objects.exists()


def test_sign_out_ends_the_session_here_and_at_the_tenant(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")

    person.go(f"{passport.url}/sign-out/")
    assert Session.objects.exists(), "looking at the page must not sign out"
    person.submit("signout")

    assert person.page.path == "/sign-in/", person.page
    assert not Session.objects.exists()
    assert person.go(f"{passport.url}/onboarding/").path == "/sign-in/"
    person.submit("signin")
    assert person.page.origin in passport.tenant.origins, "the tenant still knew them"


def test_front_channel_logout_ends_the_session_of_that_sid(passport):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    session = Session.objects.get()
    assert session.sid

    answer = requests.get(f"{passport.url}/auth/front-channel-logout/?sid=another", timeout=10)
    assert answer.status_code == 200
    assert Session.objects.exists()
    requests.get(f"{passport.url}/auth/front-channel-logout/?sid={session.sid}", timeout=10)

    assert not Session.objects.exists()
    assert person.go(f"{passport.url}/onboarding/").path == "/sign-in/"


def test_revoking_the_account_ends_its_sessions_at_once(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example", stay="yes")

    accounts.revoke(EntraAccount.objects.get(user=vendor.user), why=EntraAccount.Revoked.CUT_OFF)
    person.go(f"{passport.url}/onboarding/")

    assert person.page.path == "/sign-in/"
    assert not SignInAttempt.objects.filter(prompt="none").exists(), "the device cookie must not open a new one"


def test_staff_come_in_by_their_role_and_have_no_dialogue(passport):
    person = passport.staff()

    assert person.page.path == "/admin/"
    user = User.objects.get()
    assert (user.roles, user.is_staff, user.is_superuser) == (["VendorManager"], True, False)
    assert not EntraAccount.objects.get().guest
    assert VM in person.page.text
    assert "passport_device" not in person.browser.cookies


def test_member_without_a_role_is_refused(passport):
    person = passport.staff("mia.member@sandberg.example")

    assert person.page.path.startswith("/sign-in/problem/")
    assert Failure.objects.get().reason == "staff_role_missing"
    assert not User.objects.exists()


def test_lost_role_ends_the_other_sessions(passport):
    person = passport.staff()
    passport.tenant.person(VM, roles=[])
    again = passport.staff()

    assert again.page.path.startswith("/sign-in/problem/")
    assert person.go(f"{passport.url}/admin/").path == "/sign-in/"
    assert not User.objects.get().is_staff


def test_first_sign_in_with_another_address_asks_whose_account_it_is(passport):
    vendor = passport.invited("dora@mail.example")
    person = passport.person("sandbox-ana@gmail.com")
    mail = passport.tenant.wait_for_mail("dora@mail.example", "invited you to collaborate")
    person.go(mail["accept_url"])
    person.authenticate()
    person.submit("signin")
    person.authenticate()

    assert person.page.path == "/own-account/", person.page
    assert person.go(f"{passport.url}/onboarding/").path == "/own-account/"
    vendor.refresh_from_db()
    assert vendor.state == "invited"
    person.submit("own-account", button=("own", "yes"))

    assert person.page.path == "/stay-signed-in/"
    vendor.refresh_from_db()
    assert vendor.state == "onboarding"
    assert Failure.objects.get().reason == "address_differs"


def stranger(passport) -> Person:
    """Somebody to whom the invitation mail was forwarded, and who is asked whose account it is."""
    person = passport.person("sandbox-ana@gmail.com")
    mail = passport.tenant.wait_for_mail("dora@mail.example", "invited you to collaborate")
    person.go(mail["accept_url"])
    person.authenticate()
    person.submit("signin")
    person.authenticate()
    assert person.page.path == "/own-account/", person.page
    return person


def test_stranger_is_not_shown_whose_invitation_it_is(passport):
    passport.invited("dora@mail.example")
    person = stranger(passport)

    for path in ("/own-account/", "/help/signing-in/", "/sign-out/"):
        person.go(f"{passport.url}{path}")
        assert "dora@mail.example" not in person.page.text
        assert "Signed in as sandbox-ana@gmail.com" in person.page.text
    person.go(f"{passport.url}/own-account/")
    assert "d…@mail.example" in person.page.text


def test_account_that_is_not_theirs_is_shut_out(passport):
    passport.invited("dora@mail.example")
    person = stranger(passport)
    person.submit("own-account", button=("own", "no"))

    assert person.page.path.startswith("/sign-in/problem/")
    assert Failure.objects.get().reason == "not_own_account"
    assert not EntraAccount.objects.live().exists()
    assert not Session.objects.exists()


def test_disowned_account_stays_shut_out_and_the_right_person_gets_in(passport):
    """VM follows its own mail and invites once more: a new guest, since the old one is the stranger's."""
    vendor = passport.invited("dora@mail.example")
    person = stranger(passport)
    person.submit("own-account", button=("own", "no"))
    [disowned] = EntraAccount.objects.all()
    mails = len(passport.tenant.mails("dora@mail.example"))

    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()

    disowned.refresh_from_db()
    assert (disowned.revoked_why, disowned.is_live) == ("disowned", False)
    assert disowned.guest_removed_at is not None
    [account] = EntraAccount.objects.live()
    assert str(account.oid) == passport.tenant.guest("dora@mail.example")["id"] != str(disowned.oid)
    assert account.created_by_passport
    assert len(passport.tenant.mails("dora@mail.example")) == mails + 2, "Microsoft's and ours"
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert not Session.objects.filter(user=vendor.user).exists()
    passport.signed_in("dora@mail.example")
    assert Session.objects.filter(user=vendor.user, account=account).exists()


@pytest.mark.parametrize("rights", [["User.Invite.All"], ["User.Invite.All", "User.Read.All"]], ids=["none", "look"])
def test_disowned_guest_that_passport_may_not_remove_is_a_case_for_it(passport, rights):
    """Until IT has removed it: then the same button invites anew."""
    passport.invited("dora@mail.example")
    person = stranger(passport)
    person.submit("own-account", button=("own", "no"))
    [disowned] = EntraAccount.objects.all()
    passport.tenant.settings(permissions=rights)
    graph.forget_token()

    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()

    disowned.refresh_from_db()
    assert not disowned.is_live
    assert Invitation.objects.latest("queued_at").state == Invitation.State.REFUSED
    case = Failure.objects.get(reason="disowned_guest")
    assert case.people.get().detail["oid"] == str(disowned.oid)
    passport.tenant.delete_guest("dora@mail.example")
    lifecycle.resend_invitation(Vendor.objects.get())
    passport.work()
    passport.signed_in("dora@mail.example")
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


def test_disowned_account_stays_shut_out_by_whatever_address_it_comes_back(passport):
    """An alias of the same guest: the look-up by the new address shows it."""
    vendor = passport.invited("dora@mail.example")
    stranger(passport).submit("own-account", button=("own", "no"))
    [disowned] = EntraAccount.objects.all()
    passport.tenant.change_guest("dora@mail.example", otherMails=["alias@mail.example"])

    email_change.start(vendor, new="alias@mail.example", reason="asked for it")
    passport.work()

    disowned.refresh_from_db()
    assert not disowned.is_live
    [account] = EntraAccount.objects.live()
    assert account.oid != disowned.oid


def test_suspended_while_signing_in_leaves_no_session(passport):
    """VM presses Suspend at the very moment: whoever comes second sees what the first did."""
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    Session.objects.all().delete()
    person = passport.person("dora@mail.example")
    person.go(f"{passport.url}/sign-in/")
    done = []
    with transaction.atomic():
        account = accounts.lock_account(user=vendor.user)
        signing_in = threading.Thread(target=lambda: done.append(_sign_in(person)))
        signing_in.start()
        wait_for(somebody_waits_for_us)
        assert not done, "the sign-in must wait for the one who holds the account"
        accounts.revoke(account, why=EntraAccount.Revoked.CUT_OFF)
    signing_in.join(30)

    assert done == ["/sign-in/problem/"]
    assert not Session.objects.exists()


def _sign_in(person) -> str:
    person.submit("signin")
    person.authenticate()
    return person.page.path[: len("/sign-in/problem/")]

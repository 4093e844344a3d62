"""A vendor's first three tries fail in different ways. Told from VM's mailbox."""

from __future__ import annotations

from identity.models import Failure


def test_three_tries_fail_and_the_fourth_gets_in(passport):
    vendor = passport.invited("dora@mail.example", name="Dora")
    passport.invited("chen@agency.example", name="Chen")
    dora = passport.person("dora@mail.example")
    invitation = dora.read_mail(kind="invitation")
    link = next(line for line in invitation["text"].splitlines() if "/welcome/" in line)

    # Her browser throws our cookie away on the way.
    dora.go(link)
    dora.submit("signin")
    for cookie in [each for each in dora.browser.cookies if each.name.startswith("passport_signin_")]:
        dora.browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
    dora.authenticate()
    assert "Allow cookies for this site" in dora.page.text
    passport.work()

    # At a colleague's computer she signs in with the colleague's account.
    dora.new_browser()
    dora.go(link)
    dora.submit("signin")
    dora.authenticate(account="chen@agency.example")
    assert "Use another account" in dora.page.text
    passport.work()

    # Back home, the page about permissions frightens her. (The tenant asks her again: IT had the guest made anew.)
    passport.tenant.change_guest("dora@mail.example", externalUserState="PendingAcceptance")
    dora.new_browser()
    dora.go(link)
    dora.submit("signin")
    dora.authenticate(consent=False)
    assert "choose Accept" in dora.page.text

    passport.work()
    told = [mail for mail in passport.vm_mail() if "dora@mail.example" in mail["text"].splitlines()]
    reasons = [next(line for line in mail["text"].splitlines() if line in REASONS) for mail in told]
    assert reasons == ["session_lost", "different_account", "consent_declined"]
    for mail in told:
        assert "What you can do:" in mail["text"]
        assert f"/admin/person/{vendor.user_id}/" in mail["text"]
    assert "chen@agency.example" in told[1]["text"].splitlines(), "whose account it was"
    assert Failure.objects.open().count() == 3

    dora.new_browser()
    dora.go(link)
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path == "/stay-signed-in/"
    passport.work()
    assert not Failure.objects.open().exists()
    assert len(passport.vm_mail("dora@mail.example")) == 3, "getting in makes no mail"


REASONS = {"session_lost", "different_account", "consent_declined"}

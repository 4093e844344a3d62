def test_declined_invitation_stays_with_microsoft_and_can_be_accepted_later(app, ana):
    assert ana.accept_invitation(consent=False).heading == "You have not accepted"
    assert ana.accept_invitation().url == app.welcome
    assert ana.accept_invitation().url == app.welcome, "the link can be used again"


def test_direct_sign_in_redeems_without_the_mail(sandbox, app, person):
    oid = app.invite("chen@agency.example", sendInvitationMessage=False).json()["invitedUser"]["id"]

    claims = app.claims_of(person("chen@agency.example"))

    assert sandbox.mails("chen@agency.example") == []
    assert claims["oid"] == oid
    assert sandbox.guest("chen@agency.example")["externalUserState"] == "Accepted"


def test_invitation_link_can_be_redeemed_with_another_account(sandbox, app, person):
    oid = app.invite("sandbox-ana@gmail.com").json()["invitedUser"]["id"]
    vendor = person("sandbox-ana@gmail.com")
    vendor.go(vendor.read_mail("invited you")["accept_url"])

    landing = vendor.authenticate(account="sandbox-ana.private@outlook.com")
    claims = app.claims_of(vendor)
    as_invited = app.sign_in(person("sandbox-ana@gmail.com"))

    assert landing.url == app.welcome
    assert (claims["oid"], claims["email"]) == (oid, "sandbox-ana.private@outlook.com")
    assert as_invited.aadsts == 50020, "the guest belongs to the account that redeemed it"


def test_account_that_is_another_guest_cannot_redeem(sandbox, app, person):
    app.invite("sandbox-bruno@outlook.com")
    bruno = person("sandbox-bruno@outlook.com")
    bruno.accept_invitation()
    app.invite("sandbox-ana@gmail.com")

    bruno.go(sandbox.wait_for_mail("sandbox-ana@gmail.com")["accept_url"])
    page = bruno.authenticate()

    assert page.aadsts == 50020
    assert sandbox.guest("sandbox-ana@gmail.com")["externalUserState"] == "PendingAcceptance"


def test_forged_links_are_refused(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    url = sandbox.wait_for_mail("sandbox-ana@gmail.com")["accept_url"]
    forger = person("forger@mail.example")

    assert forger.go(url[:-20] + "A" * 20).aadsts == 90013
    assert forger.go(f"{sandbox.url}/redeem").aadsts == 90013
    assert forger.go(f"{sandbox.url}/unsubscribe?address=sandbox-ana@gmail.com&ticket=x").status == 404

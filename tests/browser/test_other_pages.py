"""The pages beside the main road: help, refusals, the way out, and our own mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from identity.invitations import lifecycle as invitations
from identity.invitations import links
from tests.browser.visitor import Visitor
from tests.factories import create_email_change, create_failure, create_vendor
from tests.journeys.database import column_missing
from vendors import lifecycle
from vendors.email_change import disputes
from vendors.models import VendorState

ANA = "sandbox-ana@gmail.com"


@pytest.fixture
def stranger(visit, size) -> Visitor:
    return visit("somebody@mail.example", size=size)


@pytest.fixture
def ana(visit, size) -> Visitor:
    return visit(ANA, size=size)


def addresses_for_anybody() -> Iterator[tuple[str, int]]:
    yield "/help/signing-in/", 200
    yield "/help/your-data/", 200
    yield "/help/cannot-sign-in/", 200
    yield "/sign-in/", 200
    yield "/welcome/unreadable/", 200
    yield f"/sign-in/problem/{create_failure(reason='not_invited').reference}/", 200
    yield f"/sign-in/problem/{create_failure(reason='consent_declined', address='dora@mail.example').reference}/", 200
    yield "/emergency/unreadable/", 404
    yield "/email-change/not-me/unreadable/", 404
    yield disputes.link(create_email_change(vendor=create_vendor(state=VendorState.APPROVED))), 200


def test_pages_for_anybody(stranger: Visitor):
    for path, status in addresses_for_anybody():
        assert stranger.opens(path) == status, path
        stranger.look()
        stranger.forgives(status)

    stranger.go("/help/cannot-sign-in/")
    stranger.press("cannot-sign-in")
    expect(stranger.page.get_by_role("alert")).to_be_visible()
    stranger.look()
    stranger.page.get_by_role("textbox").first.fill("somebody@mail.example")
    stranger.press("cannot-sign-in")
    stranger.look()


def test_withdrawn_invitation(passport, ana: Visitor):
    vendor = passport.invited(ANA)
    invitation = invitations.latest_invitation(vendor.user)
    lifecycle.withdraw_invitation(vendor)

    ana.go(links.welcome_url(invitation))
    ana.look()
    ana.press("ask-vm")
    expect(ana.page.get_by_role("status")).to_be_visible()
    ana.look()


def test_first_sign_in_as_somebody_else(passport, visit, size):
    passport.invited("dora@mail.example")
    mail = passport.tenant.wait_for_mail("dora@mail.example", "invited you to collaborate")
    ana = visit(ANA, size=size)
    ana.go(mail["accept_url"])
    ana.authenticates()
    ana.press("signin")
    ana.authenticates()

    ana.arrives("/own-account/")
    ana.press("own-account", button=("own", "yes"))
    ana.arrives("/stay-signed-in/")


@pytest.mark.parametrize("state", [VendorState.DECLINED, VendorState.SUSPENDED])
def test_vendor_who_has_no_business_here_now(ana: Visitor, state):
    vendor = create_vendor(state=state, primary_email=ANA)
    ana.is_signed_in_as(vendor.user)
    ana.opens("/onboarding/")
    ana.look()
    ana.forgives(403)


def test_pages_of_a_vendor_beside_the_wizard(passport, ana: Visitor):
    vendor = create_vendor(state=VendorState.ONBOARDING, primary_email=ANA, name="Ana Almeida")
    ana.is_signed_in_as(vendor.user)
    for path, status in {
        "/profile/email-change/": 200,
        "/onboarding/nonsense/": 404,
        "/admin/": 403,
        "/sign-out/": 200,
    }.items():
        ana.opens(path)
        ana.look()
        ana.forgives(status)

    with column_missing("onboarding_draft", "problems"):
        ana.opens("/onboarding/about/")
        expect(ana.page.locator("#step-error")).to_be_visible()
        ana.look()
    with column_missing("vendors_emailchange", "state"):
        ana.opens("/profile/email-change/")
        expect(ana.page.locator("#server-error")).to_be_visible()
        ana.look()
    ana.forgives(500)

    ana.go("/onboarding/about/")
    ana.page.context.clear_cookies(name=re.compile("csrf"))
    ana.saves()
    expect(ana.page.locator("#not-saved")).to_be_visible()
    ana.look()
    ana.forgives(400)

    ana.go("/sign-out/")
    with ana.page.expect_navigation():
        ana.page.locator("form#signout button").first.click()
    ana.page.wait_for_url(re.compile(".*/sign-in/"))
    ana.look()

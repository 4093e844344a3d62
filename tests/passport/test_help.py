"""The help pages say all that the company's article for vendors says, and every link into them leads somewhere."""

from __future__ import annotations

import html
import re

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from onboarding.draft import retention
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.processes import PROJECT
from vendors.agreements import texts as agreements
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

FIRST_SIGN_IN, YOUR_DATA, CANNOT_SIGN_IN = "help-signing-in", "help-your-data", "identity:cannot-sign-in"
BOTH = "invites@microsoft.com or invites@….onmicrosoft.com"
OWN = "invites@sandberg.onmicrosoft.com"

# What the article says, and where "Your first sign-in" says it.
FACTS = {
    "Entra ID was called Azure Active Directory": r"Microsoft Entra ID \(formerly Azure Active Directory\)",
    "what Entra ID is": r"is Microsoft's service for signing in\. .* called its tenant",
    "no password of Passport's own": r"no separate password for Passport",
    "no password is stored": r"We don't store your password",
    "no password can be changed here": r"you can't change it here",
    "a password changed at the provider is changed here": r"change it with your email provider, it changes here too",
    "the invited address is held in the tenant": r"two things about you in the tenant: the email address your",
    "sign-in activity is held in the tenant": r"two things about you in the tenant: .* and your sign-in activity\.",
    "one may stay signed in": r"“Stay signed in on this device\?”",
    "staying signed in is limited": r"not for ever\. .* once every 30 days\. After 90 days, you have to sign in again",
    "when one is invited": r"in touch with Vendor Management .* ready to start, they invite you",
    "who the invitation comes from": rf"The sender's address is {re.escape(BOTH)}\.",
    "which button of the invitation": r"Open Microsoft's email and press Accept invitation\.",
    "sign-in at Google": r"Google, for gmail\.com and googlemail\.com",
    "sign-in at Microsoft": r"Microsoft, for outlook\.com, hotmail\.com",
    "sign-in by code": r"A code by email, for all other addresses",
    "what MFA is": r"Multi-factor authentication \(MFA\) With MFA, you prove in a second way that it's you",
    "MFA is recommended": r"We highly recommend MFA\.",
    "consent": r"“Review permissions”\. Press Accept\. This gives your consent",
    "the sign-in screen": r"You then see Passport's sign-in screen\. Press Sign in\.",
    "the first time leads to the wizard": r"Press Sign in\. The first time, this takes you to the onboarding wizard",
    "what is reported by itself": r"something goes wrong with your invitation, your sign-in or your onboarding",
    "who is told": r"Vendor Management gets an automated message with your email address and the reason",
    "what follows from it": r"the reason, and gets in touch with you",
    "the new mailbox comes first": r"Changing your primary email .* it: Set up the new mailbox first\.",
    "Vendor Management changes the address": r"first\. .* Tell Vendor Management the new address\. They change your",
    "the new address is invited": r"change your primary email, and Microsoft sends an invitation to the new mailbox",
    "one signs in with it": r"Accept that invitation and sign in with the new address\. Your profile stays as it is",
}


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.text


def text(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(strip_tags(f"<main{main}")).split())


@pytest.mark.parametrize("fact", FACTS)
def test_first_sign_in_says_all_that_the_article_says(client, fact):
    assert re.search(FACTS[fact], text(page(client, FIRST_SIGN_IN)))


def test_each_page_leads_to_the_others(client):
    assert f'href="{reverse(YOUR_DATA)}"' in page(client, FIRST_SIGN_IN)
    assert f'href="{reverse(CANNOT_SIGN_IN)}"' in page(client, FIRST_SIGN_IN)
    assert f'href="{reverse(FIRST_SIGN_IN)}"' in page(client, YOUR_DATA)

    sign_in_screen = page(client, "identity:sign-in").partition("<footer")[0]
    assert f'href="{reverse(FIRST_SIGN_IN)}"' in sign_in_screen
    assert f'href="{reverse(CANNOT_SIGN_IN)}">I can\'t sign in</a>' in sign_in_screen


def test_links_into_a_page_lead_to_a_place_on_it(client):
    link = re.compile(r"{% url '([\w:-]+)' %}#([\w-]+)")
    helps = {FIRST_SIGN_IN, YOUR_DATA, CANNOT_SIGN_IN}
    links = {found for path in PROJECT.glob("*/templates/**/*.html") for found in link.findall(path.read_text())}
    links = {(name, place) for name, place in links if name in helps}

    assert {name for name, _place in links} == helps
    for name, place in links:
        assert f'id="{place}"' in page(client, name), (name, place)
    for name in helps:
        for place in re.findall(r'href="#([^"]+)"', page(client, name)):
            assert f'id="{place}"' in page(client, name), (name, place)


def test_how_long_unsent_answers_are_kept_is_said_as_it_is(client):
    assert (retention.DECIDED_KEPT_FOR.days, retention.UNTOUCHED_KEPT_FOR.days) == (30, 365)
    kept = (
        r"eleted 30 days after our decision or after you withdraw, or when they have(n't| not) been used for 12 months"
    )

    assert re.search(kept, text(page(client, YOUR_DATA)))
    assert all(re.search(kept, each.text) for each in agreements.published() if each.document == "privacy")


@pytest.mark.parametrize(("setting", "shown"), [("", BOTH), (OWN, OWN)])
def test_sender_of_the_invitation_is_the_one_that_was_read_or_both(client, settings, setting, shown):
    settings.INVITATION_SENDER = setting
    vendor = signed_in(create_vendor(state=VendorState.APPROVED).user)

    assert f"The sender's address is {shown}." in text(page(client, FIRST_SIGN_IN))
    assert f"an email from {shown}." in text(page(client, CANNOT_SIGN_IN))
    assert f"from {shown}." in text(page(vendor, "vendors:email-change"))


@pytest.mark.parametrize(("setting", "shown"), [("", BOTH), (OWN, OWN)])
def test_email_beside_the_invitation_names_its_sender(passport, settings, setting, shown):
    settings.INVITATION_SENDER = setting
    passport.invited("dora@mail.example")

    [own] = [mail for mail in passport.tenant.mails("dora@mail.example") if mail["source"] == "smtp"]
    assert f"Microsoft ({shown}) sends you an email" in " ".join(own["text"].split())


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("", []), (OWN, []), (f"Microsoft Invitations <{OWN}>", ["passport.E017"]), ("sandberg", ["passport.E017"])],
)
def test_sender_that_is_no_address_is_found_by_check(settings, sender, expected):
    settings.INVITATION_SENDER = sender

    assert [message.id for message in run_checks() if message.id == "passport.E017"] == expected

"""What the vendor sees, in the admin: to look at, and nothing else."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from identity.models import Session
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers, changing
from tests.vendors.profiles import IBAN, approved_vendor
from vendors.models import VendorState
from vendors.payment import details as payment
from vendors.profile.read_only import read_only
from vendors.still_right import lifecycle as still_right

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


def seen(client, vendor, **query):
    html = client.get(reverse("admin:vendors_vendor_as_vendor", args=[vendor.pk]), **query).text
    return html.partition('<div class="as-vendor">')[2].partition('<div class="actions-row">\n    <a')[0]


def test_profile_as_its_vendor_sees_it_with_nothing_to_press(as_vera):
    vendor = approved_vendor()
    payment.adopt(vendor, IBAN)
    still_right.ask(vendor)

    shown = seen(as_vera, vendor)

    for words in ("Łucja Nowak", "German → Polish", "EUR 0.085", "Is this still right?", "IBAN PL… 2874"):
        assert words in shown, words
    assert IBAN["iban"] not in shown
    assert re.findall(r"<(?:a|form|button|input|select|textarea|script|iframe|object)\b", shown) == []
    assert re.findall(r"\s(?:href|action|id|name|onclick|src|style)=", shown) == []
    assert not Session.objects.filter(user=vendor.user).exists()


def test_what_has_not_been_sent_is_left_out_and_what_has_is_not(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(vendor)
    client = signed_in(vendor.user)
    changing.save(client, "contact", answers.CONTACT | {"locality": "Unsent-on-Sea"})
    assert "haven't sent yet" in client.get("/profile/").text.replace("&#x27;", "'")

    shown = seen(as_vera, vendor)
    assert "Unsent-on-Sea" not in shown
    assert "haven&#x27;t sent" not in shown
    changing.send(client)
    assert "Your changes are with Vendor Management" in seen(as_vera, vendor)


@pytest.mark.parametrize("state", [VendorState.ONBOARDING, VendorState.SUSPENDED])
def test_only_of_an_approved_vendor(as_vera, state):
    vendor = create_vendor(state=state)

    answer = as_vera.get(reverse("admin:vendors_vendor_as_vendor", args=[vendor.pk]), follow=True)
    assert "Only an approved vendor has a profile that you can view." in answer.text
    assert "as-vendor/" not in answer.text


def test_whatever_could_act_is_taken_out():
    html = (
        '<h1 id="x">A &lt; B</h1><form action="/x"><p class="y" onclick="z()">Text<input name="q" value="v">'
        '<button name="b">Press</button> <a href="javascript:x()">Go</a></p></form><script>alert(1)</script>'
        "<select><option>One</option></select><details><summary>More</summary></details>"
        '<img src="/i"><svg><a href="/">s</a>'
    )

    assert read_only(html) == (
        '<h2>A &lt; B</h2><p class="y">Text<span class="not-pressed">Press</span> '
        '<span class="not-pressed">Go</span></p>'
        '<details open><summary>More</summary></details><span class="not-pressed">s</span>'
    )

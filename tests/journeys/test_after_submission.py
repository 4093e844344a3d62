"""After the answers are sent: new agreements, reminders that lead to the step, the status page and its copies."""

from __future__ import annotations

from tests.agreements_fixture import publish  # noqa: F401  a fixture
from tests.journeys import desk, wizard
from vendors.models import Acceptance

DORA = "dora@mail.example"


def sign_in_again(passport, *, stay="no"):
    """With another browser, up to and with the answer to "Stay signed in?"."""
    return passport.signed_in(DORA, stay=stay)


def approved(passport):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    wizard.fill_in_all(dora)
    wizard.send(dora)
    vera = passport.staff()
    desk.decide(vera, vendor, "Approve")
    passport.work()
    return vendor, vera


def test_new_agreement_is_asked_for_at_the_next_sign_in(passport, publish):  # noqa: F811
    vendor, vera = approved(passport)
    dora = passport.person(DORA)
    assert "What you promise" in dora.read_mail("Your copy of what you accepted")["text"]
    text = publish("1.1", changed="We pay within 14 days.", body="Invoices are paid within 14 days.")

    dora = sign_in_again(passport, stay="yes")
    assert dora.page.path == "/agreements/", dora.page
    assert "We pay within 14 days." in dora.page.text
    dora.submit(button="Not now")
    assert dora.page.path == "/profile/", dora.page

    dora = sign_in_again(passport)
    assert dora.page.path == "/agreements/"
    desk.open_vendor(vera, vendor)
    assert "version 1.1 of" in vera.page.text
    dora.submit(button="Accept and go on", cooperation=True)
    assert dora.page.path == "/profile/", dora.page
    passport.work()
    mail = dora.read_mail("Your copy of what you accepted")["text"]
    assert text.sha256 in mail
    assert "Invoices are paid within 14 days." in mail
    row = Acceptance.objects.get(vendor=vendor, version="1.1")
    assert (row.oid, row.address) == (vendor.user.accounts.get().oid, DORA)

    assert sign_in_again(passport).page.path == "/profile/"
    desk.open_vendor(vera, vendor)
    assert "not accepted" not in vera.page.text

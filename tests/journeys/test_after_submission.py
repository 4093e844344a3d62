"""After the answers are sent: new agreements, reminders that lead to the step, the status page and its copies."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.models import Failure
from onboarding.draft import reminders
from onboarding.models import Draft, Submission
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
    desk.decide(vera, vendor, "approve")
    passport.work()
    return vendor, vera


def test_new_agreement_is_asked_for_at_the_next_sign_in(passport, publish):
    vendor, vera = approved(passport)
    dora = passport.person(DORA)
    assert "What you promise" in dora.read_mail(kind="acceptances")["text"]
    text = publish("1.1", changed="We pay within 14 days.", body="Invoices are paid within 14 days.")

    dora = sign_in_again(passport, stay="yes")
    assert dora.page.path == "/agreements/", dora.page
    assert "We pay within 14 days." in dora.page.text
    dora.submit(button="later")
    assert dora.page.path == "/profile/", dora.page

    dora = sign_in_again(passport)
    assert dora.page.path == "/agreements/"
    desk.open_vendor(vera, vendor)
    assert "version 1.1 (in force since" in vera.page.text
    dora.submit(cooperation=True)
    assert dora.page.path == "/profile/", dora.page
    passport.work()
    mail = dora.read_mail(kind="acceptances")["text"]
    assert text.sha256 in mail
    assert "Invoices are paid within 14 days." in mail
    row = Acceptance.objects.get(vendor=vendor, version="1.1")
    assert (row.oid, row.address) == (vendor.user.accounts.get().oid, DORA)

    assert sign_in_again(passport).page.path == "/profile/"
    desk.open_vendor(vera, vendor)
    assert "not accepted" not in vera.page.text


def test_reminder_leads_through_the_sign_in_to_the_step(passport):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    for step in ("about", "contact", "languages"):
        wizard.fill_in(dora, step)
    wizard.fill_in(dora, "services", button="exit", everywhere=[])
    reminders.send_due(now=timezone.now() + dt.timedelta(days=4))
    passport.work()

    mail = dora.read_mail(kind="onboarding-reminder")["text"]
    assert "you stopped at “Services and subjects”" in mail
    assert "You have 6 of 9 steps left to complete." in mail
    dora = passport.person(DORA)  # another browser
    dora.go(next(line for line in mail.splitlines() if "/onboarding/" in line))
    assert dora.page.path == "/sign-in/"
    dora.submit("signin")
    dora.authenticate()
    dora.submit("stay", button=("stay", "no"))

    assert dora.page.path == wizard.url("services"), dora.page
    vera = passport.staff()
    desk.open_vendor(vera, vendor)
    assert "Reminded to continue onboarding: Services and subjects" in vera.page.text


def test_case_of_the_stuck_reaches_vm_and_closes_by_itself(passport):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    wizard.fill_in(dora, "about")
    for days in (3.1, 10.1, 21.1, 28.2):
        reminders.send_due(now=timezone.now() + dt.timedelta(days=days))
    passport.work()

    [mail] = [mail for mail in passport.vm_mail() if "stuck" in mail["text"].splitlines()]
    assert DORA in mail["text"]
    assert Failure.objects.get(reason="stuck").state == "open"
    wizard.fill_in(dora, "contact")
    assert Failure.objects.get(reason="stuck").state == "resolved"
    vendor.refresh_from_db()
    assert vendor.state == "onboarding"


def test_vm_finds_and_reminds_who_is_stuck(passport):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    wizard.fill_in(dora, "about")
    Draft.objects.update(left_at=timezone.now() - dt.timedelta(days=5, hours=1))
    vera = passport.staff()

    assert "1 Stopped halfway through onboarding" in vera.page.text
    vera.follow(named="Dora Dimitrova")
    assert vera.page.path == f"/admin/vendors/vendor/{vendor.pk}/change/"
    desk.press(vera, vendor, "remind")
    passport.work()

    assert "you stopped at “Contact and address”" in dora.read_mail(kind="onboarding-reminder")["text"]


def test_copies_after_sending_and_after_approval(passport):
    vendor, _vera = approved(passport)
    sent = Submission.objects.get(vendor=vendor)
    dora = passport.signed_in(DORA)
    assert dora.page.path == "/profile/"

    dora.follow("/onboarding/answers.html")
    assert dora.page.response.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in dora.page.response.headers["Content-Disposition"]
    assert "IBAN PL… 2874" in dora.page.text
    dora.go("/profile/")
    dora.follow("/onboarding/answers.json")
    kept = dora.page.response.json()["answers"]
    assert kept["payment"]["iban"] == "IBAN PL… 2874"
    assert kept["languages"] == sent.answers["languages"]

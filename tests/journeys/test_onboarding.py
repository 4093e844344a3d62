"""From the first sign-in through the wizard to the approved profile, and what else may become of a submission."""

from __future__ import annotations

import threading
from typing import Any

from onboarding.draft.steps import STEPS
from onboarding.models import Submission
from tests.journeys import desk, wizard
from tests.onboarding.answers import PDF
from tests.person import Person
from vendors.models import PaymentDetails, Profile, Rate, VendorEvent, VendorState

DORA = "dora@mail.example"


def test_left_after_every_step_and_gone_on_with_in_another_browser(passport):
    passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    assert "Welcome, Dora Dimitrova" in dora.page.headings, dora.page
    dora.follow("Begin")
    assert dora.page.path == wizard.url("about")

    order = list(STEPS)
    kept: dict[str, Any] = {}
    for step, following in zip(order, order[1:], strict=False):
        if step == "contact":
            wizard.fill_in(dora, step, button="Save and exit")
            assert dora.page.path == "/onboarding/"
        else:
            wizard.fill_in(dora, step)
        kept[step] = wizard.typed(dora, step)

        dora = passport.signed_in(DORA)  # a new person is a new browser
        dora.go("/")
        dora.follow("Go on with")
        assert dora.page.path == wizard.url(following)
        assert wizard.typed(dora, step) == kept[step]

    for step, answers in kept.items():
        assert wizard.typed(dora, step) == answers
    dora.go(wizard.url("qualifications"))
    assert dora.page.link(wizard.CV_NAME)
    dora.go(wizard.url("check"))
    assert "EUR 0.085 per source word" in dora.page.text


def test_half_a_page_is_kept_too(passport):
    """What is not valid yet is saved like the rest, and nobody is scolded on coming back."""
    passport.invited(DORA)
    dora = passport.signed_in(DORA)
    wizard.fill_in(dora, "contact", button="Save and exit", country="", locality="")

    dora = passport.signed_in(DORA)
    dora.go(wizard.url("contact"))

    assert dora.form().field("contact-phone").value == wizard.PAGES["contact"]["phone"]
    assert "There is a problem" not in dora.page.headings
    dora.submit(button="Save and continue")
    assert "There is a problem" in dora.page.headings
    assert "Please choose: Country" in dora.page.text


def test_sent_asked_for_changes_sent_again_and_approved(passport):
    vendor = passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    wizard.fill_in_all(dora)
    before = {step: wizard.typed(dora, step) for step in wizard.PAGES}

    # Sent, with a double click and a replay
    body = form_of_the_check_page(dora)
    answers = at_once(lambda: post(dora, body), lambda: post(dora, body))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert post(dora, body).status_code == 302
    dora.go("/")
    assert "Thank you. Now it is our turn" in dora.page.headings
    submission = Submission.objects.get()
    assert submission.reference in dora.page.text
    passport.work()
    assert subjects(passport, DORA, "Your answers have reached") == 1
    assert len(passport.vm_mail("Dora Dimitrova is waiting for review")) == 1
    assert VendorEvent.objects.filter(vendor=vendor, kind="submitted").count() == 1
    assert dora.go(wizard.url("rates")).path == "/onboarding/", "nothing can be changed while VM reads"

    # VM sees it waiting, reads it, asks for changes
    vera = passport.staff()
    assert "1 Submissions to review" in vera.page.text
    [mail] = passport.vm_mail("Dora Dimitrova is waiting for review")
    vera.go(next(line for line in mail["text"].splitlines() if "/admin/onboarding/submission/" in line))
    for shown in ["Łucja Nowak-Åberg", "German → Polish", "EUR 0.085 per source word", "IBAN PL… 2874"]:
        assert shown in vera.page.text
    vera.follow(wizard.CV_NAME)
    assert vera.page.response.content == PDF
    assert VendorEvent.objects.filter(vendor=vendor, kind="document_opened").count() == 1
    desk.mark(vera, vendor, "rates", "")
    assert "Please give a reason." in vera.page.text
    desk.mark(vera, vendor, "rates", "Your rate for revision looks low.\nIs it right?")
    desk.decide(vera, vendor, "Ask for changes")
    assert "was asked for changes" in vera.page.text
    passport.work()

    # Dora reads it by mail and on signing in; all answers are there
    assert "Your rate for revision looks low." in dora.read_new_mail("Please change something")["text"]
    dora = passport.signed_in(DORA)
    assert "Almost there: please change something" in dora.page.headings, dora.page
    assert "Your rate for revision looks low." in dora.page.text
    assert {step: wizard.typed(dora, step) for step in wizard.PAGES} == before
    wizard.fill_in(dora, "rates", **{"usual-revision": "0.05"})
    wizard.send(dora)
    assert "Thank you. Now it is our turn" in dora.page.headings, dora.page
    passport.work()
    assert len(passport.vm_mail("has sent changed answers")) == 1
    assert Submission.objects.count() == 2

    # Approved
    vera.go("/admin/")
    desk.decide(vera, vendor, "Approve")
    assert "is approved" in vera.page.text
    passport.work()
    assert dora.read_new_mail("your profile is approved")
    dora.go("/")
    assert dora.page.path == "/profile/", dora.page
    for shown in ["Łucja Nowak-Åberg", "German → Polish", "EUR 0.05 per source word", "IBAN PL… 2874", "My CV.pdf"]:
        assert shown in dora.page.text
    assert DORA in dora.page.text
    dora.follow("My CV.pdf")
    assert dora.page.response.content == PDF
    assert dora.go(wizard.url("rates")).path == "/profile/", "the wizard is closed"

    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert Profile.objects.get(vendor=vendor).full_name == "Łucja Nowak-Åberg"
    assert {str(rate.amount) for rate in Rate.objects.filter(vendor=vendor)} == {"0.0850", "0.0500"}
    assert PaymentDetails.objects.get(vendor=vendor).masked == "IBAN PL… 2874"
    desk.open_vendor(vera, vendor)
    for happened in ["Submitted", "Changes requested", "Approved", "Signed in for the first time"]:
        assert happened in vera.page.text


def test_second_decision_comes_too_late(passport):
    vendor = passport.invited(DORA)
    dora = passport.signed_in(DORA)
    wizard.fill_in_all(dora, payment={"method": "later", "holder": "", "iban": ""})
    wizard.send(dora)
    vera, colleague = passport.staff(), passport.staff()
    page = f"/admin/onboarding/submission/{desk.waiting(vendor).pk}/decline/"
    colleague.go(page)

    desk.decide(vera, vendor, "Approve")
    colleague.submit(reason="Too slow.")

    assert "no longer waiting: approved" in colleague.page.text
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    passport.work()
    assert subjects(passport, DORA, "Your answers to Sandberg") == 0
    dora.go("/")
    assert "Still missing: payment details" in dora.page.headings


def test_declined(passport):
    vendor = passport.invited(DORA)
    dora = passport.signed_in(DORA)
    wizard.fill_in_all(dora)
    wizard.send(dora)
    vera = passport.staff()

    desk.decide(vera, vendor, "Decline", reason="We have enough translators for Polish.")
    passport.work()

    assert "is declined" in vera.page.text
    assert "We have enough translators for Polish." in dora.read_mail("Your answers to Sandberg")["text"]
    assert dora.go("/").path == "/sign-in/", "signed out at once"
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path.startswith("/sign-in/problem/")
    assert "Vendor Management" in dora.page.text

    desk.press(vera, vendor, "Reopen", reason="A client asks for Polish")
    desk.decide(vera, vendor, "Approve")
    dora.go("/sign-in/")
    dora.submit("signin")
    dora.authenticate()
    dora.submit("stay", button=("stay", "no"))
    assert dora.page.path == "/profile/", dora.page


def form_of_the_check_page(person: Person) -> list[tuple[str, str]]:
    person.go(wizard.url("check"))
    return person._pairs(person.form(), {"check-declared": True})


def post(person: Person, body: list[tuple[str, str]]) -> Any:
    url = f"{person.page.origin}{wizard.url('check')}"
    headers = {"Referer": url, "Origin": person.page.origin}
    return person.browser.post(url, data=body, headers=headers, allow_redirects=False, timeout=60)


def at_once(*functions: Any) -> list[Any]:
    results: list[Any] = [None] * len(functions)
    barrier = threading.Barrier(len(functions))

    def run(number: int) -> None:
        barrier.wait()
        results[number] = functions[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def subjects(passport: Any, address: str, containing: str) -> int:
    return sum(containing in mail["subject"] for mail in passport.tenant.mails(address))

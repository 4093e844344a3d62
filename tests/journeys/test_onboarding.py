"""From the first sign-in through the wizard to the approved profile, and what else may become of a submission."""

from __future__ import annotations

import threading
from typing import Any

from identity.sandbox.client import is_of_kind
from onboarding.draft.steps import asked_of
from onboarding.models import Submission
from tests.journeys import desk, wizard
from tests.onboarding.answers import PDF
from tests.person import Person
from vendors.models import PaymentDetails, Profile, Rate, VendorEvent, VendorState

DORA = "dora@mail.example"


def test_left_after_every_step_and_gone_on_with_in_another_browser(passport):
    passport.invited(DORA, name="Dora Dimitrova")
    dora = passport.signed_in(DORA)
    assert dora.page.heading_id == "welcome", dora.page
    dora.follow(wizard.url("about"))
    assert dora.page.path == wizard.url("about")

    order = [step.name for step in asked_of("freelancer")] + ["check"]
    kept: dict[str, Any] = {}
    for step, following in zip(order, order[1:], strict=False):
        if step == "contact":
            wizard.fill_in(dora, step, button="exit")
            assert dora.page.path == "/onboarding/"
        else:
            wizard.fill_in(dora, step)
        kept[step] = wizard.typed(dora, step)

        dora = passport.signed_in(DORA)  # a new person is a new browser
        dora.go("/")
        assert dora.page.link(wizard.url(following))
        dora.follow(wizard.url(following))
        assert wizard.typed(dora, step) == kept[step]

    for step, answers in kept.items():
        assert wizard.typed(dora, step) == answers
    dora.go(wizard.url("qualifications"))
    assert dora.page.link(named=wizard.CV_NAME)
    dora.go(wizard.url("check"))
    assert "EUR 0.085 per source word" in dora.page.text


def test_half_a_page_is_kept_too(passport):
    """What is not valid yet is saved like the rest, and nobody is scolded on coming back."""
    passport.invited(DORA)
    dora = passport.signed_in(DORA)
    wizard.fill_in(dora, "contact", button="exit", country="", locality="")

    dora = passport.signed_in(DORA)
    dora.go(wizard.url("contact"))

    assert dora.form().field("contact-phone").value == wizard.PAGES["contact"]["phone"]
    assert "error-summary-title" not in dora.page.ids
    dora.submit(button="continue")
    assert "error-summary-title" in dora.page.ids
    assert "contact-country" in dora.page.invalid


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
    assert dora.page.heading_id == "submitted"
    submission = Submission.objects.get()
    assert submission.reference in dora.page.text
    passport.work()
    assert mails(passport, DORA, "submitted") == 1
    assert len(passport.vm_mail("Dora Dimitrova", kind="vm-submitted")) == 1
    assert VendorEvent.objects.filter(vendor=vendor, kind="submitted").count() == 1
    assert dora.go(wizard.url("rates")).path == "/onboarding/", "nothing can be changed while VM reads"

    # VM sees it waiting, reads it, asks for changes
    vera = passport.staff()
    assert "1 Submissions to review" in vera.page.text
    [mail] = passport.vm_mail("Dora Dimitrova", kind="vm-submitted")
    vera.go(next(line for line in mail["text"].splitlines() if "/admin/onboarding/submission/" in line))
    for shown in ["Łucja Nowak-Åberg", "German → Polish", "EUR 0.085 per source word", "IBAN PL… 2874"]:
        assert shown in vera.page.text
    vera.follow(named=wizard.CV_NAME)
    assert vera.page.response.content == PDF
    assert VendorEvent.objects.filter(vendor=vendor, kind="document_opened").count() == 1
    desk.mark(vera, vendor, "rates", "")
    assert "problem-rates" in vera.page.ids
    desk.mark(vera, vendor, "rates", "Your rate for revision looks low.\nIs it right?")
    desk.decide(vera, vendor, "request-changes")
    passport.work()

    # Dora reads it by mail and on signing in; all answers are there
    assert "Your rate for revision looks low." in dora.read_new_mail(kind="changes-requested")["text"]
    dora = passport.signed_in(DORA)
    assert dora.page.heading_id == "sent-back", dora.page
    assert "Your rate for revision looks low." in dora.page.text
    assert {step: wizard.typed(dora, step) for step in wizard.PAGES} == before
    wizard.fill_in(dora, "rates", **{"usual-revision": "0.05"})
    wizard.send(dora)
    assert dora.page.heading_id == "submitted", dora.page
    passport.work()
    assert len(passport.vm_mail(kind="vm-submitted")) == 2
    assert Submission.objects.count() == 2

    # Approved
    vera.go("/admin/")
    desk.decide(vera, vendor, "approve")
    passport.work()
    assert dora.read_new_mail(kind="approved")
    dora.go("/")
    assert dora.page.path == "/profile/", dora.page
    for shown in ["Łucja Nowak-Åberg", "German → Polish", "EUR 0.05 per source word", "IBAN PL… 2874", "My CV.pdf"]:
        assert shown in dora.page.text
    assert DORA in dora.page.text
    dora.follow(named=wizard.CV_NAME)
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

    desk.decide(vera, vendor, "approve")
    colleague.submit(reason="Too slow.")

    assert "no longer waiting for review. It is now “approved”" in colleague.page.text
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    passport.work()
    assert mails(passport, DORA, "declined") == 0
    dora.go("/")
    assert dora.page.link("/profile/payment/")


def test_declined(passport):
    vendor = passport.invited(DORA)
    dora = passport.signed_in(DORA)
    wizard.fill_in_all(dora)
    wizard.send(dora)
    vera = passport.staff()

    desk.decide(vera, vendor, "decline", reason="We have enough translators for Polish.")
    passport.work()

    assert "We have enough translators for Polish." in dora.read_mail(kind="declined")["text"]
    assert dora.go("/").path == "/sign-in/", "signed out at once"
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.path.startswith("/sign-in/problem/")

    desk.press(vera, vendor, "reopen", reason="A client asks for Polish")
    desk.decide(vera, vendor, "approve")
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


def mails(passport: Any, address: str, kind: str) -> int:
    return sum(is_of_kind(mail, kind) for mail in passport.tenant.mails(address))

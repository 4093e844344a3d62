"""Whatever a vendor types, in any order, on any device: nothing is lost, and what was typed last is what counts."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from onboarding.models import Draft, Submission
from tests.models import answers_typed as reference
from tests.models import budget
from tests.models.answers_edits import EDITS, Edit, completing
from tests.models.answers_lost_once import LOST_ONCE
from tests.models.answers_typed import STEPS
from tests.models.answers_vendor import (
    CHANGES,
    VendorModel,
    document_names,
    form_with,
    latest,
    same,
    staff_with_session,
    step_form,
)
from tests.onboarding import changing
from tests.person import Person
from vendors.models import Document

TABS = st.sampled_from([0, 0, 1, 2])
PAGES = st.sampled_from(["qualifications", "rates", "languages", "services", "tax", "about", "contact", "payment"])
NUMBERS = st.integers(0, 8)
BUTTONS = st.sampled_from(["continue", "exit", "back"])
REASON = "Please look at it again."


class AnswersModel(VendorModel):
    @initialize(start=st.sampled_from(["approved", "filled"]))
    def begin(self, start: str) -> None:
        self.approve_at_once() if start == "approved" else self.fill_in()

    # The vendor

    def can_type(self) -> bool:
        return self.is_open(is_change=self.state == "approved")

    @precondition(can_type)
    @rule(tab=TABS, step=PAGES)
    def open_page(self, tab: int, step: str) -> None:
        if step == "payment" and self.state == "approved":
            return
        tab = self.tabs[tab]
        tab.remember()
        tab.person.go(f"{self.root}{step}/")
        self.arrive(tab)
        if tab.step:
            self.learn(tab.step)
            self.check_page(tab.person.page, tab.step)

    @rule(tab=TABS, edit=NUMBERS, button=BUTTONS)
    def save(self, tab: int, edit: int, button: str) -> None:
        """What the tab shows, however old it is."""
        tab = self.tabs[tab]
        if tab.step:
            shown = reference.shown_on(step_form(tab.person.page), tab.step)
            choose = EDITS[tab.step][edit % len(EDITS[tab.step])]
            self.send_page(tab, choose(shown), button)

    @precondition(can_type)
    @rule(tab=TABS, step=PAGES, edit=NUMBERS, button=BUTTONS)
    def open_and_save(self, tab: int, step: str, edit: int, button: str) -> None:
        self.open_page(tab, step)
        self.save(tab, edit, button)

    @precondition(can_type)
    @rule(tab=TABS, step=st.sampled_from(["languages", "qualifications"]), edit=st.integers(2, 4))
    def add_row(self, tab: int, step: str, edit: int) -> None:
        self.open_page(tab, step)
        if self.tabs[tab].step:
            self.send_page(self.tabs[tab], Edit(), "another")
            self.save(tab, edit if step == "languages" else 2, "continue")

    @rule(tab=TABS)
    def go_back_in_the_browser(self, tab: int) -> None:
        if self.tabs[tab].before:
            self.tabs[tab].back()

    @precondition(lambda self: self.state == "approved")
    @rule(edit=st.integers(0, 2))
    def name_account(self, edit: int) -> None:
        changing.prove(self.client)
        person = self.observer
        person.go(f"{self.root}payment/")
        shown = reference.shown_on(step_form(person.page), "payment")
        fields = completing("payment", shown).fields | EDITS["payment"][edit](shown).fields
        person.submit("change-payment", **{f"payment-{name}": value for name, value in fields.items()})
        assert person.page.path == CHANGES, person.page
        sent = shown | {name: [value] for name, value in fields.items()}
        self.memory["payment"] = reference.questions("payment", sent)
        self.saves["payment"] += 1
        self.saved_since.add("payment")

    @precondition(lambda self: self.marks)
    @rule(number=NUMBERS)
    def reply(self, number: int) -> None:
        step, person = sorted(self.marks)[number % len(self.marks)], self.observer
        person.go(f"{self.root}{step}/reply/")
        person.submit(form_with(person.page, "reply"), reply="It is right as it is.")
        self.replied.add(step)

    @precondition(can_type)
    @rule(tab=TABS)
    def complete_and_send(self, tab: int) -> None:
        self.complete(tab)
        self.send(tab)

    def complete(self, number: int) -> None:
        tab = self.tabs[number]
        lacking = [step for step in STEPS if step in self.marks - self.saved_since - self.replied]
        for step in (*STEPS, *lacking):
            if step == "payment" and self.state == "approved":
                if step in lacking:
                    self.name_account(0)
                continue
            self.open_page(number, step)
            if tab.step != step:
                continue
            shown = reference.shown_on(step_form(tab.person.page), step)
            edit = completing(step, shown)
            self.send_page(tab, self.lacking(step, edit, shown), "continue")

    def lacking(self, step: str, edit: Edit, shown: reference.Shown) -> Edit:
        """Of what completes a page, what is not there or cannot be right."""
        wrong = {"no telephone", "???", "much", "PL00"}
        fields = {
            name: value
            for name, value in edit.fields.items()
            if not any(shown.get(name, [])) or wrong & set(shown[name]) or step == "tax"
        }
        return Edit(fields, tuple(slot for slot in edit.files if slot not in self.files))

    @precondition(can_type)
    @rule(tab=TABS)
    def send(self, tab: int) -> None:
        if self.state == "approved":
            self.send_changes(tab)
        else:
            self.send_answers(tab)

    def send_answers(self, tab: int) -> None:
        before, person = latest(self.vendor), self.tabs[tab].person
        person.go(f"{self.root}check/")
        self.tabs[tab].step = ""
        if not person.page.path.endswith("/check/"):
            return
        person.submit(form_with(person.page, "check-declared"), **{"check-declared": True})
        sent = latest(self.vendor)
        if sent == before:
            self.arrive(self.tabs[tab])
            return
        assert not self.marks - self.saved_since - self.replied
        earlier, self.sent = self.sent, self.facts_now()
        same(self.facts_of(sent), self.sent, "what is sent is what was typed last")
        if before:
            same(sent.changed, reference.differing(earlier, self.sent), "VM reads which sections changed")
        self.state, self.marks, self.saved_since, self.replied = "submitted", set(), set(), set()

    def send_changes(self, tab: int) -> None:
        before, person = latest(self.vendor), self.tabs[tab].person
        self.tabs[tab].step = ""
        page = person.go(self.root)
        # A decline leaves what was saved after sending, and forgets the other pages, some of which build on it.
        self.learn(*self.saved_since, *(name for name, needs in reference.NEEDS.items() if self.saved_since & {*needs}))
        now = self.facts_now() if self.in_force else {}
        if "send-changes" not in page.forms:
            is_sent = self.change == "waiting" and not self.saved_since
            if "tag-problem" not in page.html and not is_sent:
                same(now, self.in_force, "what was typed can be sent")
            return
        person.submit("send-changes")
        sent = latest(self.vendor)
        if sent == before:
            assert self.marks - self.saved_since - self.replied, person.page.text
            self.arrive(self.tabs[tab])
            return
        assert not self.marks - self.saved_since - self.replied
        same(self.facts_of(sent), now, "what is sent is what was typed last")
        same(sent.changed, reference.differing(self.in_force, now), "VM reads which sections changed")
        self.sent, self.change, self.renewed = now, "waiting", set()
        self.marks, self.saved_since, self.replied = set(), set(), set()

    def facts_of(self, sent: Submission) -> reference.Facts:
        return reference.facts_of(sent.answers, document_names(self.vendor).__getitem__)

    @precondition(lambda self: self.state == "approved")
    @rule()
    def withdraw(self) -> None:
        page = self.observer.go(self.root)
        if "withdraw-changes" in page.forms:
            self.observer.submit("withdraw-changes")
            self.start_over()

    def start_over(self) -> None:
        self.change, self.marks, self.saved_since, self.replied = "", set(), set(), set()
        self.files = dict(self.in_force["qualifications"]["documents"])
        self.lay_out()

    @precondition(lambda self: self.state == "approved")
    @rule(slot=st.sampled_from(["cv", "certificate-1", "certificate-2"]))
    def renew(self, slot: str) -> None:
        """On the Replace page of the profile."""
        old = Document.objects.in_force().filter(vendor=self.vendor, slot=slot).first()
        if old is None:
            return
        person = self.observer
        page = person.go(f"{self.passport.url}/documents/{old.pk}/replace/")
        if not page.path.endswith("/replace/"):
            assert self.files.get(slot) != old.name, page
            return
        name, content, kind = self.new_file(slot)
        form_id = form_with(page, "file")
        is_certificate = "number" in page.forms[form_id].names
        fields = {"number": f"R {name}", "expires_on": "2031-12-31"} if is_certificate else {}
        page = person.submit(form_id, files={"file": (name, content, kind)}, **fields)
        assert page.path == "/profile/", page.text
        self.files[slot] = name
        self.renewed.add(slot)
        in_force = self.in_force["qualifications"]
        in_force["documents"] = in_force["documents"] | {slot: name}
        if fields:
            row = (in_force["certificates"][slot][0], fields["number"], fields["expires_on"])
            in_force["certificates"] = in_force["certificates"] | {slot: row}
            if "qualifications" in self.memory:
                self.memory["qualifications"] |= {f"{slot}-{part}": [value] for part, value in fields.items()}
            self.saves["qualifications"] += 1

    # Vendor Management

    def waits(self) -> bool:
        return self.state == "submitted" or (self.state == "approved" and self.change == "waiting")

    @property
    def review_page(self) -> str:
        return f"/admin/onboarding/submission/{latest(self.vendor).pk}"

    @precondition(lambda self: self.sent)
    @rule()
    def vm_reads(self) -> None:
        page = self.vera.go(f"{self.passport.url}{self.review_page}/change/?all")
        assert page.status == 200, page
        for href, text in page.links:
            if "/documents/" in href and "/admin/" not in href:
                self.check_file(self.vera, href, text)

    @precondition(waits)
    @rule()
    def vm_approves(self) -> None:
        self.vera.go(f"{self.passport.url}{self.review_page}/approve/")
        self.vera.submit()
        assert latest(self.vendor).state == Submission.State.APPROVED, self.vera.page.text
        before, self.in_force = self.in_force, dict(self.sent)
        if before:  # another account waits for its release, and nobody releases it here
            self.in_force["payment"] = before["payment"]
            if "payment" not in self.saved_since:
                self.memory.pop("payment", None)
        self.keep_renewed(before)
        self.check_profile()
        was, self.state, self.change = self.state, "approved", ""
        if was == "submitted":
            self.saved_since = set()
            self.lay_out()

    def keep_renewed(self, before: reference.Facts) -> None:
        """What was renewed after the change was sent is newer than what was sent."""
        mine = {**self.in_force["qualifications"]}
        for slot in self.renewed:
            for part in ("documents", "certificates"):
                if slot in before["qualifications"][part]:
                    mine[part] = mine[part] | {slot: before["qualifications"][part][slot]}
        self.in_force["qualifications"], self.renewed = mine, set()

    @precondition(waits)
    @rule(steps=st.sets(PAGES, min_size=1, max_size=2))
    def vm_asks(self, steps: set[str]) -> None:
        page = self.review_page
        for step in sorted(steps):
            self.vera.go(f"{self.passport.url}{page}/change/")
            self.vera.submit(f"{page}/section/{step}/", button=("verdict", "change"), reason=REASON)
        self.vera.go(f"{self.passport.url}{page}/request-changes/")
        self.vera.submit()
        assert latest(self.vendor).state == Submission.State.CHANGES_REQUESTED, self.vera.page.text
        self.marks, self.replied, self.saved_since = set(steps), set(), set()
        if self.state == "submitted":
            self.state = "changes_requested"
        else:
            self.change = "returned"

    @precondition(waits)
    @rule()
    def vm_declines(self) -> None:
        self.vera.go(f"{self.passport.url}{self.review_page}/decline/")
        self.vera.submit(reason=REASON)
        assert latest(self.vendor).state == Submission.State.DECLINED, self.vera.page.text
        if self.state == "submitted":
            self.state = "declined"
        elif self.saved_since:
            kept, self.change = set(self.saved_since), ""
            if "qualifications" not in kept:
                self.files = dict(self.in_force["qualifications"]["documents"])
            self.lay_out(kept=kept)
        else:
            self.start_over()

    @precondition(lambda self: self.state == "declined")
    @rule()
    def vm_reopens(self) -> None:
        self.vera.go(f"{self.passport.url}/admin/vendors/vendor/{self.vendor.pk}/reopen/")
        self.vera.submit(**({"reason": REASON} if "reason" in self.vera.form().names else {}))
        assert latest(self.vendor).state == Submission.State.WAITING, self.vera.page.text
        self.state = "submitted"
        self.sign_in_again()

    # Time

    @rule()
    def night(self) -> None:
        Document.objects.filter(vendor=self.vendor).update(replaced_at=F("replaced_at") - dt.timedelta(days=2))
        self.clean_up()

    @precondition(lambda self: self.state == "approved")
    @rule()
    def month(self) -> None:
        month = dt.timedelta(days=31)
        Draft.objects.filter(vendor=self.vendor).update(updated_at=F("updated_at") - month)
        sent = Submission.objects.filter(vendor=self.vendor)
        sent.update(submitted_at=F("submitted_at") - month, reviewed_at=F("reviewed_at") - month)
        times = {name: F(name) - month for name in ("uploaded_at", "approved_at", "replaced_at")}
        Document.objects.filter(vendor=self.vendor).update(**times)
        self.clean_up()
        if latest(self.vendor).state in (Submission.State.APPROVED, Submission.State.DECLINED):
            self.start_over()

    def clean_up(self) -> None:
        """What was set aside is forgotten; what counts is not."""
        call_command("purge", "--json", stdout=io.StringIO())
        self.passport.work()
        for tab in self.tabs:
            tab.aside = {}
            tab.before = [(*page, {}) for *page, _aside in tab.before]
        for document in Document.objects.in_force().filter(vendor=self.vendor):
            person = self.tabs[2].person if self.state not in ("declined",) else self.vera
            url = f"{self.passport.url}/documents/{document.pk}/"
            self.check_file(person, url, document.name)

    def check_file(self, person: Person, url: str, name: str) -> None:
        found = person.browser.get(url)
        assert found.status_code == 200, f"{name} cannot be opened: {found.status_code}"
        same(found.content, self.contents[name], f"{name} is what was chosen")

    @invariant()
    def files_are_there(self) -> None:
        rows = Document.objects.filter(vendor=self.vendor)
        same(dict(rows.current().values_list("slot", "name")), self.files, "the files chosen last are the current ones")
        if self.state == "approved":
            wanted = self.in_force["qualifications"]["documents"]
            same(dict(rows.in_force().values_list("slot", "name")), wanted, "what is in force stays so")
        there = {name for row in rows if row.file.storage.exists(row.file.name) for name in [row.name]}
        same({row.name for row in rows} - there, set(), "a row without a file")
        if self.waits() or self.state in ("changes_requested", "declined"):
            sent = latest(self.vendor)
            same(set(sent.document_ids) - set(document_names(self.vendor)), set(), "VM can open what was sent")


@pytest.fixture
def model(passport, vera):
    AnswersModel.passport = passport
    AnswersModel.vera = staff_with_session(passport, vera)
    return AnswersModel


@pytest.mark.parametrize("lost", LOST_ONCE)
def test_what_was_lost_once_is_not_lost(model, lost):
    machine = model()
    for rule_name, *arguments in LOST_ONCE[lost]:
        getattr(machine, rule_name)(*arguments)
        machine.files_are_there()


def test_answers(model):
    budget.run(model, examples=6, steps=25)

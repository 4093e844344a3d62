"""A vendor with three tabs on two devices, and what Passport must know of them: the model's memory beside the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client

from identity.models import User
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import submit as submission
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.models import answers_typed as reference
from tests.models.answers_edits import Edit
from tests.models.answers_typed import STEPS, Facts, Shown, Typed
from tests.models.budget import Model
from tests.onboarding import answers
from tests.passport_fixture import Passport
from tests.person import Form, Page, Person
from vendors.answers.service_catalogue import SPECIALISMS
from vendors.documents import lifecycle as documents
from vendors.models import Document, LanguagePair, PaymentDetails, Profile, Vendor, VendorState

WIZARD, CHANGES = "/onboarding/", "/profile/changes/"
CARD = {
    "certificates": "1",
    "certificate-1-kind": "membership",
    "certificate-1-number": "A 1",
    "certificate-1-expires_on": "31 March 2030",
}
TWO_PAIRS = {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"}
OWN_RATE = {"own-amount-translation-de.pl": "0.13", "own-unit-translation-de.pl": ""}


@dataclass
class Tab:
    person: Person
    step: str = ""
    is_change: bool = False
    seen: int = 0  # how often the step had been saved when the page was made
    aside: dict[str, str] = field(default_factory=dict)
    before: list[tuple[Page, str, bool, int, dict[str, str]]] = field(default_factory=list)

    def remember(self) -> None:
        if self.step and self.person.page:
            self.before.append((self.person.page, self.step, self.is_change, self.seen, self.aside))

    def back(self) -> None:
        """As a browser does: the page as it was, and nobody is asked."""
        self.person.page, self.step, self.is_change, self.seen, self.aside = self.before.pop()


class VendorModel(Model):
    passport: Passport
    vera: Person

    def __init__(self) -> None:
        super().__init__()
        self.vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak")
        self.client = signed_in(self.vendor.user)
        self.tabs = [Tab(with_session(self.passport, client)) for client in (self.client, signed_in(self.vendor.user))]
        self.tabs.insert(1, Tab(with_session(self.passport, self.client)))
        self.tabs[1].person.browser = self.tabs[0].person.browser
        self.observer = Person("observer@mail.example", self.passport.tenant)
        self.observer.browser = self.tabs[0].person.browser
        self.state = "onboarding"
        self.memory: dict[str, Typed] = {}
        self.saves = dict.fromkeys(STEPS, 0)
        self.saved_since: set[str] = set()
        self.marks: set[str] = set()
        self.replied: set[str] = set()
        self.files: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}
        self.in_force: Facts = {}
        self.sent: Facts = {}
        self.change = ""  # "", "waiting" or "returned"
        self.renewed: set[str] = set()

    # The long beginning, without pages

    def fill_in(self) -> None:
        typed = answers.everything()
        typed["languages"] |= TWO_PAIRS
        typed["rates"] |= OWN_RATE
        chosen = typed["services"]["specialisms"]  # a browser sends boxes in the order of the page
        typed["services"] |= {"specialisms": [code for code, _label in SPECIALISMS if code in chosen]}
        typed["qualifications"] |= CARD
        del typed["qualifications"]["cv"]
        for slot in ("cv", "certificate-1"):
            name, content, kind = self.new_file(slot)
            upload = answers.pdf(name, content)
            documents.store(self.vendor, slot=slot, upload=upload, content_type=kind)
            self.files[slot] = name
        answers.fill_in(self.client, **typed)
        for step in STEPS:
            shown = {name: reference_list(value) for name, value in typed[step].items()}
            shown |= {"party": ["person"]} if step == "tax" else {}
            self.memory[step] = reference.questions(step, shown)

    def sign_in_again(self) -> None:
        """Their sessions have ended. What is still open in a tab is handed back when it is sent, so it is closed."""
        self.client = signed_in(self.vendor.user)
        for tab, client in zip(self.tabs, (self.client, self.client, signed_in(self.vendor.user)), strict=True):
            keep_session(tab.person, client)
            tab.before, tab.step, tab.aside = [], "", {}

    def approve_at_once(self) -> None:
        self.fill_in()
        sent = submission.submit(self.vendor.draft, account=None)
        review.approve(sent, by=None)
        self.state, self.in_force = "approved", reference.facts(self.memory, self.files)
        self.lay_out()

    def new_file(self, slot: str) -> tuple[str, bytes, str]:
        name = f"{slot}-{len(self.contents)}.pdf"
        self.contents[name] = answers.PDF + f"% {name} of {self.vendor.pk}\n".encode()
        return name, self.contents[name], "application/pdf"

    # Looking

    def is_open(self, *, is_change: bool) -> bool:
        return self.state == "approved" if is_change else self.state in ("onboarding", "changes_requested")

    def is_in_force(self, step: str) -> bool:
        return not {step, *reference.NEEDS.get(step, ())} & self.saved_since

    @property
    def root(self) -> str:
        return f"{self.passport.url}{CHANGES if self.state == 'approved' else WIZARD}"

    def lay_out(self, *, kept: set[str] = frozenset()) -> None:
        """The pages of a change show what is in force, but for what is kept. How, is learnt when they are opened."""
        self.saves = {step: count + 1 for step, count in self.saves.items()}
        self.memory = {step: typed for step, typed in self.memory.items() if step in kept}

    def learn(self, *steps: str) -> None:
        """Before anything is saved that they build on, and with what they build on themselves."""
        for step in steps:
            if self.state != "approved" or step == "payment":
                continue
            self.learn(*reference.NEEDS.get(step, ()))
            if step in self.memory:
                continue
            page = self.observer.go(f"{self.root}{step}/")
            if not page.path.endswith(f"/{step}/"):
                continue  # it builds on answers that are not complete
            self.memory[step] = reference.questions(step, reference.shown_on(step_form(page), step))
            found = reference.facts(self.memory, self.files)
            if self.is_in_force(step):
                same(found[step], self.in_force[step], f"{step} is laid out as it is in force")

    def look(self, step: str) -> None:
        """What was typed last is on the page, wherever it is opened."""
        if step == "payment" and self.state == "approved":
            return
        page = self.observer.go(f"{self.root}{step}/")
        if page.path.endswith(f"/{step}/"):
            self.learn(step)
            self.check_page(page, step)

    def check_page(self, page: Page, step: str) -> None:
        assert page.status == 200, page
        shown = reference.shown_on(step_form(page), step)
        wanted = reference.tidy(reference.expected(step, self.memory.get(step, {}), shown))
        found = reference.tidy(reference.questions(step, shown, has_file=lambda slot: slot in self.files))
        same({name: found.get(name) for name in wanted}, wanted, f"what {step} shows is what was typed")
        answered = reference.expected(step, self.memory.get(step, {}), shown)
        extra = {name: values for name, values in found.items() if name in answered and name not in wanted}
        same(extra, {}, f"{step} shows nothing that was cleared")
        if step == "qualifications":
            links = {text for href, text in page.links if "/documents/" in href}
            same(links, self.shown_files(shown), "the files on the page are those chosen last")

    def shown_files(self, shown: Shown) -> set[str]:
        keys = {f"certificate-{key}" for key in reference.one(shown["certificates"]).split()}
        return {name for slot, name in self.files.items() if slot in keys or slot in ("cv", "degree")}

    def facts_now(self) -> Facts:
        found = reference.facts(self.memory, self.files)
        return self.in_force | found if self.in_force else found

    def check_profile(self) -> None:
        facts, vendor = self.in_force, self.vendor
        profile = Profile.objects.get(vendor=vendor)
        pairs = LanguagePair.objects.filter(vendor=vendor).prefetch_related("rates")
        keys = {f"{pair.source}.{pair.target}": pair for pair in pairs}
        rates = {
            f"{rate.service} {key}": (f"{rate.amount.normalize():f}", rate.unit)
            for key, pair in keys.items()
            for rate in pair.rates.all()
        }
        found = {
            "kind": profile.kind,
            "phone": reference.digits(profile.phone)[-9:],
            "services": {key: sorted(pair.services) for key, pair in keys.items()},
            "rates": rates,
            "iban": PaymentDetails.objects.get(vendor=vendor).details["iban"],
            "documents": dict(Document.objects.in_force().filter(vendor=vendor).values_list("slot", "name")),
        }
        wanted = {
            "kind": facts["about"]["kind"],
            "phone": facts["contact"]["phone"],
            "services": facts["services"]["pairs"],
            "rates": facts["rates"]["rates"],
            "iban": facts["payment"]["iban"],
            "documents": facts["qualifications"]["documents"],
        }
        same(found, wanted, "what is approved is what was sent")

    # Typing

    def arrive(self, tab: Tab) -> None:
        page = tab.person.page
        found = re.fullmatch(rf"({WIZARD}|{CHANGES})(\w+)/", page.path)
        tab.aside = {}
        tab.step = found[2] if found and found[2] in STEPS and page.status == 200 else ""
        if tab.step:
            tab.is_change, tab.seen = found[1] == CHANGES, self.saves[tab.step]

    def send_page(self, tab: Tab, edit: Edit, button: str) -> None:
        """Press a button of the page as it stands in the tab, whatever has happened since it was made."""
        page, step = tab.person.page, tab.step
        self.learn(step, *(name for name, needs in reference.NEEDS.items() if step in needs))
        form = step_form(page)
        edit = self.possible(form, step, edit)
        uploads = {slot: self.new_file(slot) for slot in edit.files}
        shown = reference.shown_on(form, step)
        sent = shown | {name: reference_list(value) for name, value in edit.fields.items()}
        typed = reference.questions(step, sent, has_file=lambda slot: slot in self.files or slot in uploads)
        tab.remember()
        page = tab.person.submit(
            form.action,
            button=pressed(form, button),
            files={f"{step}-{slot}": upload for slot, upload in uploads.items()},
            **{f"{step}-{name}": value for name, value in edit.fields.items()},
        )
        # Whoever is shut out may have been signed out as well.
        assert page.status in ((200, 409) if self.is_open(is_change=tab.is_change) else (200, 400)), page
        self.judge(tab, step, sent, typed, {slot: upload[0] for slot, upload in uploads.items()})
        self.look(step)

    def judge(self, tab: Tab, step: str, sent: Shown, typed: Typed, uploads: dict[str, str]) -> None:
        page, aside = tab.person.page, tab.aside
        if not self.is_open(is_change=tab.is_change):
            self.arrive(tab)
            return
        was_saved_since = tab.seen != self.saves[step]
        after = reference.merged(step, self.memory.get(step, {}), sent, typed)
        differs = reference.tidy(after) != reference.tidy(self.memory.get(step, {}))
        if page.status == 409:
            assert was_saved_since, f"nobody has saved {step} since this page was made: {page.text[:600]}"
            self.check_both_versions(tab, step, typed, uploads)
            return
        if was_saved_since and (differs or uploads):
            assert "wasn't saved" in page.text, f"{step} was saved over a newer version: {page}, {after}"
            self.arrive(tab)
            return
        self.memory[step] = after
        self.saves[step] += 1
        self.saved_since.add(step)
        if step == "qualifications":
            self.keep_files(sent, typed, uploads, aside)
        self.arrive(tab)

    def keep_files(self, sent: Shown, typed: Typed, uploads: dict[str, str], aside: dict[str, str]) -> None:
        rows = {f"certificate-{key}" for key in typed["certificates"]}
        removed = {"degree"} if any(sent.get("degree_remove", [])) and "degree" not in uploads else set()
        chosen = {**self.files, **aside, **uploads}
        self.files = {
            slot: name
            for slot, name in chosen.items()
            if (slot in rows or not slot.startswith("certificate-")) and (slot not in removed or slot in aside)
        }

    def check_both_versions(self, tab: Tab, step: str, typed: Typed, uploads: dict[str, str]) -> None:
        """What was typed is in the form, and what was chosen is kept for it."""
        page, before = tab.person.page, tab.aside
        shown = reference.shown_on(step_form(page), step)
        there = reference.tidy(reference.questions(step, shown, has_file=lambda slot: True))
        wanted = reference.tidy(typed)
        if step == "services" and reference.only_pair(shown):
            wanted = {name: values for name, values in wanted.items() if name != "everywhere"}
        asked = reference.questions(step, shown, has_file=lambda slot: True)
        same(
            {name: there.get(name) for name in wanted if name in asked},
            {name: values for name, values in wanted.items() if name in asked},
            f"both versions of {step} keep what was typed here",
        )
        tab.seen, tab.aside = self.saves[step], {**before, **uploads}
        same(
            {name for name in step_form(page).names if name.startswith("aside-")},
            {f"aside-{slot}" for slot in tab.aside},
            "the files chosen on a page that is out of date are kept",
        )

    def possible(self, form: Form, step: str, edit: Edit) -> Edit:
        fields = {name: value for name, value in edit.fields.items() if f"{step}-{name}" in form.names}
        files = tuple(slot for slot in edit.files if f"{step}-{slot}" in form.names)
        return Edit(fields, files)


def with_session(passport: Passport, client: Client) -> Person:
    person = passport.person("somebody@mail.example")
    keep_session(person, client)
    return person


def keep_session(person: Person, client: Client) -> None:
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    person.browser.cookies.set(settings.SESSION_COOKIE_NAME, value, domain="localhost.local", path="/")


def staff_with_session(passport: Passport, user: User) -> Person:
    return with_session(passport, signed_in(user))


def step_form(page: Page) -> Form:
    found = [form for form in page.forms.values() if {"revision", "payment-iban"} & form.names]
    assert found, f"no page of a step: {page} {page.text[:300]}"
    return found[0]


def form_with(page: Page, name: str) -> str:
    """The form that has this field."""
    return next(form_id for form_id, form in page.forms.items() if name in form.names)


def pressed(form: Form, button: str) -> str | tuple[str, str]:
    names = {(one.name, one.value) for one in form.buttons}
    if button == "another" and ("another", "certificate") in names:
        return ("another", "certificate")
    return button if button in {name for name, _value in names} else "continue"


def reference_list(value: Any) -> list[str]:
    if value is True:
        return ["on"]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def same(found: Any, wanted: Any, promise: str) -> None:
    assert found == wanted, f"{promise}\n found: {found}\nwanted: {wanted}"


def document_names(vendor: Vendor) -> dict[str, str]:
    return {str(pk): name for pk, name in Document.objects.filter(vendor=vendor).values_list("pk", "name")}


def latest(vendor: Vendor) -> Submission | None:
    return Submission.objects.filter(vendor=vendor).order_by("-pk").first()

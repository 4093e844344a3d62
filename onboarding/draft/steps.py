"""The steps of the wizard, in order, and how far a draft has got with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding import forms
from onboarding.models import Draft
from vendors.models import Document, Vendor, VendorKind

COMPLETED = "completed"
INCOMPLETE = "incomplete"
CANNOT_START = "cannot-start-yet"
PROBLEM = "problem"

STATE_LABELS = {
    COMPLETED: _("Completed"),
    INCOMPLETE: _("Incomplete"),
    CANNOT_START: _("Cannot start yet"),
    PROBLEM: _("There is a problem"),
}


# How a vendor works decides what it is asked.
AGENCIES = frozenset({VendorKind.COMPANY.value})
PERSONS = frozenset(VendorKind.values) - AGENCIES
EVERYONE = AGENCIES | PERSONS


@dataclass(frozen=True)
class Step:
    name: str
    title: str | Promise
    form: type[forms.StepForm]
    builds_on: tuple[str, ...] = ()
    # Steps whose answers help if they are there.
    looks_at: tuple[str, ...] = ()
    asked_of: frozenset[str] = EVERYONE

    @property
    def template(self) -> str:
        return f"onboarding/steps/{self.name}.html"


QUESTIONS = (
    Step("about", _("About you"), forms.AboutForm),
    Step("contact", _("Contact and address"), forms.ContactForm),
    Step("languages", _("Languages"), forms.LanguagesForm),
    Step("services", _("Services and subjects"), forms.ServicesForm, builds_on=("languages",)),
    Step("rates", _("Rates"), forms.RatesForm, builds_on=("languages", "services")),
    Step(
        "qualifications",
        _("Qualifications"),
        forms.QualificationsForm,
        looks_at=("about", "languages", "services"),
        asked_of=PERSONS,
    ),
    Step("team", _("Your linguists"), forms.TeamForm, builds_on=("languages", "services"), asked_of=AGENCIES),
    Step(
        "certificates",
        _("Certificates and references"),
        forms.CompanyCertificatesForm,
        builds_on=("languages",),
        asked_of=AGENCIES,
    ),
    Step("tax", _("Tax"), forms.TaxForm, builds_on=("about", "contact")),
    Step("payment", _("How we pay you"), forms.PaymentStepForm, looks_at=("about", "contact")),
    Step("agreements", _("Agreements"), forms.AgreementsForm, looks_at=("about",)),
)
AGREEMENTS, PAYMENT, QUALIFICATIONS, CERTIFICATES = "agreements", "payment", "qualifications", "certificates"
RATES = "rates"
# Where files are chosen: by a person, by an agency.
WITH_FILES = (QUALIFICATIONS, CERTIFICATES)
CHECK = Step("check", _("Check and send"), forms.CheckForm, builds_on=tuple(step.name for step in QUESTIONS))
STEPS = {step.name: step for step in (*QUESTIONS, CHECK)}


def titles(names: Iterable[str]) -> list[str]:
    return [str(STEPS[name].title) for name in names if name in STEPS]


def kind_in(answers: Mapping[str, Mapping[str, list[str]]]) -> str:
    """How the vendor works, by what stands in the draft whether or not the rest of that page is right."""
    typed = (answers.get("about", {}).get("about-kind") or [""])[-1]
    return typed if typed in EVERYONE else VendorKind.FREELANCER.value


def asked_of(kind: str) -> list[Step]:
    """The questions, in order."""
    return [step for step in QUESTIONS if kind in step.asked_of]


def asked_or_answered(answers: Mapping[str, Any]) -> list[Step]:
    """The questions that these answers belong to. Agencies that were asked as persons once answered others."""
    asked = asked_of(answers.get("about", {}).get("kind", VendorKind.FREELANCER))
    if any(step.name in answers for step in QUESTIONS if step not in asked):
        asked = [step for step in asked if step.asked_of == EVERYONE]
    return [step for step in QUESTIONS if step in asked or step.name in answers]


@dataclass
class Reading:
    """What a draft says, read with today's rules: the valid answers, and the state of every step that is asked."""

    kind: str = VendorKind.FREELANCER.value
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def known_to(self, step: Step) -> dict[str, dict[str, Any]]:
        """The earlier answers that its form is given; how the vendor works even if that page has a mistake."""
        about = {"about": {"kind": self.kind}}
        names = (*step.builds_on, *step.looks_at)
        return about | {name: self.answers[name] for name in names if name in self.answers}

    def may_start(self, step: Step) -> bool:
        return self.states.get(step.name, CANNOT_START) != CANNOT_START

    @property
    def questions(self) -> list[str]:
        return [name for name in self.states if name != CHECK.name]

    @property
    def is_complete(self) -> bool:
        return all(self.states[name] == COMPLETED for name in self.questions)

    @property
    def next_to_do(self) -> str:
        """The first step that is not completed; the check when all are."""
        return next((name for name, state in self.states.items() if state != COMPLETED), CHECK.name)


def make_form(
    step: Step,
    typed: Mapping[str, list[str]] | None,
    *,
    vendor: Vendor,
    earlier: forms.Answers,
    documents: Mapping[str, Document],
) -> forms.StepForm:
    data = None if typed is None else MultiValueDict(typed)
    return step.form(data=data, prefix=step.name, vendor=vendor, earlier=earlier, documents=documents)


def typed_from(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, forms.Typed]:
    """A draft's entries that give these answers when they are read."""
    return {
        step.name: {f"{step.name}-{name}": values for name, values in step.form.typed_from(answers[step.name]).items()}
        for step in QUESTIONS
        if step.name in answers
    }


def read(draft: Draft, *, documents: Mapping[str, Document], only: tuple[str, ...] | None = None) -> Reading:
    """Judge every step of the draft that its vendor is asked, or only some. Asks the database nothing."""
    reading = Reading(kind_in(draft.answers))
    asked = [*asked_of(reading.kind), CHECK]
    names = {step.name for step in asked}
    for step in asked:
        if only is not None and step.name not in only:
            continue
        if any(name in names and name not in reading.answers for name in step.builds_on):
            reading.states[step.name] = CANNOT_START
            continue
        typed = draft.answers.get(step.name)
        if typed is None or step is CHECK:
            reading.states[step.name] = INCOMPLETE
            continue
        form = make_form(step, typed, vendor=draft.vendor, earlier=reading.known_to(step), documents=documents)
        if form.is_valid():
            reading.answers[step.name] = form.answer()
            reading.states[step.name] = COMPLETED
        else:
            reading.states[step.name] = INCOMPLETE if form.lacks_only else PROBLEM
    return reading

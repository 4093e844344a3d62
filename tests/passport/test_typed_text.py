"""Whatever people type passes one door before it is judged: every field of every form, every argument of every command.

A new field that misses it is found here: it would take a name for another one because of something invisible in it.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.test import RequestFactory

from identity.roles import ADMINISTRATOR
from identity.typed import cleaning
from identity.typed.fields import Address, AddressToJudge, Code, Time, WholeNumber
from onboarding.draft.steps import QUESTIONS, make_form
from onboarding.forms.base import as_typed
from passport.management.commands.backup import days
from passport.management.commands.purge import at_least_one
from tests import test_architecture
from tests.factories import create_staff
from tests.onboarding import answers
from vendors.answers.fields import AmountField, CountryField, DayField, LanguageField, MonthField
from vendors.models import Vendor

OURS = {"identity", "vendors", "onboarding", "passport"}

# What is right for a field, by the first class that it is of.
SAMPLES: dict[type[forms.Field], str] = {
    Address: "jo12@mail.example",
    AddressToJudge: "jo12@mail.example",
    AmountField: "12.50",
    Code: "AB 12-34",
    CountryField: "Côte d’Ivoire",
    DayField: "31 March 2027",
    LanguageField: "Norwegian Bokmål",
    MonthField: "03/2012",
    Time: "14:30",
    WholeNumber: "30",
    forms.CharField: "José Ñandú",
}
WITH_NUMBERS = {"address", "code", "number"}
# Nobody types these: a mark that a page carries, a box to tick, a choice, a file.
NOT_TYPED = (forms.ChoiceField, forms.BooleanField, forms.FileField, forms.ModelChoiceField)
# Strangers must leave it empty, so nothing is kept of it.
TRAPS = {"CannotSignInForm.website"}
# Django's own arguments, and a folder of the stand-in tenant.
NOT_OURS = {"migrate", "sandbox"}


def disguised(text: str, *, kind: str) -> str:
    """The same to the eye: in parts, with something invisible in the middle and around it, with digits of elsewhere."""
    text = unicodedata.normalize("NFD", text)
    if kind in WITH_NUMBERS:
        text = "".join(chr(ord("０") + int(sign)) if sign in "0123456789" else sign for sign in text)
    middle = len(text) // 2
    while middle < len(text) and unicodedata.combining(text[middle]):
        middle += 1
    return f"\ufeff{text[:middle]}\u200b{text[middle:]}\u00a0\u2060".replace(" ", "\u2007")


def is_typed(field: forms.Field) -> bool:
    return not isinstance(field, NOT_TYPED) and not field.widget.is_hidden


def form_classes() -> Iterator[type[forms.BaseForm]]:
    for module in test_architecture.modules():
        __import__(module)
    classes = [forms.BaseForm]
    while classes:
        form_class = classes.pop()
        classes += form_class.__subclasses__()
        if form_class.__module__.partition(".")[0] in OURS:
            yield form_class


def declared_fields() -> Iterator[tuple[str, forms.Field]]:
    for form_class in form_classes():
        for name, field in form_class.base_fields.items():  # type: ignore[attr-defined]
            yield f"{form_class.__name__}.{name}", field


def fields_of_the_wizard() -> Iterator[tuple[str, forms.Field]]:
    """With those that depend on earlier answers."""
    earlier: dict[str, Any] = {}
    typed = (
        answers.of_an_agency()
        | answers.everything()
        | {
            "services": answers.SERVICES
            | {"everywhere": ["translation", "sworn_translation"], "sworn_authority": "a court"},
            "rates": answers.RATES | {"usual-sworn_translation": "40", "unit-sworn_translation": "hour"},
        }
    )
    typed["qualifications"] |= {"certificates": "1", "certificate-1-kind": "membership"}
    for step in QUESTIONS:
        page = {
            f"{step.name}-{name}": as_typed(value)
            for name, value in typed[step.name].items()
            if isinstance(value, str | list)
        }
        form = make_form(step, page, vendor=Vendor(name="Ana"), earlier=earlier, documents={})
        form.is_valid()
        if step.name in ("languages", "services"):
            earlier[step.name] = form.answer()
        for name, field in form.fields.items():
            yield f"{type(form).__name__}.{name}", field


def fields_of_the_admin() -> Iterator[tuple[str, forms.Field]]:
    request = RequestFactory().get("/")
    request.user = create_staff(role=ADMINISTRATOR)
    for model_admin in admin.site._registry.values():
        fields = model_admin.get_form(request).base_fields if model_admin.has_change_permission(request) else {}
        for name, field in fields.items():
            yield f"{type(model_admin).__name__}.{name}", field


def offence(field: forms.Field) -> str:
    sample = next(sample for kind, sample in SAMPLES.items() if isinstance(field, kind))
    typed = disguised(sample, kind=getattr(field, "kind", "name"))
    try:
        as_disguised = field.to_python(typed)
    except forms.ValidationError as error:
        return str(error)
    return "" if as_disguised == field.to_python(sample) else f"{as_disguised!r}"


@pytest.mark.django_db
@pytest.mark.parametrize("walk", [declared_fields, fields_of_the_wizard, fields_of_the_admin])
def test_no_field_minds_what_cannot_be_seen(walk):
    typed = {name: field for name, field in walk() if is_typed(field) and name not in TRAPS}

    assert typed
    assert {name: found for name, field in typed.items() if (found := offence(field))} == {}


def arguments() -> Iterator[tuple[str, argparse.Action]]:
    for name, app in sorted(get_commands().items()):
        if not isinstance(app, str) or app not in OURS or name in NOT_OURS:
            continue
        parsers = [(name, load_command_class(app, name).create_parser("manage.py", name))]
        standard = {action.dest for action in argparse_defaults()}
        while parsers:
            words, parser = parsers.pop()
            for action in parser._actions:
                if isinstance(action, argparse._SubParsersAction):
                    parsers += [(f"{words} {word}", child) for word, child in action.choices.items()]
                elif action.dest not in standard and action.nargs != 0:
                    yield f"{words} {action.dest}", action


def argparse_defaults() -> list[argparse.Action]:
    return load_command_class("django.core", "check").create_parser("manage.py", "check")._actions


def test_no_argument_of_a_command_minds_what_cannot_be_seen():
    typed = {name: action.type for name, action in arguments() if action.type not in (Path, int, days, at_least_one)}
    kinds = {clean: kind for kind, clean in cleaning.KINDS.items()}

    assert typed
    assert {name: clean for name, clean in typed.items() if clean not in kinds} == {}


def test_the_walk_finds_a_field_that_misses_the_door():
    assert offence(forms.CharField()) != ""
    assert offence(Code()) == ""


def test_every_app_of_ours_is_walked():
    assert {config.label for config in apps.get_app_configs() if "site-packages" not in config.path} >= OURS - {
        "passport"
    }

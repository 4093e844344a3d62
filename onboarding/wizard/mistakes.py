"""A page with mistakes sends the browser to itself, so that Back leads to a page and not to a form to be sent again.

What was typed is in the draft. What is not an answer waits beside it until the next save: which files were refused, the
case that VM was told of, and in which browser an account was typed a moment ago. Where a wrong account is no answer
either, because another one is in force, it waits there as well.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from identity.models import Failure
from identity.sign_in import step_up
from onboarding.forms import StepForm
from onboarding.models import Draft
from vendors.models import Vendor

LONGEST_ASIDE = 1000  # characters kept of an answer that is wrong: more than any field takes


def note(form: StepForm, request: HttpRequest) -> dict[str, Any]:
    """What the page will have to say, but for what the draft tells. Names of fields only, never an answer."""
    noted: dict[str, Any] = {}
    if refused := refused_files(form):
        noted["refused"] = {name: error.messages[0] for name, error in refused.items()}
    if form.hides_saved:
        typed = [name for name in map(form.add_prefix, form.fields) if request.POST.get(name, "").strip()]
        noted["typed"] = {"names": typed, "browser": _browser(request), "at": int(time.time())}
    return noted


def refused_files(form: StepForm) -> dict[str, ValidationError]:
    """By field; what is wrong with all of them together under Django's name for that."""
    return {
        name: error
        for name, errors in form.errors.as_data().items()
        for error in errors
        if error.code == "refused_file"
    }


def show_refused(form: StepForm, noted: Mapping[str, Any]) -> None:
    """As it was said of the files themselves, which are gone."""
    for name, text in noted.get("refused", {}).items():
        field = name if name in form.fields else None
        if field:
            form.errors.pop(field, None)  # that there is no file
        form.add_error(field, ValidationError(text, code="refused_file"))


def typed_just_now(noted: Mapping[str, Any], data: Mapping[str, str] | None, request: HttpRequest) -> dict[str, str]:
    """Of what the page hides, what was typed in this very browser a moment ago: it comes back as it was."""
    typed = noted.get("typed")
    if data is None or not typed or not _is_of_this_moment(typed, request):
        return {}
    return {name: data.get(name, "") for name in typed["names"]}


def put_aside(form: forms.BaseForm, page: str, vendor: Vendor, request: HttpRequest) -> None:
    """What was typed into a form whose answers do not go into the draft unless they are right."""
    names = map(form.add_prefix, form.fields)
    values = {name: [each[:LONGEST_ASIDE] for each in request.POST.getlist(name)[-1:]] for name in names}
    aside = {"values": values, "browser": _browser(request), "at": int(time.time())}
    with transaction.atomic():
        draft, _created = Draft.objects.select_for_update().get_or_create(vendor=vendor)
        draft.notes[page] = {"aside": aside}
        draft.save(update_fields=["notes"])


def forget_aside(page: str, vendor: Vendor) -> None:
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(vendor=vendor).first()
        if draft is not None and draft.notes.pop(page, None):
            draft.save(update_fields=["notes"])


def aside(page: str, vendor: Vendor, request: HttpRequest) -> dict[str, list[str]] | None:
    """What was put aside in this very browser a moment ago."""
    draft = Draft.objects.filter(vendor=vendor).first()
    noted = draft.notes.get(page, {}).get("aside") if draft else None
    return noted["values"] if noted and _is_of_this_moment(noted, request) else None


def case(noted: Mapping[str, Any]) -> Failure | None:
    """That VM was told of, unless it is closed by now."""
    reference = noted.get("case")
    return Failure.objects.open().filter(reference=reference).first() if reference else None


def _is_of_this_moment(noted: Mapping[str, Any] | None, request: HttpRequest) -> bool:
    if not noted or time.time() - noted["at"] > step_up.GOOD_FOR:
        return False
    return constant_time_compare(noted["browser"], _browser(request))


def _browser(request: HttpRequest) -> str:
    return salted_hmac("onboarding.wizard.mistakes", request.session.session_key or "").hexdigest()

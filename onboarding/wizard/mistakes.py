"""A page with mistakes sends the browser to itself, so that Back leads to a page and not to a form to be sent again.

What was typed is in the draft. What is not an answer waits beside it until the next save: which files were refused, the
case that VM was told of, and in which browser an account was typed a moment ago.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.crypto import constant_time_compare, salted_hmac

from identity.models import Failure
from identity.sign_in import step_up
from onboarding.forms import StepForm

CHECKED = "check"  # in the address of a page that says what is wrong with it


class SeeOther(HttpResponseRedirect):
    """To be asked for with GET, whatever was sent."""

    status_code = 303


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
    if not typed or data is None or time.time() - typed["at"] > step_up.GOOD_FOR:
        return {}
    is_same = constant_time_compare(typed["browser"], _browser(request))
    return {name: data.get(name, "") for name in typed["names"]} if is_same else {}


def case(noted: Mapping[str, Any]) -> Failure | None:
    """That VM was told of, unless it is closed by now."""
    reference = noted.get("case")
    return Failure.objects.open().filter(reference=reference).first() if reference else None


def _browser(request: HttpRequest) -> str:
    return salted_hmac("onboarding.wizard.mistakes", request.session.session_key or "").hexdigest()

"""Django's own sentences never reach a person: each field says something of ours, whatever is wrong with it."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from django import forms
from django.test import Client

from tests.factories import create_vendor
from tests.onboarding import answers
from tests.passport import test_typed_text
from vendors.models import VendorState

DJANGOS = re.compile(
    r"^(This field|Ensure (this|that)|Select a valid|Enter a (valid|list|complete)|Enter a (whole )?number\."
    r"|No file was|The submitted file|Please either|Null characters|“%\(pk\)s” is|Upload a valid|Values are not)"
)

pytestmark = pytest.mark.django_db


def djangos(field: forms.Field) -> dict[str, str]:
    """What of Django's this field would say, by code."""
    said = {
        validator.code: repr(validator)
        for validator in field.validators
        if type(validator).__module__ == "django.core.validators" and validator.code not in field.error_messages
    }
    sentences = {code: str(sentence) for code, sentence in field.error_messages.items()}
    return said | {code: sentence for code, sentence in sentences.items() if DJANGOS.match(sentence)}


def test_no_field_says_what_django_says():
    walked = chain(
        test_typed_text.declared_fields(), test_typed_text.fields_of_the_wizard(), test_typed_text.fields_of_the_admin()
    )

    assert {name: said for name, field in walked if (said := djangos(field))} == {}


def test_what_no_page_offers_is_refused_in_our_words(client: Client):
    client.force_login(create_vendor(state=VendorState.ONBOARDING).user)

    page = answers.save(client, "about", answers.ABOUT | {"kind": "robot", "full_name": "a" * 300})

    assert "Choose an answer from the list." in page.text
    assert "Shorten your answer to 200 characters or fewer." in page.text

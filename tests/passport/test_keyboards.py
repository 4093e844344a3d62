"""What each field tells browsers and the keyboards of phones about what is typed into it."""

from __future__ import annotations

import pytest
from django import forms

from identity.typed.fields import Address, Code, Name, Time, WholeNumber
from tests.passport.test_typed_text import TRAPS, declared_fields, fields_of_the_wizard, is_typed
from vendors.answers.fields import AmountField, CountryField, DayField, LanguageField, MonthField

# What browsers know of the person at the keyboard, in HTML's words. Any other field is filled in by nobody else.
PURPOSES = {
    "address": "email",
    "address_lines": "street-address",
    "company_legal_name": "organization",
    "contact_email": "email",
    "country": "country",
    "display_name": "nickname",
    "full_name": "name",
    "holder": "name",
    "locality": "address-level2",
    "new": "email",
    "paypal": "email",
    "phone": "tel",
    "position": "organization-title",
    "postal_code": "postal-code",
    "region": "address-level1",
    "signatory": "name",
}
# Somebody else's, which browsers would take for the reader's own.
OF_OTHERS = {
    "accounts_name",
    "accounts_phone",
    "billing_email",
    "initials",
    "primary_email",
    "projects_name",
    "projects_phone",
}
BY_STAFF = {"ChangeEmailForm.new"}
SENTENCES = {"holder_reason"}
NEVER_REMEMBERED = (AmountField, Code, CountryField, DayField, LanguageField, MonthField, Time, WholeNumber)


def complaints(name: str, field: forms.Field) -> list[str]:
    question = name.rpartition(".")[2].rpartition("-")[2]
    attributes = field.widget.attrs
    kind = attributes.get("type", getattr(field.widget, "input_type", ""))
    expected = PURPOSES.get(question, "off" if isinstance(field, NEVER_REMEMBERED) else None)
    if question in OF_OTHERS or name in BY_STAFF:
        expected = "off"
    wrong = [] if attributes.get("autocomplete") == expected else [f"autocomplete is {attributes.get('autocomplete')}"]
    keyboard = "decimal" if isinstance(field, AmountField) else "numeric" if isinstance(field, WholeNumber) else None
    if attributes.get("inputmode") != keyboard:
        wrong.append(f"inputmode is {attributes.get('inputmode')}")
    if isinstance(field, Address) and kind != "email" or expected == "tel" and kind != "tel" or kind == "number":
        wrong.append(f"type is {kind}")
    if isinstance(field, Code) and attributes.get("autocapitalize") != "characters":
        wrong.append("no capitals")
    has_hints = isinstance(field, Code | Name) and not isinstance(field, LanguageField | MonthField)
    if has_hints and attributes.get("spellcheck") != str(question in SENTENCES).lower():
        wrong.append("names and codes have no spelling")
    return wrong


@pytest.mark.django_db
def test_every_field_says_what_is_typed_into_it():
    fields = {
        name: field
        for walk in (declared_fields, fields_of_the_wizard)
        for name, field in walk()
        if (is_typed(field) or name.endswith(".country")) and name not in TRAPS
    }

    assert {name.rpartition(".")[2].rpartition("-")[2] for name in fields} >= PURPOSES.keys() | OF_OTHERS
    assert {name: found for name, field in fields.items() if (found := complaints(name, field))} == {}

"""passport/form_renderer.py draws choices as Django does, without its templates."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer

CHOICES = [("", "-"), ("a<", "A & B"), ("group", [("x", "X"), ("y", "Y")]), (None, "none"), (1, "one")]
ATTRIBUTES = [{}, {"id": "id_z", "class": "k", "required": True, "disabled": False}]


def without_blanks(html: str) -> str:
    return re.sub(r"\s+(?=[<>])|(?<=>)\s+", "", re.sub(r"\s+", " ", html)).strip()


@pytest.mark.parametrize("attributes", ATTRIBUTES)
@pytest.mark.parametrize("value", ["", None, "a<", ["x", "y"], 1])
@pytest.mark.parametrize(
    "widget", [forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple]
)
def test_choices_are_drawn_as_django_draws_them(widget, value, attributes):
    drawn = [
        without_blanks(widget(choices=CHOICES, attrs=attributes).render("name", value, renderer=renderer))
        for renderer in (DjangoTemplates(), get_default_renderer())
    ]

    assert drawn[0] == drawn[1]

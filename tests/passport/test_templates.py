import re
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import override_settings

from tests.processes import PROJECT

TEMPLATES = sorted(
    path
    for app in ("passport", "identity", "vendors", "onboarding")
    for path in PROJECT.glob(f"{app}/templates/**/*.html")
)
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|https?://[^\s\"']+\.(?:css|js)")


class Answers(forms.Form):
    name = forms.CharField(help_text="As on invoices.")
    nickname = forms.CharField(required=False)
    route = forms.ChoiceField(choices=[("a", "A degree"), ("b", "Five years")], widget=forms.RadioSelect)
    agreed = forms.BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)


def test_no_template_has_anything_that_the_content_security_policy_refuses():
    assert [
        (str(path), INLINE.findall(path.read_text())) for path in TEMPLATES if INLINE.search(path.read_text())
    ] == []


def test_what_is_isolated_or_a_code_is_left_alone_by_browsers_that_translate():
    bare = re.compile(r"<bdi>|<code>|class=\"reference\"(?<!translate=\"no\" class=\"reference\")")
    assert [str(path) for path in TEMPLATES if bare.search(path.read_text())] == []


def test_the_page_for_our_own_faults_needs_no_database_no_context_and_no_urls():
    with override_settings(PROJECT_URLCONF="no.such.module"):
        page = render_to_string("500.html")

    assert "Something went wrong" in page
    assert "reply to the email that invited you" in page


def test_error_summary_links_each_error_to_its_field():
    page = render_to_string("_error_summary.html", {"form": Answers({"nickname": "Ann"})})

    assert re.findall(r'href="#([^"]+)"', page) == ["id_name", "id_route_0", "id_agreed"]
    assert 'role="alert"' in page


def test_error_summary_links_into_the_forms_of_a_formset():
    formset = forms.formset_factory(Answers)(
        {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-name": "Ann",
            "form-0-route": "a",
            "form-0-agreed": "on",
            "form-1-name": "",
            "form-1-route": "b",
            "form-1-agreed": "on",
        }
    )

    page = render_to_string("_error_summary.html", {"form": formset})

    assert re.findall(r'href="#([^"]+)"', page) == ["id_form-1-name"]


@pytest.mark.parametrize("data", [None, {"name": "Ann", "route": "a", "agreed": "on"}])
def test_error_summary_says_nothing_without_errors(data: dict[str, str] | None):
    assert render_to_string("_error_summary.html", {"form": Answers(data)}).strip() == ""


def test_a_field_is_described_by_its_hint_and_its_error():
    page = str(Answers({})["name"].as_field_group())

    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described is not None
    assert described[1].split() == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{name}"' in page for name in described[1].split())


def test_only_what_may_be_left_out_is_marked():
    page = Answers().render("django/forms/div.html")

    assert page.count("(optional)") == 1
    assert re.search(r'<label for="id_nickname">nickname\s*<span class="optional">', page, re.I)


def test_choices_are_a_group_with_a_legend_and_a_check_box_stands_before_its_label():
    form = Answers()

    assert re.search(r"<fieldset>\s*<legend>Route\s*</legend>", str(form["route"].as_field_group()))
    assert re.search(r'<input type="checkbox"[^>]*><label for="id_agreed">', str(form["agreed"].as_field_group()))


BLOCK = re.compile(r"{%\s*blocktranslate\b.*?%}(.*?){%\s*endblocktranslate\s*%}", re.S)


@pytest.mark.parametrize(
    "path",
    sorted(path for path in PROJECT.glob("*/templates/**/*.*") if path.suffix in (".html", ".txt")),
    ids=lambda path: str(path.relative_to(PROJECT)),
)
def test_translated_sentences_name_their_variables(path):
    """Inside blocktranslate Django leaves {{ a.b }} empty without a word: it must come in by `with`."""
    inside = " ".join(BLOCK.findall(path.read_text()))

    assert re.findall(r"{{\s*\w+[.|][^}]*}}", inside) == []


def test_nothing_of_a_vendors_page_moves():
    """So nobody has to ask for less of it."""
    css = (PROJECT / "passport" / "static" / "passport" / "passport.css").read_text()

    assert re.findall(r"transition|animation|scroll-behavior|@keyframes", css) == []

"""Whether the judge of all other pages sees anything."""

from __future__ import annotations

from tests.browser.looking import judge

PAGE = """<!doctype html><html lang="en"><title>{title}</title>
<style>
p {{ color: #222; background: #fff }}
@media (prefers-color-scheme: dark) {{ p {{ color: #444; background: #000 }} }}
</style>
<main><h1>{title}</h1><p>Number {number}</p><label {label}>Your name</label> <input id="name" {state}></main></html>"""
WHOLE = {"title": "About you", "number": 1, "label": "for=name", "state": ""}


def found(page, **changed) -> list[str]:
    page.set_content(PAGE.format(**(WHOLE | changed)))
    return [rule for rule, _element in judge(page)]


def test_what_differs_in_more_than_words_is_judged_anew(page):
    page.emulate_media(color_scheme="light")

    assert found(page) == []
    assert found(page, title="Rates", number=22) == []
    assert found(page, label="") == ["label"]
    assert found(page, label="for=other") == ["label"]
    assert found(page, state="aria-label=''  role=nothing") == ["aria-roles"]
    assert found(page, label="") == ["label"], "a page with a fault is not taken for one that was right"

    page.emulate_media(color_scheme="dark")

    assert found(page) == ["color-contrast"]

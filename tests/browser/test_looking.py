"""Whether the judge of all other pages sees anything."""

from __future__ import annotations

from tests.browser.looking import judge
from tests.browser.measuring import measure

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


FIT = """<!doctype html><html lang="en"><title>Rates</title><link rel="stylesheet" href="/static/passport/passport.css">
<style>
* {{ margin: 0; box-sizing: border-box; }} :focus-visible {{ outline: 3px solid; }}
button, input, select {{ display: block; height: 44px; min-width: 44px; border: 1px solid; }}
.notice {{ border: 1px solid; }} .choice {{ display: block; height: 44px; }}
.steps > li::before {{ content: "1"; }} .steps > .step-completed::before {{ content: "✓"; }}
</style><main><h1>Rates</h1>
<div class="field"><label for="name">Name</label><p class="hint" id="hint">As it is.</p>
<input id="name" {described}></div>
<fieldset><legend>{question}</legend><label class="choice"><input type="radio"> Yes</label></fieldset>
<select aria-label="Unit"><option value="a">a<option value="{second}">b</select>
<ol class="steps"><li class="step-completed">One<li aria-current="step" {current}>Two</ol>
<p class="notice">News.</p><button>Save</button>{more}</main></html>"""
FINE = {"described": "aria-describedby=hint", "question": "Sure?", "second": "b", "current": "", "more": ""}
UNFIT = [
    ({"described": ""}, "belongs to no question"),
    ({"question": ""}, "belongs to no group"),
    ({"second": "a"}, "a choice is there twice"),
    ({"current": "class=step-completed"}, "steps look alike"),
    ({"more": "<p><a href='#name'>Alone</a></p>"}, "a target of"),
    ({"more": "<div style='width: 350px; height: 9px'></div>"}, "at 320 px: 30 px too wide"),
    ({"more": "<p style='font-size: 2rem; width: 20ch'>Text</p>"}, "with text at 200 %"),
    ({"more": "<p style='height: 1rem; overflow: hidden'>Too<br>much</p>"}, "cut off"),
    ({"more": "<div style='height: 5000px'></div>"}, "screens of a phone"),
    ({"more": "<button onclick='stop()'>Stop</button>"}, "a script"),
    ({"more": "<h1>Rates</h1>"}, "2 headings of the first level"),
    ({"more": "<button style='border: 0'>Go</button>"}, "no edge in forced colours"),
    ({"more": "<div style='display: grid'><h2 style='order: 2'>A</h2><h2>B</h2></div>"}, "is read later"),
    ({"more": "<div class=error-summary style='border: 1px solid'>Wrong</div>"}, "the errors are not what is read"),
    ({"more": "<input aria-invalid=true aria-label=Day>"}, "nothing is said of what is wrong with: Day"),
    ({"more": "<input type=radio aria-label=No style='width: 44px'>"}, "a choice outside of any question"),
]


def test_what_does_not_fit_a_phone_large_text_or_a_screen_reader_is_found(page):
    page.set_content(FIT.format(**FINE))
    assert measure(page) == []

    for changed, expected in UNFIT:
        page.set_content(FIT.format(**(FINE | changed)))
        found = measure(page)
        assert any(expected in each for each in found), (expected, found)

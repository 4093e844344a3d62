"""What is the same on every page is drawn once, and anew for each value of what it varies by."""

from __future__ import annotations

from itertools import count

from django.template import Context, engines
from django.template.base import Template

from passport.drawn_once import AT_MOST


def template_of(source: str) -> Template:
    return engines["django"].from_string(source).template


def test_each_value_has_a_drawing_of_its_own():
    numbers = count()
    template = template_of("{% drawn_once word %}{{ word }} {{ number }}{% enddrawn_once %}")

    def drawn(word: str) -> str:
        return template.render(Context({"word": word, "number": lambda: next(numbers)}))

    assert [drawn("one"), drawn("two"), drawn("one"), drawn("two")] == ["one 0", "two 1", "one 0", "two 1"]


def test_what_surrounds_it_is_drawn_each_time():
    template = template_of("{{ word }}{% drawn_once %} {{ word }} {% enddrawn_once %}{{ word }}")

    assert template.render(Context({"word": "a"})) == "a a a"
    assert template.render(Context({"word": "b"})) == "b a b"


def test_text_is_escaped_once():
    template = template_of("{% drawn_once word %}<b>{{ word }}</b>{% enddrawn_once %}")

    assert template.render(Context({"word": "<&>"})) == template.render(Context({"word": "<&>"}))
    assert template.render(Context({"word": "<&>"})) == "<b>&lt;&amp;&gt;</b>"


def test_values_without_end_do_not_fill_the_memory():
    template = template_of("{% drawn_once number %}{{ number }}{% enddrawn_once %}")
    (node,) = template.nodelist

    for number in range(AT_MOST * 3):
        assert template.render(Context({"number": number})) == str(number)
    assert len(node._drawn) <= AT_MOST

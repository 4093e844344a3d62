"""`{% drawn_once LANGUAGE_CODE %}…{% enddrawn_once %}`: a part of a page that is the same for everybody, drawn once.

Django's `{% cache %}` makes a hash and unpickles the text, as its cache may be a shared one, which takes as long as two
words in gettext. What varies is named, and may have few values only: settings and languages, never what belongs to a
person or a request. A built-in of all templates (settings).
"""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

register = template.Library()

AT_MOST = 100  # values; more are a mistake, and must not fill the memory


class _DrawnOnceNode(template.Node):
    def __init__(self, nodelist: NodeList, varies_by: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self._varies_by = varies_by
        self._drawn: dict[tuple[str, ...], str] = {}

    def render(self, context: Context) -> str:
        key = tuple([str(value.resolve(context)) for value in self._varies_by])
        text = self._drawn.get(key)
        if text is None:
            if len(self._drawn) >= AT_MOST:
                self._drawn.clear()
            text = self._drawn[key] = self.nodelist.render(context)
        return text


@register.tag
def drawn_once(parser: Parser, token: Token) -> _DrawnOnceNode:
    _name, *varies_by = token.split_contents()
    nodelist = parser.parse(("enddrawn_once",))
    parser.delete_first_token()
    return _DrawnOnceNode(nodelist, [parser.compile_filter(value) for value in varies_by])

"""A page of ours as something to look at: nothing on it can be pressed, sent or followed."""

from __future__ import annotations

from html.parser import HTMLParser

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Kept with these attributes; of every other element only what stands in it.
_KEPT = {
    **dict.fromkeys(("p", "div", "span", "strong", "b", "small", "br", "bdi", "ul", "ol", "li", "dl", "dt", "dd"), ()),
    **dict.fromkeys(("table", "thead", "tbody", "tr", "details", "summary", "section"), ()),
    "h1": (),
    "h2": (),
    "h3": (),
    "td": ("colspan",),
    "th": ("scope", "colspan"),
    "time": ("datetime",),
}
_EVERYWHERE = ("class", "lang", "dir", "translate")
# What these hold is no text to read.
_DROPPED = {"script", "style", "select", "textarea", "template"}
# The page that it is shown on has a heading of its own.
_ONE_LOWER = {"h1": "h2", "h2": "h3", "h3": "h4"}
_BUTTONS = {"a", "button"}
_ALONE = {"br"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.dropping += 1
        elif self.dropping:
            return
        elif tag in _BUTTONS:
            self.written.append(f'<span class="not-pressed"{_kept(attrs, ("lang", "dir", "translate"))}>')
        elif tag in _KEPT:
            kept = _kept(attrs, (*_EVERYWHERE, *_KEPT[tag]))
            opened = " open" if tag == "details" else ""
            self.written.append(f"<{_ONE_LOWER.get(tag, tag)}{kept}{opened}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.dropping = max(self.dropping - 1, 0)
        elif self.dropping or tag in _ALONE:
            return
        elif tag in _BUTTONS:
            self.written.append("</span>")
        elif tag in _KEPT:
            self.written.append(f"</{_ONE_LOWER.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.written.append(escape(data))


def _kept(attrs: list[tuple[str, str | None]], allowed: tuple[str, ...]) -> str:
    return "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if name in allowed)


def read_only(html: str) -> SafeString:
    """Links and buttons become plain text; forms, fields, scripts, ids and addresses are gone."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return mark_safe("".join(reader.written))

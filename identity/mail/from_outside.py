"""What other people typed, in the emails that Vendor Management acts on: never a line or a link that looks like ours.

The filters are built-in ones of all templates (settings).
"""

from __future__ import annotations

import re

from django import template

register = template.Library()

LONGEST = 300  # characters of a line
LINES = 20
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
# Mail programs make links of these wherever they stand.
_LINK = re.compile(r"(?i)(https?|ftp)(://)|\b(www)(\.)")


@register.filter
def one_line(text: str) -> str:
    """No control or direction characters, no link to press, not endless."""
    spaced = _BREAKS.sub(" ", str(text))
    return _no_links("".join(character for character in spaced if character.isprintable())[:LONGEST])


@register.filter
def quoted(text: str) -> str:
    """Each line behind “> ”, so that none passes for a line of the email itself."""
    lines = [one_line(line) for line in str(text).splitlines()]
    return "\n".join(f"> {line}" for line in [line for line in lines if line.strip()][:LINES])


def _no_links(text: str) -> str:
    return _LINK.sub(lambda link: f"{link[1] or link[3]}[{(link[2] or link[4])[0]}]{(link[2] or link[4])[1:]}", text)

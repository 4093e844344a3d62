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
# Mail programs make links of all these, wherever they stand: of any scheme, of the path of a file server, of a name
# that ends as the names of sites do.
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}):(?=//)")
_FILE_SERVER = re.compile(r"\\\\(?=\w)")
_SITE = re.compile(r"(?<=[^\W_])[.\u3002\uff0e\uff61](?=(?:[^\W\d_]{2,}|xn--[\w-]+)(?![\w-]))")
_ADDRESS = re.compile(r"[^\s@/\\:]+@[^\s@/\\:]+")
_FILE = re.compile(r"(?i)[\w.()+-]+\.(?:csv|docx?|gif|heic|jpe?g|odt|ods|pdf|png|rtf|tiff?|txt|xlsx?)[^\w/\\]*")


@register.filter
def one_line(text: str) -> str:
    """No control or direction characters, no link to press, not endless."""
    return " ".join(map(_without_site, name(text).split(" ")))


def name(text: str) -> str:
    """As `one_line`, for whoever it is the name of: a company may be called as its site is."""
    spaced = _BREAKS.sub(" ", str(text))
    visible = "".join(character for character in spaced if character.isprintable())[:LONGEST]
    return _FILE_SERVER.sub(r"[\\\\]", _SCHEME.sub(r"\1[:]", visible))


@register.filter
def quoted(text: str) -> str:
    """Each line behind “> ”, so that none passes for a line of the email itself."""
    lines = [one_line(line) for line in str(text).splitlines()]
    return "\n".join(f"> {line}" for line in [line for line in lines if line.strip()][:LINES])


def _without_site(word: str) -> str:
    """Addresses and the names of files stay as they are: both are there to be read, and may be copied."""
    return word if _ADDRESS.fullmatch(word) or _FILE.fullmatch(word) else _SITE.sub("[.]", word)

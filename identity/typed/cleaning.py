"""The one door for what people type, paste or import: what each kind of text loses before anything judges it.

name     one line of any script: a person, a place, a title
prose    the same with line breaks
address  an email address, out of the wrappers that programs copy with it
code     a number or code with letters: digits and signs as ASCII, in whatever script they were typed
number   an amount or a count: a code in which the separators matter
word     what is looked up in a list: a name in one spelling

Nothing here refuses anything, and everything takes time in proportion to the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# Soft hyphen, grapheme joiner, Mongolian vowel separator, zero-width space, word joiner and the invisible operators,
# byte order mark, annotations, tags; and what turns text round on the screen: marks, embeddings, overrides, isolates.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
JOINERS = "\u200c\u200d"
# Fillers and blanks are letters or symbols to Unicode, and nothing to the eye.
_BLANKS = "\u2800\u3164\uffa0"
_LINE_BREAKS = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")

# Arabic to Mandaic, the scripts of India, Sri Lanka, Tibet and Burma, Khmer and Mongolian, and their later blocks.
_JOINED_SCRIPTS = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
_VIRAMA = 9  # its combining class
MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text; no language has more than a few

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07"), "'")
# The decimal and thousands separators of Arabic, the Arabic comma, ideographic commas and the full-width signs.
_SEPARATORS = {
    **dict.fromkeys(map(ord, "\u066b\u060c\u3001\uff0c\ufe50\uff64"), ","),
    **dict.fromkeys(map(ord, "\uff0e\ufe52\u3002\uff61\u00b7"), "."),
    ord("\u066c"): "'",
}
_QUOTES = "\"'«»‹›„“”‚‘’‛‟`´「」『』\u02bc\uff02\uff07"

# What stands in front of an address that was copied with its label, in any language.
_ADDRESS_LABEL = re.compile(r"(?!mailto:)[^@:]{1,40}:\s*", re.IGNORECASE)

# As chats and editors write a link, and what people put around an address: brackets, an icon, a word behind it.
_LINK = re.compile(r"\]\((?:mailto:)?([^\s()@]+@[^\s()@]+)\)", re.IGNORECASE)
_ONE_ADDRESS = r"[^\s()@]+@[^\s()@\]}]+"
_ALONE = re.compile(
    rf"[(\[{{]({_ONE_ADDRESS})[)\]}}]|(?:[^\w\s@'\"]+ |[^\x00-\x7f\w\s]+)?({_ONE_ADDRESS})(?: ?\([^()@]*\))?"
)


def name(text: str) -> str:
    return " ".join(_visible(text).split())


def prose(text: str) -> str:
    lines = (" ".join(_visible(line).split()) for line in _LINE_BREAKS.split(text))
    return "\n".join(lines).strip()


def address(text: str) -> str:
    """`Ana <ana@mail.example>`, `mailto:ana@mail.example?subject=…` and `Email: ana@mail.example;` are one address.

    So are `(ana@mail.example)`, `[Ana](mailto:ana@mail.example)`, `ana @ mail.example` and `ana@mail.example (work)`.
    """
    plain = _ascii_digits(_plain_letters("".join(_without_joiners(name(text)))))
    plain = plain.translate({ord("\u2019"): "'", ord("\u02bc"): "'", ord("\u3002"): ".", ord("\uff61"): "."})
    plain = plain.replace(" @", "@").replace("@ ", "@")
    if link := _LINK.search(plain):
        plain = link[1]
    wrapped, end, _rest = plain.rpartition("<")[2].partition(">")
    if end and "@" in wrapped:
        plain = wrapped
    plain = _unquoted(plain)
    if label := _ADDRESS_LABEL.match(plain):
        plain = plain[label.end() :]
    plain = plain.strip()
    if alone := _ALONE.fullmatch(plain):
        plain = alone[1] or alone[2]
    if plain[:7].lower() == "mailto:":
        plain = plain[7:].partition("?")[0]
    return _unquoted(plain.strip(",;:\u060c\u061b\u3001 ")).removesuffix(".")


def code(text: str) -> str:
    """On one line, in plain signs; spaces and punctuation stay, for they may tell parts from each other."""
    plain = _plain_letters("".join(_without_joiners(name(text))).translate(_SEPARATORS))
    plain = _ascii_digits(plain).translate(_DASHES).translate(_APOSTROPHES)
    return _unquoted(" ".join(plain.split()))


def number(text: str) -> str:
    return code(text)


def word(text: str) -> str:
    """In lower case, as lists keep it."""
    plain = unicodedata.normalize("NFC", _plain_letters("".join(_without_joiners(name(text)))).casefold())
    return " ".join(plain.strip(f"{_QUOTES} .,;:").split())


KINDS: dict[str, Callable[[str], str]] = {
    function.__name__: function for function in (name, prose, address, code, number, word)
}


def compact(text: str) -> str:
    """A code without what people put between its signs. + and * stand in old Irish VAT numbers, & in Mexican ones."""
    return re.sub(r"[^\w+*&]|_", "", code(text)).upper()


# Letters that are not one with a mark to Unicode, and are to whoever writes them without it.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def folded(text: str) -> str:
    """For comparing what people mean: without accents and capitals."""
    plain = unicodedata.normalize("NFKD", name(text).casefold()).translate(_PLAIN_LETTERS)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


MOST_LABEL_WORDS, MOST_LABEL_DIGITS = 6, 4
SHORTEST_WORD = 3  # behind a number, where some have letters that belong to it
_LABEL = re.compile(r".*[^\W\d_]{2}\s?:\s*")
# "Company no.", "KvK-nummer"; "no" alone may be Norway.
_ENDS_IN_NUMBER = re.compile(
    r"(?:(?:[^0-9]*[\s.-])?n[or]\.|[^0-9]*[^\W\d_][\s.-]+n[or]|[^0-9]*(?:n°|nummer|number|n[uú]mero|num[eé]ro))"
    r"[\s.]*(?=[A-Za-z]{0,4}[0-9])",
    re.IGNORECASE,
)
_REMARK = re.compile(r"(?<![\s,;])[\s,;]*\([^()0-9]*\)$")


def readings(text: str) -> Iterator[str]:
    """A code as it was typed, then without the words in front that may be its label, one after the other. What stands
    behind it in brackets is none of it.

    Whoever knows the rules of the code takes the first that is right: "USt-IdNr.: DE 136 695 976" has three readings.
    """
    plain = code(text)
    plain = _REMARK.sub("", plain) or plain
    yield plain
    rest = plain
    for _word in range(MOST_LABEL_WORDS):
        front, _gap, rest = _first_word(rest)
        if not rest or any(sign.isdecimal() for sign in front):
            break
        yield rest
    # "Umsatzsteuer-ID gemäß § 27 a Umsatzsteuergesetz: DE …": in a label with a colon there may be a few digits.
    if label := _LABEL.match(plain):
        digits = sum(sign.isdecimal() for sign in label[0])
        if 0 < digits <= MOST_LABEL_DIGITS or (not digits and label[0].count(" ") > MOST_LABEL_WORDS):
            yield plain[label.end() :]


def without_words_behind(text: str, *, shortest: int = 1) -> Iterator[str]:
    """A code as it was typed, then without what is written behind it, one word after the other: a bank, a town.

    Fewer letters than `shortest` may belong to the code.
    """
    plain = whole = code(text)
    yield plain
    for _word in range(MOST_LABEL_WORDS):
        plain, _gap, word = plain.rpartition(" ")
        if any(sign.isdecimal() for sign in word) or not any(sign.isdecimal() for sign in plain):
            return
        plain = plain.rstrip(" ,;:-")
        if len(compact(whole[len(plain) :])) >= shortest:
            yield plain


def without_label(text: str) -> str:
    """A code that has no rules: what ends in a colon, or in "no.", is its label for certain."""
    plain = code(text)
    front, colon, rest = plain.partition(":")
    if colon and rest.strip() and not any(sign.isdecimal() for sign in front):
        return rest.strip()
    label = _ENDS_IN_NUMBER.match(plain)
    return plain[label.end() :] if label else plain


def _first_word(text: str) -> tuple[str, str, str]:
    gap = re.search(r"[\s:=#]+", text)
    return (text[: gap.start()], gap[0], text[gap.end() :]) if gap else (text, "", "")


def _visible(text: str) -> str:
    """Composed, without invisible and control characters, every kind of space a plain one."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", _with_few_marks(text)))
    if any(joiner in text for joiner in JOINERS):
        text = _with_needed_joiners(text)
    return "".join(map(_shown, text)) if not text.isascii() or not text.isprintable() else text


def _with_few_marks(text: str) -> str:
    """Composing sorts the marks of a letter one by one, so that thousands on one would take for ever."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def _shown(letter: str) -> str:
    if letter in _BLANKS or letter.isspace():
        return " "
    return "" if unicodedata.category(letter) == "Cc" else letter


def _with_needed_joiners(text: str) -> str:
    """Joiners are letters' helpers in some scripts, and hold pictures together; elsewhere they hide."""
    kept: list[str] = []
    for at, letter in enumerate(text):
        if letter not in JOINERS or (kept and _needs_joiner(kept[-1], letter, text[at + 1 : at + 2])):
            kept.append(letter)
    return "".join(kept)


def _needs_joiner(before: str, joiner: str, after: str) -> bool:
    if before in JOINERS:
        return False
    if joiner == "\u200d" and (unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"):
        return bool(after) and unicodedata.category(after) == "So"
    if not _JOINED_SCRIPTS.match(before):
        return False
    # Malayalam's old chillus end in one.
    return bool(_JOINED_SCRIPTS.match(after)) or (joiner == "\u200d" and unicodedata.combining(before) == _VIRAMA)


def _without_joiners(text: str) -> Iterator[str]:
    # In codes and addresses variation selectors too, which keyboards of pictures leave behind digits.
    return (letter for letter in text if letter not in JOINERS and not "\ufe00" <= letter <= "\ufe0f")


def _plain_letters(text: str) -> str:
    """Full-width and styled letters as the plain ones; but ² is not 2, nor ½ a number."""
    if text.isascii():
        return text
    letters = (sign if unicodedata.category(sign) == "No" else unicodedata.normalize("NFKC", sign) for sign in text)
    return unicodedata.normalize("NFC", "".join(letters))


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if not letter.isascii() and letter.isdecimal() else letter for letter in text
    )


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        return text.strip(f"{_QUOTES} ")
    return text

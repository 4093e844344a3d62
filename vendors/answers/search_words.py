"""Words as people look for them: without accents, capitals and apostrophes, cut the same way wherever it matters.

What is kept is folded here, and what is typed into a search is folded here. PostgreSQL only compares: it would cut and
fold by rules of its own, which know no vowel signs of Hindi and depend on the server's locale. It finds whole elements
of an array best, and knows how many rows have each, so what is kept are the beginnings of the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Of a search; more say nothing more about a name.
LETTERS_LIMIT = 200
WORDS_LIMIT = 12
# Two words that begin with the same sixteen letters are found together.
WORD_LIMIT = 16
END = "."  # behind a word that is whole
# On rows about a vendor, before each word for those who may see profiles: the ones of the name once more, and those
# that only the approved profile says. So there is one thing to look for, whoever looks. The database writes it.
OF_PROFILE = "~"

# Marks that may be left out in writing. Not the vowel signs of India and Thailand, which are letters of their own.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # Latin, Greek, Cyrillic
    "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u093c]"  # Hebrew, Arabic, the dot of Hindi
)
# Letters that Unicode does not take apart, as those write them who have no such key.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ı": "i",
        "ə": "e",
        "ĸ": "k",
        # The same letters, as a Persian and an Arabic keyboard have them
        "ی": "ي",
        "ى": "ي",
        "ک": "ك",
        "ة": "ه",
        # Apostrophes that count as letters
        **dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\ua78b\ua78c", "'"),
    }
)
# Mueller is Müller and Soerensen is Sørensen: of what is written out, only the first letter counts, on both sides.
_WRITTEN_OUT = re.compile("a[ae]+|[ou]e+")
# Scripts without spaces between words: a given name begins in the middle.
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")


def fold(text: str) -> str:
    """Without what people leave out or write in another way."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = _LEFT_OUT.sub("", text).translate(_PLAIN)
    text = "".join(_letter(letter) for letter in text)
    return _WRITTEN_OUT.sub(lambda written: written[0][0], unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    return "" if category == "Cf" else letter


def to_keep(texts: Iterable[str]) -> list[str]:
    """The beginnings of all words of these texts, and the words."""
    found: set[str] = set()
    for text in texts:
        for parts in map(_parts, text.split()):
            for word in (*parts, "".join(parts)):
                for start in range(len(word)):
                    if start == 0 or _NO_SPACES.match(word, start):
                        found.update(_beginnings(word[start:]))
    return sorted(found)


def _beginnings(word: str) -> list[str]:
    word = word[:WORD_LIMIT]
    return [*(word[:length] for length in range(1, len(word) + 1)), f"{word}{END}"]


def to_look_for(text: str, *, whole: bool = False) -> list[list[list[str]]]:
    """Of each piece between spaces one of these must have been kept, all of it: O’Neill as O and Neill or as ONeill."""
    ending = END if whole else ""
    pieces = dict.fromkeys(text[:LETTERS_LIMIT].split()[:WORDS_LIMIT])
    ways = ({tuple(parts), ("".join(parts),)} for piece in pieces if (parts := _parts(piece)))
    return [sorted([f"{word[:WORD_LIMIT]}{ending}" for word in way] for way in alternatives) for alternatives in ways]


def of_name(name: str) -> list[str]:
    """The words of a name, in one order: two names with the same ones are written differently at most. Each is found
    among what `to_keep` keeps of the name, with END behind it.
    """
    pieces = ("".join(_parts(piece))[:WORD_LIMIT] for piece in name.split())
    return sorted(filter(None, pieces))


def _parts(piece: str) -> list[str]:
    """Letters with their marks, and digits; whatever else there is only stands between words."""
    apart = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in fold(piece))
    return "".join(apart).split()

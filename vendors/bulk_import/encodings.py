"""Which encoding a text is in, where that cannot be mistaken."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # which begins like the next
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of the headings, which are in English, each letter has a zero beside it, whatever the names below are written in.
HEADING = 8

# Of Western and of Central Europe: one byte, two letters. Of these pairs one is a vowel and the other is not, so the
# letters around it tell them apart: Søren and not Sřren, Dvořák and not Dvoøák.
_VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœěąęăőűů"
# What looks like a sign beside a letter is a letter in another encoding. Quotation marks stand before a letter or
# behind it, and only apostrophes and dashes between two.
_OTHER_SIGN = "[^\x00-\x7f\\w\\s"
_LETTER = "[^\\W\\d_]"
_SIGN_AT_A_LETTER = re.compile(
    f"{_OTHER_SIGN}‘’‚“”„‹›«»–—•·…¡¿©]{_LETTER}|{_LETTER}{_OTHER_SIGN}‘’“”‹›«»–—·®™]|{_LETTER}{_OTHER_SIGN}‘’–—·]{_LETTER}"
)
_WORD = re.compile(r"[^\W\d_]+")


def of(content: bytes) -> str | None:
    """The name of the encoding, or none when it might be another."""
    for mark, name in MARKS:
        if content.startswith(mark) and _decodes(content, name):
            return name
    # Before UTF-8, as which UTF-16 passes as long as all letters are plain.
    beginning = content.lstrip(b"\r\n\t ")[:HEADING] if content[:1] != b"\0" else content[:HEADING]
    for name, zeros, letters in (
        ("utf-16-le", beginning[1::2], beginning[::2]),
        ("utf-16-be", beginning[::2], beginning[1::2]),
    ):
        if len(beginning) == HEADING and not any(zeros) and all(letters) and _decodes(content, name):
            return name
    if _decodes(content, "utf-8-sig"):
        return "utf-8-sig"
    return "cp1252" if _decodes(content, "cp1252") and _is_western(content) else None


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(content: bytes) -> bool:
    """Reads like names of Western Europe, and would not read like names of another place in another encoding."""
    text = content.decode("cp1252")
    other = content.decode("cp1250", "replace")
    if _SIGN_AT_A_LETTER.search(text):
        return False
    is_certain, differs = False, False
    for word in _WORD.finditer(text):
        letters = word[0]
        if letters.isascii():
            continue
        if not _looks_like_a_word(letters):
            return False
        for at, letter in enumerate(letters):
            alternative = other[word.start() + at]
            if letter == alternative:
                continue
            differs = True
            verdict = _fits_better(letters, at, letter.lower(), alternative.lower())
            if verdict < 0:
                return False
            is_certain |= verdict > 0
    return is_certain or not differs


def _looks_like_a_word(letters: str) -> bool:
    """Mostly plain letters, and no capital after a small one that is not plain: those are signs of another encoding."""
    foreign = sum(not letter.isascii() for letter in letters)
    strange_capital = re.search(r"[^\W\d_A-Z][^\x00-\x7f]", letters) and any(
        before.islower() and letter.isupper() and not letter.isascii()
        for before, letter in zip(letters, letters[1:], strict=False)
    )
    return foreign <= len(letters) / 2 and not strange_capital


def _fits_better(letters: str, at: int, western: str, central: str) -> int:
    """1 for the Western letter, -1 for the other, 0 when both may be."""
    before = letters[at - 1].lower() if at else ""
    after = letters[at + 1].lower() if at + 1 < len(letters) else ""
    is_beside_a_vowel = any(beside and beside in _VOWELS for beside in (before, after))
    match western:
        case "ñ":  # the other is never before a vowel
            return 1 if after and after in _VOWELS else -1
        case "ï" if before and before in _VOWELS:  # Loïc; but Laďka is a name as well
            return 0
        case "ã" | "õ":  # before another vowel, or nasal
            return 1 if after and after in "aeo" else 0
    if (western in _VOWELS) == (central in _VOWELS):
        return 0
    if western in _VOWELS:
        return -1 if is_beside_a_vowel else 1
    return 0

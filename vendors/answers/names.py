"""Whether two names can be the same person's or company's: in any script, any order, shortened or with initials.

A bank writes "DORA DIMITROVA" for Дора Димитрова, "Mueller" for Müller and "B. Bauer" for Barbara Bauer. Letters of
other scripts are written in Latin ones first. As there are several ways of doing that, only the consonants count then.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from anyascii import anyascii

from identity.typed import cleaning

MOST_WORDS, MOST_LETTERS = 12, 300  # the rest of a name that is longer says nothing new
_SYLLABLES = ("CJK", "HANGUL")  # a word for each character
_WITHOUT_VOWELS = ("ARABIC", "HEBREW", "SYRIAC")

# One letter for what one letter of another script becomes in different countries; those in front go first.
_SOUNDS = [
    (r"ch(?=[rl])|kh", "K"),  # Christo, Khristo, Hristo
    (r"tsch|tch|cz|sch|ch|sh|sz|zh|ts|tz|c(?=[eiy])|z", "s"),
    (r"x", "ks"),
    (r"ph", "f"),
    (r"[ckq]", "k"),
    (r"w", "v"),
    (r"[aeiouyjh]", ""),
]


@dataclass(frozen=True)
class Word:
    latin: str
    script: str  # as Unicode calls it
    is_initial: bool = False

    def __add__(self, other: Word) -> Word:
        return Word(self.latin + other.latin, self.script)


def may_be_same(one: str, other: str) -> bool:
    """Is every word of the shorter one in the other? A name without a word is nobody's."""
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    if not shorter:
        return False
    words, left = _without_pairs(shorter, longer)
    return len(words) < len(shorter) and all(_take_initial(word, left) for word in words)


def _words(name: str) -> list[Word]:
    words = []
    text = re.sub("['’ʼ`]", "", cleaning.name(name[:MOST_LETTERS]))
    # The marks of a composed letter, and the vowel signs of India, belong to the word.
    for part in re.findall(r"[\w\u0300-\u036f\u0900-\u0dff]+", text):
        script = _script(part)
        letters = list(part) if script in _SYLLABLES else [part]
        is_initial = len(part) == 1 and script not in _SYLLABLES
        words += [Word(re.sub("[^a-z0-9]", "", anyascii(each).lower()), script, is_initial) for each in letters]
    return [word for word in words if word.latin][:MOST_WORDS]


def _script(word: str) -> str:
    return unicodedata.name(word[0], "").partition(" ")[0]


def _without_pairs(shorter: list[Word], longer: list[Word]) -> tuple[list[Word], list[Word]]:
    """What is left of both when each word, or several that the other one joins, has been crossed out in both."""
    unmatched, left = [], [*longer]
    for word in sorted(shorter, key=lambda word: word.is_initial):
        places = [(start, end) for start in range(len(left)) for end in range(start + 1, len(left) + 1)]
        for start, end in sorted(places, key=lambda place: place[1] - place[0]):
            if _sounds_like(word, _joined(left[start:end])):
                del left[start:end]
                break
        else:
            unmatched.append(word)
    return unmatched, left


def _joined(words: list[Word]) -> Word:
    first, *rest = words
    for word in rest:
        first += word
    return first


def _take_initial(word: Word, left: list[Word]) -> bool:
    """Cross out a word that the other one stands for with its first letter."""
    for number, each in enumerate(left):
        initial, whole = sorted((word, each), key=lambda one: not one.is_initial)
        if initial.is_initial and _plain(whole.latin).startswith(_plain(initial.latin)[:1]):
            del left[number]
            return True
    return False


def _sounds_like(one: Word, other: Word) -> bool:
    if _plain(one.latin) == _plain(other.latin):
        return True
    # The syllables of Chinese have too few consonants to be told apart by them.
    if one.script == other.script or one.is_initial or other.is_initial or "CJK" in (one.script, other.script):
        return False
    has_vowels = not {one.script, other.script}.intersection(_WITHOUT_VOWELS)
    sounds = _sounds(one, has_vowels=has_vowels) & _sounds(other, has_vowels=has_vowels)
    return bool(sounds - {""})


def _plain(latin: str) -> str:
    """Umlauts both ways; y, j and i, ee and i are one sound of other scripts."""
    text = re.sub("ae|aa", "a", latin).replace("oe", "o").replace("ue", "u").replace("ee", "i")
    return re.sub(r"(.)\1+", r"\1", re.sub("[yj]", "i", text))


def _sounds(word: Word, *, has_vowels: bool) -> set[str]:
    """The consonants. Another script may have one letter for g and h, or for g and k: both are possible."""
    text = word.latin
    for pattern, sound in _SOUNDS:
        text = re.sub(pattern, sound, text)
    if not has_vowels:
        text = text.replace("v", "")
    possible = {text.replace("K", "k")}
    if word.script != "LATIN":
        possible.add(re.sub("[Kg]", "", text))
    if word.script == "HANGUL":
        possible |= {each.translate(str.maketrans("gbd", "kpt")) for each in possible}
    return {re.sub(r"(.)\1+", r"\1", each) for each in possible}

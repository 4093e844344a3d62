"""Languages as BCP 47 tags: the ones we offer, their names, and what people type."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

ENGLISH = Locale("en", "GB")

_OFFERED = """
af am ar ar-EG ar-MA ar-SA as az be bg bn bs ca ceb ckb cs cy da de de-AT de-CH de-DE dz el en en-AU
en-CA en-GB en-IE en-IN en-NZ en-US en-ZA es es-419 es-AR es-CL es-CO es-ES es-MX es-US et eu fa
fa-AF fi fil fo fr fr-BE fr-CA fr-CH fr-FR fy ga gd gl gn gsw gu ha haw he hi hil hmn hr ht hu hy id
ig ilo is it it-CH ja jv ka kk kl km kn ko ku ky la lb lg ln lo lt lv mfe mg mi mk ml mn mr ms mt my
nb ne nl nl-BE nl-NL nn nso ny om or pa pap pl ps pt-BR pt-PT qu rm rn ro ro-MD ru rw sc sd se si sk
sl sm sn so sq sr-Cyrl sr-Latn st su sv sv-FI sw ta te tg th ti tk tn to tpi tr ts tt ug uk ur
uz-Cyrl uz-Latn vi wo xh yi yo yue zh-Hans zh-Hant zh-Hant-HK zu
"""
TAGS = _OFFERED.split()

# A tag that says too little: two scripts or two written standards hide behind it, and tools treat them as different.
TOO_WIDE = {
    "zh": ("zh-Hans", "zh-Hant"),
    "no": ("nb", "nn"),
    "sr": ("sr-Cyrl", "sr-Latn"),
    "uz": ("uz-Latn", "uz-Cyrl"),
    "pt": ("pt-BR", "pt-PT"),
}

ALIASES = {
    "american english": "en-US",
    "bahasa indonesia": "id",
    "bahasa melayu": "ms",
    "bengali": "bn",
    "bokmal": "nb",
    "bokmål": "nb",
    "brazilian": "pt-BR",
    "brazilian portuguese": "pt-BR",
    "british english": "en-GB",
    "burmese (myanmar)": "my",
    "cantonese": "yue",
    "castilian": "es-ES",
    "castilian spanish": "es-ES",
    "chinese simplified": "zh-Hans",
    "chinese traditional": "zh-Hant",
    "dari": "fa-AF",
    "en-uk": "en-GB",
    "english uk": "en-GB",
    "english us": "en-US",
    "english (uk)": "en-GB",
    "english (us)": "en-US",
    "english (usa)": "en-US",
    "european portuguese": "pt-PT",
    "farsi": "fa",
    "flemish": "nl-BE",
    "gaelic": "gd",
    "iw": "he",
    "ji": "yi",
    "in": "id",
    "latin american spanish": "es-419",
    "mandarin": "zh",
    "mandarin chinese": "zh",
    "mo": "ro-MD",
    "moldovan": "ro-MD",
    "nb-no": "nb",
    "nn-no": "nn",
    "no-no": "no",
    "nynorsk": "nn",
    "portuguese brazil": "pt-BR",
    "portuguese portugal": "pt-PT",
    "simplified chinese": "zh-Hans",
    "swiss german": "gsw",
    "tagalog": "fil",
    "tl": "fil",
    "traditional chinese": "zh-Hant",
    "uk english": "en-GB",
    "us english": "en-US",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-hans-cn": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hant-tw": "zh-Hant",
    "zh-hk": "zh-Hant-HK",
}


class UnknownLanguage(Exception):
    """The message is for the person who typed it."""


def name(tag: str) -> str:
    """In English: "Portuguese (Brazil)"."""
    language, *rest = tag.split("-")
    words = [ENGLISH.scripts.get(part) or ENGLISH.territories.get(part) or part for part in rest]
    words = [word.removesuffix(" SAR China") for word in words]
    base = ENGLISH.languages.get(language, language)
    return f"{base} ({', '.join(words)})" if words else base


def autonym(tag: str) -> str:
    """In the language itself, or empty where the data has none."""
    language, *rest = tag.split("-")
    try:
        locale = Locale.parse(language)
    except UnknownLocaleError:
        return ""
    words = [locale.scripts.get(part) or locale.territories.get(part) or part for part in rest]
    base = locale.languages.get(language, "")
    return f"{base} ({', '.join(words)})" if words and base else base


@cache
def choices() -> list[tuple[str, str]]:
    """(tag, "German (Austria)"), by name."""
    return sorted(((tag, name(tag)) for tag in TAGS), key=lambda choice: choice[1].casefold())


def pair_name(source: str, target: str) -> str:
    return f"{name(source)} → {name(target)}"


def _key(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold().replace("_", "-")
    return re.sub(r"\s+", " ", text).strip(" .,;")


@cache
def _by_english_name() -> dict[str, str]:
    index = {}
    for code, english in ENGLISH.languages.items():
        if "_" not in code and code not in ("und", "mul", "zxx", "mis"):
            index[_key(english)] = index[_key(code)] = code
    for tag in [*TOO_WIDE, *TAGS]:
        index[_key(tag)] = index[_key(name(tag))] = tag
    return index | ALIASES


@cache
def _by_autonym() -> dict[str, str]:
    """Kept apart because it reads the data of every language: most of a second, once, and rarely needed."""
    return {_key(own): tag for tag in reversed([*TOO_WIDE, *TAGS]) if (own := autonym(tag))}


def parse(text: str) -> str:
    """The tag for what somebody typed: a name in English or in the language itself, or a tag in any spelling."""
    key = _key(text)
    tag = _by_english_name().get(key) or _by_autonym().get(key)
    if tag in TOO_WIDE:
        options = _(" or ").join(f"“{name(option)}”" for option in TOO_WIDE[tag])
        raise UnknownLanguage(
            _("%(language)s comes in more than one form. Please choose %(options)s.")
            % {"language": ENGLISH.languages[tag], "options": options}
        )
    if tag is None:
        raise UnknownLanguage(
            _("We do not know a language called “%(typed)s”. Choose one from the list, or type its English name.")
            % {"typed": text.strip()[:60]}
        )
    return tag

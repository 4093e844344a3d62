"""Languages as BCP 47 tags: the ones we offer, their names, and what people type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers import language_names, near_misses
from vendors.answers.odd_answers import Odd

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

LONGEST = 100
LONGEST_TAG = 35
MOST_WORDS = 8
PRIVATE = "x-"  # the beginning of tags for what has none, as BCP 47 has it
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<extended>[a-z]{3}))?(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(-[a-z0-9]{5,8}|-[0-9][a-z0-9]{3})*(-[a-z0-9](-[a-z0-9]{2,8})+)*"
)

# A tag that says too little: two scripts or two written standards hide behind it, and tools treat them as different.
TOO_WIDE = {
    "zh": ("zh-Hans", "zh-Hant"),
    "no": ("nb", "nn"),
    "sr": ("sr-Cyrl", "sr-Latn"),
    "uz": ("uz-Latn", "uz-Cyrl"),
    "pt": ("pt-BR", "pt-PT"),
}


class UnknownLanguage(Exception):
    """The message is for the person who typed it; `meant` are names that they may have meant."""

    def __init__(self, message: str, *, meant: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.meant = list(meant)


class OddLanguage(UnknownLanguage, Odd):
    """Not among those we know. There are thousands of languages more than any list has."""

    def __init__(self, message: str, *, as_typed: str, meant: Iterable[str] = ()) -> None:
        Odd.__init__(self, message, as_typed=as_typed, meant=meant)


@lru_cache(maxsize=2048)  # a page of rates names each of its languages a hundred times
def name(tag: str) -> str:
    """In English: "Portuguese (Brazil)"."""
    if tag.startswith(PRIVATE):
        return _written_out(tag)
    language, *rest = tag.split("-")
    words = [ENGLISH.scripts.get(part) or ENGLISH.territories.get(part) or part for part in rest]
    words = [word.removesuffix(" SAR China") for word in words]
    base = ENGLISH.languages.get(language) or language_names.MORE_LANGUAGES.get(language, language)
    return f"{base} ({', '.join(words)})" if words else base


def _written_out(tag: str) -> str:
    """Of a private tag: its parts are words, and a part of eight letters goes on in the next."""
    words = ""
    for part in tag.removeprefix(PRIVATE).split("-"):
        words += part if len(part) == 8 else f"{part} "
    return words.strip().capitalize()


def autonym(tag: str) -> str:
    """In the language itself, or empty where the data has none."""
    language, *rest = tag.split("-")
    locale = _locale(language)
    if locale is None:
        return ""
    words = [locale.scripts.get(part) or locale.territories.get(part) or part for part in rest]
    base = locale.languages.get(language, "")
    return f"{base} ({', '.join(words)})" if words and base else base


def _own_name(tag: str) -> str:
    """Of a variety that has a name of its own in the language: 简体中文, français canadien."""
    locale = _locale(tag.partition("-")[0])
    return str(locale.languages.get(tag.replace("-", "_"), "")) if locale else ""


@cache
def choices() -> list[tuple[str, str]]:
    """(tag, "German (Austria)"), by name."""
    return sorted(((tag, name(tag)) for tag in TAGS), key=lambda choice: cleaning.folded(choice[1]))


# What most people translate from or into for customers in Europe: first in lists, after what is known of somebody.
USUAL = ("en-GB", "en-US", "fr", "de", "it", "pl", "es")


def names_usual_first(*likely: str) -> list[str]:
    """For a box with suggestions: of the likely names those that we offer, the usual ones, all others, each once."""
    offered = [label for _tag, label in choices()]
    known = set(offered)
    return list(dict.fromkeys([*(label for label in likely if label in known), *map(name, USUAL), *offered]))


def language_of(tag: str) -> str:
    """Without script and region: en of en-GB."""
    return tag if tag.startswith(PRIVATE) else tag.partition("-")[0]


def languages_of(tag: str) -> list[str]:
    """Of a tag as `parse_wide` gives it back: Norwegian is two."""
    return sorted({language_of(option) for option in TOO_WIDE.get(tag, (tag,))})


def is_within(tag: str, wide: str) -> bool:
    """Whether whoever looks for `wide` means this one too: en-GB is within en, and nb within no."""
    if not wider(wide):
        return language_of(tag) in languages_of(wide)
    return tag == wide or tag.startswith(f"{wide}-")


def wider(tag: str) -> list[str]:
    """The tags that say less: zh-Hant and zh of zh-Hant-HK."""
    if tag.startswith(PRIVATE):
        return []
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def pair_name(source: str, target: str) -> str:
    return f"{name(source)} → {name(target)}"


# What POSIX puts behind a tag: de_DE.UTF-8.
_ENCODING = re.compile(r"(?<=[a-z])\.(utf-?8|iso-?8859-?\d+)$")


def _key(text: str) -> str:
    text = _ENCODING.sub("", cleaning.word(text)).replace("_", "-")
    return text.strip(" .,;")


@cache
def _by_english_name() -> dict[str, str]:
    index = {}
    for code, english in (language_names.MORE_LANGUAGES | dict(ENGLISH.languages)).items():
        if "_" not in code and code not in ("und", "mul", "zxx", "mis"):
            index[_key(english)] = index[_key(code)] = code
    for tag in [*TOO_WIDE, *TAGS]:
        index[_key(tag)] = index[_key(name(tag))] = tag
    return index | language_names.ALIASES


@cache
def _by_autonym() -> dict[str, str]:
    """Kept apart because it reads the data of every language: most of a second, once, and rarely needed."""
    return {_key(own): tag for tag in reversed([*TOO_WIDE, *TAGS]) for own in (autonym(tag), _own_name(tag)) if own}


@cache
def _by_foreign_name() -> dict[str, str]:
    """What the languages that we offer call each other, where that is clear: Englisch, anglais, 英語."""
    known: dict[str, set[str]] = {}
    for locale in filter(None, map(_locale, {tag.partition("-")[0] for tag in TAGS})):
        for code, called in locale.languages.items():
            tag = str(code).replace("_", "-")
            if tag in TAGS or tag in TOO_WIDE:
                known.setdefault(_key(str(called)), set()).add(tag)
    return {called: tags.pop() for called, tags in known.items() if len(tags) == 1 and len(called) > 1}


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


@cache
def _by_folded_name() -> dict[str, str]:
    """Names by their plain spelling, for what is almost one of them."""
    known = {key: tag for key, tag in (_by_autonym() | _by_english_name()).items() if len(key) > 3}
    return {cleaning.folded(key): name(tag) for key, tag in known.items()}


def parse(text: str) -> str:
    """The tag for what somebody typed: a name in English or in the language itself, or a tag in any spelling."""
    tag = parse_wide(text)
    if tag in TOO_WIDE:
        options = [name(option) for option in TOO_WIDE[tag]]
        raise UnknownLanguage(
            _("%(language)s comes in more than one form. Choose %(options)s.")
            % {
                "language": ENGLISH.languages[tag],
                "options": _(" or ").join(f"“{option}”" for option in options),
            },
            meant=options,
        )
    return tag


def parse_wide(text: str) -> str:
    """The same, also for what comes in more than one form: whoever looks for it means all of them."""
    key = _key(text) if len(text) <= LONGEST else ""
    if options := [name(option) for option in language_names.AMBIGUOUS.get(text.strip(), ())]:
        sentence = _("“%(typed)s” can mean %(options)s. Choose one of them.")
        raise UnknownLanguage(sentence % {"typed": text.strip(), "options": _(" or ").join(options)}, meant=options)
    words = [word for word in key.split() if word not in language_names.WORDS_FOR_LANGUAGE]
    if tag := _known(key) or _known(" ".join(words)):
        return tag
    sentence = _(
        "We don't know a language called “%(typed)s”. Choose one from the list, or enter its English name."
    ) % {"typed": text.strip()[:60]}
    meant = near_misses.meant(key, _by_folded_name())
    if as_typed := _of_its_own(key):
        raise OddLanguage(f"{sentence} " + _("If it's right, keep it as you typed it."), as_typed=as_typed, meant=meant)
    raise UnknownLanguage(sentence, meant=meant)


def _known(key: str) -> str:
    return (
        _by_english_name().get(key)
        or _looked_up(key)
        or _by_autonym().get(key)
        or _by_variety(key)
        or _by_foreign_name().get(key)
        or ""
    )


def is_odd(tag: str) -> bool:
    """Was it kept although we do not know it?"""
    return tag.startswith(PRIVATE) or tag.partition("-")[0] not in _by_english_name()


def is_tag(text: str) -> bool:
    """As it is kept."""
    try:
        return parse(text) == text
    except OddLanguage as odd:
        return odd.as_typed == text
    except UnknownLanguage:
        return False


def _looked_up(key: str) -> str:
    """BCP 47's look-up: the nearest that we know, with the region off, then the script; nothing if it is no tag."""
    if re.fullmatch(rf"{PRIVATE}[a-z0-9]{{1,8}}(-[a-z0-9]{{1,8}})*", key) and len(key) <= LONGEST_TAG:
        return key
    found = _TAG.fullmatch(key)
    if not found:
        return ""
    # An extended language says more than the one before it: zh-yue is yue.
    language = found["extended"] if found["extended"] in _by_english_name() else found["language"]
    language, *rest = (get_global("language_aliases").get(language) or language).split("_")
    if language not in _by_english_name():
        return ""
    given = {"script": found["script"] or "", "region": found["region"] or ""}
    for part in rest:
        given["script" if len(part) == 4 else "region"] = part
    return _nearest(language, given["script"].title(), given["region"].upper())


def _nearest(language: str, script: str, region: str) -> str:
    region = (get_global("territory_aliases").get(region) or [region])[0]
    if alias := language_names.ALIASES.get("-".join(filter(None, [language, script, region])).lower()):
        return alias
    if not script and region and language == "zh":  # there the region says the script
        script = get_global("likely_subtags").get(f"zh_{region}", "zh_Hans").split("_")[1]
    wanted = "_".join(filter(None, [language, script, region]))
    for _step in range(5):
        tag = wanted.replace("_", "-")
        if tag in TAGS or tag in TOO_WIDE or "_" not in wanted:
            break
        parent = get_global("parent_exceptions").get(wanted, "")
        # Some lead to another language, as Hindi in Latin letters to English.
        wanted = parent if parent.partition("_")[0] == language else wanted.rpartition("_")[0]
    tag = wanted.replace("_", "-")
    if tag in TAGS or tag in TOO_WIDE:
        return tag
    return _by_english_name().get(language, "")


_SHORT_FORM = re.compile(r"(?<!\w)(\w)\.(?=\w\b|[\s)]|$)")  # U.K., U.S.A.


def _by_variety(key: str) -> str:
    """ "Canadian French", "Chinese (Simplified, China)", "Dutch/Flemish": a language, and where or how it is written.

    Nothing when it is more than one language, or two places.
    """
    key = _SHORT_FORM.sub(r"\1", key)
    words = [word for part in re.findall(r"[^\s,()/;:+]+", key) for word in _words(part)]
    if not 2 <= len(words) <= MOST_WORDS:
        return ""
    tags: list[str] = []
    varieties: list[str] = []
    is_written_out = False  # and not a row of codes: de, da and la are languages as well
    while words:
        if is_written_out and len(words) > 1 and words[0] in language_names.LINKS:
            del words[0]
            continue
        for length in range(len(words), 0, -1):
            text = " ".join(words[:length])
            variety = language_names.VARIETIES.get(text)
            if variety is None and tags and len(text) == 2:
                variety = _territories().get(text)
            if variety is None and tags and not _language_called(text):  # to some, Kanada is a language
                variety = _territories_elsewhere().get(text)
            tag = "" if variety is not None else _language_named(text)
            if tag:
                tags.append(tag)
                is_written_out = is_written_out or len(text) > 3
            elif variety is None:
                variety = _territories().get(text) or _territories_elsewhere().get(text)
            if tag or variety is not None:
                varieties.append(variety or "")
                del words[:length]
                break
        else:
            return ""
    languages = {tag.partition("-")[0] for tag in tags}
    if len(languages) != 1:
        return ""
    language = languages.pop()
    parts = {part for tag in tags for part in tag.split("-")[1:]} | {
        language_names.OF_EUROPE.get(language, "") if part == language_names.EUROPE else part for part in varieties
    }
    scripts = {part for part in parts if len(part) == 4}
    regions = parts - scripts - {""}
    if len(scripts) > 1 or len(regions) > 1:
        return ""
    return _nearest(language, "".join(scripts), "".join(regions))


def _words(part: str) -> list[str]:
    """A tag stays one; whatever else has hyphens is words."""
    return [part] if "-" in part and _looked_up(part) else [word for word in re.split(r"[\W_]+", part) if word]


def _language_named(text: str) -> str:
    return _language_called(text) or _by_foreign_name().get(text) or ""


def _language_called(text: str) -> str:
    """In English or in itself."""
    return _by_english_name().get(text) or _looked_up(text) or _by_autonym().get(text) or ""


@cache
def _territories() -> dict[str, str]:
    known = {str(code): str(name) for code, name in ENGLISH.territories.items()}
    codes = {code.lower(): code for code in known if len(code) == 2 and code.isalpha()}
    return codes | {_spaced(name): code for code, name in known.items()}


@cache
def _territories_elsewhere() -> dict[str, str]:
    """Where a language is spoken, as the languages that we offer call it, if that is clear: Brasil, États-Unis."""
    known: dict[str, set[str]] = {}
    for locale in filter(None, map(_locale, {tag.partition("-")[0] for tag in TAGS})):
        for code, called in locale.territories.items():
            if code == "419" or code.isalpha():
                known.setdefault(_spaced(str(called)), set()).add(str(code))
    return {called: codes.pop() for called, codes in known.items() if len(codes) == 1 and len(called) > 1}


def _spaced(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", cleaning.word(name)))


def _of_its_own(key: str) -> str:
    """A tag for a language that we do not know: its code, or its name as a private tag, as far as letters go."""
    if re.fullmatch(r"[a-z]{3}", key):
        return key
    letters = re.findall(r"[a-z]+", cleaning.folded(key))
    if not letters or not 4 <= len("".join(letters)) <= LONGEST_TAG - 10 or re.search(r"[0-9]", key):
        return ""
    if len("".join(letters)) != sum(letter.isalpha() for letter in cleaning.folded(key)):
        return ""  # another script
    parts = [word[at : at + 8] for word in letters for at in range(0, len(word), 8)]
    tag = PRIVATE + "-".join(parts)
    return tag if len(tag) <= LONGEST_TAG else ""

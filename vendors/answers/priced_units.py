"""The unit that people write behind a price: "/word", "per hour", "pro Zeile"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from identity.typed import cleaning

_WORDS = {"source_word", "target_word"}
_LINE, _CHARACTER = {"line_55"}, {"character"}

_NAMES = {
    frozenset(_WORDS): """word words w wd wds wort wörter worte mot mots palabra palabras palavra palavras parola parole
        woord woorden ord słowo słowa slovo slova slova sana szó слово слова слов kelime λέξη كلمة מילה 単語 语""",
    frozenset({"source_word"}): """source word|source words|sourceword|ausgangswort|mot source|palabra origen|
        palabra de origen|palavra de origem|parola sorgente|bronwoord|słowo źródłowe""",
    frozenset({"target_word"}): """target word|target words|targetword|zielwort|mot cible|palabra destino|
        palabra de destino|palavra de destino|parola di arrivo|doelwoord|słowo docelowe""",
    frozenset(_CHARACTER): """character|characters|char|chars|zeichen|caractère|caractères|carácter|caracteres|
        carattere|caratteri|teken|tekens|znak|tecken|字|文字|글자""",
    frozenset(_LINE): """line|lines|zeile|zeilen|normzeile|normzeilen|standard line|line of 55 characters|
        55 character line|55 characters|55 chars|ligne|línea|linha|riga|regel|rad""",
    frozenset({"page"}): "page|pages|p|seite|seiten|página|páginas|pagina|pagine|strona|strony|strana|sida|sivu",
    frozenset({"minute"}): "minute|minutes|min|minuto|minuti|minuut|minuta|recorded minute|minute of recording",
    frozenset({"hour"}): "hour|hours|h|hr|hrs|stunde|std|heure|hora|ora|uur|godzina|godz|hodina|timme|час|saat",
    frozenset({"half_day"}): "half day|halfday|half a day|halber tag|demi-journée|medio día|mezza giornata",
    frozenset({"day"}): "day|days|d|tag|jour|journée|día|dia|giorno|dag|dzień",
    frozenset({"project"}): "project|job|assignment|order|projekt|auftrag|projet|proyecto|projeto|progetto",
}
_UNITS = {
    cleaning.folded(" ".join(name.split())): set(units)
    for units, names in _NAMES.items()
    for name in (names.split("|") if "|" in names else names.split())
}

# What leads to a unit, behind a number.
_LEADS = re.compile(r"\s*/\s*|\s+(?:per|pro|par|por|je|pr|za|each|a|an|al|à|la|na)\s+")
_COUNT = re.compile(r"([0-9][0-9.,' ]*[0-9]|[0-9])(k?)\s*(?=[^0-9\s])")


def apart(text: str) -> tuple[str, str]:
    """The price, and the unit behind it, if there is one."""
    first = re.search(r"[0-9]", text)
    lead = _LEADS.search(text, first.start()) if first else None
    return (text[: lead.start()], text[lead.end() :].strip()) if lead else (text, "")


@dataclass(frozen=True)
class Priced:
    units: set[str]  # of ours that it can be; none if it is none of them
    name: str
    count: int


def read(text: str) -> Priced:
    """What the price is for: "word", "1000 words"."""
    count = _COUNT.match(text)
    if _known(text) or count is None:
        return Priced(_known(text), text, 1)
    number = int(re.sub(r"[^0-9]", "", count[1])) * (1000 if count[2] else 1)
    name = text[count.end() :]
    return Priced(_known(name), name, number)


def _known(text: str) -> set[str]:
    return _UNITS.get(cleaning.folded(" ".join(text.replace("-", " ").split())).strip(" ."), set())

"""Who is qualified for which pair and service under ISO 17100, and what is missing.

3.1.4 gives translators three routes. 3.1.5 asks the same of revisers, and experience in translating or revising in the
domain besides. Of other services the standard asks nothing that could be judged here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendors.answers import languages, service_catalogue
from vendors.models import Qualification
from vendors.qualifications.experience import COUNTS_AS_TRANSLATING, COUNTS_FOR_REVISING, Period, full_time_months

Route = Qualification.Route

TRANSLATORS = frozenset({"translation", "certified_translation", "sworn_translation"})
REVISERS = frozenset({"revision"})

MONTHS_WITH_OTHER_DEGREE = 24
MONTHS_WITHOUT_DEGREE = 60

TRANSLATION, OTHER = "translation", "other"  # subjects of degrees
COPY_OF = {TRANSLATION: "degree", OTHER: "other_degree"}  # the slot of the document that proves it


class Lack(Enum):
    CV = "cv"
    DEGREE_COPY = "degree_copy"
    OTHER_DEGREE_COPY = "other_degree_copy"
    TRANSLATING = "translating"
    REVISING = "revising"
    # Of a company; see vendors.qualifications.companies.
    BASIS = "basis"
    CERTIFICATE_CHECK = "certificate_check"
    LINGUIST = "linguist"
    SAMPLE = "sample"
    LIST_THAT_HOLDS = "list_that_holds"


class Basis:
    """What a company's qualification rests on, in place of a person's route."""

    CERTIFICATE, UNDERTAKING, NONE = "company_certificate", "company_undertaking", "company_none"


COPIES = frozenset({Lack.DEGREE_COPY, Lack.OTHER_DEGREE_COPY})
COPY_PROVES = frozenset({Route.TRANSLATION_DEGREE, Route.OTHER_DEGREE})


_LACKED_BY_COMPANIES = {
    Lack.BASIS: gettext_lazy("a current ISO 17100 certificate, or a written undertaking with a list of linguists"),
    Lack.CERTIFICATE_CHECK: gettext_lazy("Vendor Management's check of the ISO 17100 certificate"),
    Lack.LINGUIST: gettext_lazy("a linguist for this pair on the list"),
    Lack.SAMPLE: gettext_lazy("Vendor Management's check of a sample of the list of linguists"),
    Lack.LIST_THAT_HOLDS: gettext_lazy("a list of linguists that was right when Vendor Management checked it"),
}
_GROUNDS_OF_COMPANIES = {
    Basis.CERTIFICATE: gettext_lazy("The company's own ISO 17100 certificate"),
    Basis.UNDERTAKING: gettext_lazy("The company's written undertaking and its list of linguists"),
    Basis.NONE: gettext_lazy("Neither a certificate nor an undertaking"),
}


@dataclass(frozen=True)
class Missing:
    what: Lack
    months: int = 0  # still to come
    of: int = 0  # asked for

    def __str__(self) -> str:
        if self.what in _LACKED_BY_COMPANIES:
            return str(_LACKED_BY_COMPANIES[self.what])
        if self.what is Lack.CV:
            return _("a CV")
        if self.what is Lack.DEGREE_COPY:
            return _("a copy of the degree certificate in translation or languages")
        if self.what is Lack.OTHER_DEGREE_COPY:
            return _("a copy of the degree certificate in another subject")
        if self.what is Lack.REVISING:
            return _("experience in translating or revising in this pair")
        had = self.of - self.months
        if self.of == MONTHS_WITHOUT_DEGREE:
            return _("another %(more)s of full-time translation work (%(had)s of five years so far), or a degree") % {
                "more": duration(self.months),
                "had": duration(had),
            }
        return _("another %(more)s of full-time translation work (%(had)s of two years so far)") % {
            "more": duration(self.months),
            "had": duration(had),
        }


@dataclass(frozen=True)
class Finding:
    """What holds for one service in one pair, or in several of which the same is true."""

    pairs: tuple[tuple[str, str], ...]
    service: str
    route: str  # the one that is fulfilled or nearest
    months: int
    missing: tuple[Missing, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def is_qualified(self) -> bool:
        return not self.missing

    @property
    def lacks_degree_copy(self) -> bool:
        """It rests on a degree that nothing proves yet. Who has worked long enough besides needs no copy."""
        return self.route in COPY_PROVES and any(lack.what in COPIES for lack in self.missing)

    @property
    def lacks_basis(self) -> bool:
        """A company has shown nothing yet."""
        return any(lack.what is Lack.BASIS for lack in self.missing)

    @property
    def lacks_linguist(self) -> bool:
        return any(lack.what is Lack.LINGUIST for lack in self.missing)

    @property
    def pair_names(self) -> list[str]:
        return [languages.pair_name(source, target) for source, target in self.pairs]

    @property
    def service_name(self) -> str:
        return service_catalogue.service_name(self.service)

    @property
    def ground(self) -> str:
        """On what it rests."""
        if self.route in _GROUNDS_OF_COMPANIES:
            return str(_GROUNDS_OF_COMPANIES[self.route])
        worked = duration(self.months)
        if self.route == Route.TRANSLATION_DEGREE:
            sentence = _("Degree in translation, linguistics or languages")
        elif self.route == Route.OTHER_DEGREE:
            sentence = _("Another degree, and %(worked)s of full-time translation work") % {"worked": worked}
        elif self.route == Route.EXPERIENCE:
            sentence = _("%(worked)s of full-time translation work") % {"worked": worked}
        else:
            sentence = _("None of the three routes yet")
        if self.service in REVISERS and self.is_qualified and self.domains:
            subjects = ", ".join(map(service_catalogue.specialism_name, self.domains))
            sentence = _("%(said)s; experience in %(subjects)s") % {"said": sentence, "subjects": subjects}
        return sentence


def route(*, translation_degree: bool, other_degree: bool, experience_months: int) -> Route:
    if translation_degree:
        return Route.TRANSLATION_DEGREE
    if other_degree and experience_months >= MONTHS_WITH_OTHER_DEGREE:
        return Route.OTHER_DEGREE
    if experience_months >= MONTHS_WITHOUT_DEGREE:
        return Route.EXPERIENCE
    return Route.NONE


def findings(
    *,
    degrees: Iterable[Mapping[str, Any]],
    experience: Iterable[Period],
    documents: Collection[str],
    pairs: Iterable[Mapping[str, Any]],
    domains: Sequence[str] = (),
    today: dt.date,
) -> list[Finding]:
    """One for each pair and each service that the standard speaks of. `documents` are the slots of files that count."""
    subjects = {degree["subject"] for degree in degrees}
    periods = list(experience)
    judged = []
    for pair in pairs:
        services = [service for service in pair["services"] if service in TRANSLATORS | REVISERS]
        if not services:
            continue
        there = [period for period in periods if period.covers(f"{pair['source']}.{pair['target']}")]
        months = full_time_months((period for period in there if period.kind in COUNTS_AS_TRANSLATING), today=today)
        by_route, missing = _translator(subjects, months, documents)
        for service in services:
            also: list[Missing] = []
            if service in REVISERS and not any(period.kind in COUNTS_FOR_REVISING for period in there):
                also.append(Missing(Lack.REVISING))
            judged.append(
                Finding(
                    ((pair["source"], pair["target"]),), service, by_route, months, (*missing, *also), tuple(domains)
                )
            )
    return judged


def _translator(subjects: set[str], months: int, documents: Collection[str]) -> tuple[str, list[Missing]]:
    """3.1.4: the route that is nearest, and what its proof lacks."""

    def lacks(*, of: int = 0, copy_of: str = "", what: Lack = Lack.TRANSLATING) -> list[Missing]:
        months_missing = [Missing(Lack.TRANSLATING, of - months, of)] if months < of else []
        return [*months_missing, Missing(what)] if copy_of and COPY_OF[copy_of] not in documents else months_missing

    ways = [(Route.EXPERIENCE, lacks(of=MONTHS_WITHOUT_DEGREE))]
    if OTHER in subjects:
        copy = lacks(of=MONTHS_WITH_OTHER_DEGREE, copy_of=OTHER, what=Lack.OTHER_DEGREE_COPY)
        ways.insert(0, (Route.OTHER_DEGREE, copy))
    if TRANSLATION in subjects:
        ways.insert(0, (Route.TRANSLATION_DEGREE, lacks(copy_of=TRANSLATION, what=Lack.DEGREE_COPY)))
    # Sending a file is quicker than working for months.
    nearest, missing = min(ways, key=lambda way: (sum(lack.months for lack in way[1]), len(way[1])))
    if any(lack.months for lack in missing):
        nearest = Route.NONE
    return nearest, missing if "cv" in documents else [Missing(Lack.CV), *missing]


def grouped(judged: Iterable[Finding]) -> list[Finding]:
    """Pairs of which the same is true on one line, since a vendor may have fifty."""

    def key(finding: Finding) -> tuple[str, str, tuple[Missing, ...], int]:
        return finding.service, finding.route, finding.missing, finding.months

    order = {code: number for number, (code, _name) in enumerate(service_catalogue.SERVICES)}
    lines = []
    alike: dict[Any, list[Finding]] = {}
    for finding in judged:
        alike.setdefault(key(finding), []).append(finding)
    for same in alike.values():
        first = same[0]
        pairs = tuple(pair for finding in same for pair in finding.pairs)
        lines.append(Finding(pairs, first.service, first.route, first.months, first.missing, first.domains))
    return sorted(lines, key=lambda line: order[line.service])


def duration(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = []
    if years:
        parts.append(ngettext("%(number)s year", "%(number)s years", years) % {"number": years})
    if rest or not years:
        parts.append(ngettext("%(number)s month", "%(number)s months", rest) % {"number": rest})
    return " ".join(parts)


def in_a_sentence(code: str, *, is_proven: bool) -> str:
    """The route as a colleague tells it to the vendor."""
    if Route(code) == Route.NONE:
        return _(
            "You don't qualify under any of the three ISO 17100 routes yet. Please send your answers anyway: some of "
            "our work doesn't require it."
        )
    grounds = {
        Route.TRANSLATION_DEGREE: _("your degree in translation, linguistics or languages"),
        Route.OTHER_DEGREE: _("your degree in another subject and two years' experience of translating"),
        Route.EXPERIENCE: _("five years' experience of translating"),
    }
    sentence = (
        _("You qualify under ISO 17100 through %(grounds)s.") if is_proven else _("Your ISO 17100 route: %(grounds)s.")
    )
    return sentence % {"grounds": grounds[Route(code)]}

"""Whether a person is qualified to translate, revise or post-edit in a pair, and how far that is shown.

ISO 17100, 3.1.4, gives translators three routes. 3.1.5 asks the same of revisers, and experience in translating or
revising in the subject besides. ISO 18587 has the same three routes for post-editors, for whom post-editing counts as
experience.

What is typed is claimed; a degree whose copy is there is documented; what VM has verified is verified. A CV says again
what was typed, so experience stays claimed until VM has verified the period itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vendors.models import Standing, Verification
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, measures
from vendors.qualifications.evidence_pieces import COPY_OF, OTHER, TRANSLATION
from vendors.qualifications.experience import (
    COUNTS_AS_POST_EDITING,
    COUNTS_AS_TRANSLATING,
    COUNTS_FOR_REVISING,
    Period,
    full_time_months,
)
from vendors.qualifications.findings import (
    MONTHS_WITH_OTHER_DEGREE,
    MONTHS_WITHOUT_DEGREE,
    Checks,
    Finding,
    Lack,
    Missing,
    Route,
)

COPY_LACKS = {TRANSLATION: Lack.DEGREE_COPY, OTHER: Lack.OTHER_DEGREE_COPY}


@dataclass(frozen=True)
class Shown:
    """How far one thing is shown, what is missing for it, and what VM has verified of it."""

    standing: Standing
    missing: tuple[Missing, ...] = ()
    rests_on: tuple[Verification, ...] = ()


@dataclass(frozen=True)
class Way:
    route: Route
    shown: Shown

    @property
    def lacks_months(self) -> int:
        return sum(lack.months for lack in self.shown.missing)


def route(*, translation_degree: bool, other_degree: bool, experience_months: int) -> Route:
    if translation_degree:
        return Route.TRANSLATION_DEGREE
    if other_degree and experience_months >= MONTHS_WITH_OTHER_DEGREE:
        return Route.OTHER_DEGREE
    if experience_months >= MONTHS_WITHOUT_DEGREE:
        return Route.EXPERIENCE
    return Route.NONE


def findings(claims: Claims, checks: Checks, *, today: dt.date) -> Iterator[Finding]:
    """One for each pair and each service that these standards speak of, of revision one for each subject."""
    periods = list(map(Period.of, claims.experience))
    has_cv = evidence_pieces.CV in claims.files and claims.files[evidence_pieces.CV].counts(today=today)
    for pair in claims.pairs:
        key = f"{pair['source']}.{pair['target']}"
        there = [period for period in periods if period.covers(key)]
        for service in pair["services"]:
            if service not in measures.TRANSLATORS | measures.REVISERS | measures.POST_EDITORS:
                continue
            finding = _translator(service, there, claims, checks, has_cv=has_cv, today=today)
            for subject in subjects_of(claims) if service in measures.REVISERS else [""]:
                yield _of_pair(finding, (pair["source"], pair["target"]), subject, there, checks)


def subjects_of(claims: Claims) -> Sequence[str]:
    """Those that are offered, and those that there is experience in."""
    worked_in = [subject for row in claims.experience for subject in row.get("subjects", ())]
    return list(dict.fromkeys([*claims.specialisms, *worked_in])) or [""]


def experience_in(subject: str, periods: Iterable[Period], checks: Checks) -> Shown:
    """What was typed for this subject; a ticked specialism is no experience."""
    there = [period for period in periods if subject in period.subjects and period.kind in COUNTS_FOR_REVISING]
    verified = _verifications(there, checks)
    if verified:
        return Shown(Standing.VERIFIED, rests_on=verified)
    return Shown(Standing.CLAIMED) if there else Shown(Standing.NONE, (Missing(Lack.REVISING),))


def _of_pair(
    finding: Finding, pair: tuple[str, str], subject: str, periods: Iterable[Period], checks: Checks
) -> Finding:
    values = {**vars(finding), "pairs": (pair,)}
    if finding.service in measures.REVISERS:
        there = experience_in(subject, periods, checks)
        values |= {
            "standing": min(finding.standing, there.standing, key=lambda standing: standing.rank),
            "missing": (*finding.missing, *there.missing),
            "specialisms": (subject,) if subject else (),
            "rests_on": (*finding.rests_on, *there.rests_on),
        }
    return Finding(**values)


def _translator(
    service: str, periods: Sequence[Period], claims: Claims, checks: Checks, *, has_cv: bool, today: dt.date
) -> Finding:
    """The route that is shown best; of those shown alike the one that lacks least: a file is sent sooner than months
    are worked."""
    is_post_editor = service in measures.POST_EDITORS
    kinds = COUNTS_AS_POST_EDITING if is_post_editor else COUNTS_AS_TRANSLATING
    counting = [period for period in periods if period.kind in kinds]
    months = full_time_months(counting, today=today)
    work = Lack.POST_EDITING if is_post_editor else Lack.TRANSLATING
    ways = _ways(counting, months, claims, checks, work=work, today=today)
    best = min(ways, key=lambda way: (-way.shown.standing.rank, way.lacks_months, len(way.shown.missing)))
    return Finding(
        pairs=(),
        service=service,
        measure=measures.of_service(service),
        standing=best.shown.standing,
        route=Route.NONE if best.lacks_months else best.route,
        months=months,
        missing=best.shown.missing if has_cv else (Missing(Lack.CV), *best.shown.missing),
        rests_on=best.shown.rests_on,
    )


def _ways(
    periods: Sequence[Period], months: int, claims: Claims, checks: Checks, *, work: Lack, today: dt.date
) -> list[Way]:
    def worked(of: int) -> Shown:
        if months < of:
            return Shown(Standing.NONE, (Missing(work, of - months, of),))
        verified = [period for period in periods if evidence_pieces.of_period(period) in checks.verified]
        if full_time_months(verified, today=today) < of:
            return Shown(Standing.CLAIMED)
        return Shown(Standing.VERIFIED, rests_on=_verifications(verified, checks))

    degrees = {given["subject"]: given for given in claims.degrees}
    ways = []
    if TRANSLATION in degrees:
        ways.append(Way(Route.TRANSLATION_DEGREE, _degree(TRANSLATION, claims, checks, today=today)))
    if OTHER in degrees:
        both = _together(worked(MONTHS_WITH_OTHER_DEGREE), _degree(OTHER, claims, checks, today=today))
        ways.append(Way(Route.OTHER_DEGREE, both))
    return [*ways, Way(Route.EXPERIENCE, worked(MONTHS_WITHOUT_DEGREE))]


def _degree(subject: str, claims: Claims, checks: Checks, *, today: dt.date) -> Shown:
    """One who has several in a subject needs one of them verified."""
    for given in claims.degrees:
        if given["subject"] == subject:
            verification = checks.verified.get(evidence_pieces.degree(given, claims).fingerprint)
            if verification:
                return Shown(Standing.VERIFIED, rests_on=(verification,))
    copy = claims.files.get(COPY_OF[subject])
    if copy is not None and copy.counts(today=today):
        return Shown(Standing.DOCUMENTED)
    return Shown(Standing.CLAIMED, (Missing(COPY_LACKS[subject]),))


def _together(one: Shown, other: Shown) -> Shown:
    """As good as the weaker."""
    standing = min(one.standing, other.standing, key=lambda standing: standing.rank)
    return Shown(standing, (*one.missing, *other.missing), (*one.rests_on, *other.rests_on))


def _verifications(periods: Iterable[Period], checks: Checks) -> tuple[Verification, ...]:
    prints = [evidence_pieces.of_period(period) for period in periods]
    return tuple(
        dict.fromkeys(checks.verified[fingerprint] for fingerprint in prints if fingerprint in checks.verified)
    )


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
        _("From what you've told us, you qualify under ISO 17100 through %(grounds)s. We'll check it.")
        if is_proven
        else _("Your ISO 17100 route: %(grounds)s.")
    )
    return sentence % {"grounds": grounds[Route(code)]}

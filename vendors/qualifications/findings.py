"""What was found about one service in one pair: how far it is shown, on what ground, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendors.answers import languages, service_catalogue
from vendors.models import Measure, Qualification, Standing, Verification
from vendors.qualifications.measures import REVISERS

Route = Qualification.Route

MONTHS_WITH_OTHER_DEGREE = 24
MONTHS_WITHOUT_DEGREE = 60


@dataclass(frozen=True)
class Checks:
    """What VM has found out: verifications by the fingerprint of what was verified, and samples of lists likewise."""

    verified: Mapping[str, Verification] = field(default_factory=dict)
    samples: Mapping[str, bool] = field(default_factory=dict)  # whether the list was right, the last time


NOTHING_CHECKED = Checks()


class Lack(Enum):
    CV = "cv"
    DEGREE_COPY = "degree_copy"
    OTHER_DEGREE_COPY = "other_degree_copy"
    TRANSLATING = "translating"
    POST_EDITING = "post_editing"
    REVISING = "revising"
    REGISTER = "register"
    # Of a company; see vendors.qualifications.companies.
    BASIS = "basis"
    POST_EDITING_CERTIFICATE = "post_editing_certificate"
    CERTIFICATE_CHECK = "certificate_check"
    LINGUIST = "linguist"
    SAMPLE = "sample"
    LIST_THAT_HOLDS = "list_that_holds"
    REGISTER_OF_LINGUIST = "register_of_linguist"


class Basis:
    """What a qualification rests on that is no person's route."""

    CERTIFICATE, UNDERTAKING, NONE = "company_certificate", "company_undertaking", "company_none"
    REGISTER, NO_REGISTER = "register", "no_register"


COPIES = frozenset({Lack.DEGREE_COPY, Lack.OTHER_DEGREE_COPY})
COPY_PROVES = frozenset({Route.TRANSLATION_DEGREE, Route.OTHER_DEGREE})

_LACKS = {
    Lack.CV: gettext_lazy("a CV"),
    Lack.DEGREE_COPY: gettext_lazy("a copy of the degree certificate in translation or languages"),
    Lack.OTHER_DEGREE_COPY: gettext_lazy("a copy of the degree certificate in another subject"),
    Lack.REVISING: gettext_lazy("experience in translating or revising in this subject and pair"),
    Lack.REGISTER: gettext_lazy("an entry in a register of sworn translators"),
    Lack.BASIS: gettext_lazy("a current ISO 17100 certificate, or a written undertaking with a list of linguists"),
    Lack.POST_EDITING_CERTIFICATE: gettext_lazy("a current ISO 18587 certificate"),
    Lack.CERTIFICATE_CHECK: gettext_lazy("Vendor Management's check of the certificate"),
    Lack.LINGUIST: gettext_lazy("a linguist for this pair on the list"),
    Lack.SAMPLE: gettext_lazy("Vendor Management's check of a sample of the list of linguists"),
    Lack.LIST_THAT_HOLDS: gettext_lazy("a list of linguists that was right when Vendor Management checked it"),
    Lack.REGISTER_OF_LINGUIST: gettext_lazy("the register entry of the sworn translator who does the work"),
}
_GROUNDS = {
    Basis.CERTIFICATE: gettext_lazy("The company's own certificate"),
    Basis.UNDERTAKING: gettext_lazy("The company's written undertaking and its list of linguists"),
    Basis.NONE: gettext_lazy("Neither a certificate nor an undertaking"),
    Basis.REGISTER: gettext_lazy("Entry in a register of sworn translators"),
    Basis.NO_REGISTER: gettext_lazy("No entry in a register of sworn translators"),
    Route.TRANSLATION_DEGREE.value: gettext_lazy("Degree in translation, linguistics or languages"),
    Route.NONE.value: gettext_lazy("None of the three routes yet"),
}


@dataclass(frozen=True)
class Missing:
    what: Lack
    months: int = 0  # still to come
    of: int = 0  # asked for

    def __str__(self) -> str:
        if self.what in _LACKS:
            return str(_LACKS[self.what])
        said = {"more": duration(self.months), "had": duration(self.of - self.months), "work": _work(self.what)}
        if self.of == MONTHS_WITHOUT_DEGREE:
            return _("another %(more)s of full-time %(work)s (%(had)s of five years so far), or a degree") % said
        return _("another %(more)s of full-time %(work)s (%(had)s of two years so far)") % said


@dataclass(frozen=True)
class Finding:
    """What holds for one service in one pair, or in several of which the same is true.

    Revisers are judged subject by subject, so a finding about revision names its subjects.
    """

    pairs: tuple[tuple[str, str], ...]
    service: str
    measure: Measure
    standing: Standing
    route: str  # what it rests on: the route that is fulfilled or nearest, or a Basis
    months: int = 0
    missing: tuple[Missing, ...] = ()
    specialisms: tuple[str, ...] = ()
    rests_on: tuple[Verification, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Nothing is missing. That VM has not verified it yet is another matter: `standing` says it."""
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
    def subject_names(self) -> list[str]:
        """Empty where the subject makes no difference."""
        return [service_catalogue.specialism_name(code) for code in self.specialisms]

    @property
    def ground(self) -> str:
        """On what it rests."""
        if self.route in _GROUNDS:
            sentence = str(_GROUNDS[self.route])
        else:
            lack = Lack.POST_EDITING if self.measure == Measure.ISO_18587 else Lack.TRANSLATING
            worked = {"worked": duration(self.months), "work": _work(lack)}
            if self.route == Route.OTHER_DEGREE:
                sentence = _("Another degree, and %(worked)s of full-time %(work)s") % worked
            else:
                sentence = _("%(worked)s of full-time %(work)s") % worked
        if self.service in REVISERS and self.specialisms and self.standing != Standing.NONE:
            sentence = _("%(said)s; experience in %(subjects)s") % {
                "said": sentence,
                "subjects": ", ".join(self.subject_names),
            }
        return sentence


def _work(lack: Lack) -> str:
    return _("translation or post-editing work") if lack is Lack.POST_EDITING else _("translation work")


def grouped(judged: Iterable[Finding]) -> list[Finding]:
    """Pairs, and subjects, of which the same is true on one line, since a vendor may have fifty."""
    order = {code: number for number, (code, _name) in enumerate(service_catalogue.SERVICES)}
    by_subject = _merged(judged, lambda finding: (finding.pairs, _what_is_true(finding)), _with_subjects)
    by_pair = _merged(by_subject, lambda finding: (finding.specialisms, _what_is_true(finding)), _with_pairs)
    return sorted(by_pair, key=lambda line: order[line.service])


def _what_is_true(finding: Finding) -> tuple[Any, ...]:
    return finding.service, finding.standing, finding.route, finding.missing, finding.months


def _merged(judged: Iterable[Finding], key: Any, merge: Any) -> list[Finding]:
    alike: dict[Any, list[Finding]] = {}
    for finding in judged:
        alike.setdefault(key(finding), []).append(finding)
    return [merge(same) for same in alike.values()]


def _with_subjects(same: list[Finding]) -> Finding:
    subjects = tuple(dict.fromkeys(code for finding in same for code in finding.specialisms))
    return replace(same[0], specialisms=subjects, rests_on=_all_of(same))


def _with_pairs(same: list[Finding]) -> Finding:
    return replace(same[0], pairs=tuple(pair for finding in same for pair in finding.pairs), rests_on=_all_of(same))


def _all_of(same: list[Finding]) -> tuple[Verification, ...]:
    return tuple(dict.fromkeys(verification for finding in same for verification in finding.rests_on))


def duration(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = []
    if years:
        parts.append(ngettext("%(number)s year", "%(number)s years", years) % {"number": years})
    if rest or not years:
        parts.append(ngettext("%(number)s month", "%(number)s months", rest) % {"number": rest})
    return " ".join(parts)

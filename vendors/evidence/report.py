"""Who is, or was, qualified for a service in a direction: on what ground, and verified by whom."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import User
from vendors.answers import languages, service_catalogue
from vendors.evidence import past_evidence, standing
from vendors.models import IsoException, Measure, QualificationExport, Standing
from vendors.qualifications import iso_17100, judging, measures
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import Finding

SHOWN_AT_MOST = 300
AT_ONCE = 300  # so that an export needs as little memory as a page


@dataclass(frozen=True)
class Question:
    source: str
    target: str
    service: str
    day: dt.date
    specialism: str = ""

    @property
    def measure(self) -> Measure:
        return measures.of_service(self.service)

    @property
    def sources(self) -> list[str]:
        return varieties(self.source)

    @property
    def targets(self) -> list[str]:
        return varieties(self.target)

    def __str__(self) -> str:
        return direction_and_service(self.source, self.target, self.service, self.specialism)


def direction_and_service(source: str, target: str, service: str, specialism: str) -> str:
    parts = [languages.pair_name(source, target), service_catalogue.service_name(service)]
    if specialism:
        parts.append(service_catalogue.specialism_name(specialism))
    return ", ".join(parts)


@dataclass(frozen=True)
class Line:
    """One vendor in one pair. An exception is beside the standing, never in place of it."""

    vendor_id: int
    name: str
    pair: str
    finding: Finding
    subject: str = ""  # what is known of the experience in it, where the standing does not depend on that
    exception: IsoException | None = None

    @property
    def standing(self) -> Standing:
        return self.finding.standing

    @property
    def verified(self) -> list[str]:
        """Each verification it rests on: what, by whom, when and how."""
        return [
            _("%(what)s: %(colleague)s, %(day)s. %(how)s")
            % {
                "what": verification.get_kind_display(),
                "colleague": verification.by or _("someone who has left"),
                "day": date_format(verification.at, "j F Y"),
                "how": verification.how,
            }
            for verification in self.finding.rests_on
        ]


@dataclass(frozen=True)
class Report:
    lines: list[Line]
    is_capped: bool

    def of(self, state: Standing) -> list[Line]:
        return [line for line in self.lines if line.standing == state]

    @property
    def exceptions(self) -> list[Line]:
        return [line for line in self.lines if line.exception]


def varieties(tag: str) -> list[str]:
    """German means German of any country; German (Austria) means that alone."""
    return [tag, *(other for other in languages.TAGS if "-" not in tag and other.startswith(f"{tag}-"))]


def answer(question: Question) -> Report:
    """The first ones; the export has them all. The statements do not depend on how many there are."""
    ids = list(islice(_candidates(question), SHOWN_AT_MOST + 1))
    return Report(_lines(ids[:SHOWN_AT_MOST], question), is_capped=len(ids) > SHOWN_AT_MOST)


def all_lines(question: Question) -> Iterator[Line]:
    candidates = _candidates(question)
    while some := list(islice(candidates, AT_ONCE)):
        yield from _lines(some, question)


def _candidates(question: Question) -> Iterator[int]:
    return past_evidence.vendors_with(question.sources, question.targets, question.service, day=question.day)


def _lines(ids: Iterable[int], question: Question) -> list[Line]:
    return [line for then in past_evidence.of_vendors(list(ids), day=question.day) for line in _of(then, question)]


def _of(then: past_evidence.Then, question: Question) -> Iterator[Line]:
    """Of those who work in the subject, if there is one: they offer it, or have typed experience in it."""
    claims = then.claims
    if question.specialism and question.specialism not in iso_17100.subjects_of(claims):
        return
    found = standing.by_key(judging.findings(claims, then.checks, today=question.day))
    by_subject = question.specialism if question.service in measures.REVISERS else ""
    for pair in claims.pairs:
        source, target = pair["source"], pair["target"]
        key = (source, target, question.service, by_subject)
        if source not in question.sources or target not in question.targets or key not in found:
            continue
        about = {"source": source, "target": target, "service": question.service, "specialism": question.specialism}
        yield Line(
            vendor_id=then.pk,
            name=then.name,
            pair=languages.pair_name(source, target),
            finding=found[key][0],
            subject=_experience(then, question, f"{source}.{target}"),
            exception=next((exception for exception in then.exceptions if exception.covers(**about)), None),
        )


def _experience(then: past_evidence.Then, question: Question, pair: str) -> str:
    if not question.specialism or question.service in measures.REVISERS or then.claims.is_company:
        return ""
    there = [period for period in map(Period.of, then.claims.experience) if period.covers(pair)]
    state = iso_17100.experience_in(question.specialism, there, then.checks).standing
    if state == Standing.NONE:
        return _("no experience given in this subject")
    return _("experience in this subject: %(state)s") % {"state": state.label}


# As a file


class Echo:
    """What csv writes to, so that each line can be sent as soon as it is there."""

    def write(self, line: str) -> str:
        return line


def plain(value: Any) -> str:
    """A cell that no program for tables takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def as_csv(question: Question) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff"  # for Excel, which would not see that it is UTF-8
    yield writer.writerow(
        [
            _("Vendor"),
            _("Vendor number"),
            _("Pair"),
            _("Service"),
            _("Subject"),
            _("Date"),
            _("Assessed against"),
            _("Status"),
            _("Grounds"),
            _("Missing"),
            _("Verified by"),
            _("Exception until"),
            _("Exception granted by"),
            _("Reason for the exception"),
        ]
    )
    for line in all_lines(question):
        yield writer.writerow(map(plain, _cells(line, question)))


def _cells(line: Line, question: Question) -> list[Any]:
    exception = line.exception
    return [
        line.name,
        line.vendor_id,
        line.pair,
        service_catalogue.service_name(question.service),
        service_catalogue.specialism_name(question.specialism) if question.specialism else "",
        question.day.isoformat(),
        question.measure.label,
        line.standing.label,
        "; ".join(filter(None, [line.finding.ground, line.subject])),
        "; ".join(map(str, line.finding.missing)),
        "; ".join(line.verified),
        exception.until.isoformat() if exception else "",
        exception.granted_by or "" if exception else "",
        exception.reason if exception else "",
    ]


def record(question: Question, *, by: User, reason: str) -> QualificationExport:
    """Before the file is made: what left Passport, for whom and why."""
    return QualificationExport.objects.create(
        by=by,
        day=question.day,
        source=question.source,
        target=question.target,
        service=question.service,
        specialism=question.specialism,
        reason=reason,
    )

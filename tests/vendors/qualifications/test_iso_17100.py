import datetime as dt
from typing import Any

import pytest

from vendors.qualifications.experience import Period
from vendors.qualifications.iso_17100 import Finding, Lack, Missing, duration, findings, grouped

TODAY = dt.date(2026, 11, 25)
TRANSLATION_DEGREE = {"subject": "translation"}
OTHER_DEGREE = {"subject": "other"}
FIVE_YEARS = Period("2015-01", "2019-12")
TWO_YEARS = Period("2015-01", "2016-12")


def pair(source: str = "de", target: str = "pl", services: tuple[str, ...] = ("translation",)) -> dict[str, Any]:
    return {"source": source, "target": target, "services": list(services)}


def judged(**changed: Any) -> list[Finding]:
    values: dict[str, Any] = {"degrees": [], "experience": [], "documents": {"cv"}, "pairs": [pair()]}
    return findings(**values | changed, today=TODAY)


def only(**changed: Any) -> Finding:
    (found,) = judged(**changed)
    return found


def lacks(finding: Finding) -> list[Lack]:
    return [each.what for each in finding.missing]


@pytest.mark.parametrize(
    ("degrees", "experience", "documents", "route", "missing"),
    [
        ([TRANSLATION_DEGREE], [], {"cv", "degree"}, "translation_degree", []),
        ([TRANSLATION_DEGREE], [], {"cv"}, "translation_degree", [Lack.DEGREE_COPY]),
        ([TRANSLATION_DEGREE], [], {"cv", "other_degree"}, "translation_degree", [Lack.DEGREE_COPY]),
        ([TRANSLATION_DEGREE], [], {"degree"}, "translation_degree", [Lack.CV]),
        ([TRANSLATION_DEGREE], [FIVE_YEARS], {"cv"}, "experience", []),
        ([OTHER_DEGREE], [TWO_YEARS], {"cv", "other_degree"}, "other_degree", []),
        ([OTHER_DEGREE], [TWO_YEARS], {"cv"}, "other_degree", [Lack.OTHER_DEGREE_COPY]),
        ([OTHER_DEGREE], [Period("2015-01", "2016-11")], {"cv", "other_degree"}, "none", [Lack.TRANSLATING]),
        ([OTHER_DEGREE], [FIVE_YEARS], {"cv"}, "experience", []),
        ([OTHER_DEGREE], [], {"cv"}, "none", [Lack.TRANSLATING, Lack.OTHER_DEGREE_COPY]),
        ([TRANSLATION_DEGREE, OTHER_DEGREE], [], {"cv", "degree"}, "translation_degree", []),
        ([TRANSLATION_DEGREE, OTHER_DEGREE], [TWO_YEARS], {"cv", "other_degree"}, "other_degree", []),
        ([], [FIVE_YEARS], {"cv"}, "experience", []),
        ([], [Period("2015-01", "2019-11")], {"cv"}, "none", [Lack.TRANSLATING]),
        ([], [], set(), "none", [Lack.CV, Lack.TRANSLATING]),
    ],
)
def test_translator_has_three_ways(degrees, experience, documents, route, missing):
    found = only(degrees=degrees, experience=experience, documents=documents)

    assert (found.route, lacks(found)) == (route, missing)
    assert found.is_qualified == (not missing)


@pytest.mark.parametrize(
    ("degrees", "months", "of"), [([], 37, 60), ([OTHER_DEGREE], 1, 24)], ids=["no degree", "another degree"]
)
def test_it_says_how_much_experience_is_missing(degrees, months, of):
    found = only(degrees=degrees, experience=[Period("2015-01", "2016-11")], documents={"cv", "other_degree"})

    assert found.missing == (Missing(Lack.TRANSLATING, months, of),)


def test_reviser_needs_experience_as_well():
    both = ("translation", "revision")
    found = judged(degrees=[TRANSLATION_DEGREE], documents={"cv", "degree"}, pairs=[pair(services=both)])

    assert [(each.service, lacks(each)) for each in found] == [("translation", []), ("revision", [Lack.REVISING])]


@pytest.mark.parametrize(
    ("kind", "translating", "revising"),
    [("translation", True, True), ("both", True, True), ("revision", False, True), ("other", False, False)],
)
def test_work_counts_for_what_it_is(kind, translating, revising):
    work = [Period("2015-01", "2020-12", kind=kind)]

    assert only(experience=work).is_qualified == translating
    reviser = only(
        degrees=[TRANSLATION_DEGREE],
        experience=work,
        documents={"cv", "degree"},
        pairs=[pair(services=("revision",))],
        domains=["legal"],
    )
    assert reviser.is_qualified == revising
    assert ("experience in Law and contracts" in reviser.ground) == revising


def test_experience_counts_in_its_pairs():
    work = [Period("2015-01", "2019-12", pairs=("de.pl",)), Period("2018-01", "2020-12", pairs=("fr.pl", "de.pl"))]

    found = judged(experience=work, pairs=[pair(), pair("fr"), pair("en-GB")])

    assert [(each.pairs[0][0], each.months, each.is_qualified) for each in found] == [
        ("de", 72, True),
        ("fr", 36, False),
        ("en-GB", 0, False),
    ]


def test_other_services_are_not_judged():
    are_judged = ["certified_translation", "sworn_translation"]
    services = ("interpreting", "subtitling", "proofreading", "post_editing", *are_judged)
    pairs = [pair(services=services), pair("fr", services=services[:1])]

    assert [each.service for each in judged(pairs=pairs)] == are_judged


def test_pairs_of_which_the_same_is_true_stand_together():
    pairs = [pair(services=("translation", "revision")), pair("fr"), pair("es")]
    found = judged(experience=[FIVE_YEARS, Period("2020-01", pairs=("es.pl",))], pairs=pairs)

    lines = [(line.service, [source for source, _target in line.pairs]) for line in grouped(found)]

    assert lines == [("translation", ["de", "fr"]), ("translation", ["es"]), ("revision", ["de"])]


def test_what_is_missing_reads_as_words():
    assert str(Missing(Lack.TRANSLATING, 13, 24)) == (
        "another 1 year 1 month of full-time translation work (11 months of two years so far)"
    )
    assert str(Missing(Lack.TRANSLATING, 60, 60)) == (
        "another 5 years of full-time translation work (0 months of five years so far), or a degree"
    )


@pytest.mark.parametrize(
    ("months", "said"), [(0, "0 months"), (1, "1 month"), (12, "1 year"), (25, "2 years 1 month"), (60, "5 years")]
)
def test_duration(months, said):
    assert duration(months) == said

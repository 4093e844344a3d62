import datetime as dt
from typing import Any

import pytest

from tests.vendors.verified import verification
from vendors.models import Measure, Standing
from vendors.qualification_claims import Claims, File, RegisterEntry
from vendors.qualifications import evidence_pieces, judging, measures
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import Checks, Finding, Lack, Missing, duration, grouped

TODAY = dt.date(2026, 11, 25)
TRANSLATION_DEGREE = {"subject": "translation", "title": "MA"}
OTHER_DEGREE = {"subject": "other", "title": "LLB"}
NONE, CLAIMED, DOCUMENTED, VERIFIED = Standing


def work(since: str, until: str = "", **changed: Any) -> dict[str, Any]:
    return {"since": since, "until": until, "share": 100, "kind": "translation", "pairs": [], "subjects": []} | changed


FIVE_YEARS = work("2015-01", "2019-12")
TWO_YEARS = work("2015-01", "2016-12")


def pair(source: str = "de", target: str = "pl", services: tuple[str, ...] = ("translation",)) -> dict[str, Any]:
    return {"source": source, "target": target, "services": list(services)}


def claims(*files: str, **changed: Any) -> Claims:
    there = {slot: File(None, slot, sha256=slot) for slot in files or ("cv",)}
    return Claims(**{"pairs": [pair()], "files": there} | changed)


def verified(*fingerprints: str) -> Checks:
    return Checks({fingerprint: verification(fingerprint) for fingerprint in fingerprints})


def judged(given: Claims, checks: Checks | None = None) -> list[Finding]:
    return judging.findings(given, checks or Checks(), today=TODAY)


def only(given: Claims, checks: Checks | None = None) -> Finding:
    (found,) = judged(given, checks)
    return found


def lacks(finding: Finding) -> list[Lack]:
    return [each.what for each in finding.missing]


@pytest.mark.parametrize(
    ("degrees", "experience", "files", "standing", "route", "missing"),
    [
        ([TRANSLATION_DEGREE], [], ("cv", "degree"), DOCUMENTED, "translation_degree", []),
        ([TRANSLATION_DEGREE], [], ("cv",), CLAIMED, "translation_degree", [Lack.DEGREE_COPY]),
        ([TRANSLATION_DEGREE], [], ("cv", "other_degree"), CLAIMED, "translation_degree", [Lack.DEGREE_COPY]),
        ([TRANSLATION_DEGREE], [], ("degree",), DOCUMENTED, "translation_degree", [Lack.CV]),
        ([TRANSLATION_DEGREE], [FIVE_YEARS], ("cv",), CLAIMED, "experience", []),
        ([OTHER_DEGREE], [TWO_YEARS], ("cv", "other_degree"), CLAIMED, "other_degree", []),
        ([OTHER_DEGREE], [TWO_YEARS], ("cv",), CLAIMED, "other_degree", [Lack.OTHER_DEGREE_COPY]),
        ([OTHER_DEGREE], [work("2015-01", "2016-11")], ("cv", "other_degree"), NONE, "none", [Lack.TRANSLATING]),
        ([OTHER_DEGREE], [FIVE_YEARS], ("cv",), CLAIMED, "experience", []),
        ([OTHER_DEGREE], [], ("cv",), NONE, "none", [Lack.TRANSLATING, Lack.OTHER_DEGREE_COPY]),
        ([TRANSLATION_DEGREE, OTHER_DEGREE], [TWO_YEARS], ("cv", "other_degree"), CLAIMED, "other_degree", []),
        ([], [FIVE_YEARS], ("cv",), CLAIMED, "experience", []),
        ([], [work("2015-01", "2019-11")], ("cv",), NONE, "none", [Lack.TRANSLATING]),
        ([], [], ("nothing",), NONE, "none", [Lack.CV, Lack.TRANSLATING]),
    ],
)
def test_translator_has_three_ways(degrees, experience, files, standing, route, missing):
    """A CV alone leaves experience claimed, and a degree is documented by its copy."""
    found = only(claims(*files, degrees=degrees, experience=experience))

    assert (found.standing, found.route, lacks(found)) == (standing, route, missing)
    assert found.measure == Measure.ISO_17100


def test_what_vm_has_verified_is_verified_and_names_it():
    given = claims("cv", "other_degree", degrees=[OTHER_DEGREE], experience=[TWO_YEARS])
    degree, period = (
        evidence_pieces.degree(OTHER_DEGREE, given).fingerprint,
        evidence_pieces.of_period(Period.of(TWO_YEARS)),
    )

    assert only(given, verified(degree)).standing == CLAIMED
    assert only(given, verified(period)).standing == DOCUMENTED
    found = only(given, verified(degree, period))
    assert (found.standing, [each.fingerprint for each in found.rests_on]) == (VERIFIED, [period, degree])


def test_only_verified_months_are_verified():
    rows = [work("2010-01", "2012-12"), work("2015-01", "2017-12")]
    given = claims(experience=rows)
    first, second = (evidence_pieces.of_period(Period.of(row)) for row in rows)

    assert only(given, verified(first)).standing == CLAIMED
    assert only(given, verified(first, second)).standing == VERIFIED


def test_verified_way_comes_before_one_that_is_only_claimed():
    given = claims(degrees=[TRANSLATION_DEGREE], experience=[FIVE_YEARS])

    found = only(given, verified(evidence_pieces.of_period(Period.of(FIVE_YEARS))))

    assert (found.route, found.standing) == ("experience", VERIFIED)


@pytest.mark.parametrize(
    ("degrees", "months", "of"), [([], 37, 60), ([OTHER_DEGREE], 1, 24)], ids=["no degree", "another degree"]
)
def test_it_says_how_much_experience_is_missing(degrees, months, of):
    found = only(claims("cv", "other_degree", degrees=degrees, experience=[work("2015-01", "2016-11")]))

    assert found.missing == (Missing(Lack.TRANSLATING, months, of),)


# Revisers


def reviser(row: dict[str, Any], checks: Checks | None = None) -> Finding:
    return only(
        claims(
            "cv",
            "degree",
            degrees=[TRANSLATION_DEGREE],
            experience=[row],
            pairs=[pair(services=("revision",))],
            specialisms=["legal"],
        ),
        checks,
    )


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        (work("2015-01"), NONE),  # a ticked specialism is no experience
        (work("2015-01", subjects=["medical", "legal"], kind="other"), NONE),
        (work("2015-01", subjects=["legal"]), CLAIMED),
        (work("2015-01", subjects=["legal"], kind="revision"), CLAIMED),
        (work("2015-01", subjects=["legal"], pairs=["fr.pl"]), NONE),
    ],
)
def test_reviser_needs_experience_that_was_typed_for_the_subject_and_pair(row, standing):
    found = next(finding for finding in judged_subjects(row) if finding.specialisms == ("legal",))

    assert (found.standing, lacks(found)) == (standing, [Lack.REVISING] if standing == NONE else [])


def judged_subjects(row: dict[str, Any]) -> list[Finding]:
    return judged(
        claims(
            "cv",
            "degree",
            degrees=[TRANSLATION_DEGREE],
            experience=[row],
            pairs=[pair(services=("revision",))],
            specialisms=["legal"],
        )
    )


def test_reviser_is_verified_when_the_work_in_the_subject_is():
    row = work("2015-01", subjects=["legal"])
    given = claims("cv", "degree", degrees=[TRANSLATION_DEGREE])
    degree, period = (
        evidence_pieces.degree(TRANSLATION_DEGREE, given).fingerprint,
        evidence_pieces.of_period(Period.of(row)),
    )

    assert reviser(row, verified(degree)).standing == CLAIMED
    assert reviser(row, verified(period)).standing == VERIFIED  # by ten years of work
    assert "experience in Law and contracts" in reviser(row, verified(degree, period)).ground


def test_reviser_is_judged_in_each_subject():
    given = claims(
        experience=[FIVE_YEARS | {"subjects": ["legal"]}],
        pairs=[pair(services=("revision",))],
        specialisms=["legal", "medical"],
    )

    assert [(each.specialisms, each.standing) for each in judged(given)] == [
        (("legal",), CLAIMED),
        (("medical",), NONE),
    ]


def test_experience_counts_in_its_pairs():
    rows = [work("2015-01", "2019-12", pairs=["de.pl"]), work("2018-01", "2020-12", pairs=["fr.pl", "de.pl"])]

    found = judged(claims(experience=rows, pairs=[pair(), pair("fr"), pair("en-GB")]))

    assert [(each.pairs[0][0], each.months, each.standing) for each in found] == [
        ("de", 72, CLAIMED),
        ("fr", 36, NONE),
        ("en-GB", 0, NONE),
    ]


# Each service by its own measure


def test_each_service_has_its_measure():
    given = claims(pairs=[pair(services=("interpreting", "translation", "post_editing", "sworn_translation"))])

    assert [(each.service, each.measure) for each in judged(given)] == [
        ("translation", Measure.ISO_17100),
        ("post_editing", Measure.ISO_18587),
        ("sworn_translation", Measure.REGISTER),
    ]
    assert measures.of_service("interpreting") == Measure.NONE


@pytest.mark.parametrize(
    ("kind", "translating", "post_editing"),
    [("translation", CLAIMED, CLAIMED), ("post_editing", NONE, CLAIMED), ("revision", NONE, NONE)],
)
def test_post_editing_counts_for_post_editors(kind, translating, post_editing):
    given = claims(experience=[FIVE_YEARS | {"kind": kind}], pairs=[pair(services=("translation", "post_editing"))])

    assert [each.standing for each in judged(given)] == [translating, post_editing]


SWORN = {"pairs": [pair(services=("sworn_translation",))]}
ENTRY = RegisterEntry("Ministry of Justice", "TP/1", dt.date(2026, 11, 25))


def test_sworn_work_rests_on_the_register_and_not_on_years():
    assert only(claims(experience=[FIVE_YEARS], **SWORN)).standing == NONE
    assert only(claims(register=ENTRY, **SWORN)).standing == CLAIMED
    certificate = File(None, "certificate-1", certificate="sworn")
    documented = claims(register=ENTRY, **SWORN).__dict__ | {"files": {"certificate-1": certificate}}
    assert only(Claims(**documented)).standing == DOCUMENTED
    assert only(claims(register=ENTRY, **SWORN), verified(evidence_pieces.of_register(ENTRY))).standing == VERIFIED


def test_register_entry_that_has_expired_counts_no_longer():
    over = RegisterEntry("Ministry of Justice", "TP/1", dt.date(2026, 11, 24))

    assert only(claims(register=over, **SWORN), verified(evidence_pieces.of_register(over))).standing == NONE


def test_other_content_under_the_same_heading_is_another_piece():
    given, renewed = claims("cv", "degree"), claims("cv", "degree", files={"degree": File(None, "degree", sha256="2")})
    degree = evidence_pieces.degree(TRANSLATION_DEGREE, given).fingerprint

    assert degree != evidence_pieces.degree(TRANSLATION_DEGREE | {"title": "BA"}, given).fingerprint
    assert degree != evidence_pieces.degree(TRANSLATION_DEGREE, renewed).fingerprint
    assert evidence_pieces.of_period(Period.of(FIVE_YEARS)) != evidence_pieces.of_period(
        Period.of(FIVE_YEARS | {"share": 50})
    )


def test_pairs_of_which_the_same_is_true_stand_together():
    pairs = [pair(services=("translation", "revision")), pair("fr"), pair("es")]
    found = judged(claims(experience=[FIVE_YEARS, work("2020-01", pairs=["es.pl"])], pairs=pairs))

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

"""What is different between two versions of the answers, row by row, as people read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from onboarding.draft.steps import QUESTIONS
from onboarding.submission.summary import ENDS_ONLY, Clearance, Row, Section, sections

# Of these is said that they changed, never what they were or are.
MASKED = {"payment"}


@dataclass(frozen=True)
class Line:
    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Difference:
    """One row; the lines of `before` or `now` are none where there is nothing."""

    label: str
    before: list[Line] = field(default_factory=list)
    now: list[Line] = field(default_factory=list)
    document_before: str = ""
    document: str = ""
    is_verbatim: bool = False


@dataclass(frozen=True)
class Compared:
    step: str
    title: str | Promise
    section: Section
    is_changed: bool
    is_masked: bool = False
    differences: list[Difference] = field(default_factory=list)


def changed_steps(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [step.name for step in QUESTIONS if as_stored(before.get(step.name)) != as_stored(now.get(step.name))]


def as_stored(answer: Any) -> Any:
    """As it comes back from the database, so that an answer of today compares with a stored one."""
    return json.loads(json.dumps(answer, cls=DjangoJSONEncoder))


def compare(
    before: Mapping[str, Any], now: Mapping[str, Any], *, changed: Iterable[str], clearance: Clearance = ENDS_ONLY
) -> list[Compared]:
    """Every section, with the differences of those that changed."""
    changed = set(changed)
    earlier = {section.step: section for section in sections({**before, **_hidden(now)}, clearance=clearance)}
    sections_now = sections(now, clearance=clearance)
    steps = {section.step for section in sections_now}
    # Somebody who works in another way now is not asked for all that was sent before.
    gone = [Section(section.step, section.title) for step, section in earlier.items() if step not in steps]
    compared = []
    for section in [*sections_now, *(section for section in gone if section.step in changed)]:
        is_changed, is_masked = section.step in changed, section.step in MASKED
        before_rows = earlier[section.step].rows if section.step in earlier else []
        differences = _rows(before_rows, section.rows) if is_changed and not is_masked else []
        compared.append(Compared(section.step, section.title, section, is_changed, is_masked, differences))
    return compared


def document_ids(compared: Iterable[Compared]) -> set[str]:
    """Of all the files that the page would link to."""
    sections = list(compared)
    rows = {row.document for section in sections for row in section.section.rows}
    differences = [difference for section in sections for difference in section.differences]
    return (rows | {name for row in differences for name in (row.document_before, row.document)}) - {""}


def without_links(compared: Compared, *, gone: Collection[str]) -> Compared:
    """What a file was called stays, where it was does not."""
    rows = [replace(row, document="") if row.document in gone else row for row in compared.section.rows]
    differences = [
        replace(
            row,
            document_before="" if row.document_before in gone else row.document_before,
            document="" if row.document in gone else row.document,
        )
        for row in compared.differences
    ]
    return replace(compared, section=replace(compared.section, rows=rows), differences=differences)


def _hidden(now: Mapping[str, Any]) -> dict[str, Any]:
    """What is masked is not even read from the version before: it may have been given somewhere else since."""
    return {step: now[step] for step in MASKED if step in now}


def _rows(before: list[Row], now: list[Row]) -> list[Difference]:
    """Rows belong together by their label, the second of a label to the second. What is gone comes last."""
    earlier = dict(_numbered(before))
    differences = []
    for key, row in _numbered(now):
        other = earlier.pop(key, None)
        if other is None or other.document != row.document or not _reads_alike(other, row):
            differences.append(_difference(row.label, other, row))
    differences += [_difference(row.label, row, None) for row in earlier.values()]
    return differences


def _reads_alike(before: Row, now: Row) -> bool:
    """The order of what was ticked says nothing."""
    was, is_now = (sorted((row.unmasked or row.value).splitlines()) for row in (before, now))
    return was == is_now


def _numbered(rows: Iterable[Row]) -> Iterable[tuple[tuple[str, int], Row]]:
    seen: Counter[str] = Counter()
    for row in rows:
        yield (row.label, seen[row.label]), row
        seen[row.label] += 1


def _difference(label: str, before: Row | None, now: Row | None) -> Difference:
    was, is_now = (row.value.splitlines() if row else [] for row in (before, now))
    if was == is_now and now:  # another file of the same name, another number with the same end
        note = _("%(name)s (a different file)") if now.document else _("%(name)s (a different number)")
        is_now = [note % {"name": line} for line in is_now]
    return Difference(
        label,
        [Line(text, text not in is_now) for text in was],
        [Line(text, text not in was) for text in is_now],
        before.document if before else "",
        now.document if now else "",
        any(row.is_verbatim for row in (before, now) if row),
    )

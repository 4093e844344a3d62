"""What VM thinks of each section, kept as it is ticked, and the vendor's word on what was marked."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import User
from onboarding.draft.steps import QUESTIONS
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission.differences import as_stored

Verdict = SectionReview.Verdict
ORDER = [step.name for step in QUESTIONS]


class NotWaiting(Exception):
    """Somebody has decided already, or the vendor has sent something newer."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(
            _("This submission is no longer waiting: %(state)s.") % {"state": submission.get_state_display()}
        )


class ReasonMissing(Exception):
    """The vendor cannot act on a decision without its reason."""

    def __init__(self) -> None:
        super().__init__(_("Please give a reason."))


class MarkedMeanwhile(Exception):
    """A colleague has judged the section since the page was opened; `stored` is what they said."""

    def __init__(self, stored: SectionReview) -> None:
        self.stored = stored
        super().__init__(
            _("%(who)s has said “%(verdict)s” here in the meantime. Please look again; nothing of yours was saved yet.")
            % {"who": stored.by or _("A colleague"), "verdict": stored.get_verdict_display()}
        )


def of(submission: Submission | None) -> dict[str, SectionReview]:
    """By step, in the order of the wizard."""
    if submission is None:
        return {}
    rows = {row.step: row for row in submission.section_reviews.select_related("by")}
    return {step: rows[step] for step in sorted(rows, key=_place)}


def marked(rows: Iterable[SectionReview]) -> list[SectionReview]:
    return [row for row in rows if row.is_marked]


@transaction.atomic
def judge(
    submission: Submission, step: str, *, verdict: str, by: User | None, reason: str = "", seen: int | None = None
) -> SectionReview:
    """Keep the verdict on one section. `seen` is the version of it that the page showed.

    Raise NotWaiting, ReasonMissing or MarkedMeanwhile.
    """
    _lock_waiting(submission)
    if verdict == Verdict.CHANGE and not reason.strip():
        raise ReasonMissing
    row = SectionReview.objects.select_related("by").filter(submission=submission, step=step).first()
    row = row or SectionReview(submission=submission, step=step, version=0, verdict=Verdict.OPEN)
    if seen is not None and seen != row.version:
        raise MarkedMeanwhile(row)
    row.verdict, row.by = verdict, by
    row.reason = reason.strip() if verdict == Verdict.CHANGE else ""
    row.version += 1
    row.save()
    return row


@transaction.atomic
def accept_the_rest(submission: Submission, steps: Iterable[str], *, by: User | None) -> None:
    """Accept those of the sections that nobody has judged. Raise NotWaiting."""
    _lock_waiting(submission)
    judged = {row.step for row in of(submission).values() if row.verdict != Verdict.OPEN}
    for step in steps:
        if step not in judged:
            judge(submission, step, verdict=Verdict.ACCEPTED, by=by)


def carry_over(submission: Submission) -> None:
    """What VM accepted in the version before and what did not change since is accepted."""
    earlier = submission.previous
    if earlier is None:
        return
    SectionReview.objects.bulk_create(
        SectionReview(submission=submission, step=step, verdict=Verdict.ACCEPTED, by=row.by)
        for step, row in of(earlier).items()
        if row.verdict == Verdict.ACCEPTED and as_stored(submission.answers.get(step)) == earlier.answers.get(step)
    )


def reply(mark: SectionReview, text: str) -> None:
    """The vendor's word to VM on what was marked; an empty one takes it back."""
    mark.reply = text.strip() or None
    mark.save(update_fields=["reply"])


def is_answered(mark: SectionReview, draft: Draft) -> bool:
    """Has the vendor saved the section since it was marked, or said why it stays?"""
    return bool(mark.reply) or mark.step in draft.saved_since


def unanswered(marks: Iterable[SectionReview], draft: Draft) -> list[SectionReview]:
    return [mark for mark in marks if not is_answered(mark, draft)]


def fingerprint(rows: Iterable[SectionReview]) -> str:
    """Which verdicts a page shows, so that nobody decides by others than they saw."""
    return ",".join(sorted(f"{row.step}:{row.version}" for row in rows))


def _lock_waiting(submission: Submission) -> None:
    state = Submission.objects.select_for_update().values_list("state", flat=True).get(pk=submission.pk)
    if state != Submission.State.WAITING:
        submission.state = state
        raise NotWaiting(submission)


def _place(step: str) -> int:
    return ORDER.index(step) if step in ORDER else len(ORDER)

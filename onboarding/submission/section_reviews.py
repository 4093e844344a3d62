"""What VM thinks of each section, kept as it is ticked, and the vendor's reply to what was marked."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from onboarding.draft.steps import CHECK, COMPLETED, QUESTIONS, STEPS, Reading, asked_of, kind_in
from onboarding.models import Draft, SectionReview, Submission
from onboarding.submission import lifecycle as submissions
from onboarding.submission.differences import as_stored

Verdict = SectionReview.Verdict
ORDER = [step.name for step in QUESTIONS]


class SectionsMarked(Exception):
    """What VM wants changed cannot be approved as it is."""

    def __init__(self) -> None:
        super().__init__(_("A section is marked “please change”. Ask for changes, or accept that section first."))


class NothingMarked(Exception):
    """The vendor has to know which section is meant."""

    def __init__(self) -> None:
        super().__init__(_("Mark at least one section “please change”, and say what should change in it."))


class ReviewedMeanwhile(Exception):
    """A colleague has judged a section since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A colleague has reviewed a section since you opened the page. Check the sections again. Nothing has "
                "been sent."
            )
        )


class NotAnswered(Exception):
    """VM has asked for a change in a step that the vendor has neither saved since nor written a word about."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(
            _(
                "Vendor Management asked you to change something in “%(title)s”, and you haven't saved that step "
                "since. Change it, or tell them why it should stay as it is."
            )
            % {"title": ours(STEPS[step].title)}
        )


class MarkedMeanwhile(Exception):
    """A colleague has judged the section since the page was opened; `stored` is what they said."""

    def __init__(self, stored: SectionReview) -> None:
        self.stored = stored
        super().__init__(
            _(
                "%(who)s has marked this section “%(verdict)s” since you opened this page. Check it again. Your own "
                "review of it has not been saved."
            )
            % {"who": stored.by or _("A colleague"), "verdict": ours(stored.get_verdict_display())}
        )


def of(submission: Submission | None) -> dict[str, SectionReview]:
    """By step, in the order of the wizard."""
    if submission is None:
        return {}
    reviews = {review.step: review for review in submission.section_reviews.select_related("by")}
    return {step: reviews[step] for step in sorted(reviews, key=_place)}


def marked(submission: Submission | None) -> dict[str, SectionReview]:
    """What VM wants changed, by step."""
    return {step: review for step, review in of(submission).items() if review.is_marked}


@transaction.atomic
def judge(
    submission: Submission, step: str, *, verdict: str, by: User | None, reason: str = "", seen: int | None = None
) -> SectionReview:
    """Keep what VM thinks of one section. `seen` is the version of it that the page showed.

    Raise NotWaiting, ReasonMissing or MarkedMeanwhile.
    """
    submissions.lock_waiting(submission)
    reason = submissions.required(reason) if verdict == Verdict.CHANGE else ""
    review = SectionReview.objects.select_related("by").filter(submission=submission, step=step).first()
    review = review or SectionReview(submission=submission, step=step, version=0, verdict=Verdict.OPEN)
    if seen is not None and seen != review.version:
        raise MarkedMeanwhile(review)
    review.verdict, review.by, review.reason = verdict, by, reason
    review.version += 1
    review.save()
    return review


@transaction.atomic
def accept_the_rest(submission: Submission, steps: Iterable[str], *, by: User | None) -> None:
    """Accept those of the sections that nobody has judged. Raise NotWaiting."""
    submissions.lock_waiting(submission)
    judged = {step for step, review in of(submission).items() if review.verdict != Verdict.OPEN}
    for step in steps:
        if step not in judged:
            judge(submission, step, verdict=Verdict.ACCEPTED, by=by)


def check_nothing_is_marked(submission: Submission) -> None:
    """Raise SectionsMarked."""
    if marked(submission):
        raise SectionsMarked


def settle(submission: Submission, *, by: User | None, seen: str | None) -> None:
    """What is not marked counts as accepted. `seen` is the fingerprint of the section reviews that VM decided by.

    Raise ReviewedMeanwhile, NothingMarked or NotWaiting.
    """
    if seen is not None and seen != fingerprint(of(submission).values()):
        raise ReviewedMeanwhile
    if not marked(submission):
        raise NothingMarked
    accept_the_rest(submission, submission.answers, by=by)


def carry_over(submission: Submission) -> None:
    """What VM accepted in the version before and what did not change since is accepted."""
    previous = submission.previous
    if previous is None:
        return
    SectionReview.objects.bulk_create(
        SectionReview(submission=submission, step=step, verdict=Verdict.ACCEPTED, by=review.by)
        for step, review in of(previous).items()
        if review.verdict == Verdict.ACCEPTED and as_stored(submission.answers.get(step)) == previous.answers.get(step)
    )


def reply(mark: SectionReview, text: str) -> None:
    """The vendor's reply to VM on what was marked; an empty one takes it back."""
    mark.reply = text.strip() or None
    mark.save(update_fields=["reply"])


def is_answered(mark: SectionReview, draft: Draft) -> bool:
    """Has the vendor saved the section since it was marked, or said why it stays? Or is it not asked any more?"""
    asked = {step.name for step in asked_of(kind_in(draft.answers))}
    return bool(mark.reply) or mark.step in draft.saved_since or mark.step not in asked


def unanswered(marks: Iterable[SectionReview], draft: Draft) -> list[SectionReview]:
    return [mark for mark in marks if not is_answered(mark, draft)]


def next_left(marks: Iterable[SectionReview], draft: Draft, reading: Reading, *, after: str) -> str:
    """The next page that waits for the vendor, because VM marked it or because another change left a gap in it; then
    the check page. What VM accepted is not walked through again.
    """
    marked_steps = {mark.step for mark in unanswered(marks, draft)}
    names = reading.questions
    place = names.index(after) + 1
    waiting = (name for name in names[place:] + names[:place] if reading.may_start(STEPS[name]))
    return next((name for name in waiting if name in marked_steps or reading.states[name] != COMPLETED), CHECK.name)


def check_all_are_answered(marks: Iterable[SectionReview], draft: Draft) -> None:
    """Raise NotAnswered."""
    if left := unanswered(marks, draft):
        raise NotAnswered(left[0].step)


def fingerprint(reviews: Iterable[SectionReview]) -> str:
    """Which section reviews a page shows, so that nobody decides by others than they saw."""
    return ",".join(sorted(f"{review.step}:{review.version}" for review in reviews))


def _place(step: str) -> int:
    return ORDER.index(step) if step in ORDER else len(ORDER)

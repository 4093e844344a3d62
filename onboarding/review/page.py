"""What VM sees of a submission: what changed at a glance, each section with its verdict, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onboarding.change import changes
from onboarding.models import SectionReview, Submission
from onboarding.submission import section_reviews
from onboarding.submission.differences import Compared, compare
from onboarding.submission.summary import remarks
from vendors.email_change import lifecycle as email_change

Verdict = SectionReview.Verdict


@dataclass
class Part:
    """One section of the page. `typed` and `problem` are of a verdict that could not be kept."""

    compared: Compared
    review: SectionReview | None
    asked: SectionReview | None
    is_news: bool
    is_unfolded: bool = False
    typed: str = ""
    problem: str = ""

    @property
    def step(self) -> str:
        return self.compared.step

    @property
    def version(self) -> int:
        return self.review.version if self.review else 0

    @property
    def is_accepted(self) -> bool:
        return self.review is not None and self.review.verdict == Verdict.ACCEPTED

    @property
    def is_marked(self) -> bool:
        return self.review is not None and self.review.is_marked

    @property
    def is_open(self) -> bool:
        return not self.is_accepted and not self.is_marked

    @property
    def reason(self) -> str:
        return self.typed or (self.review.reason if self.review else "")

    @property
    def needs_a_verdict(self) -> bool:
        return self.is_open and self.is_news


def parts(submission: Submission, *, everything: bool = False) -> list[Part]:
    """What is news first, each in the order of the wizard. Of the rest there is a line, unless everything is wanted."""
    before = submission.compared_with
    # What is in force beside the version that was asked about is no news.
    earlier = submission.previous if submission.is_change else before
    judged, asked = section_reviews.of(submission), section_reviews.of(earlier)
    found = []
    for compared in compare(before.answers if before else {}, submission.answers, changed=submission.changed):
        mark = asked.get(compared.step)
        part = Part(
            compared,
            judged.get(compared.step),
            mark if mark and mark.is_marked else None,
            is_news=before is None or compared.is_changed or (mark is not None and mark.is_marked),
        )
        part.is_unfolded = everything or part.is_marked or part.needs_a_verdict
        found.append(part)
    return sorted(found, key=lambda part: not part.is_news)


def to_look_at(found: Iterable[Part]) -> list[str]:
    """The steps that are news and that nobody has judged."""
    return [part.step for part in found if part.needs_a_verdict]


def warnings(submission: Submission) -> list[str]:
    """What may be a theft. Loud, because it is rare."""
    lately = email_change.lately_changed(submission.vendor)
    if not lately:
        return []
    days = (timezone.now() - lately[0].created_at).days
    said = ngettext(
        "The primary email was changed %(days)s day ago.", "The primary email was changed %(days)s days ago.", days
    ) % {"days": days}
    if days == 0:
        said = _("The primary email was changed today.")
    if changes.PAYMENT in submission.changed:
        said += " " + _(
            "Now another account is named to pay to. Before you approve it, call the vendor at the number you know."
        )
    return [said]


def worth_a_look(submission: Submission) -> list[str]:
    return remarks(submission.answers) if submission.is_waiting else []

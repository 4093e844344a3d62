"""What VM sees of a submission: what changed at a glance, each section with its review, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import User
from onboarding.change import lifecycle as changes
from onboarding.draft.steps import PAYMENT
from onboarding.models import SectionReview, Submission
from onboarding.submission import payment, section_reviews
from onboarding.submission.differences import Compared, compare, document_ids, without_links
from onboarding.submission.summary import Clearance, Row, remarks, sections
from vendors.email_change import lifecycle as email_change
from vendors.models import Document
from vendors.payment import disputes as payment_disputes

Verdict = SectionReview.Verdict


@dataclass(frozen=True)
class RefusedReview:
    """A section review that could not be kept: what was typed, and why."""

    step: str
    reason: str
    problem: str


@dataclass
class Part:
    """One section of the page. `typed` and `problem` are of a section review that could not be kept."""

    compared: Compared
    review: SectionReview | None
    asked: SectionReview | None
    is_news: bool
    is_dropped: bool = False  # the vendor works in another way now, and is not asked for it
    carried_over: list[Row] = field(default_factory=list)  # as another system said it
    is_unfolded: bool = False
    typed: str = ""
    problem: str = ""

    @property
    def step(self) -> str:
        return self.compared.step

    @property
    def is_carried_over(self) -> bool:
        """All that VM judges in it."""
        claims = [row for row in self.compared.section.rows if row.is_claim]
        return bool(claims) and all(row in self.carried_over for row in claims)

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
    def needs_review(self) -> bool:
        return self.is_open and self.is_news and not self.is_dropped


def clearance_of(user: User, *, tax_numbers: bool = False) -> Clearance:
    """What a colleague may see, the tax numbers in full only when asked for."""
    return Clearance(tax_numbers=tax_numbers, account=user.has_perm("vendors.view_paymentdetails"))


def parts(
    submission: Submission,
    *,
    clearance: Clearance,
    everything: bool = False,
    refused: RefusedReview | None = None,
) -> list[Part]:
    """What is news first, each in the order of the wizard. Of the rest there is a line, unless everything is wanted."""
    earlier = submission.compared_with
    reviews, asked = section_reviews.of(submission), section_reviews.marked(submission.previous)
    carried_over = _rows_carried_over(submission, clearance=clearance)
    found = []
    for compared in _with_files_that_are_kept(submission, clearance=clearance):
        mark = asked.get(compared.step)
        is_news = earlier is None or compared.is_changed or mark is not None
        is_dropped = compared.step in submission.compared_answers and compared.step not in submission.answers
        rows = carried_over.get(compared.step, [])
        part = Part(compared, reviews.get(compared.step), mark, is_news, is_dropped, carried_over=rows)
        if refused and refused.step == part.step:
            part.typed, part.problem = refused.reason, refused.problem
        part.is_unfolded = everything or part.is_marked or part.needs_review or bool(part.problem)
        found.append(part)
    return sorted(found, key=lambda part: not part.is_news)


def _rows_carried_over(submission: Submission, *, clearance: Clearance) -> dict[str, list[Row]]:
    """By step, what another system said of rates and qualifications: no one has reviewed it."""
    if submission.vendor.carried_over_at is None:
        return {}
    origin = Submission.objects.filter(vendor=submission.vendor, kind=Submission.Kind.CARRIED_OVER).first()
    shown = sections(origin.answers, clearance=clearance) if origin else []
    return {section.step: [row for row in section.rows if row.is_claim] for section in shown}


def _with_files_that_are_kept(submission: Submission, *, clearance: Clearance) -> list[Compared]:
    """Links only to what is still there: a file that was replaced goes when nothing rests on it any more."""
    before, changed = submission.compared_answers, submission.changed
    compared = compare(before, submission.answers, changed=changed, clearance=clearance)
    named = document_ids(compared)
    there = {str(pk) for pk in Document.objects.filter(pk__in=named).values_list("pk", flat=True)}
    return [without_links(section, gone=named - there) for section in compared]


def to_look_at(parts: Iterable[Part]) -> list[str]:
    """The steps that are news and that nobody has judged."""
    return [part.step for part in parts if part.needs_review]


def warnings(submission: Submission) -> list[str]:
    """What may be a theft. Loud, because it is rare."""
    return [*_disputed_account(submission), *_changed_address(submission)]


def _disputed_account(submission: Submission) -> list[str]:
    if PAYMENT not in submission.changed:
        return []
    try:
        payment_disputes.check_undisputed(submission.vendor, payment.name_of(submission))
    except payment_disputes.Disputed as disputed:
        return [str(disputed)]
    return []


def _changed_address(submission: Submission) -> list[str]:
    lately = email_change.lately_changed(submission.vendor)
    if not lately:
        return []
    days = (timezone.now() - lately[0].created_at).days
    warning = ngettext(
        "The primary email was changed %(days)s day ago.", "The primary email was changed %(days)s days ago.", days
    ) % {"days": days}
    if days == 0:
        warning = _("The primary email was changed today.")
    if PAYMENT in submission.changed:
        warning += " " + _(
            "The submission now gives a different account for payments. Before you approve it, call the vendor on a "
            "number you already had."
        )
    return [warning]


def declined_before(submission: Submission) -> Submission | None:
    """The change that VM declined last, for whoever reads the next: some of it may have come again."""
    is_open = submission.is_waiting and submission.is_change
    return changes.declined_last(submission.vendor, before=submission) if is_open else None


def worth_a_look(submission: Submission, *, clearance: Clearance) -> list[str]:
    return remarks(submission.answers, clearance=clearance) if submission.is_waiting else []

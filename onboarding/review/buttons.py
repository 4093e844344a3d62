"""The buttons on the page of a submission: whose decision each of them is, and what it says before it acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.typed.fields import Prose
from onboarding.change import decide as changes
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from vendors.lifecycle import WrongState
from vendors.payment import disputes as payment_disputes


class ReasonForm(forms.Form):
    reason = Prose(
        label=gettext_lazy("Reason"),
        max_length=1000,
        help_text=gettext_lazy("The vendor sees this, so explain your decision."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Please give a reason.")},
    )


class NoteForm(forms.Form):
    note = Prose(
        label=gettext_lazy("General comment"),
        max_length=1000,
        help_text=gettext_lazy("The vendor sees this together with your reasons. You can leave it empty."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@dataclass(frozen=True)
class Button:
    label: str | Promise
    decide: Callable[..., None]
    consequences: list[str | Promise]
    confirmation: str | Promise
    form: type[forms.Form] | None = None
    is_dangerous: bool = False


def _approve(decide: Callable[..., None], *consequences: str | Promise) -> Button:
    return Button(gettext_lazy("Approve"), decide, [*consequences], gettext_lazy("%s has been approved."))


def _request_changes(decide: Callable[..., None], *consequences: str | Promise) -> Button:
    mail = gettext_lazy("The vendor gets an email with the sections and your reasons, and sees them on signing in.")
    confirmation = gettext_lazy("%s has been asked for changes.")
    return Button(gettext_lazy("Ask for changes"), decide, [mail, *consequences], confirmation, NoteForm)


def _decline(decide: Callable[..., None], *consequences: str | Promise) -> Button:
    confirmation = gettext_lazy("%s has been declined.")
    return Button(gettext_lazy("Decline"), decide, [*consequences], confirmation, ReasonForm, is_dangerous=True)


BUTTONS = {
    Submission.Kind.ONBOARDING: {
        "approve": _approve(
            review.approve,
            gettext_lazy("The answers become the vendor's profile as they are."),
            gettext_lazy("The vendor gets an email and sees the profile on signing in."),
        ),
        "request-changes": _request_changes(
            review.request_changes,
            gettext_lazy(
                "All answers are kept. Sections that you have not marked count as accepted, and the vendor is not "
                "asked about them again."
            ),
        ),
        "decline": _decline(
            review.decline,
            gettext_lazy("The vendor gets an email with your reason, and can no longer sign in."),
            gettext_lazy("You can reopen the vendor later. Nothing is deleted."),
        ),
    },
    Submission.Kind.CHANGE: {
        "approve": _approve(
            changes.approve,
            gettext_lazy("The changes become part of the vendor's profile straight away."),
            gettext_lazy("The vendor gets an email that lists the sections that changed."),
        ),
        "request-changes": _request_changes(
            changes.request_changes,
            gettext_lazy("The vendor stays approved, and the profile stays as it is."),
        ),
        "decline": _decline(
            changes.decline,
            gettext_lazy("The vendor gets an email with your reason."),
            gettext_lazy("The vendor stays approved, and the profile stays as it is."),
        ),
    },
}
REFUSALS = (
    submissions.NotWaiting,
    section_reviews.NothingMarked,
    section_reviews.SectionsMarked,
    section_reviews.ReviewedMeanwhile,
    payment_disputes.Disputed,
    WrongState,
)


def of(submission: Submission) -> dict[str, Button]:
    """By the name that a button has in its URL."""
    return BUTTONS[Submission.Kind(submission.kind)]


def possible(submission: Submission, *, is_marked: bool) -> dict[str, Button]:
    """With a mark there is something to ask for; without one there is nothing against approving."""
    if not submission.is_waiting:
        return {}
    ruled_out = "approve" if is_marked else "request-changes"
    return {name: button for name, button in of(submission).items() if name != ruled_out}

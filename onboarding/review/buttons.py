"""What VM can decide about a submission: the buttons of its page, and what each of them says before it acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from onboarding.models import Submission
from onboarding.review import decide as review
from vendors.lifecycle import WrongState


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        help_text=gettext_lazy("The vendor reads this, so say what you want to see."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Please give a reason.")},
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Something about the whole"),
        max_length=1000,
        help_text=gettext_lazy("The vendor reads this together with your reasons. It may stay empty."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@dataclass(frozen=True)
class Decision:
    label: str | Promise
    consequences: list[str | Promise]
    of_a_change: list[str | Promise]
    run: Callable[..., None]
    done: str | Promise
    form: type[forms.Form] | None = None
    is_dangerous: bool = False


DECISIONS = {
    "approve": Decision(
        gettext_lazy("Approve"),
        [
            gettext_lazy("The answers become the vendor's profile as they stand."),
            gettext_lazy("The vendor gets a mail and sees the profile on signing in."),
        ],
        [
            gettext_lazy("The changes become part of the vendor's profile at once."),
            gettext_lazy("The vendor gets a mail that says which pages changed."),
        ],
        review.approve,
        gettext_lazy("%s is approved."),
    ),
    "request-changes": Decision(
        gettext_lazy("Ask for changes"),
        [
            gettext_lazy("The vendor gets a mail with the sections and your reasons, and finds them on signing in."),
            gettext_lazy("All answers are kept. What you have not marked counts as accepted and is not asked again."),
        ],
        [
            gettext_lazy("The vendor gets a mail with the sections and your reasons, and finds them on signing in."),
            gettext_lazy("The vendor stays approved, and the profile stays as it is."),
        ],
        review.request_changes,
        gettext_lazy("%s was asked for changes."),
        form=NoteForm,
    ),
    "decline": Decision(
        gettext_lazy("Decline"),
        [
            gettext_lazy("The vendor gets a mail with your reason and cannot sign in any more."),
            gettext_lazy("You can reopen the vendor later; nothing is deleted."),
        ],
        [
            gettext_lazy("The vendor gets a mail with your reason."),
            gettext_lazy("The vendor stays approved, and the profile stays as it is."),
        ],
        review.decline,
        gettext_lazy("%s is declined."),
        form=ReasonForm,
        is_dangerous=True,
    ),
}
REFUSALS = (
    review.NotWaiting,
    review.NothingMarked,
    review.SectionsMarked,
    review.VerdictsChanged,
    WrongState,
)


def possible(submission: Submission, *, is_marked: bool) -> dict[str, Decision]:
    """With a mark there is something to ask for; without one there is nothing against approving."""
    if not submission.is_waiting:
        return {}
    ruled_out = "approve" if is_marked else "request-changes"
    return {name: decision for name, decision in DECISIONS.items() if name != ruled_out}

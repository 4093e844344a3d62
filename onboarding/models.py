"""Answers on their way to an approved profile."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models import new_reference
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models import VendorState

Rows = TypeVar("Rows", bound=models.QuerySet[Any])


def of_vendors_in(states: Iterable[str], rows: Rows, *, state: str) -> Rows:
    """Those rows about unfinished drafts whose vendor is in one of these states. `state` leads to it.

    PostgreSQL takes the state of a vendor and the date on a draft for independent, expects hardly any rows and reads
    all of them. Of an expression that is none of many values it expects most, and takes them in order until it has
    enough.
    """
    others = [other for other in VendorState.values if other not in set(states)]
    return rows.annotate(_of_state=Concat(state, Value(""))).filter(~Q(_of_state__in=others))


# How often a step of one draft can be saved before its numbers meet those of another.
REVISIONS_AT_MOST = 1_000_000


class DraftQuerySet(models.QuerySet["Draft"]):
    def unfinished(self) -> DraftQuerySet:
        """It is the vendor's turn."""
        return self.filter(left_at__isnull=False, vendor__state__in=Draft.EDITABLE_IN)

    def stopped(self, *, now: dt.datetime, states: Iterable[VendorState] | None = None) -> DraftQuerySet:
        """Nobody has gone on with it for some days."""
        stopped = self.filter(left_at__lte=now - Draft.STOPPED_AFTER)
        return of_vendors_in(states or Draft.EDITABLE_IN, stopped, state="vendor__state")


class Draft(models.Model):
    """The wizard's answers before submission: one row per vendor, one entry per step, encrypted.

    An entry holds what was typed, valid or not, as the browser sent it, so that nothing typed is ever lost.
    """

    EDITABLE_IN = (VendorState.ONBOARDING, VendorState.CHANGES_REQUESTED)
    STOPPED_AFTER = dt.timedelta(days=3)

    vendor = models.OneToOneField("vendors.Vendor", on_delete=models.CASCADE, related_name="draft")
    answers = EncryptedJSONField(default=dict)
    completed = models.JSONField(default=list, help_text=_("Names of the steps whose answers are valid."))
    problems = models.JSONField(
        default=list, help_text=_("Names of the steps with a wrong answer, rather than only a missing one.")
    )
    current_step = models.CharField(max_length=32, blank=True, help_text=_("Where the vendor stopped."))
    revisions = models.JSONField(
        default=dict, help_text=_("How many times each step has been saved; each page carries its own count.")
    )
    failing = models.JSONField(default=dict, help_text=_("How many times in a row each field of a step was refused."))
    notes = EncryptedJSONField(
        default=dict, help_text=_("For each step, what its page says about its last save: files refused, a case.")
    )
    saved_since = models.JSONField(
        default=list, help_text=_("Names of the steps saved since the answers were sent or decided on.")
    )
    based_on = models.ForeignKey(
        "onboarding.Submission",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The approved answers that a change is based on. Empty during onboarding."),
    )
    touched = models.JSONField(
        default=list, help_text=_("Names of the steps saved since the draft was opened over approved answers.")
    )
    submission_token = models.UUIDField(
        default=uuid.uuid4, help_text=_("One submission per token, however often it is sent. Renewed when reopened.")
    )
    left_at = models.DateTimeField(
        null=True,
        blank=True,
        default=timezone.now,
        help_text=_("When it became the vendor's turn. Empty while it is not."),
    )
    reminders_sent = models.PositiveSmallIntegerField(
        default=0, help_text=_("Sent automatically since the vendor stopped.")
    )
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the vendor was last reminded since they stopped.")
    )
    stuck_reported_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When VM was told that the reminders had no effect.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [
            # Drafts are kept for a while after they were sent; who has stopped is looked for among the others.
            models.Index(fields=["left_at"], condition=Q(left_at__isnull=False), name="draft_unfinished"),
            models.Index(fields=["current_step", "left_at"], condition=Q(left_at__isnull=False), name="draft_by_step"),
        ]

    def __str__(self) -> str:
        return f"draft of vendor {self.vendor_id}"

    @property
    def first_revision(self) -> int:
        """Where the count of each step begins. A draft is purged and made again while pages of the old one are still
        open somewhere, so no number of the new one may be one of the old one's."""
        return (self.pk or 0) * REVISIONS_AT_MOST

    def overtake(self, step: str) -> None:
        """Pages of the step that are open somewhere are out of date."""
        self.revisions[step] = self.revisions.get(step, self.first_revision) + 1


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def awaiting_review(self) -> SubmissionQuerySet:
        """Of the onboarding. What a suspended or ended vendor wanted to change waits for nobody."""
        return self.filter(state=Submission.State.WAITING, kind=Submission.Kind.ONBOARDING)

    def changes_awaiting_review(self) -> SubmissionQuerySet:
        # Joined, so that the oldest come by the index: asked row by row, PostgreSQL thinks that there are hardly any.
        waiting = self.filter(state=Submission.State.WAITING, kind=Submission.Kind.CHANGE)
        return waiting.filter(vendor__state=VendorState.APPROVED)


class Submission(models.Model):
    """The answers as the vendor sent them; VM approves them, asks for changes or declines.

    A change after approval is one too: the answers in force with some of them changed.
    """

    class Kind(models.TextChoices):
        ONBOARDING = "onboarding", _("onboarding")
        CHANGE = "change", _("profile change")
        CARRIED_OVER = "carried_over", _("carried over")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        APPROVED = "approved", _("approved")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        DECLINED = "declined", _("declined")
        REPLACED = "replaced", _("replaced by a newer version")
        WITHDRAWN = "withdrawn", _("withdrawn by the vendor")

    # What may be done, from which state, and where it leads. Only a change is replaced. A withdrawn application that
    # waited is reopened, one that VM had sent back is resumed; a withdrawn change is over.
    MOVES: dict[str, dict[State, State]] = {
        "approve": {State.WAITING: State.APPROVED},
        "request_changes": {State.WAITING: State.CHANGES_REQUESTED},
        "decline": {State.WAITING: State.DECLINED},
        "reopen": {State.DECLINED: State.WAITING, State.WITHDRAWN: State.WAITING},
        "replace": {State.WAITING: State.REPLACED},
        "withdraw": {State.WAITING: State.WITHDRAWN, State.CHANGES_REQUESTED: State.WITHDRAWN},
        "resume": {State.WITHDRAWN: State.CHANGES_REQUESTED},
    }

    vendor = models.ForeignKey("vendors.Vendor", on_delete=models.CASCADE, related_name="submissions")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ONBOARDING)
    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    token = models.UUIDField(unique=True)
    answers = EncryptedJSONField()
    compared_with = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("What VM compares it with: the previous version or, for a change, the answers in force."),
    )
    in_force = EncryptedJSONField(
        null=True,
        help_text=_(
            "For a change: the answers in force when it was sent, without the account. VM compares it with these."
        ),
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The version that it replaces."),
    )
    changed = models.JSONField(default=list, help_text=_("Names of the steps whose answers are different from before."))
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    submitted_at = models.DateTimeField(auto_now_add=True, verbose_name=_("sent"))
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True, help_text=_("What the vendor is told about the decision as a whole."))
    found_by = CopiedWordsField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(state="waiting"), name="one_waiting_submission_per_vendor"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "approved", "changes_requested", "declined", "replaced", "withdrawn"]
                ),
                name="submission_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["onboarding", "change", "carried_over"]), name="submission_kind_known"
            ),
            # VM has never had it to review.
            models.CheckConstraint(
                condition=~Q(kind="carried_over") | Q(state="approved"), name="carried_over_is_approved"
            ),
            models.CheckConstraint(
                condition=Q(kind="change") | ~Q(state="replaced"),
                name="only_a_change_is_replaced",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="submission_by_state"),
            models.Index(fields=["-submitted_at", "-id"], name="submission_newest"),
            models.Index(fields=["state", "kind", "-submitted_at", "-id"], name="submission_by_state_and_kind"),
            models.Index(fields=["kind", "-submitted_at", "-id"], name="submission_by_kind"),
            index_of_words(name="submission_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} of {self.vendor}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_change(self) -> bool:
        return self.kind == self.Kind.CHANGE

    @property
    def compared_answers(self) -> dict[str, Any]:
        """What VM compares it with; nothing for the first version of the onboarding."""
        if self.in_force is not None:
            return self.in_force
        return self.compared_with.answers if self.compared_with else {}

    @property
    def document_ids(self) -> list[str]:
        """Of the files that were sent with it."""
        return _document_ids(self.answers)

    @property
    def compared_document_ids(self) -> list[str]:
        return _document_ids(self.compared_answers)

    def decides_on(self, step: str) -> bool:
        """Does approving it put this step's answers in force? A change leaves those that were not changed alone."""
        return not self.is_change or step in self.changed


def _document_ids(answers: Mapping[str, Any]) -> list[str]:
    """A person's files are with the qualifications, an agency's with the certificates."""
    steps = (answers.get(step, {}) for step in ("qualifications", "certificates"))
    return [document["id"] for answer in steps for document in answer.get("documents", {}).values()]


class SectionReview(models.Model):
    """What VM thinks of one section of a submission, kept as it is ticked; and what the vendor says to it."""

    class Verdict(models.TextChoices):
        OPEN = "open", _("not checked yet")
        ACCEPTED = "accepted", _("accepted")
        CHANGE = "change", _("please change")

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="section_reviews")
    step = models.CharField(max_length=32)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    reason = models.TextField(blank=True, help_text=_("What the vendor is asked to change."))
    reply = EncryptedJSONField(null=True, help_text=_("Why the vendor has left it as it is."))
    version = models.PositiveIntegerField(default=1, help_text=_("A page sends back the version it showed."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "step"], name="section_reviewed_once"),
            models.CheckConstraint(condition=Q(verdict__in=["open", "accepted", "change"]), name="verdict_known"),
            models.CheckConstraint(condition=~Q(verdict="change", reason=""), name="asked_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.get_verdict_display()}"

    @property
    def is_marked(self) -> bool:
        return self.verdict == self.Verdict.CHANGE


class Report(models.Model):
    """A table of numbers as it was last worked out: at night, so that looking at it costs next to nothing."""

    name = models.CharField(max_length=32, unique=True)
    rows = models.JSONField(default=list, help_text=_("Codes and numbers; the page puts them into words."))
    is_capped = models.BooleanField(default=False)
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return f"{self.name} {self.computed_at:%Y-%m-%d %H:%M}"

from __future__ import annotations

import secrets

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from identity.models.lookups import by_beginning, by_domain
from identity.models.user import User

REFERENCE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


def new_reference() -> str:
    """Short, without vowels (no words) and without look-alikes: people read it out on the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


class FailureQuerySet(models.QuerySet["Failure"]):
    def open(self) -> FailureQuerySet:
        return self.filter(state=Failure.State.OPEN)


class Failure(models.Model):
    """A case for VM: who, at which stage, why, how often, what to do."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RESOLVED = "resolved", _("resolved")

    class Stage(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        SIGN_IN = "sign_in", _("sign-in")
        ONBOARDING = "onboarding", _("onboarding")
        EMAIL_CHANGE = "email_change", _("email change")
        MAIL = "mail", _("email")
        RUNNING = "running", _("running Passport")  # nobody is in it: the machine, its settings, what runs at night

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    subject = models.CharField(
        max_length=300,
        help_text=_("user:<id>, oid:<guid>, address:<typed address>, unknown:<day> or passport; never null."),
    )
    stage = models.CharField(max_length=16, choices=Stage.choices)
    reason = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures")
    address = models.EmailField(blank=True, help_text=_("The vendor's address, as invited or typed in a form."))
    is_typed = models.BooleanField(
        default=False, help_text=_("Someone typed the address in a form. Nothing proves whose it is.")
    )
    claimed_address = models.CharField(
        max_length=254,
        blank=True,
        help_text=_("What Microsoft reported. Shown, but never matched."),
        verbose_name=_("address according to Microsoft"),
    )
    count = models.PositiveIntegerField(default=1, verbose_name=_("times"))
    mailed_count = models.PositiveIntegerField(default=0, help_text=_("How many of them VM has been told about."))
    detail = models.JSONField(default=dict, blank=True, help_text=_("Codes and IDs for Microsoft support; no answers."))
    first_seen_at = models.DateTimeField(verbose_name=_("first seen"))
    last_seen_at = models.DateTimeField(verbose_name=_("last seen"))
    opened_at = models.DateTimeField(default=timezone.now, help_text=_("When it was last opened."))
    worked_again_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When someone got through after a common cause was last seen.")
    )
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_claimed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a process started emailing VM about it.")
    )
    mailed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("VM notified"))
    first_message_id = models.CharField(
        max_length=400, blank=True, help_text=_("The ID of the first email about it, which later ones refer to.")
    )
    # Without Django's own index: PostgreSQL would read all that no one owns with it, though those below are in order.
    assigned_to = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        db_index=False,
    )
    notes = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True, verbose_name=_("resolved"))
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_how = models.CharField(max_length=200, blank=True, verbose_name=_("what was done"))
    found_by = CopiedWordsField()

    objects = FailureQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-last_seen_at"]
        permissions = [("resolve_failure", _("Can resolve a case"))]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "stage", "reason"], condition=Q(state="open"), name="one_open_failure_per_cause"
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="failure_has_a_subject"),
        ]
        triggers = [protected_rows.fixed(pgtrigger.AnyChange("reason", "subject", "first_seen_at"))]
        indexes = [
            models.Index(fields=["subject", "stage"], name="failure_by_subject"),
            models.Index(fields=["state", "-last_seen_at"], name="failure_by_state"),
            # Who has one is asked of many people at once, by filters and for the numbers in the list of vendors.
            models.Index(fields=["user"], condition=Q(state="open"), name="failure_open_by_user"),
            models.Index(fields=["first_seen_at"], condition=Q(state="open"), name="failure_open_oldest"),
            models.Index(
                fields=["reason", "first_seen_at"], condition=Q(state="open"), name="failure_open_oldest_by_reason"
            ),
            models.Index(fields=["-last_seen_at", "-id"], name="failure_newest"),
            models.Index(fields=["stage", "-last_seen_at", "-id"], name="failure_by_stage"),
            models.Index(fields=["assigned_to", "-last_seen_at", "-id"], name="failure_by_assignee"),
            by_beginning("address", name="failure_by_address"),
            by_domain("address", name="failure_by_domain"),
            by_beginning("claimed_address", name="failure_by_claimed_address"),
            index_of_words(name="failure_by_words"),
            models.Index(fields=["reason", "state", "-last_seen_at", "-id"], name="failure_by_reason"),
            # Of two filters at once.
            models.Index(fields=["stage", "state", "-last_seen_at", "-id"], name="failure_by_stage_and_state"),
            models.Index(
                fields=["stage", "-last_seen_at", "-id"],
                condition=Q(assigned_to__isnull=True),
                name="failure_nobodys_by_stage",
            ),
            models.Index(
                fields=["state", "-last_seen_at", "-id"],
                condition=Q(assigned_to__isnull=True),
                name="failure_nobodys_by_state",
            ),
            models.Index(
                fields=["stage", "state", "-last_seen_at", "-id"],
                condition=Q(assigned_to__isnull=True),
                name="failure_nobodys_by_both",
            ),
            models.Index(
                fields=["reason", "state", "-last_seen_at", "-id"],
                condition=Q(assigned_to__isnull=True),
                name="failure_nobodys_by_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.address or self.claimed_address} {self.reason}"


class FailurePersonQuerySet(models.QuerySet["FailurePerson"]):
    def out(self) -> FailurePersonQuerySet:
        """Those who have not got further, as far as Passport knows."""
        return self.filter(resolved_at=None)

    def untold(self) -> FailurePersonQuerySet:
        return self.filter(reported_at=None)


class FailurePerson(models.Model):
    """Someone in a case, from the moment it hit them until they got further. VM is told of each of them once.

    One row, too, for all those in a case about whom nothing at all is known.
    """

    UNKNOWN = "unknown"

    failure = models.ForeignKey(Failure, on_delete=models.CASCADE, related_name="people")
    reference = models.CharField(
        max_length=9,
        unique=True,
        default=new_reference,
        editable=False,
        help_text=_("Shown to someone who gave an address that Passport does not know."),
    )
    who = models.CharField(max_length=300, help_text=_("As the subject of a case, or unknown."))
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.EmailField(blank=True)
    is_typed = models.BooleanField(default=False)
    claimed_address = models.CharField(max_length=254, blank=True)
    topic = models.CharField(
        max_length=254,
        blank=True,
        help_text=_(
            "What makes another failure for the same person worth reporting: another question, another account."
        ),
    )
    detail = models.JSONField(default=dict, blank=True)
    count = models.PositiveIntegerField(default=1)
    told_count = models.PositiveIntegerField(default=0, help_text=_("How many of them VM has been told about."))
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    waits_for_digest = models.BooleanField(
        default=False, help_text=_("Too little is known to tell VM before the digest.")
    )
    mail_counted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the email about them was counted towards the hourly limit.")
    )
    reported_at = models.DateTimeField(null=True, blank=True, help_text=_("When VM was told about them."))
    resolved_at = models.DateTimeField(null=True, blank=True)
    got_further = models.BooleanField(
        default=False, help_text=_("They succeeded on their own; no one closed the case.")
    )

    objects = FailurePersonQuerySet.as_manager()

    class Meta:
        ordering = ["first_seen_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "failure",
                "who",
                Lower("address"),
                "topic",
                condition=Q(resolved_at=None),
                name="one_row_for_each_person_who_is_out",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(resolved_at=None), name="failure_person_out"),
            models.Index(fields=["failure"], condition=Q(reported_at=None), name="failure_person_untold"),
            models.Index(
                fields=["mail_counted_at"], condition=Q(mail_counted_at__isnull=False), name="failure_person_counted"
            ),
            by_beginning("address", name="failure_person_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address or self.claimed_address or self.who} in {self.failure_id}"

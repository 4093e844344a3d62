from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from identity.models.account import EntraAccount
from identity.models.failure import Failure
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from identity.models.lookups import by_beginning, by_domain
from identity.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(state__in=Invitation.OPEN)

    def waiting_too_long(self, *, now: dt.datetime) -> InvitationQuerySet:
        """Of `stuck`, those that no open case is about: whatever else went wrong is among the cases."""
        about = Failure.objects.open().filter(stage=Failure.Stage.INVITATION, user=OuterRef("user"))
        late = self.filter(state=Invitation.State.QUEUED, queued_at__lt=now - dt.timedelta(minutes=15))
        return late.filter(~Exists(about))

    def stuck(self, *, now: dt.datetime) -> InvitationQuerySet:
        """Queued for a quarter of an hour or longer, or refused and still a case."""
        # Seen since it was queued; without the comparison PostgreSQL would first collect all open cases there are.
        cases = Failure.objects.open().filter(
            stage=Failure.Stage.INVITATION, user=OuterRef("user"), last_seen_at__gte=OuterRef("queued_at")
        )
        return self.filter(
            Q(state=Invitation.State.QUEUED, queued_at__lt=now - dt.timedelta(minutes=15))
            | Q(Exists(cases), state=Invitation.State.REFUSED)
        )


class Invitation(models.Model):
    """One request to the tenant to invite one address for one user."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Why(models.TextChoices):
        ADDED = "added", _("vendor added")
        RESENT = "resent", _("sent again")
        EMAIL_CHANGE = "email_change", _("email change")
        UNDO = "undo", _("email change undone")
        REPAIR = "repair", _("sign-in repaired")

    OPEN = (State.QUEUED, State.SENT)
    STUCK_IN = (State.QUEUED, State.REFUSED)  # See InvitationQuerySet.stuck.
    # What may happen, and where it leads from which state.
    MOVES: dict[str, dict[State, State]] = {
        "send": {State.QUEUED: State.SENT},
        "refuse": {State.QUEUED: State.REFUSED},
        "accept": {State.SENT: State.ACCEPTED},
        "supersede": {State.QUEUED: State.SUPERSEDED, State.SENT: State.SUPERSEDED},
        "withdraw": {State.QUEUED: State.WITHDRAWN, State.SENT: State.WITHDRAWN},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    account = models.ForeignKey(
        EntraAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    address = models.EmailField()
    language = models.CharField(max_length=16, default="en")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    why = models.CharField(max_length=16, choices=Why.choices, default=Why.ADDED)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, verbose_name=_("next attempt"))
    asked_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When Graph was asked after a look-up had found no one. Cleared once Graph has responded."),
    )
    reason = models.CharField(
        max_length=64, blank=True, help_text=_("Code of the reason it was refused or last failed.")
    )
    last_error = models.CharField(max_length=300, blank=True)
    graph_id = models.CharField(max_length=64, blank=True, help_text=_("Microsoft's ID for the invitation."))
    request_id = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("Microsoft's ID for the request."),
        verbose_name=_("Microsoft's request ID"),
    )
    queued_at = models.DateTimeField(auto_now_add=True, verbose_name=_("queued"))
    sent_at = models.DateTimeField(null=True, blank=True, verbose_name=_("sent"))
    closed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("closed"))
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    found_by = CopiedWordsField()

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["queued", "sent"]), name="one_open_invitation_per_user"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "accepted", "refused", "superseded", "withdrawn"]),
                name="invitation_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "sent_at"], name="invitation_by_state"),
            models.Index(fields=["-queued_at", "-id"], name="invitation_newest"),
            models.Index(fields=["state", "-queued_at", "-id"], name="invitation_newest_by_state"),
            by_beginning("address", name="invitation_by_address"),
            by_domain("address", name="invitation_by_domain"),
            index_of_words(name="invitation_by_words"),
            models.Index(fields=["graph_id"], condition=~Q(graph_id=""), name="invitation_by_graph_id"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="invitation_by_request_id"),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

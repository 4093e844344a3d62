"""An account to pay to that waits for a second person. The one before it stays in force meanwhile."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models import protected_rows
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models.vendor import Vendor

# Columns that are never changed, and those that are not changed once it has been decided.
_FIXED = ("vendor_id", "about", "named_at", "approved_at", "approved_by_id")
_DECIDED = (
    *("state", "called_person", "called_number", "called_at", "called_by_id"),
    *("decided_at", "decided_by_id", "reason"),
)
_WHO: dict[str, Any] = {"on_delete": models.SET_NULL, "null": True, "blank": True, "related_name": "+"}


def _any_changes(columns: tuple[str, ...]) -> str:
    return " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)


class PaymentRelease(models.Model):
    """From the approval of a change that names another account, or from when an approved vendor gives the first one.

    `about` names the account as in PaymentDispute. `after` is whole while the release is pending, and then no more
    than may be shown: what is in force is kept once, in PaymentDetails.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for release")
        RELEASED = "released", _("released")
        REFUSED = "refused", _("refused")
        SUPERSEDED = "superseded", _("superseded by a newer one")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="payment_releases")
    about = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.PENDING)
    before = EncryptedJSONField(
        default=dict, help_text=_("The account in force at that time, in part. Empty if there was none.")
    )
    after = EncryptedJSONField()
    named_at = models.DateTimeField(help_text=_("When the vendor gave us the account."))
    approved_at = models.DateTimeField(_("approved"), help_text=_("When it started waiting."))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        help_text=_("Who approved the change. No one, if the vendor gave the first account after approval."),
        **_WHO,
    )
    called_person = models.CharField(max_length=200, blank=True)
    called_number = models.CharField(max_length=60, blank=True, help_text=_("As it was on file."))
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, help_text=_("Who recorded the call."), **_WHO)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, help_text=_("Empty if it was released by the worker, or superseded."), **_WHO
    )
    reason = models.CharField(max_length=1000, blank=True, help_text=_("Why it was refused. The vendor sees this."))
    found_by = CopiedWordsField()

    class Meta:
        verbose_name = _("release of payment details")
        verbose_name_plural = _("releases of payment details")
        ordering = ["-approved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(state="pending"), name="one_pending_payment_release_per_vendor"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None, decided_by=None)
                | Q(state__in=["released", "refused", "superseded"], decided_at__isnull=False),
                name="payment_release_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | Q(approved_by=None)
                | Q(decided_by=None)
                | ~Q(decided_by=F("approved_by")),
                name="payment_released_by_a_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["approved_at"], condition=Q(state="pending"), name="payment_release_pending"),
            models.Index(fields=["-approved_at", "-id"], name="payment_release_newest"),
            models.Index(fields=["state", "-approved_at", "-id"], name="payment_release_by_state"),
            index_of_words(name="payment_release_by_words"),
        ]
        # Who approved and who released is evidence. What is encrypted may still be brought under another key.
        triggers = [
            protected_rows.fixed(
                pgtrigger.Condition(
                    f"{_any_changes(_FIXED)} OR (OLD.\"state\" <> 'pending' AND ({_any_changes(_DECIDED)}))"
                )
            )
        ]

    def __str__(self) -> str:
        return f"{self.vendor}, {self.approved_at:%Y-%m-%d}"

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_first(self) -> bool:
        """There was no account before it."""
        return not self.before

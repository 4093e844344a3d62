"""What VM does with many vendors at once, vendor by vendor."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from vendors.models.vendor import Vendor


class BulkRun(models.Model):
    """One action for many vendors: looked at first, carried out row by row when VM says so."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("waiting for your decision")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")

    action = models.SlugField(max_length=40, db_index=False, help_text=_("Its name in vendors/bulk/actions.py."))
    parameters = EncryptedJSONField(default=dict, help_text=_("What is the same for all, such as a text."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PREPARED)
    revision = models.PositiveIntegerField(default=0, help_text=_("Counts the changes made before the start."))
    examined_at = models.DateTimeField(help_text=_("When Passport last checked which vendors it is possible for."))
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("bulk action")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["prepared", "running", "done"]), name="bulk_state_known"),
        ]
        indexes = [models.Index(fields=["-created_at"], name="bulk_run_newest")]

    def __str__(self) -> str:
        return f"{self.action} ({self.get_state_display()})"


class BulkRow(models.Model):
    """What becomes of one vendor in it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", _("not possible")
        FAILED = "failed", _("failed")

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="lines")
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="bulk_rows")
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it was not possible, or failed."))
    seen = models.CharField(
        max_length=100, blank=True, help_text=_("What the preview showed that the action would replace.")
    )
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("row of a bulk action")
        constraints = [
            models.UniqueConstraint(fields=["run", "vendor"], name="bulk_vendor_once_per_run"),
            models.CheckConstraint(
                condition=Q(outcome__in=["waiting", "done", "refused", "failed"]), name="bulk_outcome_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="bulk_row_by_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.vendor_id} {self.outcome}"

""" "Is this still right?", asked once a year or by VM, and training and practice since."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vendors.models.history import with_history
from vendors.models.vendor import Vendor, VendorState


class ProfileCheckQuerySet(models.QuerySet["ProfileCheck"]):
    def open(self) -> ProfileCheckQuerySet:
        """Of vendors who can answer: a suspended one is not asked again until reinstated."""
        return self.filter(answered_at=None, vendor__state=VendorState.APPROVED)

    def overdue(self, *, now: dt.datetime) -> ProfileCheckQuerySet:
        return self.open().filter(due_at__lte=now)


class ProfileCheck(models.Model):
    """That a vendor was asked whether the profile is still right, and what came of it."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("everything is still right")
        CHANGED = "changed", _("sent changes")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="profile_checks")
    asked_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who asked for the check. Empty for the yearly one."),
    )
    due_at = models.DateTimeField(help_text=_("If it has not been answered by then, VM has to follow it up."))
    pages = models.JSONField(
        default=list, help_text=_("Of a profile that was carried over: the pages that were confirmed or changed.")
    )
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=16, choices=Answer.choices, blank=True)

    objects = ProfileCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(answered_at=None), name="one_open_profile_check_per_vendor"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["", "confirmed", "changed"]), name="profile_check_answer_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="profile_check_answered_with_an_answer",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(answered_at=None), name="profile_check_open")]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d}, {self.answer or 'open'}"


@with_history
class TrainingRecord(models.Model):
    """Continuing professional development, which ISO 17100 asks to be recorded: what, when and for how long."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="training_records")
    what = models.CharField(max_length=200)
    month = models.CharField(
        max_length=7, help_text=_("For example, 2027-03. If it lasted longer than a month, the month it ended.")
    )
    hours = models.DecimalField(max_digits=6, decimal_places=1)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-month", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(hours__gt=0), name="training_has_hours")]

    def __str__(self) -> str:
        return f"{self.month}, {self.hours} h"

"""When a vendor is away, or has less time than usual. What is usual is in the profile."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vendors.models import feed_triggers
from vendors.models.history import with_history
from vendors.models.vendor import Vendor


class AwayPeriodQuerySet(models.QuerySet["AwayPeriod"]):
    def not_over(self, *, today: dt.date) -> AwayPeriodQuerySet:
        return self.filter(ends_on__gte=today)

    def current(self, *, today: dt.date) -> AwayPeriodQuerySet:
        return self.not_over(today=today).filter(starts_on__lte=today)


@with_history
class AwayPeriod(models.Model):
    """From the first to the last day. On a day that is in two of them, away counts before partly available."""

    class Kind(models.TextChoices):
        AWAY = "away", _("away")
        PARTLY = "partly", _("partly available")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="away_periods")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.AWAY)
    starts_on = models.DateField(help_text=_("The first day."))
    ends_on = models.DateField(help_text=_("The last day."))
    weekly_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Hours a week, if partly available.")
    )
    note = models.CharField(max_length=200, blank=True, help_text=_("For project managers."))
    added_at = models.DateTimeField(auto_now_add=True)

    objects = AwayPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "ends_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="away_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(kind__in=["away", "partly"]), name="away_kind_known"),
            models.CheckConstraint(condition=Q(kind="partly") | Q(weekly_hours=None), name="away_has_no_hours"),
        ]
        indexes = [models.Index(fields=["ends_on", "starts_on"], name="away_by_end")]
        triggers = feed_triggers.of_its_rows("kind", "starts_on", "ends_on", "weekly_hours")

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on} – {self.ends_on}"

    @property
    def is_partly(self) -> bool:
        return self.kind == self.Kind.PARTLY

"""Colleagues of Vendor Management: when they are away and who covers, what they want to see, what they handed over."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def not_over(self, *, today: dt.date) -> AbsenceQuerySet:
        return self.filter(ends_on__gte=today)

    def current(self, *, today: dt.date) -> AbsenceQuerySet:
        return self.not_over(today=today).filter(starts_on__lte=today)


class Absence(models.Model):
    """A colleague is away from the first to the last day, and someone else covers for them."""

    colleague = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_on = models.DateField(help_text=_("The first day."))
    ends_on = models.DateField(help_text=_("The last day."))
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who looks after their vendors. Empty: the shared mailbox."),
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("colleagues")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(cover=F("colleague")), name="absence_covered_by_someone_else"),
        ]
        indexes = [models.Index(fields=["ends_on", "starts_on"], name="absence_by_end")]

    def __str__(self) -> str:
        return f"{self.colleague_id} {self.starts_on} – {self.ends_on}"


class ColleaguePreferences(models.Model):
    """What a colleague wants to see and to be sent. Without a row it is as the defaults say."""

    class FirstPage(models.TextChoices):
        ALL = "all", _("everyone's vendors")
        MINE = "mine", _("my vendors, and those I cover")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    first_page = models.CharField(max_length=8, choices=FirstPage.choices, default=FirstPage.ALL)
    morning_email = models.BooleanField(default=True)
    morning_due_at = models.DateTimeField(null=True, blank=True, help_text=_("When the next morning email is due."))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first_page__in=["all", "mine"]), name="first_page_known"),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class Handover(models.Model):
    """All vendors of one owner became another's, in one action. The history of each vendor has it too."""

    previous = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    vendors = models.PositiveIntegerField()
    cases = models.PositiveIntegerField(help_text=_("Open cases that the previous owner was on."))

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [protected_rows.append_only()]
        indexes = [models.Index(fields=["-at", "-id"], name="handover_newest")]

    def __str__(self) -> str:
        return f"{self.previous_id} → {self.owner_id} {self.at:%Y-%m-%d %H:%M}"

"""A rate that VM proposes and the vendor accepts or declines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vendors.models.vendor import Vendor


class RateProposal(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("waiting for the vendor")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="rate_proposals")
    source = models.CharField(max_length=35, help_text=_("BCP 47"))
    target = models.CharField(max_length=35, help_text=_("BCP 47"))
    service = models.CharField(max_length=32)
    unit = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217"))
    why = models.CharField(max_length=300, blank=True, help_text=_("What the vendor is told."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "source", "target", "service", "unit"],
                condition=Q(state="open"),
                name="one_open_proposal_for_each_rate",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposed_rate_positive"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="proposed_pair_differs"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "withdrawn"]), name="rate_proposal_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}, {self.service} {self.amount} {self.currency} per {self.unit}"

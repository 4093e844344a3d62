"""Somebody says that an account to pay to was not named by them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vendors.models.vendor import Vendor


class PaymentDispute(models.Model):
    """Holds what we pay to the account until it is ended.

    `about` says with what the account came: ADDED, or how onboarding names the change of the profile.
    """

    ADDED = "added"

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Vendor Management has confirmed the account")
        NOT_ADOPTED = "not_adopted", _("the change was not made")
        REPLACED = "replaced", _("another account has been approved since then")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="payment_disputes")
    about = models.CharField(max_length=64)
    address = models.EmailField(help_text=_("The address at which the email about the account was read."))
    raised_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("payment dispute")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "about"], condition=Q(ended_at=None), name="one_open_dispute_of_an_account"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["confirmed", "not_adopted", "replaced"]),
                name="payment_dispute_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor}, {self.raised_at:%Y-%m-%d}"

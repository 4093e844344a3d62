from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.account import EntraAccount


class DeviceQuerySet(models.QuerySet["Device"]):
    def live(self) -> DeviceQuerySet:
        """Not ended, and of an account that may still sign in."""
        return self.filter(ended_at=None, account__revoked_at=None, account__guest=True)


class Device(models.Model):
    """One browser in which "Yes, stay signed in" was answered. Its cookie holds the id, the row only a hash of it."""

    id_hash = models.CharField(max_length=64, unique=True, editable=False)
    account = models.ForeignKey(EntraAccount, on_delete=models.CASCADE, related_name="devices")
    browser = models.CharField(
        max_length=60, blank=True, help_text=_("In plain words, for example Firefox on Windows.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    interactive_at = models.DateTimeField(
        help_text=_(
            "When the person last signed in on a page in this browser. It stays signed in for 90 days from then."
        )
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.account}, {self.created_at:%Y-%m-%d %H:%M}"

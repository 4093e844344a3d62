from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """Whose database this is. The newest row counts; the earlier ones say whose it was."""

    host = models.CharField(max_length=260, help_text=_("The address of Passport, up to and including the host."))
    tenant_id = models.CharField(max_length=64)
    installation_id = models.CharField(max_length=100, blank=True, help_text=_("Not compared when empty."))
    claimed_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    restored_from = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "The time of the backup from which this database was restored. On hold until the database is released."
        ),
    )
    erasures_expected = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("How many erasures the list outside the database had at that time.")
    )
    erasures_replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-claimed_at", "-pk"]

    def __str__(self) -> str:
        name = f"{self.host}, tenant {self.tenant_id}"
        return f"{name}, installation {self.installation_id}" if self.installation_id else name

    def is_same_as(self, other: Installation) -> bool:
        ids = {self.installation_id, other.installation_id} - {""}
        return (self.host, self.tenant_id) == (other.host, other.tenant_id) and len(ids) < 2

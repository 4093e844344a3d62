"""What staff write down about a vendor for each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vendors.models.history import with_history
from vendors.models.vendor import Vendor


@with_history
class Note(models.Model):
    """Edited and struck out by its author only; what it said before is kept in its history."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=2000)
    is_pinned = models.BooleanField(default=False, help_text=_("Shown at the top of the vendor's page."))
    edited_at = models.DateTimeField(null=True, blank=True)
    struck_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its author struck it out. It stays readable.")
    )
    version = models.PositiveIntegerField(
        default=1, help_text=_("Counts each save. A page sends back the version it showed.")
    )

    class Meta:
        verbose_name = _("note")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["vendor", "-at"], name="note_newest"),
            models.Index(fields=["vendor", "-at"], condition=Q(is_pinned=True), name="note_pinned"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} about vendor {self.vendor_id}"

    @property
    def is_struck(self) -> bool:
        return self.struck_at is not None

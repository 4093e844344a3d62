"""Emails in VM's own words about what has become of a vendor."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from vendors.models.vendor import Vendor


class VendorNotice(models.Model):
    """What VM wrote to a vendor when it suspended, closed, ended or reopened them, and whether it has been sent."""

    class About(models.TextChoices):
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")
        ENDED = "ended", _("ended")
        REOPENED = "reopened", _("reopened")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="notices")
    about = models.CharField(max_length=16, choices=About.choices)
    address = models.EmailField(help_text=_("The primary email at that moment."))
    content = EncryptedJSONField(help_text=_("Subject and text."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("email about the vendor's state")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(about__in=["suspended", "closed", "ended", "reopened"]), name="vendor_notice_about_known"
            ),
        ]
        indexes = [models.Index(fields=["vendor", "-created_at"], name="vendor_notice_newest")]

    def __str__(self) -> str:
        return f"{self.get_about_display()} ({self.address})"

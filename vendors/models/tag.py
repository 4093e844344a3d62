"""Words that VM puts on vendors to find them by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vendors.models.vendor import Vendor

LONGEST = 40


class Tag(models.Model):
    """One word for everyone; nothing in it is about one vendor. In small letters, so that each exists once."""

    name = models.CharField(max_length=LONGEST, primary_key=True)

    def __str__(self) -> str:
        return self.name


class VendorTag(models.Model):
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="vendor_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="on_vendors", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tag of a vendor")
        verbose_name_plural = _("tags of vendors")
        ordering = ["tag"]
        constraints = [models.UniqueConstraint(fields=["vendor", "tag"], name="tag_once_per_vendor")]
        indexes = [models.Index(fields=["tag", "vendor"], name="vendor_by_tag")]

    def __str__(self) -> str:
        return self.tag_id

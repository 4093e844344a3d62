"""Test translations that a vendor has done for us."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vendors.models.history import with_history
from vendors.models.vendor import Vendor


@with_history
class TestTranslation(models.Model):
    class Result(models.TextChoices):
        PASSED = "passed", _("passed")
        WITH_REMARKS = "with_remarks", _("passed with remarks")
        FAILED = "failed", _("failed")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="test_translations")
    source = models.CharField(max_length=35, help_text=_("BCP 47"))
    target = models.CharField(max_length=35, help_text=_("BCP 47"))
    subject = models.CharField(max_length=32)
    result = models.CharField(max_length=16, choices=Result.choices)
    assessor = models.CharField(max_length=200, help_text=_("Who assessed it."))
    day = models.DateField(help_text=_("When it was assessed."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="test_pair_differs"),
            models.CheckConstraint(
                condition=Q(result__in=["passed", "with_remarks", "failed"]), name="test_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}, {self.subject}: {self.result}"

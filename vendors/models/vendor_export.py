"""Who took vendors out of Passport in a file."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows


class VendorExport(models.Model):
    """One file. Append-only; it says how many were in it and what about them, not who."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook (XLSX)")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    lines = models.PositiveIntegerField(_("lines"))
    is_capped = models.BooleanField(_("cut short"), help_text=_("More vendors were found than one export can hold."))
    columns = ArrayField(models.CharField(max_length=32), verbose_name=_("columns"))
    format = models.CharField(_("format"), max_length=8, choices=Format.choices)
    query = models.TextField(_("search"), help_text=_("As in the address of “Find vendors”."), blank=True)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("export of vendors")
        verbose_name_plural = _("exports of vendors")
        indexes = [models.Index(fields=["-at", "-id"], name="vendor_export_newest")]
        triggers = [protected_rows.append_only()]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.lines}"

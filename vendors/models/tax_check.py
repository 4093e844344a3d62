"""What Finance found out about a vendor's tax number."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models import protected_rows
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models.vendor import Vendor


class TaxCheck(models.Model):
    """One look-up of one number, typed in by hand. A correction is another check, so rows are only added."""

    class Number(models.TextChoices):
        VAT = "vat_number", _("VAT number")
        TAX = "tax_id", _("tax number")
        REGISTRATION = "registration_number", _("company registration number")

    class Result(models.TextChoices):
        VALID = "valid", _("valid")
        NOT_VALID = "not_valid", _("not valid")
        OTHER_NAME = "other_name", _("valid, but in another name")
        UNCLEAR = "unclear", _("could not be checked")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="tax_checks")
    of = models.CharField(_("number"), max_length=32, choices=Number.choices)
    number = EncryptedJSONField(help_text=_("As it was when it was checked: one that has changed is checked again."))
    result = models.CharField(_("result"), max_length=16, choices=Result.choices)
    checked_on = models.DateField(_("checked"))
    source = models.CharField(_("where"), max_length=200, help_text=_("For example, VIES and its consultation number"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    found_by = CopiedWordsField()

    class Meta:
        verbose_name = _("tax check")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(of__in=["vat_number", "tax_id", "registration_number"])
                & Q(result__in=["valid", "not_valid", "other_name", "unclear"]),
                name="tax_check_known",
            )
        ]
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="tax_check_newest"),
            models.Index(fields=["result", "-recorded_at", "-id"], name="tax_check_by_result"),
            index_of_words(name="tax_check_by_words"),
        ]
        # What is encrypted may still be brought under another key, and the vendor's words may change.
        triggers = [protected_rows.fixed(pgtrigger.AnyChange(exclude=["number", "found_by"]))]

    def __str__(self) -> str:
        return f"{self.get_of_display()}, {self.checked_on:%Y-%m-%d}"

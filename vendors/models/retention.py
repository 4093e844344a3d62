"""How long a vendor is kept: what is about to go, what is held back, and what the law keeps of whoever is erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.answers.fingerprints import FingerprintsField
from vendors.models.vendor import Vendor


class Section(models.TextChoices):
    """What may outlive the rest of a vendor, each for a time of its own."""

    TAX = "tax", _("tax data")
    PAYMENT = "payment", _("payment details")
    EVIDENCE = "evidence", _("ISO 17100 evidence")
    AGREEMENTS = "agreements", _("agreements")


class RetentionEntry(models.Model):
    """One line of the list of what is about to go. Nothing goes that has not been on it for 30 days."""

    class What(models.TextChoices):
        DECLINED = "declined", _("declined or withdrawn")
        NEVER_SIGNED_IN = "never_signed_in", _("never signed in")
        ENDED = "ended", _("ended")
        LOCKED_TAX = "locked_tax", _("locked tax data")
        LOCKED_PAYMENT = "locked_payment", _("locked payment details")
        LOCKED_EVIDENCE = "locked_evidence", _("locked ISO 17100 evidence")
        LOCKED_AGREEMENTS = "locked_agreements", _("locked agreements")

    OF_VENDORS = (What.DECLINED, What.NEVER_SIGNED_IN, What.ENDED)

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="retention_entries")
    what = models.CharField(_("why"), max_length=20, choices=What.choices)
    counted_from = models.DateField(_("counted from"), help_text=_("The day from which the time is counted."))
    listed_on = models.DateField(_("on the list since"))
    goes_on = models.DateField(_("erased on"), help_text=_("The first night on which it can be erased."))
    found_by = CopiedWordsField()

    class Meta:
        verbose_name = _("vendor about to be erased")
        verbose_name_plural = _("vendors about to be erased")
        ordering = ["goes_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "what"], name="listed_once"),
            models.CheckConstraint(
                condition=Q(
                    what__in=[
                        "declined",
                        "never_signed_in",
                        "ended",
                        "locked_tax",
                        "locked_payment",
                        "locked_evidence",
                        "locked_agreements",
                    ]
                ),
                name="listed_for_a_known_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["goes_on", "id"], name="retention_entry_next"),
            models.Index(fields=["what", "goes_on", "id"], name="retention_entry_by_what"),
            index_of_words(name="retention_entry_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor}, {self.goes_on:%Y-%m-%d}"


class RetentionHoldQuerySet(models.QuerySet["RetentionHold"]):
    def in_force(self, *, today: dt.date) -> RetentionHoldQuerySet:
        return self.filter(Q(until=None) | Q(until__gte=today), lifted_at=None)


class RetentionHold(models.Model):
    """That a vendor must not be erased for now, and why: a dispute, an audit, a question that is still open."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="retention_holds")
    reason = models.CharField(_("reason"), max_length=500)
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day. Empty: until it is lifted."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("since"), auto_now_add=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    found_by = CopiedWordsField()

    objects = RetentionHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("vendor held back from erasure")
        verbose_name_plural = _("vendors held back from erasure")
        permissions = [("hold_vendor", _("Can hold a vendor back from erasure, and lift the hold"))]
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["vendor"], condition=Q(lifted_at=None), name="one_open_hold_per_vendor"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="retention_hold_newest"),
            index_of_words(name="retention_hold_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor}, {self.at:%Y-%m-%d}"

    def is_in_force(self, *, today: dt.date) -> bool:
        return self.lifted_at is None and (self.until is None or self.until >= today)


class LockedRecord(models.Model):
    """What has to be kept of a vendor who has been erased, until when. The rows that it was made from are gone."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="locked_records")
    section = models.CharField(max_length=16, choices=Section.choices)
    content = EncryptedJSONField(help_text=_("Who it is about, and the rows as they were."))
    address_fingerprints = FingerprintsField(source="addresses")
    files = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text=_("Where they are stored.")
    )
    counted_from = models.DateField(help_text=_("When the work with the vendor ended."))
    until = models.DateField(help_text=_("The last day on which it must be kept."))
    locked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("locked data of an erased vendor")
        verbose_name_plural = _("locked data of erased vendors")
        permissions = [("see_locked_data", _("Can see locked data of erased vendors"))]
        ordering = ["until", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "section"], name="locked_once"),
            models.CheckConstraint(
                condition=Q(section__in=["tax", "payment", "evidence", "agreements"]), name="locked_section_known"
            ),
        ]
        indexes = [models.Index(fields=["until"], name="locked_record_by_date")]

    def __str__(self) -> str:
        return f"{self.get_section_display()}, {self.until:%Y-%m-%d}"

    @property
    def addresses(self) -> list[str]:
        who: dict[str, Any] = self.content.get("who", {})
        return [who["primary_email"]] if who.get("primary_email") else []

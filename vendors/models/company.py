"""What only a company with several translators has."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from vendors.models.history import with_history
from vendors.models.vendor import Vendor, VendorState


class Selection(models.TextChoices):
    QUALIFICATIONS = "qualifications", _("we check their degrees and experience")
    TEST = "test", _("they do a test translation")
    REFERENCES = "references", _("we ask for references")
    FIRST_JOBS = "first_jobs", _("we check their first jobs in full")


class Revision(models.TextChoices):
    ALWAYS = "always", _("a second linguist revises every translation")
    ORDERED = "ordered", _("a second linguist revises a translation if the client orders revision")
    SELF = "self", _("only the translator")


class CompanyDetailsQuerySet(models.QuerySet["CompanyDetails"]):
    def to_sample(self) -> CompanyDetailsQuerySet:
        """An approved undertaking whose list of linguists nobody has sampled yet."""
        sampled = LinguistSample.objects.filter(
            vendor=OuterRef("vendor"), fingerprint=OuterRef("linguists_fingerprint")
        )
        with_a_list = self.exclude(linguists_fingerprint="").filter(vendor__state=VendorState.APPROVED)
        return with_a_list.filter(~Exists(sampled))


@with_history
class CompanyDetails(models.Model):
    """What VM approved about a company besides its profile. Made and replaced by profile.adopt() only."""

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="company_details")
    projects_name = models.CharField(max_length=200, blank=True, help_text=_("Who to ask about projects."))
    projects_phone = models.CharField(max_length=32, blank=True, help_text=_("E.164, and the extension"))
    accounts_name = models.CharField(max_length=200, blank=True, help_text=_("Who to ask about invoices."))
    accounts_phone = models.CharField(max_length=32, blank=True, help_text=_("E.164, and the extension"))
    linguists_in_house = models.PositiveIntegerField()
    linguists_freelance = models.PositiveIntegerField()
    in_house_pairs = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text=_("For example, de.pl")
    )
    in_house_services = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    selection = ArrayField(models.CharField(max_length=32, choices=Selection.choices), default=list)
    revision = models.CharField(max_length=16, choices=Revision.choices)
    working_notes = models.CharField(max_length=1000, blank=True)
    undertakes_iso_17100 = models.BooleanField(
        default=False, help_text=_("Undertakes in writing that its linguists meet ISO 17100.")
    )
    linguists = models.JSONField(
        default=list, blank=True, help_text=_("Initials, pairs and ISO 17100 route for each line of the list.")
    )
    linguists_fingerprint = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of the list that the undertaking is based on.")
    )
    linguists_since = models.DateTimeField(null=True, help_text=_("When this list was approved."))
    client_references = models.CharField(max_length=1000, blank=True)

    objects = CompanyDetailsQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["linguists_since"], condition=~Q(linguists_fingerprint=""), name="company_with_a_list"
            ),
        ]
        verbose_name_plural = _("company details")

    def __str__(self) -> str:
        return f"company details of vendor {self.vendor_id}"


class LinguistSample(models.Model):
    """That VM has looked into some linguists of a company's list, and whether it was right.

    It is about one list: of another one, or of the same with a line more, it says nothing.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="linguist_samples")
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of the list."))
    holds = models.BooleanField(help_text=_("Whether the list was right."))
    how = models.CharField(max_length=500, help_text=_("Who was checked, and what was found."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{_('right') if self.holds else _('wrong')}, {self.at:%Y-%m-%d}"

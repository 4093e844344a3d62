"""Uploaded files."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models.history import with_history
from vendors.models.vendor import Vendor

EXPIRES_SOON = dt.timedelta(days=60)


def document_path(document: Document, filename: str) -> str:
    """A name made here: nothing of the person's own file name reaches the disk."""
    return f"documents/{document.pk.hex[:2]}/{document.pk.hex}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def current(self) -> DocumentQuerySet:
        return self.filter(replaced_at=None)

    def in_force(self) -> DocumentQuerySet:
        """Part of the approved profile, also while a newer one waits for its approval."""
        return self.exclude(approved_at=None)

    def known(self) -> DocumentQuerySet:
        """Whatever matters now: in force, or what the vendor has chosen last."""
        return self.filter(Q(replaced_at=None) | Q(approved_at__isnull=False))

    def shown(self, *, of_company: bool) -> DocumentQuerySet:
        """Known, and in force or at least asked of such a vendor: what another kind is asked waits in the draft."""
        is_of_company = Q(slot__in=Document.OF_A_COMPANY)
        theirs = is_of_company if of_company else ~is_of_company
        return self.known().filter(theirs | Q(approved_at__isnull=False))


@with_history
class Document(models.Model):
    """An uploaded file: chosen once, kept until it is replaced or its owner is erased."""

    class Kind(models.TextChoices):
        CV = "cv", _("CV")
        DEGREE = "degree", _("degree certificate")
        CERTIFICATE = "certificate", _("other certificate")

    class Certificate(models.TextChoices):
        MEMBERSHIP = "membership", _("membership of an association")
        EXAMINATION = "examination", _("translators' examination")
        SWORN = "sworn", _("sworn translator's certificate")
        INSURANCE = "insurance", _("professional indemnity insurance")
        ISO = "iso", _("ISO certificate")
        ISO_17100 = "iso_17100", _("ISO 17100 certificate")
        ISO_18587 = "iso_18587", _("ISO 18587 certificate")
        ISO_9001 = "iso_9001", _("ISO 9001 certificate")
        OTHER = "other", _("other certificate")

    class State(models.TextChoices):
        SENT = "sent", _("not checked yet")
        VERIFIED = "verified", _("verified")
        REFUSED = "refused", _("not accepted")

    # What a company is asked for; each in a slot of its own name.
    OF_A_COMPANY = (Certificate.ISO_17100, Certificate.ISO_18587, Certificate.ISO_9001, Certificate.INSURANCE)
    MUST_EXPIRE = frozenset({Certificate.MEMBERSHIP, Certificate.ISO, *OF_A_COMPANY})
    NEVER_EXPIRE = frozenset({Certificate.EXAMINATION})
    # For the slots of degrees, of which the form asks for two.
    DEGREE_SLOTS = ("degree", "other_degree")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    slot = models.CharField(
        max_length=32, help_text=_("Which upload field of the form it is for. Each holds one file at a time.")
    )
    certificate = models.CharField(max_length=16, choices=Certificate.choices, blank=True)
    number = models.CharField(max_length=60, blank=True)
    scope = models.CharField(max_length=300, blank=True, help_text=_("What a company's certificate covers."))
    issued_by = models.CharField(max_length=200, blank=True, help_text=_("The certifying body, or the insurer."))
    expires_on = models.DateField(null=True, blank=True)
    name = models.CharField(max_length=200, help_text=_("The file's name on the vendor's computer."))
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=document_path, max_length=120)
    scanned_at = models.DateTimeField(null=True, blank=True, help_text=_("When the virus scanner last looked at it."))
    virus = models.CharField(max_length=100, blank=True, help_text=_("The virus scanner's name for what it found."))
    uploaded_at = models.DateTimeField(auto_now_add=True, verbose_name=_("uploaded"))
    approved_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.SENT)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    verdict = models.CharField(
        max_length=500, blank=True, help_text=_("How it was verified, or why it is not accepted.")
    )
    reminded_days_before = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("How many days before it expires the vendor was last reminded.")
    )
    found_by = CopiedWordsField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "slot"], condition=Q(replaced_at=None), name="one_current_document_per_slot"
            ),
            models.CheckConstraint(condition=Q(state__in=["sent", "verified", "refused"]), name="document_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["expires_on", "-id"],
                condition=Q(approved_at__isnull=False, expires_on__isnull=False),
                name="document_by_expiry",
            ),
            models.Index(
                fields=["-uploaded_at", "-id"], condition=Q(approved_at__isnull=False), name="document_newest"
            ),
            index_of_words(name="document_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.name}"

    @property
    def title(self) -> str:
        # Before its approval only the slot says what an agency's file is.
        certificate = self.certificate or (self.slot if self.slot in self.OF_A_COMPANY else "")
        return str(self.Certificate(certificate).label) if certificate else self.get_kind_display()

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    def is_expired(self, *, today: dt.date) -> bool:
        return self.expires_on is not None and self.expires_on < today

    def expires_soon(self, *, today: dt.date) -> bool:
        """See also EvidenceQuerySet.expiring."""
        return self.expires_on is not None and self.expires_on <= today + EXPIRES_SOON

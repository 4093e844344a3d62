"""Uploaded files."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from vendors.models.history import with_history
from vendors.models.vendor import Vendor


def document_path(document: Document, filename: str) -> str:
    """A name made here: nothing of the person's own file name reaches the disk."""
    return f"documents/{document.pk.hex[:2]}/{document.pk.hex}"


@with_history
class Document(models.Model):
    """An uploaded file: chosen once, kept until it is replaced or its owner is erased."""

    class Kind(models.TextChoices):
        CV = "cv", _("CV")
        DEGREE = "degree", _("degree certificate")
        CERTIFICATE = "certificate", _("other certificate")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text=_("The file's name on the vendor's computer."))
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=document_path, max_length=120)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

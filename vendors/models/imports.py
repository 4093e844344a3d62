"""Files of vendors to add."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from vendors.models.vendor import Vendor


class VendorImport(models.Model):
    """A file that VM uploaded: examined first, decided on row by row, carried out when VM says so."""

    class State(models.TextChoices):
        EXAMINED = "examined", _("waiting for your decision")
        COMPARING = "comparing", _("being compared with the guests in the tenant")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120, help_text=_("The file's name on the uploader's computer."))
    heading = EncryptedJSONField(default=list, help_text=_("What the file calls its columns."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.EXAMINED)
    rows = models.PositiveIntegerField()
    invites = models.BooleanField(default=True, help_text=_("Whether those who are added are invited."))
    binds = models.BooleanField(
        default=False, help_text=_("Whether those who are added are already guests, so that no one is invited.")
    )
    via = models.CharField(max_length=40, blank=True, help_text=_("The command, if no one uploaded the file."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("For all rows. If empty, as given in the file."),
    )
    language = models.CharField(max_length=16, blank=True, help_text=_("For all rows. If empty, as given in the file."))
    tags = models.TextField(blank=True, help_text=_("For everyone who is added, separated by commas."))
    revision = models.PositiveIntegerField(default=0, help_text=_("Counts the decisions made before the start."))
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of vendors")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["examined", "comparing", "running", "done"]), name="import_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"


class ImportRow(models.Model):
    """One row of such a file: what it says, what would happen, what VM has decided, what became of it."""

    run = models.ForeignKey(VendorImport, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    name = models.TextField(blank=True)
    address = models.TextField(blank=True)
    cells = EncryptedJSONField(null=True, help_text=_("The row as it was uploaded, kept for as long as it is needed."))
    kind = models.CharField(max_length=16, help_text=_("What would happen, or has happened: Kind in csv_rows.py."))
    sentence = models.TextField(blank=True)
    is_taken = models.BooleanField(default=False)
    is_done = models.BooleanField(default=False)
    vendor = models.ForeignKey(
        Vendor,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="import_rows",
        help_text=_("Who has the address, or was added."),
    )

    class Meta:
        verbose_name = _("row of an import")
        constraints = [
            models.UniqueConstraint(fields=["run", "line"], name="import_line_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["refused", "doubtful", "possible", "known", "added"]), name="import_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "kind", "line"], name="import_row_by_kind")]

    def __str__(self) -> str:
        return f"{self.run_id}, line {self.line} ({self.kind})"

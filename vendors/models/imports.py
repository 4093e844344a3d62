"""Files of vendors to add."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vendors.answers.encrypted import EncryptedJSONField


class VendorImport(models.Model):
    """A CSV file that VM uploaded: examined first, carried out row by row when VM says so. Then the file goes."""

    class State(models.TextChoices):
        EXAMINED = "examined", _("waiting for your decision")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120, help_text=_("The file's name on the uploader's computer."))
    content = EncryptedJSONField(null=True, help_text=_("The file's text, until the import is done."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.EXAMINED)
    rows = models.PositiveIntegerField()
    rows_done = models.PositiveIntegerField(default=0)
    line_done = models.PositiveIntegerField(default=0, help_text=_("Where to continue after an interruption."))
    counts = models.JSONField(default=dict, help_text=_("Rows by kind of result."))
    results = models.JSONField(default=dict, help_text=_("The first rows of each kind: line, address, sentence."))
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of vendors")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["examined", "running", "done"]), name="import_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

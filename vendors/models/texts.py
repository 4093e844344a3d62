"""What VM words and sets itself, and what it was before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows


class Text(models.Model):
    """The words of an email, or a setting. Without a row it is the original."""

    key = models.CharField(max_length=100, unique=True)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1, help_text=_("A page sends back the version it showed."))
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        permissions = [("change_texts", _("Can change the wording of emails, VM's settings and agreements"))]

    def __str__(self) -> str:
        return self.key


class TextChange(models.Model):
    """One change of a text. Empty before: it was the original; empty after: it is again."""

    key = models.CharField(max_length=100)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [protected_rows.append_only()]
        indexes = [models.Index(fields=["key", "-at", "-id"], name="text_change_newest")]

    def __str__(self) -> str:
        return f"{self.key} {self.at:%Y-%m-%d %H:%M}"

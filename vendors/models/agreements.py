"""Versions of agreements that VM has written; those that came with Passport are files."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows


class AgreementVersion(models.Model):
    """A draft until it is published; from then on the database refuses to change it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    class Audience(models.TextChoices):
        EVERYONE = "", _("freelancers and agencies")
        FREELANCER = "freelancer", _("freelancers")
        COMPANY = "company", _("agencies")

    document = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    audience = models.CharField(max_length=16, choices=Audience.choices, blank=True)
    text = models.TextField(help_text=_("The first line is the title."))
    changed = models.TextField(help_text=_("What is new, in a few words."))
    grace_days = models.PositiveSmallIntegerField(default=30)
    since = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1, help_text=_("A page sends back the revision it showed."))
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(fields=["document", "version"], name="agreement_version_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="draft"), name="one_draft_per_agreement"),
            models.CheckConstraint(condition=Q(state__in=["draft", "published"]), name="agreement_state_known"),
            models.CheckConstraint(
                condition=Q(audience__in=["", "freelancer", "company"]), name="agreement_audience_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | Q(state="published", published_at__isnull=False, since__isnull=False),
                name="published_agreement_has_a_date",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name=protected_rows.FIXED,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="published"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows
from identity.models.user import User


class UserEvent(models.Model):
    """What was done about the access of somebody of ours; never updated."""

    class Kind(models.TextChoices):
        SESSIONS_ENDED = "sessions_ended", _("sessions ended")
        SWITCHED_OFF = "switched_off", _("switched off")
        SWITCHED_ON = "switched_on", _("switched on again")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=40, blank=True, help_text=_("The command, if no person did it."))
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [protected_rows.append_only()]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When something that must keep running was last seen to run."""

    name = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%Y-%m-%d %H:%M:%S}"

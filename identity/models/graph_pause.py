from __future__ import annotations

from django.db import models


class GraphPause(models.Model):
    """Until when Graph wants no more requests of a kind, from any of our workers."""

    kind = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.ends_at:%Y-%m-%d %H:%M:%S}"

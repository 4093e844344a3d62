from __future__ import annotations

from django.db import models


class DueDate(models.Model):
    """When something that is done once a day is due next, however often the worker looks."""

    name = models.CharField(max_length=32, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M:%S}"

from __future__ import annotations

from django.db import models


class GraphAnswers(models.Model):
    """How often Microsoft gave which answer, counted by all processes together since the database was made."""

    kind = models.CharField(max_length=64, help_text="What was asked for: token, invitations, users, …")
    status = models.CharField(max_length=16, help_text="HTTP status, or timeout or unreachable.")
    count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "status"], name="one_count_of_graph_answers")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}: {self.count}"

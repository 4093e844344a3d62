from __future__ import annotations

from django.db import models


class NetworkCount(models.Model):
    """How often something was done from one network within an hour. The network is a keyed hash."""

    network = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "kind"], name="one_count_per_network_and_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.count}"

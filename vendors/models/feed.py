"""What is told to the project database, in an order in which nothing is missed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vendors.models.feed_triggers import THIS_TRANSACTION
from vendors.models.vendor import Vendor


class CurrentTransaction(models.Func):
    """Its number, which is never used twice by one server."""

    template = THIS_TRANSACTION
    arity = 0
    output_field = models.BigIntegerField()


class FeedLine(models.Model):
    """That something happened to a vendor, without a word of what. Written by the triggers in feed_triggers.py alone.

    `transaction` says in which one. Numbers of rows are drawn before their transactions end, so by those alone a
    reader would step over what is committed late.
    """

    class Kind(models.TextChoices):
        APPROVED = "approved", _("approved")
        CHANGED = "changed", _("changed")
        SUSPENDED = "suspended", _("suspended")
        REINSTATED = "reinstated", _("reinstated")
        ENDED = "ended", _("ended")
        ERASED = "erased", _("erased")

    # Without a constraint: rows that go with their vendor write a line while they go.
    vendor = models.ForeignKey(
        Vendor, on_delete=models.CASCADE, related_name="feed_lines", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    transaction = models.BigIntegerField(db_default=CurrentTransaction())
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        ordering = ["transaction", "pk"]
        indexes = [
            models.Index(fields=["transaction", "id"], name="feed_line_in_order"),
            models.Index(fields=["vendor", "transaction"], name="feed_line_of_vendor"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class FeedEpoch(models.Model):
    """One row: the name of the time since which cursors count, and of the database in which it began."""

    name = models.CharField(max_length=16)
    database = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

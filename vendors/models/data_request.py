"""What people ask about their data, and by when they must have an answer."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models.vendor import Vendor


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def open(self) -> DataRequestQuerySet:
        return self.filter(state=DataRequest.State.OPEN)


class DataRequest(models.Model):
    """A request under GDPR, chapter III: to be answered within a month of its receipt (Art. 12(3))."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("a copy of their data")
        ERASURE = "erasure", _("erasure")
        CORRECTION = "correction", _("correction")
        OBJECTION = "objection", _("objection")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused")

    class Identity(models.TextChoices):
        SIGNED_IN = "signed_in", _("they were signed in")
        FROM_PRIMARY_EMAIL = "primary_email", _("it came from their primary email, and they confirmed it there")
        CALLED = "called", _("we called the number on file")
        OTHER = "other", _("another way")

    # By which the vendor can ask on their own: a press, and nothing happens but that it is written down.
    BY_A_PRESS = (Kind.ACCESS, Kind.ERASURE)

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="data_requests")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    received_on = models.DateField(_("received"))
    identity = models.CharField(_("how we know it is them"), max_length=16, choices=Identity.choices)
    identity_note = models.CharField(_("details"), max_length=300, blank=True)
    due_on = models.DateField(_("due"), help_text=_("The last day for a reply."))
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_why = models.CharField(max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=1000, blank=True, help_text=_("What was done, or why it was refused."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who recorded it: a member of staff, or the vendor."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    found_by = CopiedWordsField()

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("data request")
        ordering = ["due_on", "pk"]
        permissions = [("answer_datarequest", _("Can record, extend, answer and refuse data requests"))]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "kind"], condition=Q(state="open"), name="one_open_data_request_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["access", "erasure", "correction", "objection"])
                & Q(state__in=["open", "answered", "refused"]),
                name="data_request_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | Q(~Q(state="open"), closed_at__isnull=False),
                name="data_request_closed_with_a_date",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("received_on")), name="data_request_due_after_it_came"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="data_request_open"),
            models.Index(fields=["due_on", "id"], name="data_request_by_due_date"),
            models.Index(fields=["state", "due_on", "id"], name="data_request_by_state"),
            index_of_words(name="data_request_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.received_on:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_by_vendor(self) -> bool:
        return self.by_id is not None and self.by_id == self.vendor.user_id

    def is_overdue(self, *, today: dt.date) -> bool:
        return self.is_open and self.due_on < today

"""Two vendors that may be the same person or company."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vendors.models.vendor import Vendor


class PossibleDuplicateQuerySet(models.QuerySet["PossibleDuplicate"]):
    def open(self) -> PossibleDuplicateQuerySet:
        return self.filter(state=PossibleDuplicate.State.OPEN)

    def about(self, vendor: Vendor) -> PossibleDuplicateQuerySet:
        return self.filter(Q(first=vendor) | Q(second=vendor))


class PossibleDuplicate(models.Model):
    """What two vendors have in common, and what VM has decided. A pair has one row, the older vendor first."""

    class Sign(models.TextChoices):
        NAME = "name", _("same name")
        NUMBER = "number", _("same VAT, tax or registration number")
        IBAN = "iban", _("same IBAN")
        PHONE = "phone", _("same phone number")
        ADDRESS = "address", _("the same email address, now or in the past")
        BY_HAND = "by_hand", _("compared by a colleague")

    class State(models.TextChoices):
        OPEN = "open", _("to be decided")
        DIFFERENT = "different", _("different people")
        FIRST_CLOSED = "first_closed", _("the first was closed as a duplicate of the second")
        SECOND_CLOSED = "second_closed", _("the second was closed as a duplicate of the first")

    first = models.ForeignKey(
        Vendor, verbose_name=_("vendor"), on_delete=models.CASCADE, related_name="duplicates_after", db_index=False
    )
    second = models.ForeignKey(
        Vendor, verbose_name=_("other vendor"), on_delete=models.CASCADE, related_name="duplicates_before"
    )
    signs = ArrayField(models.CharField(max_length=16, choices=Sign.choices))
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField(auto_now_add=True, verbose_name=_("found"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PossibleDuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        ordering = ["-found_at"]
        permissions = [("merge_vendors", _("Can decide on duplicates, and close one as a duplicate of another"))]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="possible_duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "different", "first_closed", "second_closed"]),
                name="possible_duplicate_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "found_at"], name="possible_duplicate_by_state"),
            models.Index(fields=["-found_at", "-id"], name="possible_duplicate_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.first} · {self.second}"

    def other(self, vendor: Vendor) -> Vendor:
        return self.second if vendor.pk == self.first_id else self.first

    @property
    def sign_names(self) -> list[str]:
        return [str(self.Sign(sign).label) for sign in self.signs]

    @property
    def closed(self) -> Vendor | None:
        """The one that was closed as a duplicate of the other."""
        which = {self.State.FIRST_CLOSED: self.first, self.State.SECOND_CLOSED: self.second}
        return which.get(self.State(self.state))

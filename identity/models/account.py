from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from identity.models.lookups import by_beginning
from identity.models.user import User


class EntraAccountQuerySet(models.QuerySet["EntraAccount"]):
    def live(self) -> EntraAccountQuerySet:
        return self.filter(revoked_at=None)


class EntraAccount(models.Model):
    """An account object of our tenant that is bound to a user. Bound and not revoked is access: nothing else counts.

    For a guest the row is written when Graph answers POST /invitations (`invitedUser.id` is the `oid`), before anybody
    signs in. Staff members get theirs at the first sign-in.
    """

    class Revoked(models.TextChoices):
        CORRECTED = "corrected", _("the address was a mistake")
        CUT_OFF = "cut_off", _("cut off by an email change")
        REPLACED = "replaced", _("the new address was used")
        UNDONE = "undone", _("the email change was undone")
        WITHDRAWN = "withdrawn", _("the invitation was withdrawn")
        DISOWNED = "disowned", _("the person said it was not their account")
        REPAIRED = "repaired", _("the sign-in was repaired with a new guest")
        ERASED = "erased", _("the vendor was erased")
        CLOSED = "closed", _("the vendor's profile was closed")
        DUPLICATE = "duplicate", _("the vendor was closed as a duplicate")

    tenant_id = models.UUIDField()
    oid = models.UUIDField(_("object ID"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="accounts")
    guest = models.BooleanField()
    created_by_passport = models.BooleanField(
        default=False,
        help_text=_("A look-up before the invitation found no one, so Passport may remove the guest."),
        verbose_name=_("created by Passport"),
    )
    address = models.EmailField(blank=True, help_text=_("The address that was invited."))
    created_at = models.DateTimeField(auto_now_add=True, verbose_name=_("created"))
    first_sign_in_at = models.DateTimeField(null=True, blank=True, verbose_name=_("first sign-in"))
    last_sign_in_at = models.DateTimeField(null=True, blank=True, verbose_name=_("last sign-in"))
    signed_in_as = models.EmailField(
        blank=True,
        help_text=_("The address Microsoft reported at the last sign-in. It may differ from the invited one."),
    )
    confirmed_own_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When the person confirmed that the address they signed in with is their own."),
        verbose_name=_("confirmed as their own"),
    )
    revoked_at = models.DateTimeField(null=True, blank=True, verbose_name=_("revoked"))
    revoked_why = models.CharField(
        max_length=16, choices=Revoked.choices, blank=True, verbose_name=_("why it was revoked")
    )
    guest_removed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("guest removed"))
    found_by = CopiedWordsField()

    objects = EntraAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entra account")
        constraints = [models.UniqueConstraint(fields=["tenant_id", "oid"], name="entra_account_once")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="account_newest"),
            models.Index(fields=["guest", "-created_at", "-id"], name="account_by_kind"),
            by_beginning("address", name="account_by_address"),
            index_of_words(name="account_by_words"),
        ]
        triggers = [protected_rows.fixed(pgtrigger.AnyChange("tenant_id", "oid", "user"))]

    def __str__(self) -> str:
        return f"{self.address or self.user} ({self.oid})"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None

    @property
    def awaits_confirmation(self) -> bool:
        """The first sign-in came from another address than the invited one, and nobody has said yet whose it is."""
        return (
            self.guest
            and self.first_sign_in_at is None
            and self.confirmed_own_at is None
            and bool(self.signed_in_as)
            and self.signed_in_as.lower() != self.address.lower()
        )

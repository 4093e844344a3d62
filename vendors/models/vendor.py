"""The vendor and its addresses."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.models.found_by import Copied, CopiedWordsField
from identity.models.found_by import index as index_of_words
from identity.models.lookups import by_beginning, by_domain
from identity.typed import cleaning
from vendors.answers.search_words_field import SortKeyField, UpdatesWords, WordsField, WritesWords
from vendors.models import feed_triggers
from vendors.models.history import with_history


class VendorQuerySet(UpdatesWords, models.QuerySet["Vendor"]):
    def at_address(self, address: str) -> VendorQuerySet:
        return self.annotate(_address=Lower("primary_email")).filter(_address=cleaning.address(address).lower())


class CopiedFlag(Copied, models.BooleanField):
    pass


WITHOUT_ACCOUNT = Q(state="approved", has_payment_details=False)

# The queues of evidence read one index of one table. By the database, so that no way of changing a state is left out.
STATE_OF_EVIDENCE = pgtrigger.Trigger(
    name="state_of_evidence",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("state"),
    condition=pgtrigger.AnyChange("state"),
    func="UPDATE vendors_evidence SET vendor_state = NEW.state WHERE vendor_id = NEW.id; RETURN NULL;",
)


class ClosedAs(models.TextChoices):
    """Why somebody is declined or ended."""

    NOT_SUITABLE = "not_suitable", _("not suitable")
    WITHDREW = "withdrew", _("withdrew")
    MISTAKE = "mistake", _("added by mistake")
    LEFT = "left", _("left")
    DUPLICATE = "duplicate", _("duplicate")


class VendorState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    INVITED = "invited", _("invited")
    ONBOARDING = "onboarding", _("onboarding")
    SUBMITTED = "submitted", _("submitted")
    CHANGES_REQUESTED = "changes_requested", _("changes requested")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")
    ERASED = "erased", _("erased")


@with_history
class Vendor(WritesWords, models.Model):
    """A freelancer or agency; one profile for ever, whatever addresses it signs in with."""

    State = VendorState

    APPLYING = (
        State.PREPARED,
        State.INVITED,
        State.ONBOARDING,
        State.SUBMITTED,
        State.CHANGES_REQUESTED,
    )
    LIVE = (*APPLYING, State.APPROVED)
    CLOSED = (State.DECLINED, State.ENDED)
    # What may be done, from which state, and where it leads. The guards in lifecycle.py and the buttons of the admin
    # ask this table, through `can`. Reinstating leads back to suspended_from, reopening to closed_from; nothing does
    # from erased. A suspended vendor is declined or ended by where it was suspended from.
    MOVES: dict[str, dict[VendorState, VendorState | None]] = {
        "invite": {State.PREPARED: State.INVITED},
        "bind": {State.PREPARED: State.INVITED},
        "carry_over": {State.PREPARED: State.APPROVED},
        "withdraw_invitation": {State.INVITED: State.PREPARED},
        "start_onboarding": {State.INVITED: State.ONBOARDING},
        "submit": {State.ONBOARDING: State.SUBMITTED, State.CHANGES_REQUESTED: State.SUBMITTED},
        "approve": {State.SUBMITTED: State.APPROVED},
        "request_changes": {State.SUBMITTED: State.CHANGES_REQUESTED},
        "decline": dict.fromkeys((*APPLYING, State.SUSPENDED), State.DECLINED),
        "withdraw": dict.fromkeys((State.ONBOARDING, State.SUBMITTED, State.CHANGES_REQUESTED), State.DECLINED),
        "suspend": dict.fromkeys(LIVE, State.SUSPENDED),
        "reinstate": {State.SUSPENDED: None},
        "end": dict.fromkeys((State.APPROVED, State.SUSPENDED), State.ENDED),
        "reopen": {State.ENDED: None, State.DECLINED: None},
        "erase": dict.fromkeys((*LIVE, State.DECLINED, State.SUSPENDED, State.ENDED), State.ERASED),
    }

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="vendor")
    name = models.CharField(_("name"), max_length=200, help_text=_("A person's or a company's name."))
    # Null, not "": it is unique, and only duplicates have none.
    primary_email = models.EmailField(  # noqa: DJ001
        _("primary email"), null=True, help_text=_("The vendor is invited at this address and signs in with it.")
    )
    language = models.CharField(
        _("language of Microsoft's invitation email"),
        max_length=16,
        choices=settings.VENDOR_LANGUAGES,
        default="en-GB",
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PREPARED)
    suspended_from = models.CharField(max_length=20, choices=State.choices, blank=True, editable=False)
    closed_from = models.CharField(max_length=20, choices=State.choices, blank=True, editable=False)
    closed_as = models.CharField(max_length=16, choices=ClosedAs.choices, blank=True, editable=False)
    state_changed_at = models.DateTimeField(editable=False)
    confirmed_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("When VM approved the profile, or the vendor last confirmed that everything is still right."),
    )
    carried_over_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("When the profile was carried over from another system. VM has not reviewed it."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("VM owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="owned_vendors",
        db_index=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    search_words = WordsField(sources=["name"])
    sort_name = SortKeyField(sources=["name"])
    # Of its profile, so that one index finds both and the list's filters need no other table.
    profile_words = CopiedWordsField()
    has_open_email_change = CopiedFlag(default=False, editable=False)
    has_payment_details = CopiedFlag(default=False, editable=False)

    objects = VendorQuerySet.as_manager()

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        triggers = [STATE_OF_EVIDENCE, feed_triggers.STATE_INTO_FEED, feed_triggers.of_vendor("name", "primary_email")]
        permissions = [
            ("invite_vendor", _("Can invite a vendor and withdraw an invitation")),
            ("change_primary_email", _("Can change a vendor's primary email")),
            ("review_vendor", _("Can approve, decline or ask for changes")),
            ("suspend_vendor", _("Can suspend and reinstate")),
            ("close_vendor", _("Can close, end and reopen")),
            ("end_sessions", _("Can see where a vendor is signed in and end the sessions")),
            ("export_vendors", _("Can export vendors found by a search")),
            ("see_payment_details", _("Can see unmasked payment details")),
            ("see_tax_numbers", _("Can see a freelancer's tax numbers in full")),
            ("check_tax_numbers", _("Can record what a check of a tax number found")),
            ("release_payment", _("Can release or refuse a new account to pay into")),
            ("export_payment", _("Can export payment details and mark them as entered")),
            ("write_to_vendors", _("Can write to many vendors at once")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("primary_email"), name="primary_email_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "prepared",
                        "invited",
                        "onboarding",
                        "submitted",
                        "changes_requested",
                        "approved",
                        "declined",
                        "suspended",
                        "ended",
                        "erased",
                    ]
                ),
                name="vendor_state_known",
            ),
            models.CheckConstraint(
                condition=Q(closed_as__in=["", "not_suitable", "withdrew", "mistake", "left", "duplicate"]),
                name="vendor_closed_as_known",
            ),
            models.CheckConstraint(
                condition=Q(primary_email__isnull=False) | Q(closed_as="duplicate"), name="only_duplicates_lack_address"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="vendor_newest"),
            # With the keys that other tables know vendors by, and the commonest filters: what else is asked of those in
            # a state, or of those who have a case, needs no row to be read.
            models.Index(
                fields=["state", "state_changed_at"], include=["id", "user"], name="vendor_by_state_with_keys"
            ),
            models.Index(
                fields=["user"],
                include=["id", "state", "owner", "state_changed_at"],
                name="vendor_by_user_with_filters",
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="vendor_by_owner"),
            models.Index(fields=["owner", "state", "state_changed_at"], name="vendor_by_owner_and_state"),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(has_open_email_change=True), name="vendor_changing_email"
            ),
            models.Index(
                fields=["state", "state_changed_at"],
                condition=Q(has_open_email_change=True),
                name="vendor_changing_email_by_state",
            ),
            models.Index(fields=["confirmed_at"], condition=Q(state="approved"), name="vendor_by_confirmation"),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(carried_over_at__isnull=False), name="vendor_carried_over"
            ),
            models.Index(
                fields=["state", "state_changed_at"],
                condition=Q(carried_over_at__isnull=False),
                name="vendor_carried_over_by_state",
            ),
            models.Index(
                fields=["state_changed_at"],
                include=["id", "user"],
                condition=WITHOUT_ACCOUNT,
                name="vendor_without_account",
            ),
            index_of_words("search_words", name="vendor_no_account_by_words", condition=WITHOUT_ACCOUNT),
            index_of_words("profile_words", name="vendor_no_account_by_profile", condition=WITHOUT_ACCOUNT),
            models.Index(
                fields=["closed_as", "-created_at", "-id"], condition=~Q(closed_as=""), name="vendor_by_how_closed"
            ),
            models.Index(
                fields=["closed_as", "state", "state_changed_at"],
                condition=~Q(closed_as=""),
                name="vendor_by_how_closed_and_state",
            ),
            models.Index(fields=["sort_name", "id"], name="vendor_by_name"),
            # These serve the search.
            by_beginning("primary_email", name="vendor_by_address_prefix"),
            by_domain("primary_email", name="vendor_by_domain"),
            index_of_words("search_words", name="vendor_by_words"),
            index_of_words("profile_words", name="vendor_by_profile_words"),
        ]

    def __str__(self) -> str:
        if self.state == VendorState.ERASED and not self.name:
            return gettext("erased vendor %(number)s") % {"number": self.pk}
        return self.name or self.primary_email or gettext("vendor %(number)s") % {"number": self.pk}

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = cleaning.name(self.name)
        super().save(*args, **kwargs)

    def can(self, move: str) -> bool:
        if self.state == VendorState.SUSPENDED and move in ("decline", "end"):
            return self.suspended_from in self.MOVES[move]
        if move == "reopen" and self.closed_as == ClosedAs.DUPLICATE:
            return False
        return self.state in self.MOVES[move]

    @property
    def address(self) -> str:
        """The primary email; empty for a duplicate, which has none any more."""
        return self.primary_email or ""

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_carried_over(self) -> bool:
        """Is the approved profile as another system had it, without a word from the vendor so far?"""
        is_approved = self.state == VendorState.APPROVED
        return is_approved and self.carried_over_at is not None and self.confirmed_at is None

    @property
    def has_withdrawn(self) -> bool:
        return self.state == VendorState.DECLINED and self.closed_as == ClosedAs.WITHDREW


class EmailChange(models.Model):
    """One change of the primary email, and with the others the history of a vendor's addresses."""

    class Mode(models.TextChoices):
        CORRECTION = "correction", _("correction")
        PLANNED = "planned", _("planned")
        CUT_OFF = "cut_off", _("cut off")
        REPAIR = "repair", _("repair sign-in")
        DUPLICATE = "duplicate", _("closed as a duplicate")

    class HowKnown(models.TextChoices):
        SIGNED_IN = "signed_in", _("request made while signed in")
        CALLED = "called", _("call to the number on file")
        KNOWN_CONTACT = "known_contact", _("a contact we know")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for the first sign-in with the new address")
        CONFIRMED = "confirmed", _("confirmed")
        UNDONE = "undone", _("undone")
        SUPERSEDED = "superseded", _("superseded")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="email_changes")
    old = models.EmailField()
    new = models.EmailField()
    mode = models.CharField(max_length=16, choices=Mode.choices)
    reason = models.CharField(max_length=300)
    how_known = models.CharField(max_length=16, choices=HowKnown.choices, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    old_account = models.ForeignKey(
        "identity.EntraAccount", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    invitation = models.ForeignKey(
        "identity.Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    old_told_at = models.DateTimeField(null=True, blank=True, help_text=_("When the old address was told about it."))
    disputed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When someone at the old address said “This was not me”.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("email change")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(state="open"), name="one_open_email_change_per_vendor"
            ),
            models.UniqueConstraint(Lower("new"), condition=Q(state="open"), name="new_address_once_while_open"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "confirmed", "undone", "superseded"]), name="email_change_state_known"
            ),
        ]
        indexes = [
            by_beginning("old", name="email_change_by_old"),
            by_beginning("new", name="email_change_by_new"),
            models.Index(fields=["created_at"], condition=Q(state="open"), name="email_change_open"),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new} ({self.get_state_display()})"


class EmailChangeRequest(models.Model):
    """The vendor's own wish for another address, made right after signing in once more. VM approves or declines it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for Vendor Management")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="email_change_requests")
    new = models.EmailField(_("new address"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    account = models.ForeignKey(
        "identity.EntraAccount", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    proven_at = models.DateTimeField(help_text=_("When they signed in again, with the account above."))
    asked_at = models.DateTimeField(auto_now_add=True, verbose_name=_("requested"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=1000, blank=True, help_text=_("What the vendor is told when it is declined."))
    change = models.OneToOneField(EmailChange, on_delete=models.SET_NULL, null=True, blank=True, related_name="request")
    found_by = CopiedWordsField()

    class Meta:
        verbose_name = _("email change request")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(state="waiting"), name="one_waiting_email_request_per_vendor"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "declined", "withdrawn"]),
                name="email_request_state_known",
            ),
        ]
        indexes = [
            by_beginning("new", name="email_request_by_new"),
            index_of_words(name="email_request_by_words"),
            models.Index(fields=["-asked_at", "-id"], name="email_request_newest"),
            models.Index(fields=["state", "-asked_at", "-id"], name="email_request_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} → {self.new} ({self.get_state_display()})"

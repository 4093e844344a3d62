"""Whom do we work with: the vendor, its history and its approved profile."""

from __future__ import annotations

import re
import uuid
from typing import TypeVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from vendors.encrypted_fields import EncryptedJSONField

Model = TypeVar("Model", bound=models.Model)


def with_history(model: type[Model]) -> type[Model]:
    """Record every change of a row by database triggers, which bulk updates and SQL cannot slip past."""
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    tracked = pghistory.ObjForeignKey(related_name="history")
    return pghistory.track(*events, model_name=f"{model.__name__}History", obj_field=tracked)(model)


FOUND_AT_MOST = 200  # of each kind; more rows than these make PostgreSQL read the whole table


class VendorQuerySet(models.QuerySet["Vendor"]):
    def at_address(self, address: str) -> VendorQuerySet:
        return self.annotate(_address=Lower("primary_email")).filter(_address=address.strip().lower())

    def search(self, text: str) -> VendorQuerySet:
        """Vendors with a word of the name, or an address they have or ever had, that begins like this.

        Each part is answered by an index of its own; an OR over them would read the whole table.
        """
        beginning = text.strip().lower()
        parts = [
            Vendor.objects.annotate(_address=Lower("primary_email"))
            .filter(_address__startswith=beginning)
            .values("pk")[:FOUND_AT_MOST],
            *(
                EmailChange.objects.annotate(_address=Lower(field))
                .filter(_address__startswith=beginning)
                .order_by()
                .values("vendor")[:FOUND_AT_MOST]
                for field in ("old", "new")
            ),
        ]
        words = re.findall(r"[^\W_]+", beginning)
        if words:
            query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
            named = Vendor.objects.annotate(_words=SearchVector("name", config="simple")).filter(_words=query)
            parts.append(named.values("pk")[:FOUND_AT_MOST])
        first, *others = parts
        return self.filter(pk__in=first.union(*others))


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
class Vendor(models.Model):
    """A freelancer or agency; one profile for ever, whatever addresses it signs in with."""

    State = VendorState

    LIVE = (
        State.PREPARED,
        State.INVITED,
        State.ONBOARDING,
        State.SUBMITTED,
        State.CHANGES_REQUESTED,
        State.APPROVED,
    )
    # What may be done, from which state, and where it leads. The guards in lifecycle.py and the buttons of the admin
    # ask this table. Reinstating leads back to suspended_from. Erasing (any state → erased) is no move of VM's.
    MOVES: dict[str, dict[VendorState, VendorState | None]] = {
        "invite": {State.PREPARED: State.INVITED},
        "withdraw_invitation": {State.INVITED: State.PREPARED},
        "start_onboarding": {State.INVITED: State.ONBOARDING},
        "submit": {State.ONBOARDING: State.SUBMITTED, State.CHANGES_REQUESTED: State.SUBMITTED},
        "approve": {State.SUBMITTED: State.APPROVED},
        "request_changes": {State.SUBMITTED: State.CHANGES_REQUESTED},
        "decline": {State.SUBMITTED: State.DECLINED},
        "suspend": dict.fromkeys(LIVE, State.SUSPENDED),
        "reinstate": {State.SUSPENDED: None},
        "end": {State.APPROVED: State.ENDED},
        "reopen": {State.ENDED: State.APPROVED, State.DECLINED: State.SUBMITTED},
    }

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="vendor")
    name = models.CharField(_("name"), max_length=200, help_text=_("A person's or a company's name."))
    primary_email = models.EmailField(
        _("primary email"), help_text=_("The vendor is invited at this address and signs in with it.")
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        choices=settings.VENDOR_LANGUAGES,
        default="en-GB",
        help_text=_("Of Microsoft's invitation."),
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PREPARED)
    suspended_from = models.CharField(max_length=20, choices=State.choices, blank=True, editable=False)
    state_changed_at = models.DateTimeField(editable=False)
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

    objects = VendorQuerySet.as_manager()

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        permissions = [
            ("invite_vendor", _("Can invite a vendor and withdraw an invitation")),
            ("change_primary_email", _("Can change a vendor's primary email")),
            ("review_vendor", _("Can approve, decline or ask for changes")),
            ("suspend_vendor", _("Can suspend, end and reopen")),
            ("see_payment_details", _("Can see unmasked payment details")),
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
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="vendor_newest"),
            models.Index(fields=["state", "state_changed_at"], name="vendor_by_state"),
            models.Index(fields=["owner", "-created_at", "-id"], name="vendor_by_owner"),
            models.Index(fields=["owner", "state", "state_changed_at"], name="vendor_by_owner_and_state"),
            # These two serve the search: the beginning of the address, the beginning of any word of the name.
            models.Index(OpClass(Lower("primary_email"), name="text_pattern_ops"), name="vendor_by_address_prefix"),
            GinIndex(SearchVector("name", config="simple"), name="vendor_by_words_of_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.primary_email

    def can(self, move: str) -> bool:
        return self.state in self.MOVES[move]

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class EmailChange(models.Model):
    """One change of the primary email, and with the others the history of a vendor's addresses."""

    class Mode(models.TextChoices):
        CORRECTION = "correction", _("correction")
        PLANNED = "planned", _("planned")
        CUT_OFF = "cut_off", _("cut off")
        REPAIR = "repair", _("repair sign-in")

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
    disputed_at = models.DateTimeField(null=True, blank=True, help_text=_("Somebody at the old address said: not me."))
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
            models.Index(OpClass(Lower("old"), name="text_pattern_ops"), name="email_change_by_old"),
            models.Index(OpClass(Lower("new"), name="text_pattern_ops"), name="email_change_by_new"),
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
    proven_at = models.DateTimeField(help_text=_("When they signed in once more, with the account above."))
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=1000, blank=True, help_text=_("What the vendor reads when it is declined."))
    change = models.OneToOneField(EmailChange, on_delete=models.SET_NULL, null=True, blank=True, related_name="request")

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

    def __str__(self) -> str:
        return f"{self.vendor} → {self.new} ({self.get_state_display()})"


class VendorEvent(models.Model):
    """What happened to a vendor. References and codes, no personal values; never updated."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        INVITED = "invited", _("invitation queued")
        INVITED_AGAIN = "invited_again", _("invitation queued again")
        INVITATION_SENT = "invitation_sent", _("invitation sent by Microsoft")
        INVITATION_REFUSED = "invitation_refused", _("invitation refused")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("invitation withdrawn")
        INVITATION_ACCEPTED = "invitation_accepted", _("invitation accepted")
        SIGNED_IN_FIRST = "signed_in_first", _("signed in for the first time")
        STEP_SAVED = "step_saved", _("step saved for the first time")
        SUBMITTED = "submitted", _("submitted")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        SUSPENDED = "suspended", _("suspended")
        REINSTATED = "reinstated", _("reinstated")
        ENDED = "ended", _("ended")
        REOPENED = "reopened", _("reopened")
        EMAIL_CHANGE_STARTED = "email_change_started", _("primary email changed")
        EMAIL_CHANGE_CONFIRMED = "email_change_confirmed", _("new address used for the first time")
        EMAIL_CHANGE_UNDONE = "email_change_undone", _("email change undone")
        EMAIL_CHANGE_CUT_OFF = "email_change_cut_off", _("old address cut off")
        EMAIL_CHANGE_REQUESTED = "email_change_requested", _("email change requested by the vendor")
        EMAIL_CHANGE_DECLINED = "email_change_declined", _("request for another email address declined")
        EMAIL_CHANGE_WITHDRAWN = "email_change_withdrawn", _("request for another email address withdrawn")
        EMAIL_CHANGE_DISPUTED = "email_change_disputed", _("old address says: this was not me")
        SIGN_IN_REPAIRED = "sign_in_repaired", _("sign-in repaired")
        SIGN_IN_NOT_REPAIRED = "sign_in_not_repaired", _("sign-in could not be repaired")
        PAYMENT_ADDED = "payment_added", _("payment details given after approval")
        PAYMENT_REVEALED = "payment_revealed", _("payment details looked at")
        DOCUMENT_OPENED = "document_opened", _("document opened by staff")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=40, blank=True, help_text=_("The command or task, when no person did it."))
    reason = models.CharField(max_length=1000, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["vendor", "-at"], name="vendor_event_newest"),
            models.Index(fields=["kind", "at"], name="vendor_event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class VendorImport(models.Model):
    """A CSV file that VM uploaded: examined first, carried out row by row when VM says so. Then the file goes."""

    class State(models.TextChoices):
        EXAMINED = "examined", _("waiting for your decision")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120, help_text=_("The file's name on the computer of whoever uploaded it."))
    content = EncryptedJSONField(null=True, help_text=_("The file's text, until the import is done."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.EXAMINED)
    rows = models.PositiveIntegerField()
    rows_done = models.PositiveIntegerField(default=0)
    line_done = models.PositiveIntegerField(default=0, help_text=_("Where to go on after a kill."))
    counts = models.JSONField(default=dict, help_text=_("Rows by kind of result."))
    results = models.JSONField(default=dict, help_text=_("The first rows of each kind: line, address, sentence."))
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of vendors")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["examined", "running", "done"]), name="import_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"


class VendorKind(models.TextChoices):
    FREELANCER = "freelancer", _("a freelancer")
    COMPANY = "company", _("a company")
    THROUGH_COMPANY = "freelancer_via_company", _("a freelancer working through a company")


@with_history
class Profile(models.Model):
    """What VM approved about who the vendor is. Made and replaced by profile.adopt() only."""

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="profile")
    kind = models.CharField(max_length=32, choices=VendorKind.choices)
    full_name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=100, blank=True)
    company_legal_name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=16, help_text=_("E.164"))
    contact_email = models.EmailField(blank=True, help_text=_("Never used to recognise anybody."))
    address_lines = models.CharField(max_length=300)
    locality = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2, help_text=_("ISO 3166-1"))
    time_zone = models.CharField(max_length=64, help_text=_("IANA name"))
    native_languages = ArrayField(models.CharField(max_length=35), default=list, help_text=_("BCP 47"))
    specialisms = ArrayField(models.CharField(max_length=32), default=list)
    cat_tools = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    minimum_fee = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217"))
    adopted_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.full_name


@with_history
class LanguagePair(models.Model):
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="language_pairs")
    source = models.CharField(max_length=35, help_text=_("BCP 47"))
    target = models.CharField(max_length=35, help_text=_("BCP 47"))
    services = ArrayField(models.CharField(max_length=32), default=list)

    class Meta:
        ordering = ["source", "target"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "source", "target"], name="language_pair_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="language_pair_differs"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


@with_history
class Rate(models.Model):
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="rates")
    pair = models.ForeignKey(LanguagePair, on_delete=models.CASCADE, related_name="rates")
    service = models.CharField(max_length=32)
    unit = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "service", "unit"], name="rate_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.amount} {self.currency} per {self.unit}"


@with_history
class Qualification(models.Model):
    """ISO 17100 3.1.4: by which route the translator's competence is shown."""

    class Route(models.TextChoices):
        TRANSLATION_DEGREE = "translation_degree", _("degree in translation, linguistics or languages")
        OTHER_DEGREE = "other_degree", _("another degree and two years of full-time experience")
        EXPERIENCE = "experience", _("five years of full-time experience")
        NONE = "none", _("none of the three routes yet")

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="qualification")
    route = models.CharField(max_length=32, choices=Route.choices)
    degree_title = models.CharField(max_length=200, blank=True)
    institution = models.CharField(max_length=200, blank=True)
    institution_country = models.CharField(max_length=2, blank=True)
    graduated_in = models.PositiveSmallIntegerField(null=True, blank=True)
    experience_months = models.PositiveSmallIntegerField(default=0, help_text=_("Full-time equivalent"))
    notes = models.CharField(max_length=1000, blank=True)

    def __str__(self) -> str:
        return self.get_route_display()


def document_path(document: Document, filename: str) -> str:
    """A name made here: nothing of the person's own file name reaches the disk."""
    return f"documents/{document.pk.hex[:2]}/{document.pk.hex}"


@with_history
class Document(models.Model):
    """An uploaded file: chosen once, kept until it is replaced or its owner is erased."""

    class Kind(models.TextChoices):
        CV = "cv", _("CV")
        DEGREE = "degree", _("degree certificate")
        CERTIFICATE = "certificate", _("other certificate")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text=_("The file's name on the vendor's computer."))
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=document_path, max_length=120)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class PaymentDetails(models.Model):
    """How we pay the vendor: encrypted at rest, masked on screen, every look at the whole recorded.

    Not under pghistory: a history row would keep what erasing must remove.
    """

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="payment_details")
    method = models.CharField(max_length=16)
    masked = models.CharField(max_length=60)
    details = EncryptedJSONField()
    adopted_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = _("payment details")

    def __str__(self) -> str:
        return self.masked


class Acceptance(models.Model):
    """That this version of this document was accepted, by which account at which address, and when. Append-only."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="acceptances")
    document = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    language = models.CharField(max_length=16, default="en")
    sha256 = models.CharField(max_length=64, help_text=_("Of the text shown."))
    accepted_at = models.DateTimeField()
    oid = models.UUIDField(null=True, blank=True, help_text=_("The Entra account at that moment."))
    address = models.EmailField(help_text=_("The primary email at that moment."))

    class Meta:
        ordering = ["-accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "document", "version"], name="acceptance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"

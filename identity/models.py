"""Who is this person, and which accounts of the tenant may sign in as them."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str = "", is_staff: bool = False, is_emergency: bool = False) -> User:
        user = self.model(email=email, is_staff=is_staff, is_emergency=is_emergency)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


def new_username() -> str:
    return uuid.uuid4().hex


class User(AbstractBaseUser, PermissionsMixin):
    """A person, vendor or staff. Nothing about them decides who they are: their Entra accounts do."""

    username = models.CharField(max_length=32, unique=True, default=new_username, editable=False)
    email = models.EmailField(
        _("address Microsoft last reported"), blank=True, help_text=_("For display only; nobody is matched by it.")
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    roles = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text=_("App roles of the last sign-in; staff only."),
    )
    is_emergency = models.BooleanField(default=False, help_text=_("A break-glass user made by emergency_link."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["email"], condition=Q(is_staff=True), name="staff_by_email")]

    def __str__(self) -> str:
        return self.email or f"person {self.pk}"

    def get_session_auth_hash(self) -> str:
        """Django ties a session to the password. There is none; sessions end by deleting their rows."""
        return self.username

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from ()


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
        DISOWNED = "disowned", _("the person said it is not their account")
        REPAIRED = "repaired", _("the sign-in was repaired with a new guest")
        ERASED = "erased", _("the vendor was erased")

    tenant_id = models.UUIDField()
    oid = models.UUIDField(_("object id"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="accounts")
    guest = models.BooleanField()
    created_by_passport = models.BooleanField(
        default=False, help_text=_("A look-up before the invitation found nobody, so Passport may remove the guest.")
    )
    address = models.EmailField(blank=True, help_text=_("The address that was invited."))
    device_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    first_sign_in_at = models.DateTimeField(null=True, blank=True)
    last_sign_in_at = models.DateTimeField(null=True, blank=True)
    signed_in_as = models.EmailField(
        blank=True, help_text=_("The address Microsoft reported at the last sign-in; may differ from the invited one.")
    )
    confirmed_own_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the person confirmed that the differing address is their own.")
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_why = models.CharField(max_length=16, choices=Revoked.choices, blank=True)
    guest_removed_at = models.DateTimeField(null=True, blank=True)

    objects = EntraAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entra account")
        constraints = [models.UniqueConstraint(fields=["tenant_id", "oid"], name="entra_account_once")]

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


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(state__in=Invitation.OPEN)

    def stuck(self, *, now: dt.datetime) -> InvitationQuerySet:
        """Queued for a quarter of an hour or longer, or refused and still a case."""
        cases = Failure.objects.open().filter(stage=Failure.Stage.INVITATION, user__isnull=False).values("user")
        return self.filter(
            Q(state=Invitation.State.QUEUED, queued_at__lt=now - dt.timedelta(minutes=15))
            | Q(state=Invitation.State.REFUSED, user__in=cases)
        )


class Invitation(models.Model):
    """One request to the tenant to invite one address for one user."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Why(models.TextChoices):
        ADDED = "added", _("vendor added")
        RESENT = "resent", _("sent again")
        EMAIL_CHANGE = "email_change", _("email change")
        UNDO = "undo", _("email change undone")
        REPAIR = "repair", _("sign-in repaired")

    OPEN = (State.QUEUED, State.SENT)
    # What may happen, and where it leads from which state.
    MOVES: dict[str, dict[State, State]] = {
        "send": {State.QUEUED: State.SENT},
        "refuse": {State.QUEUED: State.REFUSED},
        "accept": {State.SENT: State.ACCEPTED},
        "supersede": {State.QUEUED: State.SUPERSEDED, State.SENT: State.SUPERSEDED},
        "withdraw": {State.QUEUED: State.WITHDRAWN, State.SENT: State.WITHDRAWN},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    account = models.ForeignKey(
        EntraAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    address = models.EmailField()
    language = models.CharField(max_length=16, default="en")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    why = models.CharField(max_length=16, choices=Why.choices, default=Why.ADDED)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When Graph was asked after a look-up had found nobody, until it says what came of it."),
    )
    reason = models.CharField(
        max_length=64, blank=True, help_text=_("Code of the reason why it was refused or last failed.")
    )
    last_error = models.CharField(max_length=300, blank=True)
    graph_id = models.CharField(max_length=64, blank=True, help_text=_("Microsoft's id of the invitation."))
    request_id = models.CharField(max_length=64, blank=True, help_text=_("Microsoft's id of the request."))
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["queued", "sent"]), name="one_open_invitation_per_user"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "accepted", "refused", "superseded", "withdrawn"]),
                name="invitation_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "sent_at"], name="invitation_by_state"),
            models.Index(fields=["-queued_at", "-id"], name="invitation_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class SignInAttempt(models.Model):
    """One press of "Sign in", from start to success, failure or silence.

    The row holds what the callback needs and is claimed once. The browser proves with a cookie that it is its own.
    """

    class Outcome(models.TextChoices):
        PENDING = "", _("under way")
        SUCCEEDED = "succeeded", _("signed in")
        FAILED = "failed", _("failed")
        NO_SESSION = "no_session", _("silent try, nobody signed in")
        SILENT = "silent", _("never came back")

    state_hash = models.CharField(max_length=64, primary_key=True)
    binding_hash = models.CharField(max_length=64)
    transaction = models.JSONField(default=dict, help_text=_("Nonce and PKCE verifier; emptied when claimed."))
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sign_in_attempts")
    invitation = models.ForeignKey(Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.EmailField(blank=True, help_text=_("Who we think pressed the button, when we know."))
    purpose = models.CharField(
        max_length=32, blank=True, help_text=_("What a fresh sign-in is to prove; empty for coming in.")
    )
    prompt = models.CharField(max_length=16, blank=True)
    next_url = models.CharField(max_length=500, blank=True)
    again = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_index=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True, default="")
    failure = models.ForeignKey("Failure", on_delete=models.SET_NULL, null=True, blank=True, related_name="attempts")

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.address or 'somebody'}, {self.started_at:%Y-%m-%d %H:%M}"


REFERENCE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


def new_reference() -> str:
    """Short, without vowels (no words) and without look-alikes: people read it out on the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


class FailureQuerySet(models.QuerySet["Failure"]):
    def open(self) -> FailureQuerySet:
        return self.filter(state=Failure.State.OPEN)


class Failure(models.Model):
    """A case for VM: who, at which stage, why, how often, what to do."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RESOLVED = "resolved", _("resolved")

    class Stage(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        SIGN_IN = "sign_in", _("sign-in")
        ONBOARDING = "onboarding", _("onboarding")
        EMAIL_CHANGE = "email_change", _("email change")
        MAIL = "mail", _("mail")

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    subject = models.CharField(
        max_length=300, help_text=_("user:<id>, oid:<guid>, address:<typed address> or attempt:<id>; never null.")
    )
    stage = models.CharField(max_length=16, choices=Stage.choices)
    reason = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures")
    address = models.EmailField(blank=True, help_text=_("The vendor's address, as invited or typed in a form."))
    claimed_address = models.CharField(
        max_length=254, blank=True, help_text=_("What Microsoft said; shown, never matched.")
    )
    count = models.PositiveIntegerField(default=1)
    mailed_count = models.PositiveIntegerField(default=0, help_text=_("How many of them VM has been told of."))
    detail = models.JSONField(default=dict, blank=True, help_text=_("Codes and ids for Microsoft support; no answers."))
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_claimed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when a process has been mailing VM about it.")
    )
    mail_counted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it took one of the places that the hourly limit leaves.")
    )
    mailed_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    notes = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_how = models.CharField(max_length=200, blank=True)

    objects = FailureQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        permissions = [("resolve_failure", _("Can resolve a failure"))]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "stage", "reason"], condition=Q(state="open"), name="one_open_failure_per_cause"
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="failure_has_a_subject"),
        ]
        indexes = [
            models.Index(fields=["subject", "stage"], name="failure_by_subject"),
            models.Index(fields=["state", "-last_seen_at"], name="failure_by_state"),
            models.Index(fields=["first_seen_at"], condition=Q(state="open"), name="failure_open_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.address or self.claimed_address} {self.reason}"


class Session(AbstractBaseSession):
    """Django's session with the account it was opened with, so that revoking the account ends it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    account = models.ForeignKey(EntraAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    sid = models.CharField(max_length=64, blank=True, db_index=True, help_text=_("Entra's session id, for logout."))

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from identity.sessions.store import SessionStore  # noqa: PLC0415  the store needs this model

        return SessionStore


class EmergencyLink(models.Model):
    """A break-glass way in for the day when Entra is down or not yet set up. The token is kept as a hash."""

    LIFETIME = dt.timedelta(minutes=10)

    token_hash = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="emergency_links")
    role = models.CharField(max_length=32)
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} as {self.role}, {self.created_at:%Y-%m-%d %H:%M}"


class LoggedSignIn(models.Model):
    """A failed sign-in from Entra's own log, so that none is reported twice. No IP address, no place."""

    log_id = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(EntraAccount, on_delete=models.CASCADE, related_name="logged_sign_ins")
    code = models.CharField(max_length=12, help_text=_("AADSTS number"))
    correlation_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.account.address} {self.code} {self.at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When something that must keep running was last seen to run."""

    name = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%Y-%m-%d %H:%M:%S}"


class GraphPause(models.Model):
    """Until when Graph wants no more requests of a kind, from any of our workers."""

    kind = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.ends_at:%Y-%m-%d %H:%M:%S}"


def tenant_id() -> uuid.UUID:
    return uuid.UUID(settings.ENTRA_TENANT_ID)

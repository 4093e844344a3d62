from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.account import EntraAccount
from identity.models.failure import Failure
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from identity.models.invitation import Invitation
from identity.models.lookups import by_beginning
from identity.models.user import User


class SignInAttempt(models.Model):
    """One press of "Sign in", from start to success, failure or silence.

    The row holds what the callback needs and is claimed once. The browser proves with a cookie that it is its own.
    """

    class Outcome(models.TextChoices):
        PENDING = "", _("under way")
        SUCCEEDED = "succeeded", _("signed in")
        FAILED = "failed", _("failed")
        NO_SESSION = "no_session", _("silent attempt, no one signed in")
        SILENT = "silent", _("never came back")

    state_hash = models.CharField(max_length=64, primary_key=True)
    binding_hash = models.CharField(max_length=64)
    transaction = models.JSONField(default=dict, help_text=_("Nonce and PKCE verifier. Emptied when claimed."))
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sign_in_attempts")
    invitation = models.ForeignKey(Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.EmailField(blank=True, help_text=_("Who we think pressed the button, if we can tell."))
    purpose = models.CharField(
        max_length=32, blank=True, help_text=_("What a fresh sign-in is meant to prove. Empty for an ordinary sign-in.")
    )
    prompt = models.CharField(max_length=16, blank=True)
    next_url = models.CharField(max_length=500, blank=True)
    again = models.BooleanField(default=False)
    by_program = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Pressed by a program, such as a mail scanner. No one is notified if it is never finished."),
    )
    started_at = models.DateTimeField(db_index=True, verbose_name=_("started"))
    claimed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("came back"))
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True, default="")
    says_when = models.BooleanField(
        null=True, help_text=_("Whether the token said when the person had signed in. Empty without a token.")
    )
    failure = models.ForeignKey(Failure, on_delete=models.SET_NULL, null=True, blank=True, related_name="attempts")
    found_by = CopiedWordsField()

    class Meta:
        verbose_name = _("sign-in attempt")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["outcome", "-started_at"], name="attempt_by_outcome"),
            by_beginning("address", name="attempt_by_address"),
            index_of_words(name="attempt_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.address or 'someone'}, {self.started_at:%Y-%m-%d %H:%M}"


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

"""What happened to a vendor."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows
from vendors.models.vendor import Vendor


class VendorEvent(models.Model):
    """What happened to a vendor. References and codes, no personal values; never updated.

    Erasing the vendor takes the reasons and references and leaves what happened when.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        INVITED = "invited", _("invitation queued")
        GUEST_BOUND = "guest_bound", _("connected to a guest who was already in the tenant")
        CARRIED_OVER = "carried_over", _("profile carried over from another system")
        INVITED_AGAIN = "invited_again", _("invitation queued again")
        INVITATION_SENT = "invitation_sent", _("invitation sent by Microsoft")
        INVITATION_REFUSED = "invitation_refused", _("invitation refused")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("invitation withdrawn")
        INVITATION_ACCEPTED = "invitation_accepted", _("invitation accepted")
        SIGNED_IN_FIRST = "signed_in_first", _("signed in for the first time")
        STEP_SAVED = "step_saved", _("step saved for the first time")
        REMINDED = "reminded", _("reminded to continue onboarding")
        WRITTEN_TO = "written_to", _("email from Vendor Management")
        SUBMITTED = "submitted", _("submitted")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDREW = "withdrew", _("application withdrawn by the vendor")
        SUSPENDED = "suspended", _("suspended")
        REINSTATED = "reinstated", _("reinstated")
        ENDED = "ended", _("ended")
        REOPENED = "reopened", _("reopened")
        DUPLICATE_RULED_OUT = "duplicate_ruled_out", _("not a duplicate")
        DUPLICATE_CLOSED = "duplicate_closed", _("a duplicate of this vendor was closed")
        EMAIL_CHANGE_STARTED = "email_change_started", _("primary email changed")
        EMAIL_CHANGE_CONFIRMED = "email_change_confirmed", _("new address used for the first time")
        EMAIL_CHANGE_UNDONE = "email_change_undone", _("email change undone")
        EMAIL_CHANGE_CUT_OFF = "email_change_cut_off", _("old address cut off")
        EMAIL_CHANGE_REQUESTED = "email_change_requested", _("email change requested by the vendor")
        EMAIL_CHANGE_DECLINED = "email_change_declined", _("email change request declined")
        EMAIL_CHANGE_WITHDRAWN = "email_change_withdrawn", _("email change request withdrawn")
        EMAIL_CHANGE_DISPUTED = "email_change_disputed", _("old address said “This was not me”")
        EMAIL_CHANGE_UPHELD = "email_change_upheld", _("disputed email change confirmed")
        SIGN_IN_REPAIRED = "sign_in_repaired", _("sign-in repaired")
        SIGN_IN_NOT_REPAIRED = "sign_in_not_repaired", _("sign-in could not be repaired")
        SESSIONS_ENDED = "sessions_ended", _("sessions ended")
        AGREEMENTS_ACCEPTED = "agreements_accepted", _("agreements accepted")
        PROFILE_CHANGE_SENT = "profile_change_sent", _("profile change sent by the vendor")
        PROFILE_CHANGE_AMENDED = "profile_change_amended", _("profile change sent again by the vendor")
        PROFILE_CHANGE_WITHDRAWN = "profile_change_withdrawn", _("profile change withdrawn by the vendor")
        PROFILE_CHANGE_RETURNED = "profile_change_returned", _("profile change: changes requested")
        PROFILE_CHANGE_APPROVED = "profile_change_approved", _("profile change approved")
        PROFILE_CHANGE_DECLINED = "profile_change_declined", _("profile change declined")
        PROFILE_CORRECTED = "profile_corrected", _("profile corrected by Vendor Management")
        CORRECTION_DISPUTED = "correction_disputed", _("the vendor objects to a correction")
        RATE_PROPOSED = "rate_proposed", _("rate proposed to the vendor")
        RATE_ACCEPTED = "rate_accepted", _("proposed rate accepted by the vendor")
        RATE_DECLINED = "rate_declined", _("proposed rate declined by the vendor")
        RATE_WITHDRAWN = "rate_withdrawn", _("proposed rate withdrawn")
        TEST_ADDED = "test_added", _("test translation recorded")
        TEST_REMOVED = "test_removed", _("test translation removed")
        PAYMENT_ADDED = "payment_added", _("payment details given after approval")
        PAYMENT_TO_RELEASE = "payment_to_release", _("payment details waiting for release")
        PAYMENT_CALLED = "payment_called", _("call about payment details recorded")
        PAYMENT_RELEASED = "payment_released", _("payment details released")
        PAYMENT_REFUSED = "payment_refused", _("payment details refused")
        PAYMENT_SUPERSEDED = "payment_superseded", _("payment details superseded before they were released")
        PAYMENT_EXPORTED = "payment_exported", _("payment details exported for Finance")
        PAYMENT_TAKEN_OVER = "payment_taken_over", _("payment details entered for payment by Finance")
        PAYMENT_DISPUTED = "payment_disputed", _("“This was not me” about payment details")
        PAYMENT_UPHELD = "payment_upheld", _("disputed payment details confirmed")
        PAYMENT_REVEALED = "payment_revealed", _("payment details viewed")
        TAX_NUMBERS_REVEALED = "tax_numbers_revealed", _("tax numbers viewed")
        TAX_CHECKED = "tax_checked", _("tax number checked")
        DOCUMENT_OPENED = "document_opened", _("document opened by staff")
        EXPORTED = "exported", _("all data about the vendor exported")
        DATA_REQUESTED = "data_requested", _("data request received")
        DATA_REQUEST_EXTENDED = "data_request_extended", _("data request: deadline extended")
        DATA_REQUEST_ANSWERED = "data_request_answered", _("data request answered")
        DATA_REQUEST_REFUSED = "data_request_refused", _("data request refused")
        ERASURE_HELD = "erasure_held", _("held back from erasure")
        ERASURE_HOLD_LIFTED = "erasure_hold_lifted", _("no longer held back from erasure")
        ERASED = "erased", _("erased")
        LOCKED_DATA_SEEN = "locked_data_seen", _("locked data viewed")
        LOCKED_DATA_ERASED = "locked_data_erased", _("locked data erased")
        DOCUMENT_REFUSED = "document_refused", _("document not accepted")
        DOCUMENT_REPLACED = "document_replaced", _("document replaced by the vendor")
        EVIDENCE_VERIFIED = "evidence_verified", _("evidence verified")
        VERIFICATION_REVOKED = "verification_revoked", _("verification revoked")
        EXCEPTION_GRANTED = "exception_granted", _("exception to a standard granted")
        EXCEPTION_WITHDRAWN = "exception_withdrawn", _("exception to a standard withdrawn")
        LINGUISTS_SAMPLED = "linguists_sampled", _("list of linguists sampled")
        AWAY_ADDED = "away_added", _("time away added by the vendor")
        AWAY_CHANGED = "away_changed", _("time away changed by the vendor")
        AWAY_REMOVED = "away_removed", _("time away removed by the vendor")
        ASKED_IF_STILL_RIGHT = "asked_if_still_right", _("asked whether the profile is still right")
        STILL_RIGHT = "still_right", _("the vendor says that the profile is still right")
        TRAINING_ADDED = "training_added", _("training or practice added by the vendor")
        TAGGED = "tagged", _("tags changed")
        TRAINING_REMOVED = "training_removed", _("training or practice removed by the vendor")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=40, blank=True, help_text=_("The command or task, if no person did it."))
    reason = models.CharField(max_length=1000, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [protected_rows.append_only()]
        indexes = [
            models.Index(fields=["vendor", "-at"], name="vendor_event_newest"),
            models.Index(fields=["kind", "at"], name="vendor_event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"

"""What the subject of an email to VM says of each reason: so short that an address fits behind it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.failures import reasons

LONGEST = 32  # characters

HEADLINES: dict[str, str | Promise] = {
    # Who may come in
    "not_invited": _("Not an invited account"),
    "access_revoked": _("Used an account we've closed"),
    "different_account": _("Opened someone else's invitation"),
    "account_kind_changed": _("Guest status has changed"),
    "staff_role_missing": _("Staff member without a role"),
    "staff_acct_missing": _("Claim acct missing in Entra"),
    "staff_role_on_guest": _("Guest with a staff role"),
    "not_fresh": _("Old sign-in, fresh one needed"),
    "auth_time_missing": _("Claim auth_time missing in Entra"),
    "user_inactive": _("Access is switched off"),
    "vendor_suspended": _("Suspended, tried to sign in"),
    "vendor_ended": _("Closed profile, tried to sign in"),
    "vendor_declined": _("Declined, tried to sign in"),
    "vendor_withdrew": _("Withdrew, tried to sign in"),
    "vendor_missing": _("Account without a vendor profile"),
    "address_differs": _("Signed in with another address"),
    "not_own_account": _("Signed in, account not theirs"),
    # What Microsoft says
    "declined": _("Cancelled the Microsoft sign-in"),
    "consent_declined": _("Declined Microsoft's permissions"),
    "consent_missing": _("Admin consent missing in Entra"),
    "not_assigned_in_entra": _("Not assigned to the app in Entra"),
    "account_not_in_tenant": _("Microsoft knows no such guest"),
    "account_disabled_in_entra": _("Account switched off"),
    "mfa_required": _("MFA not completed"),
    "mfa_enrolment_required": _("Must set up MFA first"),
    "conditional_access": _("Blocked by Conditional Access"),
    "wrong_password": _("Wrong or expired password"),
    "admin_approval_required": _("Needs approval by their company"),
    "blocked_by_own_company": _("Blocked by their own company"),
    "blocked_by_our_tenant": _("Blocked by our tenant's settings"),
    "wrong_kind_of_account": _("Wrong kind of account"),
    "account_locked": _("Account locked by Microsoft"),
    "blocked_as_risky": _("Blocked as risky"),
    "blocked_by_policy": _("Blocked by a security policy"),
    "security_check_not_passed": _("Security check not finished"),
    "own_company_sign_in_fails": _("Their provider's sign-in failed"),
    "session_ended_at_microsoft": _("Microsoft session ended"),
    "microsoft_trouble": _("Temporary problem at Microsoft"),
    "in_app_browser": _("Tried to sign in inside an app"),
    "mailbox_moved": _("Mailbox has probably moved"),
    "microsoft_refused": _("Refused by Microsoft"),
    "client_secret_wrong": _("Client secret refused by Entra"),
    "client_secret_expired": _("Client secret expired"),
    "microsoft_misconfigured": _("App registration doesn't match"),
    "microsoft_timeout": _("Microsoft didn't answer in time"),
    "microsoft_unreachable": _("Microsoft can't be reached"),
    "microsoft_unavailable": _("Microsoft reports a problem"),
    "microsoft_busy": _("Microsoft asks us to slow down"),
    "microsoft_tls": _("No secure Microsoft connection"),
    "microsoft_bad_answer": _("Unusable response from Microsoft"),
    "interaction_needed": _("Microsoft needed something more"),
    "issuer_mismatch": _("Came back from another tenant"),
    "session_lost": _("Came back in another browser"),
    "cookies_blocked": _("Browser blocks cookies"),
    "link_used_or_expired": _("Came back too late or twice"),
    "callback_incomplete": _("Came back without a response"),
    "code_rejected": _("Response used twice or too late"),
    "nonce_mismatch": _("Response to another sign-in"),
    "token_signature": _("Wrong signature from Microsoft"),
    "token_invalid": _("Invalid response from Microsoft"),
    "token_expired": _("Clock wrong, or response too old"),
    # What Passport sees
    "did_not_come_back": _("Never came back from Microsoft"),
    "says_cannot_sign_in": _("Says: “I can't sign in”"),
    "asks_for_invitation": _("Asks for a new invitation"),
    "unexpected_error": _("Error in Passport itself"),
    # Invitations
    "address_refused": _("Address refused by Microsoft"),
    "invitation_failed": _("Invitation failed at Microsoft"),
    "disowned_guest": _("Disowned guest still in tenant"),
    "address_is_member": _("Address in our own organisation"),
    "guest_of_other_person": _("Guest belongs to another vendor"),
    "too_many_accounts": _("Already has two accounts"),
    "graph_not_permitted": _("Passport not allowed to invite"),
    "graph_credential": _("Secret refused, no invitations"),
    "graph_unavailable": _("Microsoft down, invitation waits"),
    "outbound_dropped": _("Invitation outdated after hold"),
    "graph_gave_up": _("Gave up sending the invitation"),
    "no_reaction": _("No response to the invitation"),
    "expires_soon": _("Invitation ends in a week"),
    "guest_left_over": _("Guest to be removed by hand"),
    "erased_guest_left_over": _("Erased guest to be removed"),
    # Email change
    "change_not_accepted": _("New address not used"),
    "change_disputed": _("Email change disputed"),
    "payment_disputed": _("Payment details disputed"),
    "correction_disputed": _("Correction disputed"),
    "repair_needs_it": _("Repair needs IT"),
    # Onboarding
    "step_error": _("A step of the onboarding failed"),
    "files_unusable": _("Files can't be stored or opened"),
    "virus_scanner_down": _("Virus scanner not responding"),
    "field_keeps_failing": _("Same answer refused five times"),
    "stuck": _("Stuck in onboarding"),
    # Mail
    "mail_refused": _("Email not delivered"),
    "staff_mail_refused": _("Email to staff not delivered"),
    "bounce_mailbox_unreachable": _("Bounce mailbox can't be read"),
    "mail_not_sent": _("Mail server not accepting email"),
    # Upkeep
    "purge_stopped": _("Nightly erasure stopped itself"),
}


def headline(reason: str) -> str:
    return str(HEADLINES[reasons.get(reason).code])

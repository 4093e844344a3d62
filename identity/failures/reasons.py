"""The one catalogue of what can go wrong: what VM reads, what VM can do, what the person reads.

A code once published is never renamed. AADSTS numbers are labels that map to a code; nothing branches on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

VM = "vm"
OPERATIONS = "operations"


@dataclass(frozen=True)
class Reason:
    code: str
    stage: str
    audience: str
    vm_text: Text
    vm_action: Text
    person_text: Text
    button: str = ""  # what Passport can do about it: invite, change_email, vendor, reinstate
    is_notice: bool = False  # nothing failed; VM should know and can mark it as known
    is_common: bool = False  # one cause that hits many: one case that names all of them
    is_urgent: bool = False  # mailed at once, however many emails have gone out in this hour
    is_about_account: bool = False  # another account of the same person's is another failure


_TRY_AGAIN = _("Please try again. If it happens again, Vendor Management will help you.")
_OPERATIONS_KNOW = _("Operations know. Nothing for you to do.")
_NOT_YOUR_FAULT = _("This is our mistake, not yours. Please try again later.")

_ALL = [
    # Who may come in
    Reason(
        "not_invited",
        "sign_in",
        VM,
        _("Signed in at Microsoft with an account that no invitation of ours belongs to."),
        _("If this is one of your vendors, change their primary email to this address. Otherwise ignore it."),
        _("This account is not the one we invited. Sign in with the address our invitation went to."),
    ),
    Reason(
        "access_revoked",
        "sign_in",
        VM,
        _("Signed in with an account whose access was taken away, for example the old address after an email change."),
        _("If they should get in with this address, change the primary email back to it or invite it again."),
        _("This account no longer opens Passport. If your address has changed, sign in with the new one."),
        "vendor",
        is_about_account=True,
    ),
    Reason(
        "different_account",
        "sign_in",
        VM,
        _("Opened one person's invitation but signed in with another account."),
        _("Ask them to press “Use another account” and to sign in with the invited address."),
        _("This account is not the one we invited. Choose “Use another account” and try again."),
        "vendor",
        is_about_account=True,
    ),
    Reason(
        "account_kind_changed",
        "sign_in",
        OPERATIONS,
        _("The account used to be a guest and is a member now, or the other way round."),
        _OPERATIONS_KNOW,
        _("Something about your account has changed on our side."),
    ),
    Reason(
        "staff_role_missing",
        "sign_in",
        OPERATIONS,
        _("A member of staff without a role for Passport tried to sign in."),
        _OPERATIONS_KNOW,
        _("Your account has no role in Passport. Ask your IT department for one."),
    ),
    Reason(
        "staff_acct_missing",
        "sign_in",
        OPERATIONS,
        _("A token with a staff role does not say whether it is a member's: the optional claim acct is missing."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "staff_role_on_guest",
        "sign_in",
        OPERATIONS,
        _("A guest carries a staff role. Guests are never staff."),
        _OPERATIONS_KNOW,
        _("Your account is set up in a way that Passport does not accept."),
    ),
    Reason(
        "not_fresh",
        "sign_in",
        VM,
        _("Was asked to sign in anew before something sensitive, and Microsoft answered from an older sign-in."),
        _("They can try again. If it stays so, IT should look at the tenant's session settings."),
        _("For this we need you to sign in once more, and Microsoft did not ask you to. Please try again."),
    ),
    Reason(
        "auth_time_missing",
        "sign_in",
        OPERATIONS,
        _("Asked for something that needs a fresh sign-in, and Microsoft does not say when anyone signed in."),
        _(
            "Operations know: the optional claim auth_time is missing in Entra. Until it is there, vendors cannot ask "
            "for another address or change payment details themselves. Do it for those who call you."
        ),
        _(
            "We can't do this online at the moment, because Microsoft doesn't tell us when you last signed in. Please "
            "call Vendor Management or write to them: they can do it for you. You are still signed in."
        ),
        is_common=True,
    ),
    Reason(
        "user_inactive",
        "sign_in",
        VM,
        _("A person whose access is switched off tried to sign in."),
        _("Answer them, or switch their access on again."),
        _("Your access to Passport is switched off. Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "vendor_suspended",
        "sign_in",
        VM,
        _("A suspended vendor tried to sign in."),
        _("Answer them, or reinstate them."),
        _("Please contact Vendor Management: your access is paused at the moment."),
        "vendor",
    ),
    Reason(
        "vendor_ended",
        "sign_in",
        VM,
        _("A vendor whose co-operation has ended tried to sign in."),
        _("Answer them, or reopen the profile."),
        _("Please contact Vendor Management: your profile is closed."),
        "vendor",
    ),
    Reason(
        "vendor_declined",
        "sign_in",
        VM,
        _("A vendor whose application was declined tried to sign in."),
        _("Answer them, or reopen the profile."),
        _("Please contact Vendor Management about your application."),
        "vendor",
    ),
    Reason(
        "vendor_missing",
        "sign_in",
        OPERATIONS,
        _("The account is bound to a person who has no vendor profile."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "address_differs",
        "sign_in",
        VM,
        _("First signed in with another address than the invited one, and says that the account is their own."),
        _("Mark it as known, or change the primary email to the address they use."),
        _("You signed in with another address than the one we invited."),
        "change_email",
        is_notice=True,
        is_about_account=True,
    ),
    Reason(
        "not_own_account",
        "sign_in",
        VM,
        _("Came through the invitation with an account that they say is not their own. It was shut out."),
        _("Ask them to open the invitation again in a private window, then send the invitation again."),
        _("That account is shut out. Please sign in with your own account."),
        "invite",
        is_about_account=True,
    ),
    # What Microsoft says
    Reason(
        "declined",
        "sign_in",
        VM,
        _("Pressed Cancel at Microsoft's sign-in page."),
        _("Ask whether something was unclear. They can simply try again."),
        _("You cancelled the sign-in at Microsoft. Nothing is lost: try again whenever you like."),
    ),
    Reason(
        "consent_declined",
        "sign_in",
        VM,
        _("Declined on Microsoft's page “Review permissions”, so the invitation is not accepted."),
        _("Explain that the page only lets us recognise them. They can try again with the same invitation."),
        _(
            "You chose Cancel on Microsoft's page “Review permissions”. Without it we cannot recognise you. "
            "Try again and choose Accept."
        ),
    ),
    Reason(
        "consent_missing",
        "sign_in",
        OPERATIONS,
        _("The tenant has not given the app its consent."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "not_assigned_in_entra",
        "sign_in",
        OPERATIONS,
        _("The app in Entra demands an assignment, and this person has none."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "account_not_in_tenant",
        "sign_in",
        VM,
        _("Microsoft does not know the account that was used as a guest of ours."),
        _("Check the address with them and send the invitation again."),
        _("Microsoft does not recognise the account you used as invited. Use the address our invitation went to."),
        "invite",
    ),
    Reason(
        "account_disabled_in_entra",
        "sign_in",
        VM,
        _("The account is switched off, in our tenant or at the vendor's own company."),
        _("Ask IT whether the guest is switched off here; otherwise the vendor's own IT must help."),
        _("Microsoft says that your account is switched off."),
    ),
    Reason(
        "mfa_required",
        "sign_in",
        VM,
        _("A second proof (MFA) was asked for and not given."),
        _("Ask whether they have changed their telephone; IT can reset their MFA."),
        _("Microsoft asked for a second proof of who you are. Please try again with your telephone at hand."),
    ),
    Reason(
        "mfa_enrolment_required",
        "sign_in",
        VM,
        _("Must first set up a second proof (MFA) at Microsoft."),
        _("Ask them to follow Microsoft's page to the end; IT can help."),
        _("Microsoft wants you to set up a second proof of who you are first. Follow its page to the end."),
    ),
    Reason(
        "conditional_access",
        "sign_in",
        OPERATIONS,
        _("A Conditional Access policy of the tenant refused the sign-in."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "wrong_password",
        "sign_in",
        VM,
        _("Wrong or expired password at their own mailbox provider."),
        _("Only their mailbox provider can help; Passport has no passwords."),
        _("Your mailbox provider did not accept the password. You can reset it there."),
    ),
    Reason(
        "microsoft_refused",
        "sign_in",
        VM,
        _("Microsoft refused the sign-in. Where it gave a code, you'll find it in the case."),
        _("Ask what Microsoft's page said; the code in the case tells IT more."),
        _("Microsoft refused the sign-in."),
        "vendor",
    ),
    Reason(
        "client_secret_wrong",
        "sign_in",
        OPERATIONS,
        _("Entra refuses Passport's own client secret or certificate."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
        is_urgent=True,
    ),
    Reason(
        "client_secret_expired",
        "sign_in",
        OPERATIONS,
        _("Passport's own client secret or certificate has expired: nobody can sign in."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
        is_urgent=True,
    ),
    Reason(
        "microsoft_misconfigured",
        "sign_in",
        OPERATIONS,
        _("Entra refuses Passport's request: the app registration and the settings do not fit."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "microsoft_timeout",
        "sign_in",
        OPERATIONS,
        _("Microsoft did not answer in time."),
        _OPERATIONS_KNOW,
        _("Microsoft did not answer in time. Please try again in a minute."),
        is_common=True,
    ),
    Reason(
        "microsoft_unreachable",
        "sign_in",
        OPERATIONS,
        _("Passport could not reach Microsoft."),
        _OPERATIONS_KNOW,
        _("We cannot reach Microsoft at the moment. Please try again in a few minutes."),
        is_common=True,
    ),
    Reason(
        "microsoft_unavailable",
        "sign_in",
        OPERATIONS,
        _("Microsoft's sign-in service reports trouble."),
        _OPERATIONS_KNOW,
        _("Microsoft's sign-in service has trouble at the moment. Please try again in a few minutes."),
        is_common=True,
    ),
    Reason(
        "microsoft_busy",
        "sign_in",
        OPERATIONS,
        _("Microsoft asks us to slow down."),
        _OPERATIONS_KNOW,
        _("Microsoft is busy at the moment. Please try again in a minute."),
        is_common=True,
    ),
    Reason(
        "microsoft_tls",
        "sign_in",
        OPERATIONS,
        _("No secure connection to Microsoft could be made."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "microsoft_bad_answer",
        "sign_in",
        OPERATIONS,
        _("Microsoft answered with something that Passport cannot use."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    # The way back
    Reason(
        "interaction_needed",
        "sign_in",
        VM,
        _("Microsoft wanted something more from them before it let them in, and did not ask for it."),
        _("They can simply try again. If it keeps happening, IT should look at the tenant's policies."),
        _("Microsoft needs something more from you before you can sign in. Please try again and follow its pages."),
    ),
    Reason(
        "issuer_mismatch",
        "sign_in",
        VM,
        _("Came back from a sign-in page that is not our tenant's, so it was stopped."),
        _("Ask them which page they were on. They can try again, starting at Passport's own sign-in page."),
        _("That answer did not come from our Microsoft sign-in page, so we stopped it. Please sign in again."),
    ),
    Reason(
        "session_lost",
        "sign_in",
        VM,
        _("Came back from Microsoft in a browser that had not begun it: blocked cookies, or another browser."),
        _("They can simply try again, in one browser, with cookies allowed."),
        _(
            "Your browser did not keep what it needs to finish the sign-in. Allow cookies for this site, stay in the "
            "same browser and try again."
        ),
    ),
    Reason(
        "cookies_blocked",
        "sign_in",
        VM,
        _("Pressed “Sign in” twice in a browser that keeps no cookies."),
        _("Ask them to allow cookies for Passport, or to open the link in another browser."),
        _("Your browser keeps no cookies for this site. Without them nobody can sign in."),
    ),
    Reason(
        "link_used_or_expired",
        "sign_in",
        VM,
        _("Took longer than 30 minutes at Microsoft, or came back twice."),
        _("They can simply try again."),
        _("That took too long, or the page was opened twice. Please sign in again."),
    ),
    Reason(
        "callback_incomplete", "sign_in", VM, _("Came back from Microsoft without an answer."), _TRY_AGAIN, _TRY_AGAIN
    ),
    Reason(
        "code_rejected",
        "sign_in",
        VM,
        _("Microsoft's answer was used twice or too late."),
        _("They can simply try again."),
        _("Microsoft's answer had already been used. Please sign in again."),
    ),
    Reason(
        "nonce_mismatch",
        "sign_in",
        OPERATIONS,
        _("Microsoft's answer does not belong to the sign-in that this browser began."),
        _OPERATIONS_KNOW,
        _("Microsoft's answer did not fit your sign-in, so we stopped it. Please sign in again."),
    ),
    Reason(
        "token_signature",
        "sign_in",
        OPERATIONS,
        _("The signature of Microsoft's answer is wrong."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "token_invalid",
        "sign_in",
        OPERATIONS,
        _("Something in Microsoft's answer is missing or not as it must be."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "token_expired",
        "sign_in",
        OPERATIONS,
        _("Microsoft's answer is too old or not valid yet; a clock may be wrong."),
        _OPERATIONS_KNOW,
        _("Microsoft's answer was too old. Please sign in again."),
    ),
    Reason(
        "did_not_come_back",
        "sign_in",
        VM,
        _("Went to Microsoft to sign in and never came back. Microsoft keeps some refusals to itself."),
        _("Ask what Microsoft's page said. If in doubt, send the invitation again."),
        _("You did not come back from Microsoft's page."),
        "invite",
    ),
    Reason(
        "says_cannot_sign_in",
        "sign_in",
        VM,
        _("Filled in the form “I cannot sign in”."),
        _("Look at what they wrote and at their page, and answer them."),
        _("Your message is with Vendor Management. They'll reply by email, or the other way that you gave."),
        "vendor",
    ),
    Reason(
        "asks_for_invitation",
        "sign_in",
        VM,
        _("Opened an invitation that was withdrawn and asks for a new one."),
        _("Invite them again, or answer them."),
        _("Vendor Management knows that you would like a new one. If they send it, it comes by email."),
        "vendor",
    ),
    Reason("unexpected_error", "sign_in", OPERATIONS, _("Passport itself failed."), _OPERATIONS_KNOW, _NOT_YOUR_FAULT),
    # Invitations
    Reason(
        "address_refused",
        "invitation",
        VM,
        _("Microsoft refuses to invite this address."),
        _("Ask for another address and change the primary email."),
        _("Microsoft does not accept this address."),
        "change_email",
    ),
    Reason(
        "invitation_failed",
        "invitation",
        VM,
        _("Microsoft took the invitation and then said that it had failed. It gave no reason."),
        _("Send the invitation again. If it fails again, ask for another address."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "disowned_guest",
        "invitation",
        VM,
        _(
            "Someone said that the account behind this invitation is not theirs. Its guest is still in our tenant, and "
            "Passport may not remove it."
        ),
        _("Ask IT to delete the guest in Entra, then send the invitation again. The case shows its object id."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "address_is_member",
        "invitation",
        VM,
        _("The address belongs to an account of our own organisation, so it cannot be invited as a guest."),
        _("Use the vendor's own address: change the primary email."),
        _("This address belongs to our own organisation."),
        "change_email",
    ),
    Reason(
        "guest_of_other_person",
        "invitation",
        VM,
        _("Microsoft says that this address belongs to a guest who is somebody else in Passport."),
        _("Two addresses of one person? Look at the other profile before you invite this one."),
        _("This address is in use already."),
        "vendor",
    ),
    Reason(
        "too_many_accounts",
        "invitation",
        VM,
        _("The vendor already has two accounts that can sign in."),
        _("Undo or cut off the open email change first."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "graph_not_permitted",
        "invitation",
        OPERATIONS,
        _("Microsoft does not let Passport invite anybody: a right is missing, or the tenant forbids invitations."),
        _("Operations know. The invitation stays queued and goes out by itself when it is repaired."),
        _("Please contact Vendor Management."),
        is_common=True,
    ),
    Reason(
        "graph_credential",
        "invitation",
        OPERATIONS,
        _("Microsoft refuses Passport's own secret or certificate, so no invitation goes out."),
        _("Operations know. The invitation stays queued and goes out by itself when it is repaired."),
        _("Please contact Vendor Management."),
        is_common=True,
        is_urgent=True,
    ),
    Reason(
        "graph_unavailable",
        "invitation",
        OPERATIONS,
        _("Microsoft could not be reached or is in trouble, so the invitation waits."),
        _("Operations know. The invitation stays queued and goes out by itself."),
        _("Please contact Vendor Management."),
        is_common=True,
    ),
    Reason(
        "outbound_dropped",
        "invitation",
        VM,
        _("The invitation was not sent: it had waited while outgoing email was on hold, and was out of date by then."),
        _("Invite them again if they should still come."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "graph_gave_up",
        "invitation",
        VM,
        _("Microsoft did not take the invitation in many tries, so Passport has stopped trying."),
        _("Send the invitation again. If it fails again, ask for another address."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "no_reaction",
        "invitation",
        VM,
        _("Three reminders of the invitation have gone out, and nobody has signed in."),
        _("Call them, or ask whether the address is right. You can send the invitation again or withdraw it."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "expires_soon",
        "invitation",
        VM,
        _("Invited almost 90 days ago and never signed in. The invitation is withdrawn in a week."),
        _("Call them, or let it lapse."),
        _("Please contact Vendor Management."),
        "vendor",
        is_notice=True,
    ),
    Reason(
        "guest_left_over",
        "invitation",
        OPERATIONS,
        _("A guest that is not needed any more could not be removed from the tenant by Passport."),
        _("Operations can remove it by hand. It opens nothing in Passport."),
        _("Please contact Vendor Management."),
    ),
    Reason(
        "erased_guest_left_over",
        "invitation",
        OPERATIONS,
        _("The guest of somebody who was erased could not be removed from the tenant by Passport."),
        _(
            "Operations can remove it by hand: the case shows its object id, since Passport keeps no address of "
            "theirs. Closing the case makes Passport forget the object id as well. It opens nothing in Passport."
        ),
        _("Please contact Vendor Management."),
    ),
    # Email change
    Reason(
        "change_not_accepted",
        "email_change",
        VM,
        _("The new address has not been used for 14 days after a planned email change."),
        _("Undo the change, or cut the old address off."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "change_disputed",
        "email_change",
        VM,
        _("Somebody at the old address says that the email change was not their wish."),
        _("Call the vendor at a number you know, then undo the change or confirm it, both on the case's page."),
        _("Thank you. Vendor Management has been told."),
        "vendor",
        is_urgent=True,
    ),
    Reason(
        "payment_disputed",
        "onboarding",
        VM,
        _("Someone who was told of an account to pay to says that they have not named it. Payments to it are on hold."),
        _("Call the vendor at a number you know. Then confirm the account, or decline the change that names it."),
        _("Thank you. Vendor Management has been told."),
        "vendor",
        is_urgent=True,
    ),
    Reason(
        "repair_needs_it",
        "email_change",
        VM,
        _("The old guest stands in the way, and Passport may not remove it."),
        _("Ask IT to delete the guest in Entra, then press “Repair sign-in” again."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    # Onboarding
    Reason(
        "step_error",
        "onboarding",
        OPERATIONS,
        _("A page of the onboarding failed. Everything saved before is kept."),
        _OPERATIONS_KNOW,
        _("Everything you saved before is safe. What you typed on this page just now may not be."),
    ),
    Reason(
        "files_unusable",
        "onboarding",
        OPERATIONS,
        _("The folder or disk for uploaded files can't be used. People can't send documents, or can't open them."),
        _OPERATIONS_KNOW,
        _("We could not keep your file because of a problem on our side. Please choose it again later."),
        is_common=True,
    ),
    Reason(
        "virus_scanner_down",
        "onboarding",
        OPERATIONS,
        _("The virus scanner isn't responding. Files are kept, but no one can open them until they've been scanned."),
        _OPERATIONS_KNOW,
        _("We could not scan this file for viruses. Please try again later."),
        is_common=True,
    ),
    Reason(
        "field_keeps_failing",
        "onboarding",
        VM,
        _("The same answer was refused five times; probably our rule is wrong."),
        _("Call them and ask what they want to enter."),
        _("We do not accept this answer. Vendor Management has been told and can help."),
        "vendor",
    ),
    Reason(
        "stuck",
        "onboarding",
        VM,
        _("Stopped half-way through the onboarding, and none of the reminders has had an effect."),
        _("Call or write and ask what is in the way. Their page says where they stopped."),
        _("Your answers are saved and not sent yet. If something is in the way, Vendor Management will help you."),
        "vendor",
    ),
    # Mail
    Reason(
        "mail_refused",
        "mail",
        VM,
        _("The mail server says that this mailbox does not exist or takes no mail from us."),
        _("Check the address with them and change the primary email."),
        _("We could not send you mail."),
        "change_email",
        is_urgent=True,
    ),
    Reason(
        "mail_not_sent",
        "mail",
        OPERATIONS,
        _("A mail could not be handed to the mail server."),
        _OPERATIONS_KNOW,
        _("We could not send you mail."),
        is_common=True,
    ),
]

CATALOGUE: dict[str, Reason] = {reason.code: reason for reason in _ALL}
COMMON_REASONS = [code for code, reason in CATALOGUE.items() if reason.is_common]

BY_AADSTS = {
    "65004": "consent_declined",
    "65001": "consent_missing",
    "50105": "not_assigned_in_entra",
    "16000": "account_not_in_tenant",
    "16003": "account_not_in_tenant",
    "50014": "account_not_in_tenant",
    "50020": "account_not_in_tenant",
    "50034": "account_not_in_tenant",
    "51004": "account_not_in_tenant",
    "90072": "account_not_in_tenant",
    "50057": "account_disabled_in_entra",
    "50074": "mfa_required",
    "50076": "mfa_required",
    "50072": "mfa_enrolment_required",
    "50079": "mfa_enrolment_required",
    "53000": "conditional_access",
    "53001": "conditional_access",
    "53002": "conditional_access",
    "53003": "conditional_access",
    "530003": "conditional_access",
    "50126": "wrong_password",
    "50055": "wrong_password",
    "54005": "code_rejected",
    "70008": "code_rejected",
    "501481": "code_rejected",
    "7000215": "client_secret_wrong",
    "700027": "client_secret_wrong",
    "7000222": "client_secret_expired",
    "1000502": "client_secret_expired",
    "700016": "microsoft_misconfigured",
    "50011": "microsoft_misconfigured",
}

# What a browser brings back from Microsoft may be anybody's words. It never becomes a reason of operations'.
UNPROVEN = "microsoft_refused"

# Codes of social-auth's exceptions.
BY_ERROR_CODE = {
    "session_context_missing": "session_lost",
    "state_mismatch": "link_used_or_expired",
    "missing_parameter": "callback_incomplete",
    "authorization_declined": "declined",
    "authorization_code_rejected": "code_rejected",
    "reauthentication_required": "interaction_needed",
    "issuer_mismatch": "issuer_mismatch",
    "nonce_mismatch": "nonce_mismatch",
    "timeout": "microsoft_timeout",
    "connection_failed": "microsoft_unreachable",
    "unavailable": "microsoft_unavailable",
    "rate_limited": "microsoft_busy",
    "tls_error": "microsoft_tls",
    "malformed_response": "microsoft_bad_answer",
    "http_error": "microsoft_bad_answer",
    "invalid_signature": "token_signature",
    "invalid_claim": "token_invalid",
    "missing_claim": "token_invalid",
    "response_expired": "token_expired",
    "response_not_yet_valid": "token_expired",
    "invalid_setting": "microsoft_misconfigured",
    "missing_setting": "microsoft_misconfigured",
}

# Nobody reads a page of ours about it: it happens at Microsoft's, or without the person being there.
_NOT_READ_AT = {"invitation", "mail"}
_NOT_READ = {"did_not_come_back", "address_differs", "change_not_accepted", "repair_needs_it", "stuck"}

# Signing in once more would end the same way.
NO_RETRY = {
    "auth_time_missing",
    "vendor_suspended",
    "vendor_ended",
    "vendor_declined",
    "user_inactive",
    "staff_role_missing",
}
# Whose text for the person says by itself that Vendor Management knows; of the others the page says it.
SAYS_WHO_KNOWS = {
    "says_cannot_sign_in",
    "asks_for_invitation",
    "change_disputed",
    "payment_disputed",
    "field_keeps_failing",
}


def get(code: str) -> Reason:
    """The catalogue's entry; an unknown code (from a newer version's row) reads as an unexpected error."""
    return CATALOGUE.get(code) or CATALOGUE["unexpected_error"]


def was_read(code: str, detail: Mapping[str, Any]) -> bool:
    """Whether the person has read what the catalogue has for them. Entra's log tells of pages that are Microsoft's."""
    return not (get(code).stage in _NOT_READ_AT or code in _NOT_READ or detail.get("from") == "sign-in log")

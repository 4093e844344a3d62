"""The one catalogue of what can go wrong: what VM reads, what VM can do, what the person reads.

A code once published is never renamed. AADSTS numbers are labels that map to a code; nothing branches on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

VM = "vm"
OPERATIONS = "operations"
RUNNING = "running"  # the stage of what hits nobody in particular: operations alone are told


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
_OPERATIONS_KNOW = _("Operations know about this. There is nothing for you to do.")
_NO_ONE_IS_HIT = _("You don't need to do anything.")
_NOT_YOUR_FAULT = _("This is our mistake, not yours. Please try again later.")

_ALL = [
    # Who may come in
    Reason(
        "not_invited",
        "sign_in",
        VM,
        _("Signed in to Microsoft with an account that we have not invited."),
        _("If this is one of your vendors, change their primary email to this address. Otherwise ignore it."),
        _("This account is not the one we invited. Sign in with the address your invitation was sent to."),
    ),
    Reason(
        "access_revoked",
        "sign_in",
        VM,
        _("Signed in with an account whose access has been removed, such as the old address after an email change."),
        _("If this is the address they should use, change the primary email back to it or invite it again."),
        _("You can no longer sign in with this account. If your address has changed, sign in with the new one."),
        "vendor",
        is_about_account=True,
    ),
    Reason(
        "different_account",
        "sign_in",
        VM,
        _("Opened one person's invitation but signed in with someone else's account."),
        _("Ask them to press “Use another account” and sign in with the address we invited."),
        _("This account is not the one we invited. Choose “Use another account” and try again."),
        "vendor",
        is_about_account=True,
    ),
    Reason(
        "account_kind_changed",
        "sign_in",
        OPERATIONS,
        _("The account used to be a guest and is now a member, or the other way round."),
        _OPERATIONS_KNOW,
        _("Something about your account has changed on our side."),
    ),
    Reason(
        "staff_role_missing",
        "sign_in",
        OPERATIONS,
        _("A member of staff without a role in Passport tried to sign in."),
        _OPERATIONS_KNOW,
        _("Your account has no role in Passport. Ask your IT department for one."),
    ),
    Reason(
        "staff_acct_missing",
        "sign_in",
        OPERATIONS,
        _(
            "A token with a staff role does not say whether the account is a member's: the optional claim acct is "
            "missing."
        ),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "staff_role_on_guest",
        "sign_in",
        OPERATIONS,
        _("A guest has a staff role. Guests are never staff."),
        _OPERATIONS_KNOW,
        _("Your account is set up in a way that Passport does not accept."),
    ),
    Reason(
        "not_fresh",
        "sign_in",
        VM,
        _("Had to sign in again before a sensitive change, but Microsoft reused an earlier sign-in."),
        _("They can try again. If it keeps happening, IT should check the tenant's session settings."),
        _("We need you to sign in again for this, but Microsoft didn't ask you to. Please try again."),
    ),
    Reason(
        "auth_time_missing",
        "sign_in",
        OPERATIONS,
        _("Asked for something that needs a fresh sign-in, but Microsoft does not say when people signed in."),
        _(
            "Operations know about this: the optional claim auth_time is missing in Entra. Until it is added, "
            "vendors cannot request a new address or change their payment details themselves. If they call you, "
            "make the change for them."
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
        _("Someone whose access is switched off tried to sign in."),
        _("Get in touch with them, or ask operations to switch their access on again."),
        _("Your access to Passport has been switched off. Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "vendor_suspended",
        "sign_in",
        VM,
        _("A suspended vendor tried to sign in."),
        _("Get in touch with them, or reinstate them."),
        _("Please contact Vendor Management: your access is paused at the moment."),
        "vendor",
    ),
    Reason(
        "vendor_ended",
        "sign_in",
        VM,
        _("A vendor we no longer work with tried to sign in."),
        _("Get in touch with them, or reopen the profile."),
        _("Please contact Vendor Management: your profile is closed."),
        "vendor",
    ),
    Reason(
        "vendor_declined",
        "sign_in",
        VM,
        _("A vendor whose application was declined tried to sign in."),
        _("Get in touch with them, or reopen the profile."),
        _("Please contact Vendor Management about your application."),
        "vendor",
    ),
    Reason(
        "vendor_withdrew",
        "sign_in",
        VM,
        _("A vendor who withdrew their application tried to sign in: perhaps they would like to come back."),
        _(
            "Get in touch with them. If you would like them back, reopen the profile: they can then carry on where "
            "they left off."
        ),
        _("You withdrew your application. If you would like to come back, Vendor Management can open it again."),
        "vendor",
    ),
    Reason(
        "vendor_missing",
        "sign_in",
        OPERATIONS,
        _("The account belongs to a person who has no vendor profile."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "address_differs",
        "sign_in",
        VM,
        _(
            "Signed in for the first time with a different address from the invited one, and says the account is "
            "theirs."
        ),
        _("Mark it as known, or change the primary email to the address they use."),
        _("You signed in with a different address from the one we invited."),
        "change_email",
        is_notice=True,
        is_about_account=True,
    ),
    Reason(
        "not_own_account",
        "sign_in",
        VM,
        _("Opened the invitation with an account that they say is not theirs. We have blocked that account."),
        _("Ask them to open the invitation again in a private window, then send the invitation again."),
        _("That account is now blocked. Please sign in with your own account."),
        "invite",
        is_about_account=True,
    ),
    # What Microsoft says
    Reason(
        "declined",
        "sign_in",
        VM,
        _("Pressed Cancel on Microsoft's sign-in page."),
        _("Ask whether something was unclear. They can simply try again."),
        _("You cancelled the sign-in on Microsoft's page. Nothing is lost: try again whenever you like."),
    ),
    Reason(
        "consent_declined",
        "sign_in",
        VM,
        _("Pressed Cancel on Microsoft's page “Review permissions”, so the invitation has not been accepted."),
        _("Explain that accepting only lets us recognise them. They can try again with the same invitation."),
        _(
            "You chose Cancel on Microsoft's “Review permissions” page. Without your consent, we can't recognise "
            "you. Try again and choose Accept."
        ),
    ),
    Reason(
        "consent_missing",
        "sign_in",
        OPERATIONS,
        _("Admin consent for the app is missing in the tenant."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "not_assigned_in_entra",
        "sign_in",
        OPERATIONS,
        _("The app in Entra requires people to be assigned to it, and this person is not."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "account_not_in_tenant",
        "sign_in",
        VM,
        _("Microsoft does not recognise the account they used as one of our guests."),
        _("Check the address with them and send the invitation again."),
        _("Microsoft says the account you used has not been invited. Use the address your invitation was sent to."),
        "invite",
    ),
    Reason(
        "account_disabled_in_entra",
        "sign_in",
        VM,
        _("The account is switched off, in our tenant or at the vendor's own company."),
        _("Ask IT whether the guest is switched off here. If it isn't, the vendor's own IT department has to help."),
        _("Microsoft says that your account is switched off."),
    ),
    Reason(
        "mfa_required",
        "sign_in",
        VM,
        _("Microsoft asked for multi-factor authentication (MFA), and they didn't complete it."),
        _("Ask whether they have a new phone; IT can reset their MFA."),
        _(
            "Microsoft asked you to confirm who you are in a second way (MFA). Please try again with your phone to "
            "hand."
        ),
    ),
    Reason(
        "mfa_enrolment_required",
        "sign_in",
        VM,
        _("Needs to set up multi-factor authentication (MFA) with Microsoft first."),
        _("Ask them to follow all the steps on Microsoft's page; IT can help."),
        _("Microsoft wants you to set up multi-factor authentication (MFA) first. Follow the steps on its page."),
    ),
    Reason(
        "conditional_access",
        "sign_in",
        OPERATIONS,
        _("One of the tenant's Conditional Access policies blocked the sign-in."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "wrong_password",
        "sign_in",
        VM,
        _("Used a wrong or expired password at their email provider."),
        _("Only their email provider can help. Passport has no passwords."),
        _("Your email provider did not accept the password. You can reset it there."),
    ),
    Reason(
        "admin_approval_required",
        "sign_in",
        VM,
        _("An administrator, usually their own company's, has to approve Passport before they can sign in."),
        _(
            "Ask them to get their company's IT department to approve the request shown on Microsoft's page. If it "
            "happens to several companies, ask your own IT department whether Passport has admin consent."
        ),
        _(
            "You've done nothing wrong. Your company's administrator must approve Passport before you can sign in. "
            "Please ask your IT department, then try again."
        ),
    ),
    Reason(
        "blocked_by_own_company",
        "sign_in",
        VM,
        _("The vendor's own company doesn't allow its people to sign in to other organisations."),
        _("Their IT department has to allow our tenant. If it won't, invite an address that isn't their company's."),
        _(
            "Your company doesn't allow its accounts to sign in here. Please ask your IT department to allow it, or "
            "ask Vendor Management to invite another address of yours."
        ),
        "change_email",
    ),
    Reason(
        "blocked_by_our_tenant",
        "sign_in",
        VM,
        _("Our tenant's settings don't allow guests from this vendor's company or email provider."),
        _("Ask your IT department to check the cross-tenant access settings and the external collaboration settings."),
        _("Our own settings are blocking your account. That is our mistake, not yours. Please try again later."),
    ),
    Reason(
        "wrong_kind_of_account",
        "sign_in",
        VM,
        _("Signed in with the wrong kind of account, for example a personal account instead of a work account."),
        _("Ask them to press “Use another account” and choose the account that belongs to the invited address."),
        _(
            "Microsoft doesn't accept this kind of account here. Choose “Use another account”, and sign in with the "
            "account that belongs to the address we invited."
        ),
    ),
    Reason(
        "account_locked",
        "sign_in",
        VM,
        _("Microsoft has locked the account after too many attempts, or doesn't trust the network they're on."),
        _(
            "Ask them to wait half an hour, then try again on another network. If it stays locked, their IT "
            "department can help."
        ),
        _(
            "Microsoft has locked your account for a while, or doesn't trust the network you're on. Please wait half "
            "an hour and try again, preferably on another network."
        ),
    ),
    Reason(
        "blocked_as_risky",
        "sign_in",
        VM,
        _("Microsoft, or the vendor's own company, considers this account or this sign-in to be at risk."),
        _(
            "Signing in on their usual device in their usual place may be enough. If not, their IT department has to "
            "clear the account."
        ),
        _(
            "Microsoft thinks that your account may be at risk and stopped the sign-in. Please use your usual device "
            "in your usual location, or ask your IT department to clear your account."
        ),
    ),
    Reason(
        "blocked_by_policy",
        "sign_in",
        VM,
        _("A security policy, our tenant's or the vendor's own company's, blocked the sign-in or the device."),
        _(
            "Ask whether Microsoft's page names their company or ours. If it is theirs, their IT department has to "
            "help. If it is ours, give your own IT department the code, so that they can exempt guests from the "
            "policy."
        ),
        _(
            "A security policy doesn't allow this sign-in, or doesn't allow it on this device. Please try your usual "
            "device. If Microsoft's page named your company, ask your IT department."
        ),
    ),
    Reason(
        "security_check_not_passed",
        "sign_in",
        VM,
        _(
            "Microsoft asked for a further check, such as another company's MFA or terms of use, which was not "
            "completed."
        ),
        _(
            "Ask them to try again and follow the steps on every page. If it fails again, their IT department has to "
            "look into it."
        ),
        _(
            "Microsoft asked for a further security check that wasn't finished. Please try again and follow the steps "
            "on every page."
        ),
    ),
    Reason(
        "own_company_sign_in_fails",
        "sign_in",
        VM,
        _("The sign-in service of the vendor's own company or email provider failed."),
        _("They can try again later. If it keeps happening, only their IT department or email provider can fix it."),
        _(
            "The sign-in service of your company or email provider failed. Please try again later, or ask your IT "
            "department."
        ),
    ),
    Reason(
        "session_ended_at_microsoft",
        "sign_in",
        VM,
        _("Their Microsoft session had expired or been ended, for example after a password change."),
        _("They can simply sign in again. If it keeps happening, suggest a private window."),
        _("Your Microsoft session has ended. Please sign in again."),
    ),
    Reason(
        "microsoft_trouble",
        "sign_in",
        VM,
        _("Microsoft's sign-in service had a temporary problem."),
        _("Ask them to try again in a few minutes. If it keeps happening to several people, tell operations."),
        _("Microsoft's sign-in service had a brief problem. Please try again in a few minutes."),
    ),
    Reason(
        "in_app_browser",
        "sign_in",
        VM,
        _("Tried to sign in inside an app, such as a social network. Google and others do not allow that."),
        _("Ask them to copy the link and open it in their usual browser."),
        _(
            "Google and some other providers don't let you sign in inside an app. Please open Passport in your usual "
            "browser."
        ),
    ),
    Reason(
        "mailbox_moved",
        "sign_in",
        VM,
        _(
            "Signed in to Microsoft with the invited address, but Microsoft doesn't recognise the account as the one "
            "that was invited. Their mailbox has probably moved, for example to a Microsoft or Google account, or "
            "the "
            "guest was deleted in our tenant."
        ),
        _(
            "Ask whether their email is with another provider now. If so, or if the guest was deleted, press “Repair "
            "sign-in”: the same address is invited again, and their profile stays as it is."
        ),
        _(
            "Microsoft no longer recognises your account as the one we invited. If your email has moved to another "
            "provider, Vendor Management can repair your sign-in."
        ),
        "repair",
    ),
    Reason(
        "microsoft_refused",
        "sign_in",
        VM,
        _("Microsoft refused the sign-in. If it gave a code, you'll find it in the case."),
        _("Ask what Microsoft's page said. The code in the case tells IT more."),
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
        _("Passport's own client secret or certificate has expired: no one can sign in."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
        is_urgent=True,
    ),
    Reason(
        "microsoft_misconfigured",
        "sign_in",
        OPERATIONS,
        _("Entra refuses Passport's request: the app registration and the settings do not match."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "microsoft_timeout",
        "sign_in",
        OPERATIONS,
        _("Microsoft did not respond in time."),
        _OPERATIONS_KNOW,
        _("Microsoft did not respond in time. Please try again in a minute."),
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
        _("Microsoft's sign-in service reports a problem."),
        _OPERATIONS_KNOW,
        _("Microsoft's sign-in service is having problems at the moment. Please try again in a few minutes."),
        is_common=True,
    ),
    Reason(
        "microsoft_busy",
        "sign_in",
        OPERATIONS,
        _("Microsoft is asking us to slow down."),
        _OPERATIONS_KNOW,
        _("Microsoft is busy at the moment. Please try again in a minute."),
        is_common=True,
    ),
    Reason(
        "microsoft_tls",
        "sign_in",
        OPERATIONS,
        _("Passport could not make a secure connection to Microsoft."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
    Reason(
        "microsoft_bad_answer",
        "sign_in",
        OPERATIONS,
        _("Microsoft sent a response that Passport cannot use."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    # The way back
    Reason(
        "interaction_needed",
        "sign_in",
        VM,
        _("Microsoft needed something more from them before they could sign in, but did not ask for it."),
        _("They can simply try again. If it keeps happening, IT should check the tenant's policies."),
        _(
            "Microsoft needs something more from you before you can sign in. Please try again and follow the steps on "
            "its pages."
        ),
    ),
    Reason(
        "issuer_mismatch",
        "sign_in",
        VM,
        _("Came back from a sign-in page that is not our tenant's, so Passport stopped the sign-in."),
        _("Ask them which page they were on. They can try again, starting at Passport's own sign-in screen."),
        _(
            "That response did not come from our Microsoft sign-in page, so we stopped the sign-in. Please sign in "
            "again."
        ),
    ),
    Reason(
        "session_lost",
        "sign_in",
        VM,
        _("Came back from Microsoft in a browser that had not started the sign-in, or that blocks cookies."),
        _("They can simply try again, in one browser and with cookies allowed."),
        _(
            "Your browser did not keep what it needs to finish signing in. Allow cookies for this site, stay in the "
            "same browser and try again."
        ),
    ),
    Reason(
        "cookies_blocked",
        "sign_in",
        VM,
        _("Pressed “Sign in” twice in a browser that does not accept cookies."),
        _("Ask them to allow cookies for Passport, or to open the link in another browser."),
        _("Your browser is blocking cookies for this site. You can't sign in without them."),
    ),
    Reason(
        "link_used_or_expired",
        "sign_in",
        VM,
        _("Took longer than 30 minutes on Microsoft's pages, or came back twice."),
        _("They can simply try again."),
        _("That took too long, or the page was opened twice. Please sign in again."),
    ),
    Reason(
        "callback_incomplete",
        "sign_in",
        VM,
        _("Came back from Microsoft without a response."),
        _("They can simply try again."),
        _TRY_AGAIN,
    ),
    Reason(
        "code_rejected",
        "sign_in",
        VM,
        _("Microsoft's response was used twice or too late."),
        _("They can simply try again."),
        _("Microsoft's response had already been used. Please sign in again."),
    ),
    Reason(
        "nonce_mismatch",
        "sign_in",
        OPERATIONS,
        _("Microsoft's response does not belong to the sign-in that this browser started."),
        _OPERATIONS_KNOW,
        _("Microsoft's response did not match your sign-in, so we stopped the sign-in. Please sign in again."),
    ),
    Reason(
        "token_signature",
        "sign_in",
        OPERATIONS,
        _("The signature on Microsoft's response is wrong."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "token_invalid",
        "sign_in",
        OPERATIONS,
        _("Something in Microsoft's response is missing or wrong."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
    Reason(
        "token_expired",
        "sign_in",
        OPERATIONS,
        _("Microsoft's response is too old or not valid yet. A clock may be wrong."),
        _OPERATIONS_KNOW,
        _("Microsoft's response was too old. Please sign in again."),
    ),
    Reason(
        "did_not_come_back",
        "sign_in",
        VM,
        _("Went to Microsoft to sign in and never came back. Microsoft does not tell us about every refusal."),
        _(
            "Ask what Microsoft's page said. If they have signed in before and it now says that their account doesn't "
            "exist here (AADSTS50020), their mailbox may have moved, for example to a Microsoft or Google account: "
            "press “Repair sign-in”. If in doubt, send the invitation again."
        ),
        _("You did not come back from Microsoft's page."),
        "invite",
    ),
    Reason(
        "says_cannot_sign_in",
        "sign_in",
        VM,
        _("Filled in the form “I can't sign in”."),
        _("Read what they wrote, check their page, and reply to them."),
        _("Vendor Management has your message. They'll reply by email or use any other contact details you gave."),
        "vendor",
    ),
    Reason(
        "asks_for_invitation",
        "sign_in",
        VM,
        _("Opened an invitation that had been withdrawn, and asks for a new one."),
        _("Invite them again, or reply to them."),
        _("Vendor Management knows that you would like a new one. If they send one, you'll get it by email."),
        "vendor",
    ),
    Reason(
        "unexpected_error",
        "sign_in",
        OPERATIONS,
        _("Something went wrong in Passport itself."),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
    ),
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
        _("Microsoft accepted the invitation, then reported that it had failed. It gave no reason."),
        _("Send the invitation again. If it fails again, ask for another address."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "disowned_guest",
        "invitation",
        VM,
        _(
            "Someone said that the account behind this invitation is not theirs. The guest account is still in our "
            "tenant, and Passport is not allowed to remove it."
        ),
        _("Ask IT to delete the guest in Entra, then send the invitation again. The case shows its object ID."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "address_is_member",
        "invitation",
        VM,
        _("The address belongs to an account in our own organisation, so it cannot be invited as a guest."),
        _("Use the vendor's own address: change the primary email."),
        _("This address belongs to our own organisation."),
        "change_email",
    ),
    Reason(
        "guest_of_other_person",
        "invitation",
        VM,
        _("Microsoft says that this address belongs to a guest who is someone else in Passport."),
        _("Is this one person with two addresses? Check the other profile before you invite this one."),
        _("This address is already in use."),
        "vendor",
    ),
    Reason(
        "too_many_accounts",
        "invitation",
        VM,
        _("The vendor already has two accounts that can sign in."),
        _("First undo the open email change, or cut off the old address."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "graph_not_permitted",
        "invitation",
        OPERATIONS,
        _("Microsoft does not let Passport invite anyone: a permission is missing, or the tenant forbids invitations."),
        _("Operations know about this. The invitation stays queued, and is sent once the problem has been fixed."),
        _("Please contact Vendor Management."),
        is_common=True,
    ),
    Reason(
        "graph_credential",
        "invitation",
        OPERATIONS,
        _("Microsoft refuses Passport's own secret or certificate, so no invitations can be sent."),
        _("Operations know about this. The invitation stays queued, and is sent once the problem has been fixed."),
        _("Please contact Vendor Management."),
        is_common=True,
        is_urgent=True,
    ),
    Reason(
        "graph_unavailable",
        "invitation",
        OPERATIONS,
        _("Passport could not reach Microsoft, or Microsoft has a problem, so the invitation is waiting."),
        _(
            "Operations know about this. The invitation stays queued, and is sent as soon as Microsoft is working "
            "again."
        ),
        _("Please contact Vendor Management."),
        is_common=True,
    ),
    Reason(
        "outbound_dropped",
        "invitation",
        VM,
        _("The invitation was not sent: it was out of date by the time outgoing email was released."),
        _("If you still want to work with them, invite them again."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "graph_gave_up",
        "invitation",
        VM,
        _("Microsoft did not accept the invitation after many attempts, so Passport has stopped trying."),
        _("Send the invitation again. If it fails again, ask for another address."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "no_reaction",
        "invitation",
        VM,
        _("Passport has sent three reminders about the invitation, and no one has signed in."),
        _("Call them, or ask whether the address is right. You can send the invitation again or withdraw it."),
        _("Please contact Vendor Management."),
        "invite",
    ),
    Reason(
        "expires_soon",
        "invitation",
        VM,
        _("Invited almost 90 days ago and has never signed in. The invitation will be withdrawn in a week."),
        _("Call them, or let the invitation lapse."),
        _("Please contact Vendor Management."),
        "vendor",
        is_notice=True,
    ),
    Reason(
        "guest_left_over",
        "invitation",
        OPERATIONS,
        _("A guest that is no longer needed is still in the tenant: Passport could not remove it."),
        _("Operations can remove it by hand. No one can sign in to Passport with it."),
        _("Please contact Vendor Management."),
    ),
    Reason(
        "erased_guest_left_over",
        "invitation",
        OPERATIONS,
        _("The guest account of an erased vendor is still in the tenant: Passport could not remove it."),
        _(
            "Operations can remove it by hand. The case shows its object ID, because Passport no longer has the "
            "address. Closing the case deletes the object ID as well. No one can sign in to Passport with it."
        ),
        _("Please contact Vendor Management."),
    ),
    # Email change
    Reason(
        "change_not_accepted",
        "email_change",
        VM,
        _("The email address was changed 14 days ago, and no one has signed in with the new one."),
        _("Undo the change, or cut off the old address."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    Reason(
        "change_disputed",
        "email_change",
        VM,
        _("Someone at the old address says that they didn't ask for the email change."),
        _("Call the vendor on a number you already had, then undo or confirm the change on the case's page."),
        _("Thank you. Vendor Management has been told."),
        "vendor",
        is_urgent=True,
    ),
    Reason(
        "payment_disputed",
        "onboarding",
        VM,
        _(
            "Someone who got our email about payment details says they did not provide them. Payments to that account "
            "are on hold."
        ),
        _(
            "Call the vendor on a number you already had. Then confirm the account, or turn it down: decline the "
            "change, or refuse its release. If it has already been released, ask the vendor for another account: this "
            "case closes once that account has been released."
        ),
        _("Thank you. Vendor Management has been told."),
        "vendor",
        is_urgent=True,
    ),
    Reason(
        "correction_disputed",
        "onboarding",
        VM,
        _("The vendor says that a correction that Vendor Management made to their profile is wrong."),
        _("Read what they say in the timeline. Then correct the profile again, or call them."),
        _("Thank you. Vendor Management has been told."),
        "vendor",
    ),
    Reason(
        "repair_needs_it",
        "email_change",
        VM,
        _("The old guest must be deleted before the sign-in can be repaired, and Passport is not allowed to do that."),
        _("Ask IT to delete the guest in Entra, then press “Repair sign-in” again."),
        _("Please contact Vendor Management."),
        "vendor",
    ),
    # Onboarding
    Reason(
        "step_error",
        "onboarding",
        OPERATIONS,
        _("An onboarding step failed. Everything saved earlier is safe."),
        _OPERATIONS_KNOW,
        _("Everything you saved earlier is safe. What you've just typed in this step may not be."),
    ),
    Reason(
        "files_unusable",
        "onboarding",
        OPERATIONS,
        _("The storage for uploaded files can't be used. People can't send documents, or can't open them."),
        _OPERATIONS_KNOW,
        _("We couldn't save your file because of a problem on our side. Please choose it again later."),
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
        _("The same answer was refused five times. Our rule is probably wrong."),
        _("Call them and ask what they want to enter."),
        _("We cannot accept this answer. Vendor Management has been told and can help."),
        "vendor",
    ),
    Reason(
        "stuck",
        "onboarding",
        VM,
        _("Stopped halfway through onboarding, and the reminders have had no effect."),
        _("Call or write, and ask what the problem is. Their page says where they stopped."),
        _("Your answers are saved but not sent yet. If you're having trouble, Vendor Management will help you."),
        "vendor",
    ),
    # Mail
    Reason(
        "mail_refused",
        "mail",
        VM,
        _("Email to this address isn't arriving: a mail server refused it, or it bounced."),
        _("Check the address with them. If it is wrong or no longer used, change the primary email."),
        _("We couldn't send you an email."),
        "change_email",
        is_urgent=True,
    ),
    Reason(
        "staff_mail_refused",
        "mail",
        OPERATIONS,
        _("A mailbox in VM_EMAIL or OPERATIONS_EMAIL, or a colleague's, isn't accepting email from Passport."),
        _OPERATIONS_KNOW,
        _("We couldn't send you an email."),
        is_urgent=True,
    ),
    Reason(
        "bounce_mailbox_unreachable",
        "mail",
        OPERATIONS,
        _("Passport has not been able to read the bounce mailbox (BOUNCE_MAILBOX) for half an hour."),
        _OPERATIONS_KNOW,
        _("We couldn't send you an email."),
        is_common=True,
    ),
    Reason(
        "mail_not_sent",
        "mail",
        OPERATIONS,
        _("The mail server would not accept an email."),
        _OPERATIONS_KNOW,
        _("We couldn't send you an email."),
        is_common=True,
    ),
    # Running Passport, as the daily self-check finds it
    Reason(
        "self_check_email",
        RUNNING,
        OPERATIONS,
        _("The daily self-check found that Passport cannot send email to operations."),
        _(
            "Check EMAIL_URL, DEFAULT_FROM_EMAIL and OPERATIONS_EMAIL, and the mail server's log. Emails that are "
            "waiting are sent once this is fixed."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "clock_wrong",
        RUNNING,
        OPERATIONS,
        _(
            "The clock on this machine is more than a minute out, so Passport refuses Microsoft's responses, or soon "
            "will."
        ),
        _("Set this machine's clock from a time server (systemd-timesyncd, chrony), and check that it is in sync."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "self_check_entra",
        RUNNING,
        OPERATIONS,
        _(
            "The daily self-check did not get a token from Entra, so sign-ins and invitations are probably failing as"
            " well."
        ),
        _(
            "Run manage.py check_entra. If the credential was refused, make a new one in the app registration, change"
            " the setting, and restart web and worker."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "client_secret_expires",
        RUNNING,
        OPERATIONS,
        _("The client secret of the app registration expires soon, or has expired. Once it has, no one can sign in."),
        _(
            "Make a new one in the app registration, change ENTRA_CLIENT_SECRET and ENTRA_CLIENT_SECRET_EXPIRES, and "
            "restart web and worker."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "client_certificate_expires",
        RUNNING,
        OPERATIONS,
        _(
            "The certificate that Passport uses to sign in to Entra expires soon, or has expired. Once it has, no "
            "one can sign in."
        ),
        _(
            "Upload a new one to the app registration, replace the file that ENTRA_CLIENT_CERTIFICATE names, and "
            "restart web and worker."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "tls_certificate_expires",
        RUNNING,
        OPERATIONS,
        _(
            "The TLS certificate of Passport's address expires soon, or has expired. Once it has, browsers will "
            "warn people not to continue."
        ),
        _("Renew it on the proxy, and find out why it was not renewed automatically."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "purge_not_run",
        RUNNING,
        OPERATIONS,
        _(
            "No nightly deletion has finished for more than 36 hours, so data that must no longer be kept is still "
            "here."
        ),
        _("Run manage.py purge to see whether it fails, and look for the task in the worker's log."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "backup_too_old",
        RUNNING,
        OPERATIONS,
        _("The last successful backup is more than 36 hours old."),
        _("Run the backup by hand to see whether it fails, then check whatever should start it every night."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "disk_filling",
        RUNNING,
        OPERATIONS,
        _("A disk that Passport writes to is nearly full: less than 10% or less than 1 GB is free."),
        _("Free some space or make the disk bigger. When it is full, uploads fail, and an embedded database stops."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "files_folder_unusable",
        RUNNING,
        OPERATIONS,
        _("The folder for uploaded files (MEDIA_ROOT) is missing, or Passport cannot write to it."),
        _(
            "Check that the volume is mounted and that the folder belongs to the user that Passport runs as. Until "
            "this is fixed, /readyz returns 503."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "rows_unreadable",
        RUNNING,
        OPERATIONS,
        _("Some encrypted values in the database cannot be read with any key in FIELD_ENCRYPTION_KEYS."),
        _(
            "Run manage.py check, which counts them. Put the missing key back at the end of the list, and restart web"
            " and worker."
        ),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "self_check_failed",
        RUNNING,
        OPERATIONS,
        _("Part of the daily self-check itself failed, so what it checks is not being monitored."),
        _("Run manage.py self_check, and look for the error in the worker's log."),
        _NO_ONE_IS_HIT,
        is_common=True,
    ),
    Reason(
        "purge_stopped",
        RUNNING,
        OPERATIONS,
        _(
            "More vendors were due to be erased in one night than PURGE_AT_MOST (or 5% of all vendors) allows, so "
            "none were erased. Operations should check the KEEP_… settings and the list, then run "
            "manage.py purge --at-most."
        ),
        _OPERATIONS_KNOW,
        _NOT_YOUR_FAULT,
        is_common=True,
    ),
]

CATALOGUE: dict[str, Reason] = {reason.code: reason for reason in _ALL}
COMMON_REASONS = [code for code, reason in CATALOGUE.items() if reason.is_common]

_NUMBERS = {
    # Whose account, and of what kind
    "account_not_in_tenant": "16000 16003 50014 50020 50034 51004 90072 500202",
    "account_disabled_in_entra": "50057 500571 120014",
    "wrong_kind_of_account": "500200 500207 500208 9002332 90084",
    "account_locked": "50053 80012",
    "wrong_password": "50055 50056 50064 50126 50135 50142 50144",
    # What the person has to do
    "consent_declined": "65004",
    "mfa_required": "50074 50076 50078 50088 500121",
    "mfa_enrolment_required": "50072 50079",
    "security_check_not_passed": "50158 50161 50170 50177 50178",
    "interaction_needed": "16001 50015 50058 50125 50140 50199 51006 700020",
    "session_ended_at_microsoft": (
        "16002 50085 50089 50132 50133 50136 50139 50143 50168 50173 50197 70043 70044 90086 160021 165000 165004 "
        "165900 700082"
    ),
    "in_app_browser": "220450",
    # Who forbids it
    "admin_approval_required": "90093 90094 90095",
    "blocked_by_own_company": "50002 500021 500022 500212 90038 90043 1000104",
    "blocked_by_our_tenant": "500213 90071",
    "blocked_as_risky": "53004 53010 53011 530034",
    "conditional_access": "53000 53001 53002 53003 530001 530002 530003 530004",
    "blocked_by_policy": (
        "50005 50097 50127 50129 50131 50155 50187 53009 530021 530031 530032 530035 54000 130007 135011"
    ),
    # What does not work, and where
    "own_company_sign_in_fails": (
        "20001 20012 20033 40008 40009 40010 40015 50006 50008 5000819 50017 50027 50107 50166 50180 50192 80001 80002 "
        "80005 80007 80010 80013 80014 81004 81005 81006 81007 81009 81010 81011 81012 90123"
    ),
    "microsoft_trouble": (
        "50000 50033 50086 50087 70012 90006 90012 90024 90033 90036 90055 90085 90090 90091 90092 120021 1000031"
    ),
    "code_rejected": "54005 70000 70008 501481",
    # What operations have set up
    "consent_missing": "65001 90008",
    "not_assigned_in_entra": "50105",
    "client_secret_wrong": "50012 70002 700024 700027 7000214 7000215 7000218 7000274 7000277",
    "client_secret_expired": "1000502 7000222",
    "microsoft_misconfigured": (
        "28002 28003 50001 50003 50007 50010 50011 50059 50128 50146 50147 50194 50196 65005 70001 70003 70004 70005 "
        "70007 70011 500011 500113 501461 501491 650052 650054 650056 650057 700011 700016 700025 700054 7000112 90002 "
        "90014 90015 90019 90023 90100 900144 900971 901002 9002313 9002325"
    ),
}
# In the detail of a case about somebody who has never signed in: has Microsoft recorded that they accepted?
HAS_ACCEPTED = "has_accepted"
_ACCEPTED_ALREADY = _(
    "They have accepted the invitation on Microsoft's page but have never reached Passport. Ask them what "
    "Microsoft's page said, and ask them to try again. If it says that their account doesn't exist here "
    "(AADSTS50020), or if it fails again, "
    "press “Repair sign-in”. Sending the invitation again wouldn't help: Microsoft does not email anyone who has "
    "already accepted."
)

BY_AADSTS = {number: code for code, numbers in _NUMBERS.items() for number in numbers.split()}

NUMBERS_AT_MOST = 20
# The account is there, and it is not the guest.
ANOTHER_ACCOUNT = {"16000", "16003", "50020", "50034", "51004", "90072"}

# What an attempt was stopped at first. When Microsoft gives another number as well, that one says more.
_FIRST_STOPS = {"consent_declined", "wrong_password", "mfa_required", "interaction_needed", "code_rejected"}

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
_NOT_READ_AT = {"invitation", "mail", RUNNING}
_NOT_READ = {"did_not_come_back", "mailbox_moved", "address_differs", "change_not_accepted", "repair_needs_it", "stuck"}

# Whose mailbox it is, or whether it works, is in doubt here: nobody should write to it without a second look.
MAILBOX_IN_DOUBT = {"mail_refused", "change_disputed", "payment_disputed"}

# Signing in once more would end the same way.
NO_RETRY = {
    "auth_time_missing",
    "vendor_suspended",
    "vendor_ended",
    "vendor_declined",
    "vendor_withdrew",
    "user_inactive",
    "staff_role_missing",
}
# Whose text for the person says by itself that Vendor Management knows; of the others the page says it.
SAYS_WHO_KNOWS = {
    "says_cannot_sign_in",
    "asks_for_invitation",
    "change_disputed",
    "payment_disputed",
    "correction_disputed",
    "field_keeps_failing",
}


def get(code: str) -> Reason:
    """The catalogue's entry; an unknown code (from a newer version's row) reads as an unexpected error."""
    return CATALOGUE.get(code) or CATALOGUE["unexpected_error"]


def is_about_running(code: str) -> bool:
    """Whether it is about the running of Passport, so that nobody in particular is hit by it: operations' alone."""
    return get(code).stage == RUNNING


def of(code: str, detail: Mapping[str, Any]) -> Reason:
    """The catalogue's entry as it reads for a case that keeps this."""
    reason = get(code)
    if code == "did_not_come_back" and detail.get(HAS_ACCEPTED):
        return replace(reason, vm_action=_ACCEPTED_ALREADY, button="repair")
    return reason


def by_numbers(numbers: Sequence[str]) -> str:
    """The reason that says most among those of Microsoft's numbers; empty when none of them is known."""
    named = [BY_AADSTS[number] for number in numbers if number in BY_AADSTS]
    return next((code for code in named if code not in _FIRST_STOPS), named[0] if named else "")


def says_more(code: str, *, than: str) -> bool:
    return than in _FIRST_STOPS and code not in _FIRST_STOPS


def numbers_in(detail: Mapping[str, Any]) -> list[str]:
    """All of Microsoft's numbers that a case keeps."""
    return list(detail.get("codes") or [detail["aadsts"]]) if detail.get("aadsts") else []


def joined(detail: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """What a case keeps when it happens again: the newest of everything, and every number that Microsoft gave."""
    numbers = list(dict.fromkeys([*numbers_in(detail), *numbers_in(later)]))
    kept = {name: value for name, value in {**detail, **later}.items() if name != "codes"}
    return {**kept, "codes": numbers[-NUMBERS_AT_MOST:]} if len(numbers) > 1 else kept


def was_read(code: str, detail: Mapping[str, Any]) -> bool:
    """Whether the person has read what the catalogue has for them. Entra's log tells of pages that are Microsoft's."""
    return not (get(code).stage in _NOT_READ_AT or code in _NOT_READ or detail.get("from") == "sign-in log")

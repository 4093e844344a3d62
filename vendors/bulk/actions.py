"""What VM can do with many vendors at once. To add something, add a `BulkAction`; if it asks for something, which is
the same for all of them, also its form to FORMS in vendors/bulk/forms.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from vendors import lifecycle
from vendors.bulk import closing, emails, notes, owners, refusals, tagging, withdrawing
from vendors.bulk.refusals import Parameters, WhyNot
from vendors.models import BulkRow, Vendor
from vendors.onboarding_interface import onboarding
from vendors.still_right import lifecycle as still_right


@dataclass(frozen=True)
class BulkAction:
    name: str  # kept with each run, so never renamed
    label: str | Promise
    permission: str
    will: Any  # how many it will be done with, and how many it has been done with: ngettext_lazy with "count"
    did: Any
    consequences: tuple[str | Promise, ...]
    why_not: WhyNot
    # Inside a transaction that holds the person. What it raises of refusals.REFUSALS becomes the reason of the row.
    carry_out: Callable[[Vendor, BulkRow], object]
    # What it replaces, so that nobody else's change is overwritten: kept with the row when VM looks.
    seen: Callable[[Vendor], str] = lambda vendor: ""
    sample: Callable[[Vendor, Parameters], emails.Email] | None = None
    asks: bool = False
    is_dangerous: bool = False


# Not carried out vendor by vendor: what was chosen is kept for a day, and exported as what was found is.
EXPORT = BulkAction(
    "export",
    gettext_lazy("Export"),
    "vendors.export_vendors",
    ngettext_lazy("%(count)d vendor will be exported.", "%(count)d vendors will be exported.", "count"),
    ngettext_lazy("%(count)d vendor has been exported.", "%(count)d vendors have been exported.", "count"),
    (),
    lambda vendors, parameters: {},
    lambda vendor, row: None,
)

BULK_ACTIONS: dict[str, BulkAction] = {
    action.name: action
    for action in [
        BulkAction(
            "invite",
            gettext_lazy("Invite"),
            "vendors.invite_vendor",
            ngettext_lazy("%(count)d vendor will be invited.", "%(count)d vendors will be invited.", "count"),
            ngettext_lazy("%(count)d vendor has been invited.", "%(count)d vendors have been invited.", "count"),
            (
                gettext_lazy("Passport asks Microsoft to invite each of them, and Microsoft emails the invitation."),
                gettext_lazy("Passport sends each a short email of its own that explains what happens next."),
            ),
            refusals.unless(lambda vendor: vendor.can("invite")),
            lambda vendor, row: lifecycle.invite(vendor, by=row.run.by),
        ),
        BulkAction(
            "invite-again",
            gettext_lazy("Send invitation again"),
            "vendors.invite_vendor",
            ngettext_lazy(
                "%(count)d vendor will be sent the invitation again.",
                "%(count)d vendors will be sent the invitation again.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d vendor has been sent the invitation again.",
                "%(count)d vendors have been sent the invitation again.",
                "count",
            ),
            (
                gettext_lazy(
                    "Microsoft emails each of them a new invitation, and Passport sends a short email of its own."
                ),
                gettext_lazy("The links sent earlier still work."),
            ),
            refusals.of_inviting_again,
            lambda vendor, row: lifecycle.resend_invitation(vendor, by=row.run.by),
        ),
        BulkAction(
            withdrawing.ACTION,
            gettext_lazy("Withdraw invitation"),
            "vendors.invite_vendor",
            ngettext_lazy(
                "%(count)d vendor will have their invitation withdrawn.",
                "%(count)d vendors will have their invitations withdrawn.",
                "count",
            ),
            ngettext_lazy(
                "The invitation has been withdrawn for %(count)d vendor.",
                "The invitations have been withdrawn for %(count)d vendors.",
                "count",
            ),
            (
                gettext_lazy("They can no longer sign in, even with the email that Microsoft has already sent."),
                gettext_lazy("Guests connected by an import lose their access to Passport. They stay in the tenant."),
                gettext_lazy("Anyone who signs in before you start keeps their access."),
                gettext_lazy(
                    "The vendors go back to “prepared” and can be invited later. Profiles that were carried over stay "
                    "approved."
                ),
                gettext_lazy("The vendors are not notified."),
            ),
            withdrawing.why_not,
            withdrawing.withdraw,
            asks=True,
            is_dangerous=True,
        ),
        BulkAction(
            "remind",
            gettext_lazy("Remind about unfinished onboarding"),
            "vendors.invite_vendor",
            ngettext_lazy("%(count)d vendor will be reminded.", "%(count)d vendors will be reminded.", "count"),
            ngettext_lazy("%(count)d vendor has been reminded.", "%(count)d vendors have been reminded.", "count"),
            (
                gettext_lazy("Each gets an email that says where they stopped, with a link to that step."),
                gettext_lazy(
                    "This is recorded in the timeline. No automatic reminder will be sent for the next two days."
                ),
            ),
            refusals.of_reminding,
            lambda vendor, row: onboarding().remind(vendor, by=row.run.by),
        ),
        BulkAction(
            emails.ACTION,
            gettext_lazy("Write an email"),
            "vendors.write_to_vendors",
            ngettext_lazy("%(count)d vendor will get this email.", "%(count)d vendors will get this email.", "count"),
            ngettext_lazy(
                "The email has been queued for %(count)d vendor.",
                "The email has been queued for %(count)d vendors.",
                "count",
            ),
            (
                gettext_lazy("Each gets an email of their own. They cannot see who else gets it."),
                gettext_lazy("Replies go to the vendor's owner or, without one, to Vendor Management."),
                gettext_lazy("The email is recorded in each vendor's timeline."),
            ),
            refusals.unless(emails.can_be_written_to),
            emails.write,
            sample=emails.as_sent,
            asks=True,
        ),
        BulkAction(
            "assign-owner",
            gettext_lazy("Assign an owner"),
            "vendors.change_vendor",
            ngettext_lazy(
                "%(count)d vendor will be given this owner.", "%(count)d vendors will be given this owner.", "count"
            ),
            ngettext_lazy("%(count)d vendor has a new owner.", "%(count)d vendors have a new owner.", "count"),
            (gettext_lazy("The owner of each of them changes. The vendors are not notified."),),
            owners.why_not,
            owners.assign,
            seen=owners.seen,
            asks=True,
        ),
        BulkAction(
            notes.ACTION,
            gettext_lazy("Add a note"),
            "vendors.add_note",
            ngettext_lazy(
                "The note will be added to %(count)d vendor.", "The note will be added to %(count)d vendors.", "count"
            ),
            ngettext_lazy(
                "The note has been added to %(count)d vendor.",
                "The note has been added to %(count)d vendors.",
                "count",
            ),
            (
                gettext_lazy("The note is added to each vendor's page, under your name. The vendors are not notified."),
                gettext_lazy("Each of these vendors may ask to read it."),
                gettext_lazy("You can change or strike out each note on the vendor's page."),
            ),
            refusals.unless(notes.can_be_added),
            notes.add,
            asks=True,
        ),
        BulkAction(
            "ask-still-right",
            gettext_lazy("Ask “Is this still right?”"),
            "vendors.review_vendor",
            ngettext_lazy("%(count)d vendor will be asked.", "%(count)d vendors will be asked.", "count"),
            ngettext_lazy("%(count)d vendor has been asked.", "%(count)d vendors have been asked.", "count"),
            (
                gettext_lazy("Each gets an email, and a box on their profile where they can answer."),
                gettext_lazy("Two reminders are sent automatically to those who do not answer."),
            ),
            refusals.of_asking_if_still_right,
            lambda vendor, row: still_right.ask(vendor, by=row.run.by),
        ),
        BulkAction(
            "add-tags",
            gettext_lazy("Add tags"),
            "vendors.change_vendor",
            ngettext_lazy("%(count)d vendor will get these tags.", "%(count)d vendors will get these tags.", "count"),
            ngettext_lazy(
                "%(count)d vendor has been given these tags.", "%(count)d vendors have been given these tags.", "count"
            ),
            (
                gettext_lazy(
                    "The tags are added to the ones each vendor already has. Capital letters make no difference."
                ),
                gettext_lazy("The vendors are not notified, but each may ask to read their tags."),
            ),
            tagging.why_not_add,
            tagging.add,
            asks=True,
        ),
        BulkAction(
            "remove-tags",
            gettext_lazy("Remove tags"),
            "vendors.change_vendor",
            ngettext_lazy(
                "%(count)d vendor will have these tags removed.",
                "%(count)d vendors will have these tags removed.",
                "count",
            ),
            ngettext_lazy(
                "These tags have been removed from %(count)d vendor.",
                "These tags have been removed from %(count)d vendors.",
                "count",
            ),
            (gettext_lazy("Only these tags are removed; all others stay. The vendors are not notified."),),
            tagging.why_not_remove,
            tagging.remove,
            asks=True,
        ),
        BulkAction(
            "close",
            gettext_lazy("Close"),
            "vendors.close_vendor",
            ngettext_lazy(
                "%(count)d vendor will be closed and lose access.",
                "%(count)d vendors will be closed and lose access.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d vendor has been closed and has lost access.",
                "%(count)d vendors have been closed and have lost access.",
                "count",
            ),
            (
                gettext_lazy("Each of them is signed out everywhere at once and can no longer sign in."),
                gettext_lazy("Applicants are declined. What they have sent is no longer waiting for your review."),
                gettext_lazy("For those who are or were approved, the working relationship ends."),
                gettext_lazy("Open invitations are withdrawn, and open email changes end."),
                gettext_lazy("The vendors are not notified. You can still write to them afterwards."),
                gettext_lazy(
                    "You cannot undo this for all of them at once: you have to reopen each vendor on their own page."
                ),
            ),
            closing.why_not,
            closing.close,
            seen=closing.seen,
            asks=True,
            is_dangerous=True,
        ),
    ]
}

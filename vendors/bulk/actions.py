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
from vendors.bulk import emails, notes, owners, refusals
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
                gettext_lazy("Microsoft emails each of them a new invitation, and Passport a short email of its own."),
                gettext_lazy("The earlier invitations still lead to the same place."),
            ),
            refusals.of_inviting_again,
            lambda vendor, row: lifecycle.resend_invitation(vendor, by=row.run.by),
        ),
        BulkAction(
            "remind",
            gettext_lazy("Remind of unfinished onboarding"),
            "vendors.invite_vendor",
            ngettext_lazy("%(count)d vendor will be reminded.", "%(count)d vendors will be reminded.", "count"),
            ngettext_lazy("%(count)d vendor has been reminded.", "%(count)d vendors have been reminded.", "count"),
            (
                gettext_lazy("Each gets an email that says where they stopped, with a link to that page."),
                gettext_lazy("This is recorded in the timeline. No automatic reminder is sent for the next two days."),
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
            ngettext_lazy("%(count)d vendor will get this owner.", "%(count)d vendors will get this owner.", "count"),
            ngettext_lazy("%(count)d vendor has a new owner.", "%(count)d vendors have a new owner.", "count"),
            (gettext_lazy("The owner of each of them changes. The vendors are not told."),),
            owners.why_not,
            owners.assign,
            seen=owners.seen,
            asks=True,
        ),
        BulkAction(
            notes.ACTION,
            gettext_lazy("Add a note"),
            "vendors.add_note",
            ngettext_lazy("%(count)d vendor will get this note.", "%(count)d vendors will get this note.", "count"),
            ngettext_lazy("%(count)d vendor has this note.", "%(count)d vendors have this note.", "count"),
            (
                gettext_lazy("The note is added to each vendor's page, under your name. The vendors are not told."),
                gettext_lazy("Each of these vendors may ask to read it."),
                gettext_lazy("You can change or strike out each of them on the vendor's page."),
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
                gettext_lazy("Each gets an email, and a box on their profile in which they answer."),
                gettext_lazy("Two reminders are sent automatically to those who do not answer."),
            ),
            refusals.of_asking_if_still_right,
            lambda vendor, row: still_right.ask(vendor, by=row.run.by),
        ),
    ]
}

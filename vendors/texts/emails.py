"""The emails to vendors whose wording VM can change, and what may be filled in: a catalogue, in parts.

Each app lists its own (settings.EMAIL_TEXTS). A placeholder stands for a value of the email, or for a part of the
original that depends on the situation: the block of that name in its template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

SAFETY = "safety"  # the block that stays below whatever is typed
EXAMPLE_LINK = "https://passport.sandberg.example/…"


@dataclass(frozen=True)
class Placeholder:
    name: str
    what: str | Promise
    example: str | Promise
    source: str = ""  # what a template would write for it; empty: the block of the same name
    is_required: bool = False


@dataclass(frozen=True)
class Email:
    template: str
    title: str | Promise
    placeholders: Sequence[Placeholder]
    # Of blocks in the subject; a subject without one of these names the organisation.
    in_subject: Sequence[Placeholder] = ()
    has_safety: bool = False

    @property
    def key(self) -> str:
        return f"email/{self.template}"

    @property
    def slug(self) -> str:
        return self.template.replace("/mail/", "-").replace("_", "-")

    @property
    def of_body(self) -> Mapping[str, Placeholder]:
        return {placeholder.name: placeholder for placeholder in (*EVERYWHERE, *self.placeholders)}

    @property
    def of_subject(self) -> Mapping[str, Placeholder]:
        """Values, and the parts that its own template has; not the paragraphs of the body."""
        values = [placeholder for placeholder in (*EVERYWHERE, *self.placeholders) if placeholder.source]
        return {placeholder.name: placeholder for placeholder in (*values, *self.in_subject)}


EVERYWHERE = (
    Placeholder("organisation", _("the organisation's name"), "Sandberg", "organisation_name"),
    Placeholder("vm_email", _("Vendor Management's address"), "vm@sandberg.example", "vm_email"),
)
GREETING = Placeholder("greeting", _("the greeting, by name where that is safe"), _("Hello Ana,"), "greeting")
OCCASION = Placeholder(
    "occasion", _("the original subject for the situation"), _("Sandberg has invited you to Passport")
)


def link(source: str = "url") -> Placeholder:
    return Placeholder("link", _("the link, on a line of its own"), EXAMPLE_LINK, source, is_required=True)


HELP_LINK = Placeholder(
    "help_link",
    _("the page that explains signing in"),
    EXAMPLE_LINK,
    "help_url",
)
_TITLE = Placeholder("title", _("what the document is"), _("Degree certificate"), "document.title")
_FILE = Placeholder("file", _("the name of the file"), "degree.pdf", "document.name|one_line")
_EXPIRES = Placeholder("day", _("the day it expires"), "3 May 2027", 'document.expires_on|date:"j F Y"')
_NAMED = Placeholder("day", _("the day the vendor gave us the account"), "3 May 2027", 'release.named_at|date:"j F Y"')

EMAILS = (
    Email(
        "identity/mail/invitation",
        _("Invitation, alongside Microsoft's"),
        (
            Placeholder(
                "opening",
                _("why we are writing: invited, invited again, another address"),
                _("Sandberg would like to work with you and has invited you to Passport."),
            ),
            Placeholder("changes", _("what has changed since our last email, if anything"), ""),
            Placeholder(
                "steps",
                _("what happens next, with the link"),
                _("What happens next:\n\n1. Microsoft sends you an email with an “Accept invitation” button."),
                is_required=True,
            ),
            HELP_LINK,
        ),
        in_subject=(OCCASION,),
    ),
    Email(
        "identity/mail/reminder",
        _("Reminder about an invitation"),
        (
            Placeholder("day", _("when the invitation was sent"), "3 May", 'invitation.sent_at|date:"j F"'),
            link("welcome_url"),
            HELP_LINK,
        ),
    ),
    Email(
        "vendors/mail/acceptances",
        _("Copy of what was accepted"),
        (
            GREETING,
            Placeholder("day", _("when it was accepted"), "3 May 2027", "accepted.day"),
            Placeholder("time", _("at what time"), "10:15", "accepted.time"),
            Placeholder("zone", _("in which time zone"), _("Warsaw time"), "accepted.zone"),
            Placeholder(
                "texts",
                _("the texts, with version and fingerprint"),
                _("TERMS OF COOPERATION\nVersion: 1.0\n\n…"),
                is_required=True,
            ),
            link(),
        ),
    ),
    Email("vendors/mail/document_expiring", _("A document expires soon"), (GREETING, _TITLE, _FILE, _EXPIRES, link())),
    Email(
        "vendors/mail/document_not_sent",
        _("A document expires soon, and the newer one has not been sent"),
        (
            GREETING,
            _TITLE,
            _FILE,
            _EXPIRES,
            Placeholder(
                "state",
                _("what was chosen or removed, but not sent"),
                _("You have already chosen another file, but you haven't sent it yet."),
            ),
            link(),
        ),
    ),
    Email(
        "vendors/mail/document_refused",
        _("A document was not accepted"),
        (
            GREETING,
            _TITLE,
            _FILE,
            Placeholder("reason", _("why"), _("Page two is missing."), "document.verdict", is_required=True),
            link(),
        ),
    ),
    Email(
        "vendors/mail/email_changed",
        _("The email address was changed (to the old address)"),
        (
            GREETING,
            Placeholder(
                "what_changed",
                _("how long the old address works"),
                _("Vendor Management at Sandberg has entered a new email address for you in Passport."),
                is_required=True,
            ),
        ),
        has_safety=True,
    ),
    Email(
        "vendors/mail/email_change_undone",
        _("The change to the email address was undone"),
        (GREETING, Placeholder("signing_in", _("whether they have to sign in again"), ""), HELP_LINK),
    ),
    Email(
        "vendors/mail/email_request_declined",
        _("A request to change the email address was declined"),
        (GREETING, Placeholder("reason", _("why"), _("Please call us first."), "request.answer", is_required=True)),
    ),
    Email("vendors/mail/payment_added", _("Payment details were added"), (GREETING,), has_safety=True),
    Email("vendors/mail/payment_released", _("Payment details were released"), (GREETING, _NAMED), has_safety=True),
    Email(
        "vendors/mail/payment_refused",
        _("Payment details were refused"),
        (
            GREETING,
            _NAMED,
            Placeholder("reason", _("why"), _("The bank doesn't know it."), "release.reason", is_required=True),
        ),
        has_safety=True,
    ),
    Email(
        "vendors/mail/rate_proposed",
        _("A rate was proposed"),
        (
            GREETING,
            Placeholder(
                "about", _("languages and service"), _("German into Polish, translation"), "about", is_required=True
            ),
            Placeholder("amount", _("the amount"), "EUR 0.09", "amount", is_required=True),
            Placeholder("unit", _("the unit"), _("per source word"), "unit"),
            Placeholder("why", _("what Vendor Management says about it, if anything"), ""),
            link(),
        ),
    ),
    Email(
        "vendors/mail/still_right",
        _("Is your profile still right?"),
        (
            GREETING,
            Placeholder(
                "opening",
                _("why we are asking: once a year, because VM wants to know, or as a reminder"),
                _("Once a year, we ask you whether your profile at Sandberg is still right."),
            ),
            Placeholder("day", _("when the answer is due"), "3 May 2027", "due_on"),
            link(),
        ),
    ),
)


@cache
def catalogue() -> Mapping[str, Email]:
    """By template, in the order of the page."""
    emails: list[Email] = [email for name in settings.EMAIL_TEXTS for email in import_string(name)]
    return {email.template: email for email in emails}

"""The emails about answers whose wording VM can change (settings.EMAIL_TEXTS; vendors/texts/emails.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from vendors.texts.emails import GREETING, OCCASION, Email, Placeholder, link

REFERENCE = Placeholder("reference", _("the reference"), "BCDF-2345", "submission.reference")
REASON = Placeholder(
    "reason",
    _("why, as VM wrote it"),
    _("We have enough translators for Danish."),
    "submission.reason",
    is_required=True,
)
USUAL_TIME = Placeholder("usual_time", _("how long VM usually takes"), _("5 working days"), "usual_time")
SECTIONS = Placeholder("sections", _("which sections have changed"), _("What has changed:\n- Rates"))

EMAILS = (
    Email("onboarding/mail/submitted", _("Answers received"), (GREETING, USUAL_TIME, REFERENCE, link())),
    Email(
        "onboarding/mail/changes_requested",
        _("Changes requested"),
        (
            GREETING,
            Placeholder("opening", _("thanks for the answers or the changes"), _("Thank you for your answers.")),
            Placeholder(
                "changes",
                _("what to change, section by section"),
                _("* Rates\nYour rate for Danish is missing."),
                is_required=True,
            ),
            Placeholder("next", _("what to do next"), _("Sign in, make the changes, and send your answers again:")),
            REFERENCE,
            link(),
        ),
        in_subject=(OCCASION,),
    ),
    Email(
        "onboarding/mail/approved",
        _("Profile approved"),
        (
            GREETING,
            Placeholder(
                "payment",
                _("a sentence saying that payment details are missing, if they are"),
                _("One thing is still missing: your payment details."),
            ),
            Placeholder("invoicing", _("how to invoice us, if that is set"), _("How to invoice us:\n…")),
            REFERENCE,
            link(),
        ),
    ),
    Email("onboarding/mail/declined", _("Application declined"), (GREETING, REASON, REFERENCE)),
    Email(
        "onboarding/mail/reminder",
        _("Reminder about unfinished onboarding"),
        (
            GREETING,
            Placeholder(
                "situation",
                _("where the vendor stopped, and when"),
                _("On 3 May 2027, you stopped at “Rates” in Passport, Sandberg's portal."),
            ),
            Placeholder("next", _("how much is left"), _("You have 3 of 9 steps left to complete.")),
            link(),
        ),
        in_subject=(OCCASION,),
    ),
    Email(
        "onboarding/mail/withdrawn",
        _("Application withdrawn by the vendor"),
        (
            GREETING,
            Placeholder("day", _("when it was withdrawn"), "3 May 2027", "day"),
            Placeholder("kept", _("what we keep and what we delete"), _("After 30 days, we'll delete the answers.")),
            link(),
        ),
    ),
    Email(
        "onboarding/mail/change_submitted",
        _("Profile change received"),
        (GREETING, SECTIONS, USUAL_TIME, REFERENCE, link()),
        has_safety=True,
    ),
    Email(
        "onboarding/mail/change_approved",
        _("Profile change approved"),
        (
            GREETING,
            SECTIONS,
            Placeholder(
                "account", _("a sentence saying that a new account is waiting for a second person, if it is"), ""
            ),
            REFERENCE,
            link(),
        ),
    ),
    Email(
        "onboarding/mail/corrected",
        _("Profile corrected by Vendor Management"),
        (
            GREETING,
            Placeholder("source", _("where the correction comes from"), _("Source of the correction: a call")),
            Placeholder("changes", _("what has changed"), _("What has changed:\n- Rates"), is_required=True),
            Placeholder("reference", _("the reference"), "BCDF-2345", "reference"),
            link(),
        ),
    ),
    Email(
        "onboarding/mail/change_declined",
        _("Profile change declined"),
        (
            GREETING,
            REASON,
            SECTIONS,
            Placeholder("unsent", _("what was saved but not sent, if anything"), ""),
            REFERENCE,
            link(),
        ),
    ),
    Email("onboarding/mail/payment_change_asked", _("Change of bank account requested"), (GREETING,), has_safety=True),
)

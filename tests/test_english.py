"""Nothing that people read has a turn of phrase that gives a translator away.

Each rule has a sentence as it must not be, and what to write. It looks at all texts of the packages: templates,
messages, help of commands, labels of fields, agreements. Comments and docstrings are not looked at.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from tests import english


class Rule(NamedTuple):
    pattern: str
    wrong: str
    right: str


# A pattern of \A…\Z is a whole text: a label, a tag, a state.
RULES = [
    Rule(r"\b(e-)?mails?\b(?! server| scanner|\.\w)", "You get two mails", "You get two emails"),
    Rule(r"\bmail(ed|ing)\b", "A code is mailed to you", "A code is emailed to you"),
    Rule(r"\b(some|any|no)body\b", "Ask somebody; nobody is told", "Ask someone; no one is notified"),
    Rule(r"\bfigures?\b", "A sort code has 6 figures", "A sort code has 6 digits"),
    Rule(
        r"\bstands\b|\bstand (at|on|under|in|here|there|below|above)\b",
        "It stands at the foot of a cheque",
        "You'll find it at the bottom of a cheque",
    ),
    Rule(r"\bat the foot of\b", "It is at the foot of the page", "It's at the bottom of the page"),
    Rule(r"\b(get|gets|got|getting|gotten) in\b(?! touch)", "They no longer get in", "They can no longer sign in"),
    Rule(r"\b(is|are|be|was|were) let in\b", "Nobody is let in", "No one can sign in"),
    Rule(r"\bleads? in\b|\bthe way in\b", "The link no longer leads in", "The link no longer works"),
    Rule(r"\banew\b", "Please save it anew", "Please save it again"),
    Rule(r"\bcomes? by\b(?! email)", "Come by once in 30 days", "Use Passport at least once every 30 days"),
    Rule(r"\bis being \w+ since\b", "It is being repaired since Monday", "We've been repairing it since Monday"),
    Rule(r"– still\b", "January 2012 – still", "January 2012 – present"),
    Rule(r"\bsoon over\b|\Aover\Z", "soon over", "expires soon"),
    Rule(r"\bpapers?\b", "A paper has expired", "A certificate has expired"),
    Rule(r"\btakes? no\b", "The mailbox takes no email", "The mailbox isn't accepting email"),
    Rule(r"\bin the way\?", "Something in the way?", "Having trouble?"),
    Rule(r"\bpeople read it\b", "Write what you like. People read it.", "Write what you like."),
    Rule(r"\bwhat comes (now|next)\b", "What comes next", "What happens next"),
    Rule(r"\bemail has not come\b", "Microsoft's email has not come?", "No email from Microsoft?"),
    Rule(r"\bif it goes on\b", "If it goes on, tell us", "If it keeps happening, tell us"),
    Rule(r"\bis the trouble\b", "In case that mailbox is the trouble", "In case there's a problem with that mailbox"),
    Rule(r"\bemails? greet\b|\bgreeted as\b", "How should our emails greet you?", "What should we call you?"),
    Rule(r"\bmy way\b", "Save and tell me my way", "Save and check my route"),
    Rule(
        r"\byour way under\b|\bways of ISO\b",
        "Your way under ISO 17100: five years of translating",
        "You qualify under ISO 17100 through five years' experience",
    ),
    Rule(r"\bknows? best\Z", "Knows best", "Subjects"),
    Rule(r"\bwhere you got it\b", "Where you got it", "University or college"),
    Rule(r"\bnot your wish\b", "Was the change not your wish?", "Didn't ask for the change?"),
    Rule(r"\balmost there: please\b", "Almost there: please change something", "Almost there: one thing to change"),
    Rule(r"\bshould stay as it is\?", "It should stay as it is?", "Keep it as it is?"),
    Rule(r"\banswers? by\b", "They answer by email", "They'll reply by email"),
    Rule(
        r"\Athis is the address the vendor has now\.\Z",
        "This is the address the vendor has now.",
        "That's your current email address.",
    ),
    Rule(r"\blook (at|into) the (case|mailbox)\b", "Look at the case", "View the case"),
    Rule(r"\bat (our|your|their) side\b", "It has changed at our side", "It has changed on our side"),
    Rule(r"\bmostly\b", "It is mostly smaller", "It is usually smaller"),
    Rule(r"\blately\b", "Seen lately", "Seen recently"),
    Rule(r"\btelephones?\b", "Telephone number", "Phone number"),
    Rule(r"\bwhilst\b", "Whilst you wait", "While you wait"),
    Rule(r"(?<!\bno )\bone (may|has to|must|can)\b", "One has to sign in", "You need to sign in"),
    Rule(r"\bfirst that is right\b", "The first that is right counts", "The first matching rule counts"),
    Rule(r"\bwho looks after it\b", "Who looks after it", "Owner"),
    Rule(r"\bthings wait\b|\bwhat waits for you\b", "What waits for you", "Waiting for you"),
    Rule(r"\bcome from the page\b", "The choice did not come from the page", "The choice was not sent by the page"),
    Rule(r"\bfailed itself\b", "The self-check failed itself", "The self-check itself failed"),
    Rule(r"\breminders? of\b", "A reminder of an invitation", "A reminder about an invitation"),
    Rule(
        r"\bthe one before (stays|remains|is|was)\b",
        "The one before stays in force",
        "The previous one stays in force",
    ),
    Rule(
        r"\b(Graph|Microsoft|servers?|endpoint|/readyz|HEARTBEAT_URL) answer(s|ed)\b",
        "The mail server answered 550",
        "The mail server responded with 550",
    ),
    Rule(r"\d %(?![(\w])", "Less than 10 % is free", "Less than 10% is free"),
    Rule(r"\bkeys? of age\b", "That is not a public key of age", "That is not an age public key"),
    Rule(r"\b(these|those) are more than\b", "These are more than 100 rows", "That is more than 100 rows"),
    Rule(r"\brests? on\b", "Everything that rests on it", "Everything that depends on it"),
    Rule(r"\btaken over\b", "The account has been taken over", "The account has been entered"),
    Rule(r"\bmany at once\b", "Many at once", "Bulk actions"),
    Rule(r"\bday of the (check|call|exchange rate)\b", "Enter the day of the call", "Enter the date of the call"),
    Rule(r"\b(is|was|were) quicker\b", "A colleague was quicker", "A colleague has already done it"),
    Rule(r"\breported apart\b", "It is reported apart", "It is reported separately"),
    Rule(r"\bfrom %\(\w+\)s on\b", "It counts from %(day)s on", "It counts from %(day)s"),
    Rule(r"\banother \w+ than\b", "Enter another unit than this", "Enter a different unit from this"),
    Rule(r"\bemail change of\b", "The email change of Ana", "Ana's email change"),
    Rule(r"\bmeanwhile\.", "Emails go to Vera meanwhile.", "Meanwhile, emails go to Vera."),
    Rule(r"(?<!in )\bthe absence of\b", "Remove the absence of Vera", "Remove Vera's absence"),
    Rule(r"\bleaves? (the|this) list\b", "They then leave this list", "They are then removed from this list"),
    Rule(r"\bnumbers of days\b", "Enter three numbers of days", "Enter three numbers"),
    Rule(r"\bsays what would\b", "The next page says what would happen", "The next page shows what will happen"),
    Rule(r"\b(a|no) page any more\b", "It is on no page any more", "It no longer appears on any page"),
    Rule(r"\b(is|are)(n't| not) told\b", "The vendors are not told", "The vendors are not notified"),
    Rule(r"\bPassport may not\b", "Passport may not read them", "Passport is not allowed to read them"),
    Rule(r"\bwho (is|are) concerned\b", "The next page says who is concerned", "The next page says who is affected"),
    Rule(
        r"\b(their|its) guests?\b(?! accounts?)", "Connect them to their guests", "Connect them to their guest accounts"
    ),
    Rule(r"\bexceptions? from\b", "An exception from a standard", "An exception to a standard"),
    Rule(
        r"\bfor another email address\b",
        "A request for another email address was declined",
        "A request to change the email address was declined",
    ),
    Rule(r"\bMB together\b", "The files are more than 12 MB together", "The files are more than 12 MB in total"),
    Rule(r"\brates are compared by\b", "Rates are compared by the newest", "Rates are compared using the newest"),
    Rule(r"\bguests? of the tenant\b", "The guests of the tenant", "The guests in the tenant"),
    Rule(r"\baccounts? to pay to\b", "There is no account to pay to", "There is no account to pay into"),
    Rule(r"\bone of the staff\b", "Recorded by one of the staff", "Recorded by a member of staff"),
    Rule(r"\bsince when\b", "Since when it has been waiting", "When it started waiting"),
    Rule(
        r"\benter the day(, like| it| of)\b", "Enter the day it comes into force", "Enter the date it comes into force"
    ),
    Rule(r"\b[KMGT]B are\b", "3 GB of 50 GB are free", "3 GB of 50 GB is free"),
    Rule(r"\bnames no\b", "The response names no guest", "The response does not name a guest"),
    Rule(r"\bsuch as:", "Separated by commas, such as: one, two", "Separated by commas, for example: one, two"),
    Rule(
        r", and Passport an? ",
        "Microsoft emails each an invitation, and Passport a short email",
        "Microsoft emails each an invitation, and Passport sends a short email",
    ),
    Rule(r"\bopens here\b", "Your profile opens here", "You'll find your profile here"),
    Rule(r"\bnow (you|we) only (have|need)\b", "Now you only need to send them", "All you need to do now is send them"),
    Rule(r"\bavailable for us\b", "Hours you are available for us", "Hours you are available to us"),
    # What has not happened yet, over a time that is still ahead.
    Rule(
        r"\b(is|are) \w+ for the next\b",
        "None is sent for the next two days",
        "None will be sent for the next two days",
    ),
    # Another one is one more, where a change is meant.
    Rule(r"\bpay into another\b", "Asked to pay into another account", "Asked to pay into a different account"),
    # “It” has nothing to refer to: an account is not encrypted, and the lead speaks of something else.
    Rule(r"\bwe keep it encrypted\b", "We keep it encrypted", "We keep your payment details encrypted"),
    # Asked of the one who is about to do it.
    Rule(r"\Awhy is it (not )?\w+(ed|n)\?\Z", "Why is it withdrawn?", "Why are you withdrawing it?"),
    # One word for each thing
    Rule(r"\byour first page\b", "It is on your first page", "It is on your home page"),
    Rule(r"\blog(ged|ging)?[ -]?(in|on)\b|\blogins?\b", "Please log in", "Please sign in"),
    Rule(r"\blog(ged|ging)?[ -]?(out|off)\b|\blogouts?\b", "You are logged out", "You are signed out"),
    Rule(r"\bsign(ed)? (off|on to)\b", "Sign off", "Sign out"),
    Rule(r"\b(two-factor|2FA|two-step)\b", "Two-factor authentication", "Multi-factor authentication (MFA)"),
    Rule(r"(?<!formerly )\bAzure (AD\b|Active Directory)", "Your Azure AD tenant", "Your Microsoft Entra ID tenant"),
    Rule(r"(?<!\A)\bour company\b", "The address of our company", "The address of Sandberg"),
    Rule(r"\bPassport's (own )?sign-in page\b", "Passport's own sign-in page", "Passport's own sign-in screen"),
    Rule(
        r"\baddress (our|the|your) invitation went to\b",
        "Enter the address our invitation went to.",
        "Enter the address your invitation was sent to.",
    ),
    Rule(r"\bsearch the (vendors|submissions|cases|invitations)\b", "Search the vendors", "Search vendors"),
    Rule(r"\bredirect address", "Redirect address", "Redirect URI"),
    Rule(
        r"(?-i:\b(an?|[a-z]+'s|Microsoft's|client|object|request|session|tenant) ids?\b)",
        "The guest's object id",
        "The guest's object ID",
    ),
    Rule(r"\blanguage combinations?\b", "Your language combinations", "Your language pairs"),
    Rule(r"\bfill(ed)? out\b", "Fill out the form", "Fill in the form"),
    Rule(
        r"\bnam(e|ed|es|ing) (this|the|another|an) account\b(?! holder)",
        "The vendor did not name this account",
        "The vendor did not give us this account",
    ),
    Rule(r"\baccount before stays\b", "The account before stays in force", "The previous account stays in force"),
    Rule(r"\bone press\b", "You can accept it with one press", "You can accept it with one click"),
    Rule(r"\bby (itself|themselves)\b", "The exception ends by itself", "The exception ends automatically"),
    Rule(r"\b(law|standards?|ISO \d+) asks?\b", "Because the law asks for it", "Because the law requires it"),
    Rule(r"\b(still|time) to come\b", "That day is still to come", "The date must be today or in the past"),
    Rule(r"(?-i:\bFor example )", "For example 31 March 2027", "For example, 31 March 2027"),
    Rule(r"\bjudged by\b", "Judged by ISO 17100", "Assessed against ISO 17100"),
    Rule(r"\buntil when\b|\bby which clock\b", "Until when the address works", "How long the address works"),
    Rule(r"\bkept no longer\b", "Kept no longer: never signed in", "No longer kept: never signed in"),
    Rule(r"\bcounts again\b", "The original counts again", "The original is in use again"),
    Rule(r"\beach with why\b", "Refused rows, each with why", "Refused rows, each with the reason"),
    Rule(r"\bto look at only\b", "This page is to look at only", "This page is for viewing only"),
    Rule(r"\bnothing is left\b", "Nothing is left to ask for", "There is nothing left to ask for"),
    # The name of the process has no article, as in the lists of the admin.
    Rule(
        r"\bthe onboarding\b(?! wizard)", "Stopped halfway through the onboarding", "Stopped halfway through onboarding"
    ),
    # A reader takes "before that is safe" together, and starts again.
    Rule(r"\bsaved before( that)? is\b", "Everything you saved before is safe", "Everything you saved earlier is safe"),
    Rule(r"\brequest has arrived\b", "Your request has arrived", "We've received your request"),
    Rule(
        r"\bhas (\w+)[^.:;]* in the meantime\b",
        "A colleague has reviewed it in the meantime",
        "A colleague has reviewed it since you opened this page",
    ),
    Rule(r"\bfor (your|our) safety\b", "For your safety, sign in again", "For your security, sign in again"),
    Rule(
        r"\bevidence for (your|their|his|her) qualifications\b",
        "They are the evidence for your qualifications",
        "They are evidence of your qualifications",
    ),
    Rule(r", because\Z", "Someone else's account, because", "Whose account it is, and why"),
    Rule(r"\balso if\b", "It is kept, also if it is revoked", "It is kept, even if it is revoked"),
    # What is to be typed word for word is quoted: otherwise the words run into the sentence.
    Rule(r"\bwrite (yes|no)\b", "Write yes, small business or does not apply", "Write “yes” or “does not apply”"),
    # Answers are given to questions, not to an organisation.
    Rule(r"\banswers to …", "Your answers to …", "Your application to …"),
    # The vendor left off, not whoever reopens it.
    Rule(
        r"\breopen your application where\b",
        "They can reopen your application where you left off",
        "They can reopen your application so that you can carry on where you left off",
    ),
    # “May” is a possibility to a reader, where a right to do something is meant.
    Rule(
        r"\bmay sign\b(?! in)", "Confirm that you may sign for the company", "Confirm that you are authorised to sign"
    ),
    # DE is a country code; a country has no letters.
    Rule(r"\bcountry's letters\b", "Begin with the country's letters", "Start with the country code"),
    Rule(
        r"\b(has|have|is|are) no \w+ that (could|can) be\b",
        "Ana has no invitation that could be withdrawn",
        "Ana has no invitation to withdraw",
    ),
    # A button says what is sent.
    Rule(r"\Aremind now\Z", "Remind now", "Send a reminder"),
    # Whoever calls or writes may have given a number that is then known.
    Rule(r"\bnumber (that )?you know\b", "Call on a number that you know", "Call on a number you already had"),
    # A deadline ends something; it is the time before it that begins.
    Rule(r"\bdeadline\b[^.]* starts\b", "The deadline starts on this day", "You have one month from this day"),
    Rule(
        r"\b(guests|in the tenant) already\b",
        "A guest who was in the tenant already",
        "A guest who was already in the tenant",
    ),
    # The title of a document is put after “your” and “the”.
    Rule(r"\b(your|the) another\b|\Aanother certificate\Z", "another certificate", "other certificate"),
    # What lasts until something that is yet to happen is in the future.
    Rule(
        r"\b(still|so far) works? until\b",
        "The old address still works until you sign in",
        "The old address will keep working until you sign in",
    ),
    # Whoever reads it looks for what it is that cannot be done.
    Rule(r"\bfor when \w+ cannot\b", "A link, for when Entra cannot", "A link, for use when Entra is down"),
    # A page is not followed: the steps on it are.
    Rule(
        r"\bfollow (every|each|the|its|\w+'s) pages?\b",
        "Follow every page to the end",
        "Follow the steps on every page",
    ),
    # A link comes after the colon, and would be taken for the email address.
    Rule(
        r"\bsign in with this email address:\Z",
        "Start here, and sign in with this email address:",
        "To sign in with this email address, start here:",
    ),
    Rule(
        r"\bif you were that person\b",
        "If you were that person, sign out",
        "If that was you, sign out",
    ),
    # What Django says by itself
    Rule(r"\bensure this\b|\bthis field (is|cannot)\b", "This field is required.", "Enter your postcode."),
]
COMPILED = [(re.compile(rule.pattern, re.IGNORECASE), rule) for rule in RULES]

# What speaks with Microsoft's words, not ours: its error messages, its pages, its API.
MICROSOFTS = (
    "identity/sandbox/entra/",
    "identity/sandbox/entra_errors.py",
    "identity/sandbox/graph/",
    "identity/sandbox/templates/",
    "identity/sandbox/invitation_mail.py",
)
# Filters of Graph, and SQL.
CODE = re.compile(r"\A(mail eq |SELECT |INSERT |UPDATE |WITH |FROM |IF TG_OP)")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.wrong)
def test_rule_finds_what_it_forbids(rule: Rule):
    pattern = re.compile(rule.pattern, re.IGNORECASE)

    assert pattern.search(rule.wrong)
    assert not pattern.search(rule.right)


def test_texts_are_found_wherever_they_are_written():
    """In a template's messages, tags and lines; in gettext, f-strings, help and labels of fields; in agreements."""
    said = {(text.place.rpartition(":")[0], text.text) for text in english.everything()}

    assert {
        ("passport/templates/base.html", "Skip to main content"),
        ("passport/templates/500.html", "What you can do"),
        ("identity/templates/identity/mail/worker_dead.txt", "Start it:"),
        ("vendors/answers/ibans.py", "Choose a country"),
        ("onboarding/models.py", "waiting for review"),
        ("vendors/agreements/privacy/1.0.txt", "Privacy notice"),
    } - said == {("vendors/answers/ibans.py", "Choose a country")}
    assert len(said) > 3000


def test_everything_reads_as_a_native_speaker_would_write_it():
    offences = [
        f"{said.place}: {found[0]!r} in “{said.text[:120]}”: not “{rule.wrong}” but “{rule.right}”"
        for said in english.everything()
        if not said.place.startswith(MICROSOFTS) and not CODE.match(said.text)
        for pattern, rule in COMPILED
        if (found := pattern.search(said.text))
    ]

    assert not offences, "\n".join(["", *offences])


def test_after_a_greeting_each_paragraph_begins_with_a_capital():
    greeted = [
        said
        for said in english.everything()
        if said.path.parent.name == "mail" and re.search(r"\{\{ greeting \}\}|Hello,", said.path.read_text())
    ]

    assert {said.path.name for said in greeted} >= {"invitation.txt", "submitted.txt", "payment_added.txt"}
    assert [said.place for said in greeted if said.text[0].islower()] == []

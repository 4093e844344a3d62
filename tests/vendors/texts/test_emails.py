"""Emails to vendors in VM's own words: typed, checked, previewed, sent, taken back."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity import tasks as identity_tasks
from identity.models import Invitation
from identity.roles import AUDITOR
from onboarding import tasks as onboarding_tasks
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import create_email_change, create_invitation, create_staff, create_vendor
from tests.journeys.test_every_email import templates
from tests.onboarding import changing
from vendors import tasks
from vendors.models import Text, TextChange, VendorState
from vendors.texts import rendering
from vendors.texts.emails import catalogue

pytestmark = pytest.mark.django_db

PAGE = "/admin/vendors/text/"
APPROVED = f"{PAGE}email/onboarding-approved/"
CHANGED = f"{PAGE}email/vendors-email-changed/"
BODY = "{greeting}\n\nGood news from {organisation}: you are in.\n\n{link}\n\n{payment}"
# Vendor Management, operations or a colleague reads these.
TO_STAFF = {
    "data_request",
    "digest",
    "email_request",
    "emergency",
    "failure",
    "failure_without_record",
    "follow_up",
    "morning",
    "overflow",
    "vm_submitted",
    "self_check",
    "worker_dead",
}
# Vendor Management writes each of them itself.
IN_OWN_WORDS = {"notice", "written"}


def change(client, path=APPROVED, *, subject="Welcome to {organisation}", body=BODY, seen=0, button="_save"):
    typed = {"subject": subject, "body": body, "seen": str(seen), button: "1"}
    return client.post(path, typed, follow=True)


def sent_to_vendor():
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Ana Almeida")
    sent = changing.sent_first(vendor)
    Submission.objects.filter(pk=sent.pk).update(state="approved")
    onboarding_tasks.mail_approved(sent.pk)
    return mail.outbox[-1]


def test_every_email_to_vendors_can_be_worded_anew():
    names = {name.removesuffix("_subject.txt") for name in templates() if name.endswith("_subject.txt")}

    assert {name for name in names if name.rpartition("/")[2] not in TO_STAFF | IN_OWN_WORDS} == set(catalogue())


@pytest.mark.parametrize("email", catalogue().values(), ids=lambda email: email.template)
def test_original_passes_its_own_rules_and_has_an_example(email):
    words = rendering.original(email)

    assert [*rendering.problems_of_subject(email, words.subject), *rendering.problems_of_body(email, words.body)] == []
    assert not re.search(r"[{}]", " ".join(rendering.example(email, words)))


def test_new_words_are_sent(as_vera):
    original = sent_to_vendor()
    assert "Saved." in change(as_vera).text

    message = sent_to_vendor()

    assert message.subject == "Welcome to Sandberg"
    assert "Good news from Sandberg: you are in.\n\nhttp" in message.body
    assert message.body != original.body
    assert "{" not in message.body


def test_part_that_depends_on_the_situation_comes_as_it_is_meant(as_vera):
    change(as_vera, f"{PAGE}email/identity-invitation/", subject="{occasion}", body="Hello!\n\n{opening}\n\n{steps}")
    vendor = create_vendor(state=VendorState.PREPARED)
    for why in (Invitation.Why.ADDED, Invitation.Why.RESENT):
        Invitation.objects.filter(user=vendor.user).update(state="superseded")
        invitation = create_invitation(user=vendor.user, address=vendor.primary_email, why=why)
        identity_tasks.mail_invitation(str(invitation.pk))

    first, again = mail.outbox[-2:]
    assert first.subject == "Sandberg has invited you to Passport"
    assert "would like to work with you" in first.body
    assert again.subject == "Sandberg has sent your invitation to Passport again"
    assert "Here is your invitation to Passport again." in again.body
    assert "/welcome/" in again.body


def test_what_others_typed_is_not_filled_in_again(as_vera):
    change(as_vera, f"{PAGE}email/onboarding-declined/", body="{greeting} {reason}")
    sent = changing.sent_first(create_vendor(state=VendorState.ONBOARDING))
    Submission.objects.filter(pk=sent.pk).update(state="declined", reason="Full until {day}. {organisation}")

    onboarding_tasks.mail_declined(sent.pk)

    assert "Full until {day}. {organisation}" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"body": BODY + "{salary}"}, "Passport cannot fill in {salary} here. You can use {organisation}, {vm_email}"),
        ({"body": "{greeting} Welcome!"}, "Put {link} back: the email is of no use without it."),
        ({"body": BODY + " {"}, "The text has a brace that is not part of a placeholder."),
        ({"body": ""}, "Enter the text of the email."),
        ({"subject": "Welcome!"}, "Keep {organisation} in the subject"),
        ({"subject": "{organisation} {payment}"}, "Passport cannot fill in {payment} here."),
        ({"subject": ""}, "Enter a subject."),
    ],
)
def test_wrong_placeholders_are_named_and_nothing_typed_is_lost(as_vera, typed, sentence):
    page = change(as_vera, **typed).text

    assert sentence in page.replace("&#x27;", "'")
    assert "Good news from" in page or "Welcome" in page
    assert not Text.objects.exists()


def test_preview_shows_examples_and_saves_nothing(as_vera):
    page = change(as_vera, button="_preview").text

    preview = page.partition('id="preview"')[2].partition("</section>")[0]
    assert "Hello Ana," in preview
    assert "Good news from Sandberg" in preview
    assert not Text.objects.exists()


def test_security_email_keeps_its_paragraph_and_link_whatever_is_typed(as_vera):
    page = change(as_vera, CHANGED, subject="{organisation}: hello", body="{what_changed} Nothing to worry about.")
    assert "Saved." in page.text
    assert "use this link to tell us" in as_vera.get(CHANGED).text
    link = create_email_change(vendor=create_vendor(state=VendorState.APPROVED))

    tasks.tell_old_address(link.pk)

    body = mail.outbox[-1].body
    assert "Nothing to worry about." in body
    assert "If this wasn't you, use this link to tell us:" in body
    assert "/email-change/not-me/" in body


def test_colleague_who_saved_meanwhile_is_not_overwritten(as_vera):
    change(as_vera)

    page = change(as_vera, subject="{organisation}: mine").text

    assert "A colleague has changed this since you opened the page." in page
    assert "{organisation}: mine" in page
    assert Text.objects.get().value["subject"] == "Welcome to {organisation}"
    assert "Saved." in change(as_vera, subject="{organisation}: mine", seen=1).text
    assert Text.objects.get().version == 2


def test_back_to_the_original(as_vera):
    original = sent_to_vendor()
    change(as_vera)
    page = change(as_vera, button="_restore", seen=1).text

    assert "The original is in use again." in page
    assert sent_to_vendor().subject == original.subject


def test_history_says_who_changed_what(as_vera, vera):
    change(as_vera)
    change(as_vera, button="_restore", seen=1)

    page = as_vera.get(APPROVED).text.partition('id="changes"')[2]

    assert page.count(vera.email) == 2
    assert "Good news from" in page
    assert "original restored" in page
    with pytest.raises(ProgrammingError):
        TextChange.objects.update(after={})


def test_list_costs_the_same_however_many_were_changed(as_vera):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get(PAGE).status_code == 200
        return len(captured)

    first = statements()
    for email in catalogue().values():
        Text.objects.create(key=email.key, value={}, changed_by=create_staff(), changed_at=timezone.now())

    assert statements() == first


@pytest.mark.parametrize("path", [PAGE, APPROVED, f"{PAGE}choices/"])
def test_auditor_changes_no_words(path):
    assert signed_in(create_staff(role=AUDITOR)).get(path).status_code == 403


def test_unknown_email_is_not_found(as_vera):
    assert as_vera.get(f"{PAGE}email/nothing/").status_code == 404

"""The timeline of a vendor's page: all that happened, a page at a time, of the kinds that are wanted."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity.models import EntraAccount, LoggedSignIn, SentEmail, protected_rows
from identity.roles import OPERATIONS
from tests.clients import signed_in
from tests.factories import create_attempt, create_failure, create_staff, create_vendor
from tests.passport_fixture import Passport
from tests.records import jobs
from tests.vendors.payment import releasing
from tests.vendors.profiles import IBAN, approved, approved_vendor, pair
from tests.vendors.stored_documents import store
from vendors import lifecycle, tasks
from vendors.bulk import runs as bulk_runs
from vendors.bulk.actions import BULK_ACTIONS
from vendors.models import VendorEvent, VendorNotice, VendorState
from vendors.notes import lifecycle as notes
from vendors.payment import releases
from vendors.profile import approved_profile

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


def page(vendor):
    return reverse("admin:vendors_vendor_change", args=[vendor.pk])


def timeline(client, vendor, query=""):
    """The words of each entry, newest first."""
    html = client.get(f"{page(vendor)}{query}").text
    html = re.sub(r"</?bdi[^>]*>", "", html[html.index('id="timeline"') :])
    entries = re.split(r"<li>\s*<time", html.partition('<ol class="timeline"')[2].partition("</section>")[0])[1:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", f"<time{entry}")).split()) for entry in entries]


def only(client, vendor, kind):
    return timeline(client, vendor, f"?show={kind}")


# Changed fields


def test_changed_name_language_and_owner_are_shown_with_who_changed_them(as_vera, vera):
    vendor = create_vendor(name="Ana Almeida", state=VendorState.APPROVED)

    as_vera.post(page(vendor), {"name": "Ana Almeida", "language": "pt-PT", "owner": vera.pk})
    as_vera.post(page(vendor), {"name": "Ana Costa", "language": "pt-PT", "owner": vera.pk})

    latest, before = only(as_vera, vendor, "fields")
    assert latest.endswith("· vera.vm@sandberg.example Name: Ana Almeida → Ana Costa")
    assert "2 fields changed" in before
    assert "Language of Microsoft's invitation email: English → português (Portugal)" in before
    assert "VM owner: – → vera.vm@sandberg.example" in before


@pytest.mark.django_db(transaction=True)  # what changed in one transaction belongs together
def test_approved_profile_is_compared_with_the_one_before(as_vera):
    vendor = approved_vendor()
    [named] = only(as_vera, vendor, "fields")
    assert named.endswith("→ Łucja Nowak"), "what was there first is no change"

    pairs = [pair("de", "pl", "0.095"), pair("fr", "pl", "0.09")]
    approved_profile.adopt(vendor, approved(locality="Kraków", pairs=pairs))

    text = " | ".join(only(as_vera, vendor, "fields"))
    assert "Town or city: Warszawa → Kraków" in text
    assert "English (United Kingdom) → Polish: Translation → –" in text
    assert "French → Polish: – → Translation" in text
    assert "German → Polish, Translation, per source word: EUR 0.085 → EUR 0.095" in text
    assert text.count("German → Polish") == 1, "a pair that stayed is no change"


def test_change_by_a_task_or_command_says_which(as_vera):
    vendor = approved_vendor()
    with pghistory.context(task="onboarding.tasks.something"):
        approved_profile.adopt(vendor, approved(phone="+48221234568"))

    text = " | ".join(only(as_vera, vendor, "fields"))
    assert "· onboarding.tasks.something Phone: +48 22 123 45 67 → +48 22 123 45 68" in text


def test_vendor_who_changed_it_is_called_the_vendor(as_vera):
    vendor = approved_vendor()
    with pghistory.context(user=vendor.user_id):
        approved_profile.adopt(vendor, approved(notice="day"))

    assert "· the vendor Notice needed: – → a day" in " | ".join(only(as_vera, vendor, "fields"))


def test_personal_numbers_are_in_no_change(as_vera):
    vendor = approved_vendor(tax_id="12345678903")
    approved_profile.adopt(vendor, approved(tax_id="98765432106"))

    text = as_vera.get(page(vendor)).text
    assert "12345678903" not in text
    assert "98765432106" not in text


# Emails


def test_emails_are_kept_without_their_links(as_vera, passport: Passport):
    vendor = passport.invited("dora@mail.example")

    [entry] = only(as_vera, vendor, "emails")

    assert "Email to dora@mail.example:" in entry
    assert "identity/mail/invitation" in entry
    assert "[link removed]" in entry
    sent = SentEmail.objects.get(user=vendor.user)
    assert "http" not in str(sent.content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM identity_sentemail")
        assert b"dora" not in bytes(cursor.fetchone()[0])


def test_email_that_did_not_arrive_says_so(as_vera):
    vendor = create_vendor()
    content = {"subject": "Sandberg: approved", "text": "Hello <Ana>,"}
    about = {"address": "ana@mail.example", "user": vendor.user, "template": "approved", "content": content}
    SentEmail.objects.create(token="a", sent_at=timezone.now(), bounced_at=timezone.now(), **about)

    [entry] = only(as_vera, vendor, "emails")
    assert "did not arrive" in entry
    assert "Hello <Ana>," in entry


def test_email_written_to_many_is_there_once_and_stays(as_vera, vera):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="ana@mail.example")
    run = bulk_runs.prepare(BULK_ACTIONS["write"], [vendor.pk], by=vera)
    bulk_runs.set_parameters(run, {"subject": "Our office in July", "text": "We are closed until the 8th."}, revision=0)
    bulk_runs.start(run, revision=1, by=vera)
    tasks.run_bulk(run.pk)
    [queued] = [entry for entry in timeline(as_vera, vendor) if "Our office in July" in entry]
    assert "Email from Vendor Management:" in queued

    tasks.mail_written(run.lines.get().pk)

    [entry] = [entry for entry in timeline(as_vera, vendor) if "Our office in July" in entry]
    assert [entry] == only(as_vera, vendor, "emails")
    for words in ("Email to ana@mail.example:", "vera.vm@sandberg.example", "We are closed until the 8th.", "sent"):
        assert words in entry
    SentEmail.objects.update(bounced_at=timezone.now())
    assert "did not arrive" in only(as_vera, vendor, "emails")[0]
    SentEmail.objects.all().delete()  # after a year
    [entry] = only(as_vera, vendor, "emails")
    assert "Our office in July" in entry
    assert "We are closed" not in entry


def test_email_about_the_end_is_there_once(as_vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    typed = {"reason": "because", "writes": "on", "subject": "Goodbye, and thanks", "text": "All the best."}
    as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/end/", typed)

    for _time in ("queued", "sent", "sent again"):
        [entry] = [entry for entry in timeline(as_vera, vendor) if "Goodbye, and thanks" in entry]
        assert [entry] == only(as_vera, vendor, "emails")
        tasks.mail_notice(VendorNotice.objects.get().pk)
    assert SentEmail.objects.filter(user=vendor.user).count() == 1


def test_emails_about_payment_details_are_there_once_for_each_address(as_vera):
    vendor = releasing.known_for_long(contact_email="jobs@mail.example", payment=IBAN)
    release = releasing.called(releasing.waiting(vendor))
    releases.release(release, by=create_staff())
    for job in jobs("vendors.tasks.mail_payment_decided"):
        tasks.mail_payment_decided(**job)
        tasks.mail_payment_decided(**job)

    entries = [entry for entry in timeline(as_vera, vendor) if "payment_released" in entry]
    addresses = sorted(entry.partition("Email to ")[2].partition(":")[0] for entry in entries)
    assert addresses == ["jobs@mail.example", "lucja@example.com"]
    assert len(only(as_vera, vendor, "emails")) == 2


# Sign-ins, documents, notes


def test_sign_ins_documents_notes_and_cases_are_there(as_vera, vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    create_attempt(user=vendor.user)
    create_attempt(user=vendor.user, outcome="failed")
    account = EntraAccount.objects.get(user=vendor.user)
    LoggedSignIn.objects.create(log_id="1", account=account, code="50105", at=timezone.now())
    store(vendor, slot="cv")
    notes.add(vendor, text="Prefers email", by=vera)
    failure = create_failure(user=vendor.user)

    logged, *attempts = only(as_vera, vendor, "sign-ins")
    assert "code 50105" in logged
    assert sorted(entry.partition("Pressed “Sign in”")[2] for entry in attempts) == [" failed", " signed in"]
    assert "Document uploaded: CV" in only(as_vera, vendor, "documents")[0]
    assert "Prefers email" in only(as_vera, vendor, "notes")[0]
    assert failure.reference in only(as_vera, vendor, "cases")[0]
    assert len(timeline(as_vera, vendor)) == 7


def test_who_may_not_read_notes_has_no_kind_of_that_name(vera):
    vendor = create_vendor()
    notes.add(vendor, text="Prefers email", by=vera)
    client = signed_in(create_staff(role=OPERATIONS))

    assert "Prefers email" not in client.get(f"{page(vendor)}?show=notes").text
    assert 'value="notes"' not in client.get(page(vendor)).text


# Kinds, folding, pages


def test_kinds_are_switched_off(as_vera, vera):
    vendor = create_vendor(state=VendorState.INVITED)
    lifecycle.record(vendor, VendorEvent.Kind.ADDED, by=vera)
    notes.add(vendor, text="Prefers email", by=vera)

    assert len(timeline(as_vera, vendor)) == 3
    assert len(timeline(as_vera, vendor, "?show=notes&show=events")) == 2
    assert len(timeline(as_vera, vendor, "?show=nonsense")) == 3
    html = as_vera.get(f"{page(vendor)}?show=notes").text
    assert 'value="notes" checked' in html
    assert 'value="events" checked' not in html


def test_steps_of_the_wizard_are_folded(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    for step in ("about", "contact"):
        lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": step})
    lifecycle.record(vendor, VendorEvent.Kind.REMINDED)
    lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": "languages"})

    single, reminded, folded = only(as_vera, vendor, "events")
    assert single.endswith("Step saved for the first time: Languages")
    assert "Reminded" in reminded
    assert "2 steps of the wizard saved" in folded
    assert "Contact and address" in folded


def test_long_timeline_is_read_page_by_page_and_nothing_is_skipped(as_vera, vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    now = timezone.now()
    with protected_rows.lifted():
        for number in range(120):
            event = lifecycle.record(vendor, VendorEvent.Kind.REMINDED, reason=f"event {number}.")
            at = now - dt.timedelta(minutes=number // 2)  # two at each moment
            VendorEvent.objects.filter(pk=event.pk).update(at=at)
    note = notes.add(vendor, text="The oldest.", by=vera)
    type(note).objects.update(at=now - dt.timedelta(days=9))

    read, query, costs = [], "?show=events&show=notes", []
    while query:
        with CaptureQueriesContext(connection) as captured:
            html = unescape(as_vera.get(f"{page(vendor)}{query}").text)
        costs.append(len(captured))
        read.append(re.findall(r"event \d+\.|The oldest\.", html[html.index('class="timeline"') :]))
        older = re.search(r'href="(\?[^"]*before=[^"]*)#timeline"', html)
        query = older[1] if older else ""

    assert [len(entries) for entries in read] == [50, 50, 21]
    assert {*(entry for entries in read for entry in entries)} == {*(f"event {n}." for n in range(120)), "The oldest."}
    assert len(set(costs)) == 1


@pytest.mark.parametrize("before", ["nonsense", "2026-13-45T00:00Z", "2026-01-01T00:00", "%00"])
def test_page_that_no_link_of_ours_leads_to_is_the_newest(as_vera, vera, before):
    vendor = create_vendor()
    lifecycle.record(vendor, VendorEvent.Kind.ADDED, by=vera)

    answer = as_vera.get(f"{page(vendor)}?before={before}")
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or "Back to the newest" not in answer.text

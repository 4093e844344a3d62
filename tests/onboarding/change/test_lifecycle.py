"""An approved vendor changes something: nothing of it is in force before VM approves."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from onboarding import tasks
from onboarding.change import decide as review
from onboarding.change import lifecycle as changes
from onboarding.models import Draft, Submission
from onboarding.review import page as review_page
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from onboarding.submission.summary import ENDS_ONLY
from tests.clients import signed_in
from tests.factories import create_submission, create_vendor
from tests.onboarding import answers, changing
from tests.records import events, jobs
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.documents import storage as document_storage
from vendors.models import Document, Profile, Rate, VendorState

MORE = {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"}


@pytest.fixture
def approved(vendor):
    return changing.approved_first(vendor)


@pytest.fixture
def phone_changed(approved, as_vendor):
    """A change of the telephone number waits for VM."""
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)
    return changing.latest()


def phone() -> str:
    return Profile.objects.get().phone


def test_change_is_sent_and_the_old_profile_stays_in_force(approved, as_vendor, vendor):
    saved = changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    assert saved.url == changing.INDEX
    page = as_vendor.get(changing.INDEX)
    assert "<del>22 123 45 67 (+48 22 123 45 67)</del>" in page.text
    assert "<ins>22 999 88 77 (+48 22 999 88 77)</ins>" in page.text
    assert "You have changes that you haven't sent yet" in as_vendor.get("/profile/").text

    sent = changing.send(as_vendor)

    change = changing.latest()
    assert (change.kind, change.state, change.changed) == ("change", "waiting", ["contact"])
    assert change.compared_with == approved
    assert change.reference in sent.text
    assert "Your changes are with Vendor Management" in as_vendor.get("/profile/").text
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert phone() == "+48221234567"
    assert events(vendor)[-1] == "profile_change_sent"
    assert {"submission_id": change.pk} in jobs("onboarding.tasks.mail_vm_submitted")
    assert {"submission_id": change.pk} in jobs("onboarding.tasks.mail_vendor_submitted")


def test_approved_change_becomes_the_profile_and_is_the_ground_of_the_next(phone_changed, as_vendor, vendor):
    review.approve(phone_changed, by=None)

    assert phone() == "+48229998877"
    assert events(vendor)[-1] == "profile_change_approved"
    assert "You haven't changed anything yet" in as_vendor.get(changing.INDEX).text
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})
    changing.send(as_vendor)
    second = changing.latest()
    assert (second.compared_with, second.changed) == (phone_changed, ["about"])
    assert second.answers["contact"]["phone"] == "+48229998877"


def test_every_page_but_the_agreements_can_be_changed(approved, as_vendor):
    for step in ("about", "contact", "languages", "services", "rates", "qualifications"):
        assert as_vendor.get(changing.url(step)).status_code == 200, step
    assert as_vendor.get(changing.url("agreements")).status_code == 404
    assert as_vendor.get(changing.url("check")).status_code == 404
    assert as_vendor.get(changing.url("payment")).status_code == 200


def test_looking_changes_nothing(approved, as_vendor):
    before = Draft.objects.values().get()

    for path in (changing.INDEX, changing.url("about"), changing.url("rates"), changing.url("payment")):
        as_vendor.get(path)

    assert Draft.objects.values().get() == before


def test_saving_without_a_change_is_nothing_to_send(approved, as_vendor):
    changing.save(as_vendor, "contact", answers.CONTACT)

    refused = changing.send(as_vendor)

    assert "There&#x27;s nothing to send" in refused.text
    assert Submission.objects.count() == 1


def test_draft_that_was_purged_is_filled_with_the_approved_answers(approved, as_vendor):
    Draft.objects.all().delete()

    page = as_vendor.get(changing.url("contact"))
    assert page.context["form"]["phone"].value() == "22 123 45 67"
    changing.save(as_vendor, "contact", answers.CONTACT | {"locality": "Kraków"})
    changing.send(as_vendor)

    assert changing.latest().changed == ["contact"]


def test_page_of_a_purged_draft_is_not_saved_over_what_was_saved_since(approved, as_vendor):
    changing.save(as_vendor, "contact", answers.CONTACT | {"locality": "Gdynia"})
    old_page = answers.revision_shown(as_vendor.get(changing.url("contact")))
    Draft.objects.all().delete()
    for locality in ("Lublin", "Kraków"):  # saved as often as the draft that is gone
        changing.save(as_vendor, "contact", answers.CONTACT | {"locality": locality})

    late = answers.body("contact", answers.CONTACT | {"locality": "Sopot"}, revision=old_page)
    both = as_vendor.post(changing.url("contact"), late)

    assert both.status_code == 409
    assert {"Kraków", "Sopot"} <= set(re.findall("Kraków|Sopot|Gdynia", both.text))
    assert as_vendor.get(changing.url("contact")).context["form"]["locality"].value() == "Kraków"


def test_draft_purged_while_the_change_was_sent_back_is_filled_with_the_change(phone_changed, as_vendor):
    changing.mark(phone_changed, contact="Is that the right number?")
    review.request_changes(phone_changed, by=None)
    Draft.objects.all().delete()

    as_vendor.post(f"{changing.url('contact')}reply/", {"reply": "It is."})
    changing.send(as_vendor)

    assert changing.latest().answers["contact"]["phone"] == "+48229998877"
    assert changing.latest().previous == phone_changed


def test_further_service_leads_through_the_rates(approved, as_vendor):
    more = answers.SERVICES | {"everywhere": ["translation", "subtitling"]}

    saved = changing.save(as_vendor, "services", more)

    assert saved.url == changing.url("rates")
    assert "Please update it" in as_vendor.get(changing.INDEX).text
    refused = changing.send(as_vendor)
    assert "“Rates” is not complete yet." in refused.text
    rates = answers.RATES | {"usual-subtitling": "6", "unit-subtitling": "minute"}
    assert changing.save(as_vendor, "rates", rates).url == changing.INDEX
    changing.send(as_vendor)
    assert changing.latest().changed == ["services", "rates"]
    review.approve(changing.latest(), by=None)
    assert set(Rate.objects.values_list("service", flat=True)) == {"translation", "subtitling"}


def test_further_language_brings_its_services_and_rates_along(approved, as_vendor):
    saved = changing.save(as_vendor, "languages", answers.LANGUAGES | MORE)

    assert saved.url == changing.INDEX
    changing.send(as_vendor)
    assert changing.latest().changed == ["languages", "services", "rates"]


def test_what_was_not_touched_is_not_judged_by_todays_rules(approved, as_vendor):
    old = Submission.objects.get()
    old.answers = {step: answer for step, answer in old.answers.items() if step != "rates"} | {
        "rates": old.answers["rates"] | {"currency": "XXX"}
    }
    old.save()

    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    changing.send(as_vendor)

    change = changing.latest()
    assert (change.changed, change.answers["rates"]["currency"]) == (["contact"], "XXX")


def test_amended_change_takes_the_place_of_the_waiting_one(phone_changed, as_vendor, vendor):
    section_reviews.judge(phone_changed, "contact", verdict="accepted", by=None)
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})
    assert "it replaces that one" in as_vendor.get(changing.INDEX).text

    changing.send(as_vendor)

    phone_changed.refresh_from_db()
    amended = changing.latest()
    assert (phone_changed.state, amended.state) == ("replaced", "waiting")
    assert (amended.previous, amended.compared_with, amended.changed) == (
        phone_changed,
        phone_changed.compared_with,
        ["about", "contact"],
    )
    assert {row.step: row.verdict for row in amended.section_reviews.all()} == {"contact": "accepted"}
    assert [part.step for part in review_page.parts(amended, clearance=ENDS_ONLY) if part.is_unfolded] == ["about"]
    assert events(vendor)[-1] == "profile_change_amended"
    with pytest.raises(submissions.NotWaiting):
        review.approve(phone_changed, by=None)


def test_withdrawn_change_leaves_everything_as_it_was_approved(phone_changed, as_vendor, vendor):
    done = as_vendor.post(changing.INDEX, {"withdraw": "yes"})

    assert done.url == "/profile/"
    phone_changed.refresh_from_db()
    assert phone_changed.state == "withdrawn"
    assert events(vendor)[-1] == "profile_change_withdrawn"
    assert as_vendor.get(changing.url("contact")).context["form"]["phone"].value() == "22 123 45 67"
    assert "Your changes are with" not in as_vendor.get("/profile/").text
    with pytest.raises(submissions.NotWaiting):
        review.approve(phone_changed, by=None)


def test_changes_that_were_never_sent_can_be_dropped(approved, as_vendor, vendor):
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})

    as_vendor.post(changing.INDEX, {"withdraw": "yes"})

    assert "You haven't changed anything yet" in as_vendor.get(changing.INDEX).text
    assert "profile_change_withdrawn" not in events(vendor)


def test_declined_change_is_told_with_its_reason(phone_changed, as_vendor, vendor):
    review.decline(phone_changed, by=None, reason="We could not reach you there.")
    tasks.mail_declined(phone_changed.pk)

    assert phone() == "+48221234567"
    assert events(vendor)[-1] == "profile_change_declined"
    assert mail.outbox[-1].subject == "Your profile at Sandberg stays as it is"
    assert "We could not reach you there." in mail.outbox[-1].body
    assert "You haven't changed anything yet" in as_vendor.get(changing.INDEX).text
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED


def test_approved_change_is_mailed_without_the_answers(phone_changed):
    review.approve(phone_changed, by=None)
    tasks.mail_approved(phone_changed.pk)

    assert mail.outbox[-1].subject == "Your profile at Sandberg has been updated"
    assert "- Contact and address" in mail.outbox[-1].body
    assert "999" not in mail.outbox[-1].body


def test_vm_is_told_which_pages_changed(phone_changed):
    tasks.mail_vm_submitted(phone_changed.pk)

    assert mail.outbox[-1].subject == "[Passport] Profile change waiting for review: Łucja Nowak-Åberg"
    assert "Changed: Contact and address" in mail.outbox[-1].body


def test_change_is_sent_back_and_answered(phone_changed, as_vendor, vendor):
    changing.mark(phone_changed, contact="Is that the right number?")
    review.request_changes(phone_changed, by=None, note="One question.")
    tasks.mail_changes_requested(phone_changed.pk)

    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert "Is that the right number?" in mail.outbox[-1].body
    assert "http://127.0.0.1:8000/profile/changes/" in mail.outbox[-1].body
    assert "Vendor Management has a question about your changes" in as_vendor.get("/profile/").text
    page = as_vendor.get(changing.INDEX)
    assert "Is that the right number?" in page.text
    assert "There is a problem" in page.text
    refused = changing.send(as_vendor)
    assert "“Contact and address”, and you haven&#x27;t saved that step since" in refused.text
    assert refused.redirect_chain[-1][0] == changing.url("contact")

    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 111 22 33"})
    changing.send(as_vendor)

    again = changing.latest()
    assert (again.previous, again.compared_with) == (phone_changed, phone_changed.compared_with)
    review.approve(again, by=None)
    assert phone() == "+48221112233"


def test_what_was_saved_after_sending_is_still_there_when_the_change_is_approved(phone_changed, as_vendor):
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})

    review.approve(phone_changed, by=None)

    page = as_vendor.get(changing.INDEX)
    assert [item["compared"].step for item in page.context["changed"]] == ["about"]
    changing.send(as_vendor)
    assert (changing.latest().changed, changing.latest().compared_with) == (["about"], phone_changed)


# Files


def test_file_of_a_change_replaces_the_approved_one_only_when_vm_approves(approved, as_vendor, vendor):
    old = Document.objects.get()
    new_cv = answers.pdf("new.pdf", answers.PDF * 2)
    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": new_cv})
    changing.send(as_vendor)
    Document.objects.filter(replaced_at__isnull=False).update(replaced_at="2020-01-01T00:00:00Z")

    document_storage.sweep()
    assert as_vendor.get(f"/documents/{old.pk}/").status_code == 200
    profile = as_vendor.get("/profile/").text
    assert f"/documents/{old.pk}/" in profile
    assert "not approved yet" in profile

    review.approve(changing.latest(), by=None)
    assert document_storage.sweep() == 1
    assert [document.name for document in Document.objects.all()] == ["new.pdf"]


def test_withdrawn_change_brings_the_approved_file_back(approved, as_vendor, vendor):
    new_cv = answers.pdf("new.pdf", answers.PDF * 2)
    changing.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": new_cv})

    as_vendor.post(changing.INDEX, {"withdraw": "yes"})

    assert documents.current_documents(vendor)["cv"].name == "My CV.pdf"


def test_file_that_vm_reads_is_not_swept(vendor):
    changing.sent_first(vendor)
    Document.objects.update(replaced_at="2020-01-01T00:00:00Z")

    tasks.sweep_documents(0)

    assert Document.objects.count() == 1


# Once, and by those who may


def test_change_sent_twice_is_one(approved, as_vendor):
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    body = {"token": changing.token(as_vendor)}

    for _time in range(3):
        as_vendor.post(changing.INDEX, body)

    assert Submission.objects.filter(kind="change").count() == 1


def test_page_that_shows_less_than_would_be_sent_sends_nothing(approved, as_vendor):
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    body = {"token": changing.token(as_vendor)}
    changing.save(as_vendor, "about", answers.ABOUT | {"display_name": "Lu"})

    refused = as_vendor.post(changing.INDEX, body, follow=True)

    assert "Please check it once more" in refused.text
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("token", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_made_up_token_sends_nothing(approved, as_vendor, token):
    changing.save(as_vendor, "contact", answers.CONTACT | {"phone": "22 999 88 77"})

    as_vendor.post(changing.INDEX, {"token": token})

    assert Submission.objects.count() == 1


@pytest.mark.parametrize("move", ["suspend", "end"])
def test_nothing_of_a_suspended_or_ended_vendor_is_changed(phone_changed, vendor, move):
    getattr(lifecycle, move)(vendor, by=None, reason="test")
    phone_changed.vendor.refresh_from_db()
    client = signed_in(vendor.user)
    changing.mark(phone_changed, contact="Why?")

    for decide, given in ((review.request_changes, {}), (review.decline, {"reason": "No."})):
        with pytest.raises(lifecycle.WrongState):
            decide(phone_changed, by=None, **given)
    section_reviews.judge(phone_changed, "contact", verdict="accepted", by=None)
    with pytest.raises(lifecycle.WrongState):
        review.approve(phone_changed, by=None)
    for path in (changing.INDEX, changing.url("contact"), changing.url("payment")):
        assert client.post(path, {"withdraw": "yes"}).status_code in (302, 403)
    with pytest.raises(lifecycle.WrongState):
        changes.withdraw(vendor)

    phone_changed.refresh_from_db()
    assert phone_changed.is_waiting
    assert phone() == "+48221234567"


def test_vendor_before_approval_has_nothing_to_change(as_vendor):
    for path in (changing.INDEX, changing.url("contact"), changing.url("payment"), f"{changing.url('about')}reply/"):
        assert as_vendor.get(path, follow=True).redirect_chain[-1][0] == "/onboarding/"


def test_profile_that_was_not_made_here_is_changed_by_mail(as_vendor, vendor):
    type(vendor).objects.update(state=VendorState.APPROVED)

    assert as_vendor.get(changing.INDEX).url == "/profile/"
    assert as_vendor.get(changing.url("about")).url == "/profile/"


def test_database_takes_one_waiting_submission_of_a_vendor(phone_changed, vendor):
    with pytest.raises(IntegrityError), transaction.atomic():
        create_submission(vendor=vendor)


@pytest.fixture
def committed(transactional_db):
    vendor = create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")
    client = signed_in(vendor.user)
    changing.approved_first(vendor)
    changing.save(client, "contact", answers.CONTACT | {"phone": "22 999 88 77"})
    return client, vendor


def test_two_tabs_sending_a_change_at_the_same_moment_make_one(committed):
    client, vendor = committed
    other = signed_in(vendor.user)
    body = {"token": changing.token(client)}

    answered = changing.at_once(*(lambda c=c: c.post(changing.INDEX, body).status_code for c in (client, other)))

    assert answered == [302, 302]
    assert Submission.objects.filter(kind="change").count() == 1
    assert events(vendor).count("profile_change_sent") == 1


def test_two_of_vm_approving_at_the_same_moment_approve_once(committed):
    client, vendor = committed
    changing.send(client)
    pk = changing.latest().pk

    def approve():
        review.approve(Submission.objects.select_related("vendor").get(pk=pk), by=None)

    outcomes = changing.at_once(approve, approve)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotWaiting"]
    assert events(vendor).count("profile_change_approved") == 1


def test_amending_while_vm_approves_ends_in_one_of_the_two(committed):
    """Either the old version was approved and the rest is still to be sent, or the new one waits: never both."""
    client, vendor = committed
    changing.send(client)
    first = changing.latest()
    changing.save(client, "about", answers.ABOUT | {"display_name": "Lu"})
    body = {"token": changing.token(client)}

    def approve():
        review.approve(Submission.objects.select_related("vendor").get(pk=first.pk), by=None)

    approved, amended = changing.at_once(approve, lambda: client.post(changing.INDEX, body).status_code)

    first.refresh_from_db()
    assert amended == 302
    if approved is None:
        assert first.state == "approved"
        assert Submission.objects.filter(state="replaced").count() == 0
    else:
        assert isinstance(approved, submissions.NotWaiting)
        assert (first.state, changing.latest().state) == ("replaced", "waiting")

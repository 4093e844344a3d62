"""Who stopped half-way is reminded of the very step; VM sees who is stuck where."""

import datetime as dt
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import Failure, Invitation, User
from identity.roles import AUDITOR, OPERATIONS
from onboarding import tasks
from onboarding.draft import reminders
from onboarding.models import Draft, Submission
from tests.clients import signed_in
from tests.factories import create_draft, create_invitation, create_staff, create_submission, create_vendor
from tests.onboarding import answers, changing
from tests.records import jobs
from vendors import lifecycle
from vendors.models import VendorEvent, VendorState

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

JOB = "onboarding.tasks.mail_reminder"


def later(days):
    return timezone.now() + dt.timedelta(days=days)


def stopped(days, *, state=VendorState.ONBOARDING, step="languages", **fields):
    vendor = create_vendor(state=state)
    return create_draft(
        vendor=vendor, current_step=step, left_at=timezone.now() - dt.timedelta(days=days, hours=1), **fields
    )


def send_mails():
    """What the worker does with the reminders that are queued."""
    for job in jobs(JOB):
        tasks.mail_reminder(**job)


# When


def test_reminded_after_three_ten_and_twenty_one_days_then_a_case():
    draft = stopped(0)
    for days, number in ((2.9, 0), (3, 1), (3.1, 1), (9.9, 1), (10, 2), (21, 3), (27.9, 3), (60, 3)):
        reminders.send_due(now=later(days))
        reminders.send_due(now=later(days))
        assert len(jobs(JOB)) == number, f"after {days} days"
        assert Failure.objects.filter(reason="stuck").count() == (days > 28)

    case = Failure.objects.get()
    assert (case.subject, case.count, case.stage) == (f"user:{draft.vendor.user_id}", 1, "onboarding")
    assert case.address == draft.vendor.primary_email
    assert case.detail == {"step": "languages"}
    assert VendorEvent.objects.filter(kind="reminded", data={"step": "languages"}).count() == 3


@pytest.mark.parametrize(
    "state", [VendorState.SUBMITTED, VendorState.APPROVED, VendorState.SUSPENDED, VendorState.DECLINED]
)
def test_nobody_is_reminded_whose_turn_it_is_not(state):
    stopped(40, state=state)

    assert reminders.send_due() == reminders.Sent()
    assert jobs(JOB) == []


def test_who_was_asked_for_changes_is_reminded_too(mailoutbox):
    draft = stopped(4, state=VendorState.CHANGES_REQUESTED, step="")
    create_submission(vendor=draft.vendor, state=Submission.State.CHANGES_REQUESTED)
    reminders.send_due()
    send_mails()

    [mail] = mailoutbox
    assert mail.subject == "Sandberg is waiting for your updated answers"
    assert "asked you to change something" in mail.body
    assert "http://127.0.0.1:8000/onboarding/\n" in mail.body


def test_asking_for_changes_begins_anew(as_vendor, vendor):
    answers.fill_in(as_vendor)
    Draft.objects.update(left_at=later(-30), reminders_sent=3)
    answers.send(as_vendor)
    assert Draft.objects.get().left_at is None
    assert reminders.send_due(now=later(30)) == reminders.Sent()

    changing.ask_for_changes(Submission.objects.get(), rates="The rates.")

    assert reminders.send_due(now=later(2)).reminders == 0
    assert reminders.send_due(now=later(4)).reminders == 1


def test_going_on_begins_anew(as_vendor, vendor):
    answers.save(as_vendor, "about", answers.ABOUT)
    Draft.objects.update(left_at=later(-12))
    assert reminders.send_due().reminders == 1
    answers.save(as_vendor, "contact", answers.CONTACT)

    draft = Draft.objects.get()
    assert (draft.reminders_sent, draft.reminded_at, draft.current_step) == (0, None, "languages")
    assert reminders.send_due(now=later(2.9)).reminders == 0
    assert reminders.send_due(now=later(3.1)).reminders == 1


def test_missed_reminders_become_one():
    stopped(50)

    assert reminders.send_due().reminders == 1
    assert Draft.objects.get().reminders_sent == 3
    assert not Failure.objects.exists(), "they have not had the time to react"


def test_who_never_opened_the_wizard_is_reminded(mailoutbox):
    vendor = create_vendor(state=VendorState.ONBOARDING, state_changed_at=later(-4))
    create_vendor(state=VendorState.ONBOARDING, state_changed_at=later(-2))
    create_vendor(state=VendorState.INVITED, state_changed_at=later(-4))

    assert reminders.send_due().reminders == 1
    send_mails()

    [mail] = mailoutbox
    assert mail.to == [vendor.primary_email]
    assert "haven't started" in mail.body
    assert "http://127.0.0.1:8000/onboarding/about/\n" in mail.body


# The mail


def test_mail_names_the_step_and_what_is_left_and_leads_there(as_vendor, vendor, mailoutbox):
    answers.fill_in(as_vendor, up_to="rates")
    Draft.objects.update(left_at=later(-3.1))
    reminders.send_due()
    send_mails()

    [mail] = mailoutbox
    assert mail.to == ["lucja@example.com"]
    assert mail.subject == "Your answers for Sandberg are saved but not sent yet"
    assert "you stopped at “Rates”" in mail.body
    assert "You have 5 of 9 steps left to complete." in mail.body
    assert "http://127.0.0.1:8000/onboarding/rates/\n" in mail.body
    assert answers.PAYMENT["iban"] not in mail.body


def test_mail_says_that_only_sending_is_left(as_vendor, mailoutbox):
    answers.fill_in(as_vendor)
    Draft.objects.update(left_at=later(-3.1))
    reminders.send_due()
    send_mails()

    assert "All you need to do now is check your answers and send them" in mailoutbox[0].body
    assert "/onboarding/check/\n" in mailoutbox[0].body


def test_page_saved_half_is_where_it_leads(as_vendor, mailoutbox):
    answers.fill_in(as_vendor, up_to="languages")
    answers.save(as_vendor, "languages", answers.LANGUAGES | {"pairs-0-source": ""}, exit="yes")
    answers.save(as_vendor, "about", answers.ABOUT, exit="yes")

    assert Draft.objects.get().current_step == "languages", "what they looked at last is done"


@pytest.mark.parametrize("happens", ["saves", "sends", "is suspended"])
def test_mail_that_is_queued_is_not_sent_after_the_vendor_went_on(as_vendor, vendor, mailoutbox, happens):
    answers.fill_in(as_vendor)
    Draft.objects.update(left_at=later(-3.1))
    reminders.send_due()
    if happens == "saves":
        answers.save(as_vendor, "about", answers.ABOUT)
    elif happens == "sends":
        answers.send(as_vendor)
    else:
        vendor.refresh_from_db()
        lifecycle.suspend(vendor)
    send_mails()

    assert mailoutbox == []


# The case


def stuck_case(vendor):
    Draft.objects.filter(vendor=vendor).update(left_at=later(-40), reminders_sent=3, reminded_at=later(-8))
    reminders.send_due()
    return Failure.objects.get(reason="stuck", user=vendor.user)


def test_case_is_resolved_when_they_go_on(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="rates")
    case = stuck_case(vendor)
    answers.save(as_vendor, "rates", answers.RATES, exit="yes")

    case.refresh_from_db()
    assert (case.state, case.resolved_how) == ("resolved", "has continued onboarding")
    assert Draft.objects.get().stuck_reported_at is None


def test_case_is_resolved_when_they_send(as_vendor, vendor):
    answers.fill_in(as_vendor)
    case = stuck_case(vendor)
    answers.send(as_vendor)

    case.refresh_from_db()
    assert case.state == "resolved"


def test_case_is_closed_when_the_vendor_is_suspended(as_vendor, vendor):
    answers.fill_in(as_vendor)
    case = stuck_case(vendor)
    lifecycle.suspend(vendor)
    other = Failure.objects.create(
        subject="user:0", stage="onboarding", reason="step_error", first_seen_at=later(0), last_seen_at=later(0)
    )
    reminders.send_due()

    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, other.state) == ("resolved", "open")


def test_case_closed_by_vm_is_not_opened_again_for_the_same_stop(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="rates")
    case = stuck_case(vendor)
    case.state, case.resolved_at = "resolved", timezone.now()
    case.save()
    reminders.send_due(now=later(10))

    case.refresh_from_db()
    assert case.state == "resolved"


# By hand


def test_reminded_by_hand(as_vera, vera, mailoutbox):
    draft = stopped(1)
    page = f"/admin/vendors/vendor/{draft.vendor.pk}/change/"
    assert "Not reminded since then." in as_vera.get(page).text
    assert "for 1\xa0day" in as_vera.get(page).text
    confirm = as_vera.get(f"/admin/vendors/vendor/{draft.vendor.pk}/remind/")
    assert draft.vendor.primary_email in confirm.text
    assert jobs(JOB) == []

    answer = as_vera.post(f"/admin/vendors/vendor/{draft.vendor.pk}/remind/", follow=True)
    send_mails()

    assert "The reminder is on its way." in answer.text
    assert "by vera.vm@sandberg.example" in answer.text
    assert len(mailoutbox) == 1
    event = VendorEvent.objects.get(kind="reminded")
    assert (event.by, event.data) == (vera, {"step": "languages"})


def test_reminding_twice_in_a_day_is_refused(as_vera):
    draft = stopped(1)
    url = f"/admin/vendors/vendor/{draft.vendor.pk}/remind/"
    as_vera.post(url)

    assert "was reminded less than a day ago" in as_vera.post(url, follow=True).text
    assert len(jobs(JOB)) == 1


def test_reminder_by_itself_keeps_its_distance_from_one_by_hand(vera):
    draft = stopped(9.5)
    Draft.objects.update(reminders_sent=1, reminded_at=later(-6))
    reminders.remind(draft.vendor, by=vera)

    assert reminders.send_due(now=later(1)).reminders == 0
    assert reminders.send_due(now=later(2.1)).reminders == 1


def test_who_has_sent_everything_cannot_be_reminded(as_vera):
    vendor = create_vendor(state=VendorState.SUBMITTED)
    url = f"/admin/vendors/vendor/{vendor.pk}/remind/"

    assert "is “submitted”" in as_vera.get(url, follow=True).text
    assert "is “submitted”" in as_vera.post(url, follow=True).text
    assert "Send a reminder" not in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    with pytest.raises(lifecycle.WrongState):
        reminders.remind(vendor, by=None)


def test_who_has_not_opened_the_wizard_can_be_reminded(as_vera):
    vendor = create_vendor(state=VendorState.ONBOARDING)

    assert "“About you”" in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/remind/")

    assert jobs(JOB) == [{"draft_id": Draft.objects.get(vendor=vendor).pk}]


@pytest.mark.parametrize(("role", "status"), [(OPERATIONS, 302), (AUDITOR, 403)])
def test_who_may_remind(role, status):
    draft = stopped(4)
    client = signed_in(create_staff(role=role))
    page = client.get(f"/admin/vendors/vendor/{draft.vendor.pk}/change/").text

    assert client.post(f"/admin/vendors/vendor/{draft.vendor.pk}/remind/").status_code == status
    assert ("Send a reminder" in page) == (status == 302)
    assert "“Languages”" in page


# The list


def names(page):
    return [vendor.name for vendor in page.context["cl"].result_list]


def test_list_of_the_stuck_by_step_oldest_first(as_vera):
    rows = [
        ("Ana", VendorState.ONBOARDING, "languages", 12),
        ("Bo", VendorState.CHANGES_REQUESTED, "", 30),
        ("Cleo", VendorState.ONBOARDING, "", 5),
        ("Dora", VendorState.ONBOARDING, "about", 6),
        ("Emil", VendorState.CHANGES_REQUESTED, "languages", 20),
        ("Fay", VendorState.SUSPENDED, "languages", 40),
        ("Gus", VendorState.ONBOARDING, "languages", 2),
    ]
    for name, state, step, days in rows:
        create_draft(
            vendor=create_vendor(state=state, name=name), current_step=step, left_at=later(-days), answers={"about": {}}
        )
    create_vendor(state=VendorState.ONBOARDING, name="Hana")

    url = "/admin/vendors/vendor/"
    assert names(as_vera.get(url, {"stuck": "any"})) == ["Bo", "Emil", "Ana", "Dora", "Cleo"]
    assert names(as_vera.get(url, {"stuck": "languages"})) == ["Emil", "Ana"]
    assert names(as_vera.get(url, {"stuck": "about"})) == ["Dora", "Cleo"]
    assert names(as_vera.get(url, {"stuck": "changes"})) == ["Bo"]
    assert names(as_vera.get(url, {"stuck": "any", "state__exact": "onboarding"})) == ["Ana", "Dora", "Cleo"]
    for name, chosen in (("payment", "missing"), ("away", "now")):  # whose turn it is has not been approved
        assert names(as_vera.get(url, {"stuck": "any", name: chosen})) == []
        assert names(as_vera.get(url, {"stuck": "about", name: "nonsense"})) == ["Dora", "Cleo"]
    assert "at “Languages” for 1\xa0week" in as_vera.get(url, {"stuck": "languages"}).text
    assert len(names(as_vera.get(url))) == 8
    assert as_vera.get(url, {"stuck": "nonsense"}).status_code in (200, 302)


def statements(function):
    with CaptureQueriesContext(connection) as captured:
        function()
    return len(captured)


def test_lists_and_pages_cost_the_same_whoever_is_stuck(as_vera):
    draft = stopped(9)
    page = f"/admin/vendors/vendor/{draft.vendor.pk}/change/"
    as_vera.get(page)

    def look():
        as_vera.get("/admin/vendors/vendor/", {"stuck": "any"})
        as_vera.get(page)

    before = statements(look)
    for _number in range(4):
        stopped(9)
        reminders.remind(draft.vendor, by=None)
        Draft.objects.update(reminded_at=None)

    assert statements(look) == before


def test_an_index_of_the_unfinished_is_used():
    """Of many drafts that were sent long ago none is looked at."""
    vendors = [create_vendor(state=VendorState.APPROVED) for _number in range(3)]
    Draft.objects.bulk_create(Draft(vendor=vendor, left_at=None) for vendor in vendors)
    stopped(9)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Without the vendors: in which order tables of a few rows are joined is anybody's guess.
        plan = Draft.objects.filter(left_at__lte=timezone.now()).order_by("left_at")[:10].explain()

    # Neither of them holds a draft that was sent; with so few rows one is as good as the other.
    assert any(index in plan for index in ("draft_unfinished", "draft_by_step")), plan


# The command


def test_dry_run_counts_both_kinds_and_queues_nothing(capsys):
    for days in (4, 8, 20):
        create_invitation(user=User.objects.create_user(), address=f"v{days}@mail.example")
        Invitation.objects.filter(address=f"v{days}@mail.example").update(sent_at=later(-days))
    stopped(4)
    stopped(50)
    create_vendor(state=VendorState.ONBOARDING, state_changed_at=later(-4))
    stuck = stopped(60, reminders_sent=3)
    Draft.objects.filter(pk=stuck.pk).update(reminded_at=later(-20))
    call_command("send_reminders", "--dry-run")

    assert capsys.readouterr().out == (
        "Reminders would be queued: 3 for invitations, 3 for drafts.\nCases: 0 without a response, 1 stuck.\n"
    )
    assert set(Invitation.objects.filter(state="sent").values_list("reminders_sent", flat=True)) == {0}
    assert not VendorEvent.objects.exists()
    assert not Failure.objects.exists()
    assert Draft.objects.count() == 3


def test_command_queues_what_is_due(capsys):
    draft = stopped(4, submission_token=uuid.uuid4())
    call_command("send_reminders")

    assert "Reminders queued: 0 for invitations, 1 for drafts." in capsys.readouterr().out
    assert jobs(JOB) == [{"draft_id": draft.pk}]

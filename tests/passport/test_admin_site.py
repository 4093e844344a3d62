import datetime as dt
import re

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from identity.jobs import heartbeat
from identity.models import Failure, Invitation, User, protected_rows
from identity.roles import ADMINISTRATOR, AUDITOR, OPERATIONS, PROJECT_MANAGER
from onboarding.models import Submission
from passport import dashboard
from tests.clients import signed_in
from tests.factories import (
    create_draft,
    create_email_change,
    create_failure,
    create_invitation,
    create_staff,
    create_submission,
    create_vendor,
)
from tests.vendors.admin.test_documents import in_force
from tests.vendors.payment import releasing
from tests.vendors.profiles import IBAN
from tests.vendors.qualifications.test_companies import agency
from vendors import lifecycle
from vendors.data_requests import lifecycle as data_requests
from vendors.duplicates import lifecycle as duplicates
from vendors.evidence.verification import record_sample
from vendors.models import EmailChangeRequest, RetentionEntry, VendorEvent, VendorState
from vendors.payment import details as payment
from vendors.still_right import lifecycle as still_right

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


# The door


def test_admin_login_goes_to_the_sign_in_screen_and_back(client):
    answer = client.get("/admin/vendors/vendor/?q=ana")

    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/?next=")
    assert "vendors%2Fvendor%2F%3Fq%3Dana" in answer.url


def test_right_password_posted_to_the_login_signs_nobody_in(client):
    user = create_staff()
    user.set_password("correct horse")
    user.save()

    answer = client.post("/admin/login/", {"username": user.username, "password": "correct horse"})

    assert answer.status_code == 302
    assert answer.url == "/sign-in/?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/admin/login/"])
def test_login_leads_nowhere_else(client, target):
    assert client.get("/admin/login/", {"next": target}).url == "/sign-in/?next=%2Fadmin%2F"
    assert signed_in(create_staff()).get("/admin/login/", {"next": target}).url == "/admin/"


def test_signed_in_vendor_is_told_no_instead_of_going_in_circles():
    vendor = create_vendor(state=VendorState.APPROVED)

    assert signed_in(vendor.user).get("/admin/login/?next=/admin/").status_code == 403


def test_logout_is_passports_own(as_vera):
    assert as_vera.post("/admin/logout/").url == "/sign-out/"


@pytest.mark.parametrize("path", ["password_change/", "password_change/done/", "auth/user/"])
def test_there_is_no_password_page(as_vera, path):
    assert as_vera.get(f"/admin/{path}").status_code == 404


def test_nobody_becomes_staff_or_a_user_by_the_admin():
    client = signed_in(create_staff(role="Administrator"))

    assert client.get("/admin/identity/user/add/").status_code == 403
    vendor = create_vendor(state=VendorState.APPROVED)
    client.post(f"/admin/identity/user/{vendor.user_id}/change/", {"is_staff": "on"})
    assert not User.objects.get(pk=vendor.user_id).is_staff


# The first page


def waiting(user, **kwargs):
    return {str(queue.name): queue.count for queue in dashboard.waiting_for(user, **kwargs)}


def test_queues_count_what_waits():
    long_ago = timezone.now() - dt.timedelta(days=8)
    create_vendor(state=VendorState.SUBMITTED)
    create_failure()
    create_vendor(state=VendorState.INVITED, state_changed_at=long_ago)
    create_vendor(state=VendorState.INVITED)
    for state in (VendorState.ONBOARDING, VendorState.CHANGES_REQUESTED, VendorState.SUSPENDED):
        create_draft(vendor=create_vendor(state=state), left_at=long_ago)
    create_draft(vendor=create_vendor(state=VendorState.ONBOARDING))
    create_email_change(vendor=create_vendor(state=VendorState.APPROVED))
    EmailChangeRequest.objects.create(
        vendor=create_vendor(state=VendorState.APPROVED), new="wish@mail.example", proven_at=timezone.now()
    )
    stuck = create_vendor(state=VendorState.APPROVED)
    create_invitation(user=stuck.user, address="x@mail.example", state="queued")
    Invitation.objects.filter(state="queued").update(queued_at=timezone.now() - dt.timedelta(minutes=16))
    refused = create_vendor(state=VendorState.APPROVED)
    create_invitation(user=refused.user, address="y@mail.example", state="refused")
    create_failure(user=refused.user, stage="invitation", reason="address_refused")
    for state in (VendorState.APPROVED, VendorState.SUSPENDED, VendorState.ENDED):
        create_submission(vendor=create_vendor(state=state), kind=Submission.Kind.CHANGE)

    in_force(ends=timezone.localdate() + dt.timedelta(days=30))
    in_force(ends=timezone.localdate() + dt.timedelta(days=90), vendor=create_vendor(state=VendorState.APPROVED))

    still_right.ask(create_vendor(state=VendorState.APPROVED), now=long_ago - still_right.ANSWER_WITHIN)
    still_right.ask(create_vendor(state=VendorState.APPROVED))
    lists_of_linguists()
    releasing.waiting(create_vendor(state=VendorState.APPROVED))
    duplicates.compare(create_vendor(state=VendorState.APPROVED), create_vendor(state=VendorState.APPROVED))
    asked_and_going()

    assert waiting(create_staff()) == {
        "Submissions to review": 1,
        "Profile changes to review": 1,
        "Payment details to release": 1,
        "Open cases": 2,
        "Email change requests": 1,
        "Data requests": 1,
        "About to be erased": 1,
        "Possible duplicates": 1,
        "Invitations waiting to be sent": 1,
        "Invited, no response for a week": 1,
        "Stopped halfway through onboarding": 1,
        "Changes requested, no reply": 1,
        "Evidence to verify": 3,
        "“Is this still right?” not answered": 1,
        "Expires within 60 days": 1,
        "Open email changes": 1,
    }


def asked_and_going() -> None:
    """One who has asked for a copy, and one who is about to be erased."""
    today = timezone.localdate()
    asks = create_vendor(state=VendorState.APPROVED)
    data_requests.record(asks, kind="access", received_on=today, identity="called", by=None)
    goes = create_vendor(state=VendorState.DECLINED)
    RetentionEntry.objects.create(vendor=goes, what="declined", counted_from=today, listed_on=today, goes_on=today)


def lists_of_linguists() -> None:
    """One to sample, one sampled, one of an agency that may not come in at the moment, and no list."""
    lists = {name: [{"initials": name, "pairs": ["de.pl"], "route": "experience"}] for name in "ABC"}
    to_sample, sampled, suspended = (
        agency(f"{name.lower()}@agency.example", undertakes_iso_17100=True, linguists=lists[name]) for name in "ABC"
    )
    agency("d@agency.example")
    record_sample(to_sample, lists["B"], holds=True, how="Asked another's.", by=create_staff())
    record_sample(sampled, lists["B"], holds=False, how="Asked two of them.", by=create_staff())
    lifecycle.suspend(suspended)


def test_queues_are_empty_when_nothing_waits():
    create_vendor(state=VendorState.APPROVED)
    create_invitation(user=create_vendor().user, address="x@mail.example", state="queued")
    create_submission(vendor=create_vendor(state=VendorState.APPROVED), state=Submission.State.APPROVED)
    create_failure(state="resolved")
    refused = create_vendor(state=VendorState.APPROVED)
    create_invitation(user=refused.user, address="y@mail.example", state="refused")

    assert set(waiting(create_staff()).values()) == {0}


def test_queue_says_how_old_its_oldest_is_and_leads_there(as_vera):
    vendor = create_vendor(state=VendorState.SUBMITTED, name="Ana Almeida")
    Submission.objects.update(submitted_at=timezone.now() - dt.timedelta(days=4, hours=1))
    heartbeat.beat("worker")

    text = as_vera.get("/admin/").text

    queue = re.search(r'<a class="queue queue-late" href="([^"]+)">(.*?)</a>', text, re.DOTALL)
    assert "/onboarding/submission/" in queue[1]
    assert "4\xa0days" in queue[2]
    assert vendor.name in as_vera.get(queue[1].replace("&amp;", "&")).text
    assert 'id="worker-is-dead"' not in text


def test_every_queue_leads_to_a_page():
    client = signed_in(create_staff(role=ADMINISTRATOR))
    urls = re.findall(r'<a class="queue[^"]*" href="([^"]+)"', client.get("/admin/").text)
    assert len(urls) == len(dashboard.QUEUES)
    for url in urls:
        assert client.get(url.replace("&amp;", "&")).status_code == 200, url


def test_case_is_in_the_queue_of_those_who_deal_with_it():
    create_failure(reason="wrong_password")
    for address in ("", "ana@mail.example"):
        create_failure(reason="step_error", address=address)

    assert waiting(create_staff())["Open cases"] == 1
    assert "Open cases for operations" not in waiting(create_staff())
    of_operations = waiting(create_staff(role=OPERATIONS))
    assert (
        of_operations["Open cases"],
        of_operations["Open cases for operations"],
    ) == (1, 2)


def test_oldest_three_of_a_queue_are_one_click_away(as_vera):
    now = timezone.now()
    for days in (1, 4, 2, 3):
        vendor = create_vendor(state=VendorState.SUBMITTED, name=f"Waits {days} days")
        Submission.objects.filter(vendor=vendor).update(submitted_at=now - dt.timedelta(days=days, hours=1))
    create_failure(address="ana@mail.example")

    found = re.findall(r'<ol class="queue-oldest">(.*?)</ol>', as_vera.get("/admin/").text, re.DOTALL)

    submissions, failures = [
        re.findall(r'href="([^"]+)"><bdi translate="no">(.*?)</bdi></a>\s*<span>(.*?)</span>', each) for each in found
    ]
    assert [(name, age.replace("\xa0", " ")) for _url, name, age in submissions] == [
        ("Waits 4 days", "4 days, 1 hour"),
        ("Waits 3 days", "3 days, 1 hour"),
        ("Waits 2 days", "2 days, 1 hour"),
    ]
    oldest = Submission.objects.get(vendor__name="Waits 4 days")
    assert submissions[0][0] == f"/admin/onboarding/submission/{oldest.pk}/change/"
    assert "ana@mail.example" in as_vera.get(failures[0][0]).text


def test_first_page_says_so_when_nothing_waits(as_vera):
    text = as_vera.get("/admin/").text

    assert 'class="queues"' not in text


def test_every_link_to_the_oldest_leads_to_a_page(as_vera):
    """One row in each queue that has links, so that no name of a page or field is wrong."""
    long_ago = timezone.now() - dt.timedelta(days=8)
    create_vendor(state=VendorState.SUBMITTED)
    create_submission(vendor=create_vendor(state=VendorState.APPROVED), kind=Submission.Kind.CHANGE)
    create_failure()
    create_failure(reason="step_error")
    create_vendor(state=VendorState.INVITED, state_changed_at=long_ago)
    create_email_change(vendor=create_vendor(state=VendorState.APPROVED))
    EmailChangeRequest.objects.create(
        vendor=create_vendor(state=VendorState.APPROVED), new="wish@mail.example", proven_at=timezone.now()
    )
    create_invitation(user=create_vendor(state=VendorState.APPROVED).user, address="x@mail.example", state="queued")
    Invitation.objects.filter(state="queued").update(queued_at=long_ago)
    in_force(ends=timezone.localdate() + dt.timedelta(days=9), vendor=create_vendor(state=VendorState.APPROVED))
    duplicates.compare(create_vendor(), create_vendor())
    asked_and_going()

    still_right.ask(create_vendor(state=VendorState.APPROVED), now=long_ago - still_right.ANSWER_WITHIN)
    lists_of_linguists()
    releasing.waiting(create_vendor(state=VendorState.APPROVED))
    payment.adopt(create_vendor(state=VendorState.APPROVED), IBAN)

    queues = [queue for queue in dashboard.waiting_for(create_staff(role=ADMINISTRATOR)) if queue.links]

    assert len(queues) == sum(bool(queue.row) for queue in dashboard.QUEUES)
    for queue in queues:
        page = resolve(queue.links[0].url)
        assert page.func.model_admin.model.objects.filter(pk=page.kwargs["object_id"]), queue.name


def test_long_queue_is_not_counted_to_the_end(monkeypatch):
    monkeypatch.setattr(dashboard, "COUNTED_AT_MOST", 2)
    for _number in range(4):
        create_failure()

    [cases] = [queue for queue in dashboard.waiting_for(create_staff()) if str(queue.name) == "Open cases"]

    assert cases.shown_count == "2+"


def test_banner_when_the_worker_is_not_running(as_vera):
    assert 'id="worker-is-dead"' in as_vera.get("/admin/").text


def test_funnel_counts_the_last_twelve_weeks(as_vera):
    recent, old = create_vendor(), create_vendor()
    for kind in ("invited", "signed_in_first", "submitted", "approved"):
        lifecycle.record(old, kind)
    with protected_rows.lifted():
        VendorEvent.objects.update(at=timezone.now() - dt.timedelta(weeks=12, hours=1))
    for kind in ("invited", "invited", "signed_in_first"):
        lifecycle.record(recent, kind)

    bars = dashboard.funnel()

    assert [(bar.count, bar.width) for bar in bars] == [(2, 360), (1, 180), (0, 0), (0, 0)]
    text = as_vera.get("/admin/").text
    assert "Invited: 2. Signed in for the first time: 1. Submitted: 0. Approved: 0." in text
    assert "style=" not in text


def test_who_is_stuck_where_stands_on_the_first_page_oldest_first(as_vera):
    now = timezone.now()
    rows = [
        ("Ana Almeida", VendorState.ONBOARDING, "languages", 12),
        ("Bo Bauer", VendorState.CHANGES_REQUESTED, "", 30),
        ("Cleo Costa", VendorState.ONBOARDING, "", 5),
        ("Emil Eriksson", VendorState.ONBOARDING, "rates", 2),
        ("Fay Ferrari", VendorState.SUSPENDED, "rates", 40),
    ]
    for name, state, step, days in rows:
        vendor = create_vendor(state=state, name=name)
        create_draft(vendor=vendor, current_step=step, left_at=now - dt.timedelta(days=days, hours=1))

    section = re.search(r'<section class="stuck".*?</section>', as_vera.get("/admin/").text, re.DOTALL)[0]

    found = re.findall(r'/vendor/(\d+)/change/"><bdi translate="no">(.*?)</bdi></a>\s+<span>(.*?)</span>', section)
    assert [(name, said.replace("\xa0", " ")) for _pk, name, said in found] == [
        ("Bo Bauer", "at “the changes you asked for” for 4 weeks, 2 days"),
        ("Ana Almeida", "at “Languages” for 1 week, 5 days"),
        ("Cleo Costa", "at “About you” for 5 days, 1 hour"),
    ]
    assert as_vera.get(f"/admin/vendors/vendor/{found[0][0]}/change/").status_code == 200


SILENT = [
    ("Invited, no response for a week", VendorState.INVITED),
    ("Stopped halfway through onboarding", VendorState.ONBOARDING),
    ("Changes requested, no reply", VendorState.CHANGES_REQUESTED),
]


@pytest.mark.parametrize(("queue", "state"), SILENT)
def test_vendor_with_an_open_case_is_counted_among_the_cases_only(as_vera, vera, queue, state):
    long_ago = timezone.now() - dt.timedelta(days=8)
    silent, with_case = (create_vendor(state=state, name=name, state_changed_at=long_ago) for name in ("Sue", "Cas"))
    create_failure(user=silent.user, state=Failure.State.RESOLVED)
    if state != VendorState.INVITED:
        for vendor in (silent, with_case):
            create_draft(vendor=vendor, current_step="rates", left_at=long_ago)
    assert waiting(vera)[queue] == 2
    create_failure(user=with_case.user, reason="stuck")

    page = as_vera.get("/admin/").text
    counted = waiting(vera)
    assert (counted[queue], counted["Open cases"]) == (1, 1)
    assert "Cas" not in page.partition('<section class="stuck"')[2].partition("</section>")[0]
    [url] = [found.url for found in dashboard.waiting_for(vera) if str(found.name) == queue]
    assert [vendor.name for vendor in as_vera.get(url).context["cl"].result_list] == ["Sue"]
    listed = as_vera.get(url.replace("case=none", "case=open")).context["cl"].result_list
    assert [vendor.name for vendor in listed] == ["Cas"]


def test_who_may_not_see_cases_cannot_filter_by_them():
    create_failure(user=create_vendor(name="Cas").user)
    client = signed_in(create_staff(role=PROJECT_MANAGER))

    page = client.get("/admin/vendors/vendor/")
    assert "Cas" in page.text
    assert "case=open" not in page.text
    assert client.get("/admin/vendors/vendor/?case=open").status_code == 400


def test_long_list_of_the_stuck_shows_the_oldest(monkeypatch):
    monkeypatch.setattr(dashboard, "STUCK_SHOWN", 2)
    now = timezone.now()
    for days in (5, 7, 6):
        create_draft(
            vendor=create_vendor(state=VendorState.ONBOARDING, name=f"{days} days"),
            left_at=now - dt.timedelta(days=days),
        )

    assert [each.vendor.name for each in dashboard.stuck()] == ["7 days", "6 days"]


@pytest.mark.parametrize(("role", "sees_submissions"), [(OPERATIONS, False), (AUDITOR, False)])
def test_queues_are_those_of_the_role(role, sees_submissions):
    assert ("Submissions to review" in waiting(create_staff(role=role))) == sees_submissions


def test_first_page_costs_the_same_whatever_waits(as_vera):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get("/admin/").status_code == 200
        return len(captured)

    long_ago = timezone.now() - dt.timedelta(days=8)
    before = statements()
    for _number in range(3):
        create_failure()
        create_vendor(state=VendorState.SUBMITTED)
        create_email_change(vendor=create_vendor(state=VendorState.INVITED))
        create_draft(vendor=create_vendor(state=VendorState.ONBOARDING), left_at=long_ago)

    assert statements() == before
    assert before <= 27


OLDEST_FAILURES = 'SELECT "identity_failure"."first_seen_at"'


def test_oldest_open_failures_are_read_from_an_index_and_not_sorted(as_vera):
    """However many cases are open: the first page asks for the oldest of them at every look."""
    now = timezone.now()
    Failure.objects.bulk_create(
        Failure(
            subject=f"address:{number}@mail.example",
            stage="sign_in",
            reason="not_invited",
            state="open" if number % 3 == 0 else "resolved",
            first_seen_at=now - dt.timedelta(minutes=number * 7919 % 9000),
            last_seen_at=now,
        )
        for number in range(9000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE identity_failure")
    with CaptureQueriesContext(connection) as captured:
        as_vera.get("/admin/")
    [oldest] = [query["sql"] for query in captured if query["sql"].startswith(OLDEST_FAILURES)]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {oldest}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "failure_open_oldest" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("model", [model._meta.label_lower for model in site._registry])
def test_lists_take_only_the_filters_that_they_offer(model):
    """Whoever sees a list could find out, letter by letter, what it does not show."""
    app, name = model.split(".")
    listed = site._registry[apps.get_model(model)]
    client = signed_in(create_staff(role=ADMINISTRATOR))
    fields = [field.name for field in listed.model._meta.get_fields() if not field.auto_created]
    offered = {getattr(declared, "parameter_name", declared) for declared in listed.list_filter}

    for field in fields:
        for lookup in (field, f"{field}__startswith", f"{field}__secret__startswith", f"{field}__pk__in"):
            if field not in offered or lookup != field:
                assert client.get(f"/admin/{app}/{name}/?{lookup}=1").status_code in (302, 400, 403), lookup


@pytest.mark.parametrize("query", ["state__exact=open", "assigned=mine", "stage__exact=sign_in", "q=ana", "p=1"])
def test_offered_filters_work(as_vera, query):
    assert as_vera.get(f"/admin/identity/failure/?{query}").status_code == 200


def test_moment_is_shown_in_one_format_with_its_zone(as_vera):
    vendor = create_vendor(state=VendorState.INVITED)
    at = dt.datetime(2026, 11, 29, 17, 59, tzinfo=dt.UTC)
    Invitation.objects.filter(user=vendor.user).update(queued_at=at, sent_at=at)

    shown = "29 November 2026, 17:59 UTC"
    assert shown in as_vera.get("/admin/identity/invitation/").text
    assert shown in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity import heartbeats
from identity.models import Invitation, User
from identity.roles import AUDITOR, OPERATIONS
from onboarding.models import Submission
from passport import dashboard
from tests.factories import (
    create_email_change,
    create_failure,
    create_invitation,
    create_staff,
    create_submission,
    create_vendor,
)
from vendors import lifecycle
from vendors.models import EmailChangeRequest, VendorEvent, VendorState

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


def signed_in(user):
    client = Client()
    client.force_login(user, backend="identity.backends.EntraOpenIdConnect")
    return client


@pytest.fixture
def as_vera():
    return signed_in(create_staff())


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
    create_vendor(state=VendorState.ONBOARDING, state_changed_at=long_ago)
    create_vendor(state=VendorState.ONBOARDING)
    create_vendor(state=VendorState.CHANGES_REQUESTED)
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

    assert waiting(create_staff()) == {
        "Submissions to review": 1,
        "Changes of profiles to review": 1,
        "Open failures": 2,
        "Email changes asked for": 1,
        "Invitations that do not get out": 2,
        "Invited and silent for a week": 1,
        "In the onboarding for a week": 1,
        "Asked for changes, no answer": 1,
        "Open email changes": 1,
    }


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
    heartbeats.beat("worker")

    text = as_vera.get("/admin/").text

    queue = re.search(r'<a class="queue queue-late" href="([^"]+)">(.*?)</a>', text, re.DOTALL)
    assert "Submissions to review" in queue[2]
    assert "4\xa0days" in queue[2]
    assert vendor.name in as_vera.get(queue[1].replace("&amp;", "&")).text
    assert "The worker is not running" not in text


def test_every_queue_leads_to_a_page(as_vera):
    for url in re.findall(r'<a class="queue[^"]*" href="([^"]+)"', as_vera.get("/admin/").text):
        assert as_vera.get(url.replace("&amp;", "&")).status_code == 200, url


def test_long_queue_is_not_counted_to_the_end(monkeypatch):
    monkeypatch.setattr(dashboard, "COUNTED_AT_MOST", 2)
    for _number in range(4):
        create_failure()

    [cases] = [queue for queue in dashboard.waiting_for(create_staff()) if str(queue.name) == "Open failures"]

    assert cases.shown_count == "2+"


def test_banner_when_the_worker_is_not_running(as_vera):
    assert "The worker is not running" in as_vera.get("/admin/").text


def test_funnel_counts_the_last_twelve_weeks(as_vera):
    recent, old = create_vendor(), create_vendor()
    for kind in ("invited", "signed_in_first", "submitted", "approved"):
        lifecycle.record(old, kind)
    VendorEvent.objects.update(at=timezone.now() - dt.timedelta(weeks=12, hours=1))
    for kind in ("invited", "invited", "signed_in_first"):
        lifecycle.record(recent, kind)

    bars = dashboard.funnel()

    assert [(bar.count, bar.width) for bar in bars] == [(2, 360), (1, 180), (0, 0), (0, 0)]
    text = as_vera.get("/admin/").text
    assert "Invited: 2. Signed in for the first time: 1. Submitted: 0. Approved: 0." in text
    assert "style=" not in text


@pytest.mark.parametrize(("role", "sees_submissions"), [(OPERATIONS, False), (AUDITOR, False)])
def test_queues_are_those_of_the_role(role, sees_submissions):
    assert ("Submissions to review" in waiting(create_staff(role=role))) == sees_submissions


def test_first_page_costs_the_same_whatever_waits(as_vera):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get("/admin/").status_code == 200
        return len(captured)

    before = statements()
    for _number in range(3):
        create_failure()
        create_vendor(state=VendorState.SUBMITTED)
        create_email_change(vendor=create_vendor(state=VendorState.INVITED))

    assert statements() == before
    assert before <= 18

"""“Mine” and “all” on the first page and the lists, and who is on a case."""

import pytest
from django.urls import reverse
from django.utils import timezone

from identity.models import Failure
from identity.roles import AUDITOR
from passport import dashboard
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor
from vendors.colleagues import absences
from vendors.models import ColleaguePreferences, VendorState

pytestmark = pytest.mark.django_db
PREFERENCES = "/admin/vendors/absence/preferences/"


@pytest.fixture
def otto():
    return create_staff(email="otto@sandberg.example")


@pytest.fixture
def two(vera, otto):
    """One submission of a vendor of each."""
    return [
        create_vendor(state=VendorState.SUBMITTED, owner=owner, name=f"Vendor of {owner.email.partition('@')[0]}")
        for owner in (vera, otto)
    ]


def test_first_page_shows_mine_or_all(as_vera, two):
    everything, mine = as_vera.get("/admin/").text, as_vera.get("/admin/?whose=mine").text

    assert "Vendor of otto" in everything
    assert "Vendor of vera" in mine
    assert "Vendor of otto" not in mine


def test_choice_is_remembered_and_can_be_overruled(as_vera, vera, two):
    as_vera.post(PREFERENCES, {"first_page": "mine", "morning_email": "on"})

    assert "Vendor of otto" not in as_vera.get("/admin/").text
    assert "Vendor of otto" in as_vera.get("/admin/?whose=all").text
    assert "Vendor of otto" not in as_vera.get("/admin/?whose=nonsense").text
    assert ColleaguePreferences.objects.get(user=vera).first_page == "mine"


def test_mine_are_also_those_that_i_cover(as_vera, vera, otto, two):
    today = timezone.localdate()
    absences.add(otto, starts_on=today, ends_on=today, cover=vera, by=otto)

    assert "Vendor of otto" in as_vera.get("/admin/?whose=mine").text


def test_who_works_on_no_vendors_is_not_asked(two):
    page = signed_in(create_staff(role=AUDITOR)).get("/admin/?whose=mine").text

    assert "whose=all" not in page


def test_every_queue_leads_to_a_list_that_can_show_mine(as_vera, vera):
    for waiting in dashboard.waiting_for(vera, owners=[vera.pk]):
        answer = as_vera.get(waiting.url)
        assert answer.status_code == 200, waiting.url


@pytest.mark.parametrize(
    "name",
    [
        "vendors_vendor",
        "vendors_document",
        "vendors_emailchangerequest",
        "identity_failure",
        "identity_invitation",
        "onboarding_submission",
    ],
)
def test_lists_show_mine(as_vera, two, name):
    address = reverse(f"admin:{name}_changelist")
    for vendor in two:
        create_failure(user=vendor.user, address=vendor.primary_email)

    page = as_vera.get(f"{address}?whose=mine").text

    assert two[1].name not in page
    assert two[1].primary_email not in page
    if name in ("vendors_vendor", "onboarding_submission", "identity_failure"):
        assert two[0].name in page


# I'm on it


def take(client, case, *, seen=""):
    return client.post(f"/admin/identity/failure/{case.pk}/take/", {"seen": seen}, follow=True)


def test_i_am_on_it_shows_to_everyone(as_vera, vera, otto):
    case = create_failure()

    assert "You are on it." in take(as_vera, case).text
    colleague = signed_in(otto)
    for page in ("/admin/", "/admin/identity/failure/", f"/admin/identity/failure/{case.pk}/change/"):
        assert vera.email in colleague.get(page).text, page


def test_colleague_who_was_first_is_not_replaced_unseen(as_vera, vera, otto):
    case = create_failure()
    take(signed_in(otto), case)

    assert "A colleague has changed who is on this case." in take(as_vera, case).text
    assert Failure.objects.get().assigned_to == otto

    take(as_vera, case, seen=otto.pk)
    assert Failure.objects.get().assigned_to == vera


def test_case_i_am_on_is_mine_whoever_owns_the_vendor(as_vera, otto, two):
    case = create_failure(user=two[1].user, address=two[1].primary_email)
    take(as_vera, case)

    assert two[1].primary_email in as_vera.get("/admin/?whose=mine").text


def test_closed_case_cannot_be_taken(as_vera):
    case = create_failure(state="resolved")

    take(as_vera, case)

    assert Failure.objects.get().assigned_to is None


def test_only_who_works_on_cases_takes_one():
    client = signed_in(create_staff(role=AUDITOR))
    case = create_failure()

    assert take(client, case).status_code == 403
    assert client.get(f"/admin/identity/failure/{case.pk}/take/").status_code == 405


def test_odd_value_is_refused(as_vera):
    assert take(as_vera, create_failure(), seen="²").status_code == 400

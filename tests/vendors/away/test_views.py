"""A vendor says when they are away; nobody approves it, and VM sees it."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.clients import signed_in
from tests.factories import create_vendor
from tests.records import events
from tests.vendors.profiles import approved_vendor
from vendors import lifecycle
from vendors.away import lifecycle as away
from vendors.models import AwayPeriod, VendorState

pytestmark = pytest.mark.django_db

ADD = "/profile/away/"
DAY = dt.timedelta(days=1)
TODAY = timezone.localdate()


@pytest.fixture
def vendor():
    return approved_vendor(time_zone="UTC")


@pytest.fixture
def as_vendor(vendor):
    return signed_in(vendor.user)


def written(day: dt.date) -> str:
    return day.strftime("%d %B %Y")


def add(client, first: int, last: int | None = None, *, path: str = ADD, kind: str = "away", **typed):
    """Days from today."""
    days = {"starts_on": written(TODAY + first * DAY), "ends_on": "" if last is None else written(TODAY + last * DAY)}
    return client.post(path, {**days, "kind": kind, **typed})


def kept(vendor) -> list[tuple]:
    return [
        (period.kind, (period.starts_on - TODAY).days, (period.ends_on - TODAY).days, period.weekly_hours, period.note)
        for period in vendor.away_periods.all()
    ]


def change_page(period: AwayPeriod) -> str:
    return f"{ADD}{period.pk}/"


def test_added_changed_and_removed_without_approval(vendor, as_vendor):
    profile = as_vendor.get("/profile/")
    assert f'href="{ADD}"' in profile.text

    assert add(as_vendor, 10, 20, note="urgent jobs by phone").url == "/profile/"
    assert add(as_vendor, 30).url == "/profile/"
    assert kept(vendor) == [("away", 10, 20, None, "urgent jobs by phone"), ("away", 30, 30, None, "")]
    first, second = vendor.away_periods.all()
    page = as_vendor.get(change_page(first))
    assert page.context["form"]["note"].value() == "urgent jobs by phone"
    assert add(as_vendor, 5, 8, path=change_page(first), kind="partly", weekly_hours="10").url == "/profile/"
    assert kept(vendor)[0] == ("partly", 5, 8, 10, "")
    as_vendor.post(change_page(second), {"remove": "yes"})

    assert kept(vendor) == [("partly", 5, 8, 10, "")]
    assert events(vendor) == ["away_added", "away_added", "away_changed", "away_removed"]
    assert vendor.history.model.objects.exists()
    assert AwayPeriod.history.rel.related_model.objects.filter(pgh_label="delete").count() == 1
    assert "urgent" not in str(list(vendor.events.values("data", "reason")))
    assert as_vendor.post(change_page(second), {"remove": "yes"}).status_code == 404


def test_times_that_overlap_are_answered(vendor, as_vendor):
    add(as_vendor, 10, 20, note="at sea")
    answer = add(as_vendor, 18, 25, note="in port")
    assert (answer.url, kept(vendor)) == ("/profile/", [("away", 10, 25, None, "in port; at sea")])

    # On a day in both, away counts.
    assert add(as_vendor, 5, 40, kind="partly", weekly_hours="8").url == "/profile/"
    assert len(kept(vendor)) == 2
    refused = add(as_vendor, 30, 45, kind="partly", weekly_hours="4", note="evenings")
    assert refused.status_code == 200
    assert refused.context["form"].has_error("starts_on")
    assert refused.context["form"]["note"].value() == "evenings", "nothing typed is lost"
    assert len(kept(vendor)) == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "5/6"}, "starts_on"),
        ({"starts_on": "1 January 2020", "ends_on": ""}, "ends_on"),
        ({"starts_on": written(TODAY + 5 * DAY), "ends_on": written(TODAY + 4 * DAY)}, "ends_on"),
        ({"starts_on": written(TODAY), "ends_on": "2099-01-01"}, "ends_on"),
        ({"kind": "partly", "weekly_hours": "0"}, "weekly_hours"),
        ({"kind": "perhaps"}, "kind"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_what_is_wrong_is_said_and_kept(vendor, as_vendor, typed, field):
    given = {"starts_on": written(TODAY + DAY), "ends_on": "", "kind": "away", "note": "why", **typed}

    page = as_vendor.post(ADD, given)

    assert page.context["form"].errors.keys() == {field}
    assert {name: page.context["form"][name].value() for name in given} == given
    assert kept(vendor) == []


def test_who_is_back_early_says_so_and_what_is_over_folds_away(vendor, as_vendor):
    began = AwayPeriod.objects.create(vendor=vendor, starts_on=TODAY - 5 * DAY, ends_on=TODAY + 5 * DAY)
    begins = AwayPeriod.objects.create(vendor=vendor, starts_on=TODAY, ends_on=TODAY, kind="partly")

    for period in (began, begins):
        assert 'name="back"' in as_vendor.get(change_page(period)).text
        as_vendor.post(change_page(period), {"back": "yes"})

    assert kept(vendor) == [("away", -5, -1, None, "")]
    shown = as_vendor.get("/profile/").context["away"]
    assert (shown["to_come"], shown["past"]) == ([], [began])
    assert as_vendor.get(change_page(began)).url == "/profile/", "what is over stays as it was"


def test_nobody_elses_and_only_while_approved(vendor, as_vendor):
    other = approved_vendor_at("other@mail.example")
    theirs = AwayPeriod.objects.create(vendor=other, starts_on=TODAY, ends_on=TODAY)
    assert as_vendor.get(change_page(theirs)).status_code == 404
    assert as_vendor.post(change_page(theirs), {"remove": "yes"}).status_code == 404
    assert signed_in(create_vendor(state=VendorState.ONBOARDING).user).get(ADD).url == "/onboarding/"

    lifecycle.suspend(vendor)
    with pytest.raises(lifecycle.WrongState):
        away.save(vendor, AwayPeriod(starts_on=TODAY, ends_on=TODAY), today=TODAY)
    assert kept(vendor) == []


def approved_vendor_at(address: str):
    return create_vendor(state=VendorState.APPROVED, primary_email=address)


def test_fifty_to_come_are_enough(vendor, as_vendor):
    AwayPeriod.objects.bulk_create(
        AwayPeriod(vendor=vendor, starts_on=TODAY + n * 3 * DAY, ends_on=TODAY + n * 3 * DAY) for n in range(50)
    )

    assert add(as_vendor, 200).context["form"].has_error("starts_on")
    assert len(kept(vendor)) == 50


def test_vm_sees_it_on_the_page_and_in_the_list(vendor, as_vera):
    AwayPeriod.objects.create(vendor=vendor, starts_on=TODAY - DAY, ends_on=TODAY + 3 * DAY, note="no phone")
    AwayPeriod.objects.create(vendor=vendor, starts_on=TODAY - DAY, ends_on=TODAY + 9 * DAY, kind="partly")
    approved_vendor_at("here@mail.example")

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/")
    listed = as_vera.get("/admin/vendors/vendor/?away=now")

    assert "no phone" in page.text
    [row] = listed.context["cl"].result_list
    assert row == vendor
    until = TODAY + 3 * DAY
    assert "away until <bdi" in listed.text or f"away until {until.day} {until:%B}" in listed.text
    assert f"{until.day} {until:%B}" in listed.text

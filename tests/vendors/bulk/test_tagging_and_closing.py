"""Tags on many vendors at once, and closing many: what the preview says, who is left out, and what becomes of each."""

from __future__ import annotations

import pytest

from tests.factories import create_account, create_vendor
from tests.records import events
from tests.vendors.bulk.test_runs import carried_out, choose, outcomes, prepared, reasons, start, url
from vendors.models import BulkRun, Vendor
from vendors.tags import lifecycle as tags
from vendors.tasks import run_bulk

pytestmark = pytest.mark.django_db


def tagged(name: str, *words: str, by, state: str = "approved") -> Vendor:
    vendor = create_vendor(name=name, state=state)
    tags.replace(vendor, words, by=by)
    return vendor


def test_tags_are_added_to_those_that_each_has(as_vera, vera):
    ana, bo = tagged("Ana", "legal", by=vera), tagged("Bo", "rush jobs", "nights", by=vera)
    full = tagged("Full", *(f"tag {number}" for number in range(tags.MOST)), by=vera)
    create_vendor(name="Erased", state="erased")
    run = carried_out(as_vera, "add-tags", *Vendor.objects.order_by("pk"), tags="Nights,  Rush Jobs")

    assert outcomes(run) == {"Ana": "done", "Bo": "refused", "Full": "refused", "Erased": "refused"}
    assert tags.of(ana) == ["legal", "nights", "rush jobs"]
    assert len(tags.of(full)) == tags.MOST
    assert "already" in reasons(run)["Bo"]
    assert "more than 20 tags" in reasons(run)["Full"]
    page = as_vera.get(url("look", run)).text
    assert "1 vendor has been given these tags." in page
    assert "nights, rush jobs" in page
    assert events(ana)[-1] == "tagged"
    assert ana.events.latest("pk").by == vera
    assert tags.of(bo) == ["nights", "rush jobs"]


def test_tags_are_removed_and_the_others_stay(as_vera, vera):
    ana, bo = tagged("Ana", "legal", "nights", by=vera), tagged("Bo", "legal", by=vera)
    run = prepared(as_vera, "remove-tags", ana, bo, tags="nights, rush jobs")

    assert "1 vendor will have these tags removed." in as_vera.get(url("look", run)).text
    assert tags.of(ana) == ["legal", "nights"]
    start(as_vera, run)
    run_bulk(run.pk)

    assert outcomes(run) == {"Ana": "done", "Bo": "refused"}
    assert (tags.of(ana), tags.of(bo)) == (["legal"], ["legal"])


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Enter a tag."), (" , ", "Enter a tag."), ("x" * 41, "longer than 40")]
)
def test_what_is_no_tag_is_refused_and_stays_as_typed(as_vera, typed, said):
    run = prepared(as_vera, "add-tags", create_vendor())

    page = as_vera.post(url("look", run), {"revision": run.revision, "tags": typed}).text

    assert said in page
    assert typed.strip() in page
    assert 'id="start"' not in page


def test_tag_that_someone_else_has_put_meanwhile_is_kept(as_vera, vera):
    ana = tagged("Ana", "legal", by=vera)
    run = prepared(as_vera, "add-tags", ana, tags="nights")
    tags.replace(ana, ["legal", "rush jobs"], by=vera)
    start(as_vera, run)
    run_bulk(run.pk)

    assert tags.of(ana) == ["legal", "nights", "rush jobs"]


def test_closing_says_what_it_takes_away_before_it_starts(as_vera):
    ana = create_vendor(name="Ana", state="onboarding")
    choose(as_vera, "close", ana)
    run = BulkRun.objects.get()
    refused = as_vera.post(url("look", run), {"revision": run.revision}).text
    assert "Choose how the vendors are closed." in refused
    assert "Enter a reason." in refused
    assert "Fill in the form first" in start(as_vera, run).text

    as_vera.post(url("look", run), {"revision": run.revision, "closed_as": "withdrew", "reason": "Too few jobs."})
    page = as_vera.get(url("look", run)).text

    assert "1 vendor will be closed and lose access." in page
    assert "can no longer sign in." in page
    assert "You cannot undo this for all of them at once" in page
    assert '<button class="button-danger">' in page.partition('id="start"')[2].partition("</form>")[0]
    ana.refresh_from_db()
    assert ana.state == "onboarding"


def test_applicants_are_closed_in_the_way_and_for_the_reason_given(as_vera, vera):
    invited, onboarding = create_vendor(name="Ines", state="invited"), create_vendor(name="Olga", state="onboarding")
    account = create_account(user=onboarding.user, address=onboarding.primary_email)
    approved, declined = create_vendor(name="Ana", state="approved"), create_vendor(name="Dina", state="declined")
    run = carried_out(
        as_vera, "close", invited, onboarding, approved, declined, closed_as="not_suitable", reason="No legal texts."
    )

    assert outcomes(run) == {"Ines": "done", "Olga": "done", "Ana": "refused", "Dina": "refused"}
    assert "To end the work with them" in reasons(run)["Ana"]
    onboarding.refresh_from_db()
    account.refresh_from_db()
    assert (onboarding.state, onboarding.closed_as, account.revoked_why) == ("declined", "not_suitable", "closed")
    event = onboarding.events.latest("pk")
    assert (event.kind, event.reason, event.by) == ("declined", "No legal texts.", vera)
    page = as_vera.get(url("look", run)).text
    assert "2 vendors have been closed" in page
    assert "not suitable" in page


def test_work_with_approved_and_suspended_vendors_is_ended(as_vera):
    approved = create_vendor(name="Ana", state="approved")
    suspended = create_vendor(name="Sue", state="suspended", suspended_from="approved")
    applicant = create_vendor(name="Olga", state="onboarding")
    run = carried_out(as_vera, "close", approved, suspended, applicant, closed_as="left", reason="Retired.")

    assert outcomes(run) == {"Ana": "done", "Sue": "done", "Olga": "refused"}
    assert "never been approved" in reasons(run)["Olga"]
    approved.refresh_from_db()
    assert (approved.state, approved.closed_as) == ("ended", "left")


def test_vendor_who_has_moved_on_since_the_preview_is_not_closed(as_vera):
    olga = create_vendor(name="Olga", state="onboarding")
    run = prepared(as_vera, "close", olga, closed_as="withdrew", reason="No answer for a year.")
    Vendor.objects.filter(pk=olga.pk).update(state="submitted")
    start(as_vera, run)
    run_bulk(run.pk)

    assert outcomes(run) == {"Olga": "refused"}
    assert "changed since you looked" in reasons(run)["Olga"]
    olga.refresh_from_db()
    assert olga.state == "submitted"

"""What is looked for again and again has a name on the first page."""

from __future__ import annotations

import pytest
from django.test import Client

from identity.roles import FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff
from tests.vendors.finding.offering import offering
from vendors.models import SavedView

pytestmark = pytest.mark.django_db

FIND = "/admin/vendors/vendor/find/"
SAVE = f"{FIND}views/add/"


def save(client: Client, query: str = "source=en&service=translation", **typed: str):
    return client.post(f"{SAVE}?{query}", {"name": "Into Swedish", "seen_by": "private"} | typed)


def page_of(view: SavedView) -> str:
    return f"{FIND}views/{view.pk}/"


def on_first_page(client: Client) -> list[str]:
    return [view.name for view in client.get("/admin/").context["saved_views"]]


def test_view_is_saved_from_the_results_and_leads_back_to_them(as_vera, vera):
    offering("Ana")
    results = as_vera.get(f"{FIND}?source=English&page=1&state=approved")
    assert f'href="{SAVE}?source=English"' in results.text

    saved = save(as_vera, "source=English&page=1&state=approved&nothing=x")

    assert saved["Location"] == f"{FIND}?source=English"
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_shared) == (vera, "Into Swedish", "source=English", False)
    assert f'href="{FIND}?source=English"' in as_vera.get("/admin/").text


def test_private_view_is_its_owners_alone_and_a_shared_one_is_everyones(as_vera):
    save(as_vera, name="Mine")
    save(as_vera, name="Ours", seen_by="shared")
    colleague = signed_in(create_staff(role=FINANCE))
    save(colleague, name="Zebra")

    assert on_first_page(as_vera) == ["Mine", "Ours"]
    assert on_first_page(colleague) == ["Zebra", "Ours"]
    assert "shared by <bdi" in colleague.get("/admin/").text


@pytest.mark.parametrize("deed", [{"name": "Taken over", "seen_by": "private"}, {"_delete": "1"}])
def test_only_its_owner_changes_or_deletes_it(as_vera, deed):
    save(as_vera, seen_by="shared")
    view = SavedView.objects.get()

    assert signed_in(create_staff()).post(page_of(view), deed).status_code == 404
    view.refresh_from_db()
    assert view.name == "Into Swedish"


def test_owner_renames_shares_and_deletes_it(as_vera):
    save(as_vera)
    view = SavedView.objects.get()

    as_vera.post(page_of(view), {"name": "Nordic", "seen_by": "shared"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Nordic", True, "source=en&service=translation")

    as_vera.post(page_of(view), {"_delete": "1"})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "Enter a name for this view."),
        ({"name": "x" * 81}, "Shorten the name to 80 characters or fewer."),
        ({"seen_by": "x"}, "Choose who can see this view."),
        ({"name": "INTO SWEDISH"}, "You already have a view called"),
    ],
)
def test_what_cannot_be_saved_is_said(as_vera, typed, sentence):
    save(as_vera)

    assert sentence in save(as_vera, **typed).text
    assert SavedView.objects.count() == 1


def test_two_views_do_not_get_one_name_by_renaming(as_vera):
    save(as_vera, name="One")
    save(as_vera, name="Two")

    refused = as_vera.post(page_of(SavedView.objects.get(name="Two")), {"name": "one", "seen_by": "private"})

    assert "You already have a view called" in refused.text
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["One", "Two"]


def test_colleagues_may_use_the_same_name(as_vera):
    save(as_vera)
    save(signed_in(create_staff(role=OPERATIONS)))

    assert SavedView.objects.count() == 2


def test_what_makes_no_sense_is_not_saved_but_shown(as_vera):
    refused = save(as_vera, "up_to=lots")

    assert refused["Location"] == f"{FIND}?up_to=lots"
    assert not SavedView.objects.exists()

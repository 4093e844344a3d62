"""From what was found to what is done with many at once."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from identity.roles import OPERATIONS, PROJECT_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff
from tests.vendors.finding.offering import offer, offering
from tests.vendors.finding.test_find import FIND, find
from vendors.bulk.actions import BULK_ACTIONS
from vendors.finding import acting, results
from vendors.models import BulkRun

pytestmark = pytest.mark.django_db
ASKED = {"source": "en", "target": "sv", "service": "translation"}


def act(client, *vendors, action: str = "write", everyone: bool = False, **asked):
    fields = {"action": action, "vendor": [vendor.pk for vendor in vendors]} | ({"everyone": "on"} if everyone else {})
    return client.post(f"{FIND}?{urlencode(ASKED | asked)}", fields, follow=True)


def chosen() -> list[str]:
    return list(BulkRun.objects.get().lines.order_by("pk").values_list("vendor__name", flat=True))


@pytest.mark.parametrize("action", sorted(BULK_ACTIONS))
def test_every_action_starts_from_what_was_found(as_vera, action):
    ana = offering("Ana", offer("en>sv", "0.10"))
    offering("Bo", offer("en>sv", "0.11"))
    assert f'<option value="{action}">' in find(as_vera, **ASKED).text

    page = act(as_vera, ana, ana, action=action)

    assert "Nothing has happened yet." in page.text
    assert (BulkRun.objects.get().action, chosen()) == (action, ["Ana"])


def test_everyone_is_the_first_group_on_all_its_pages_once_each(as_vera, monkeypatch):
    monkeypatch.setattr(results, "LINES", 1)
    offering("Bo", offer("en-GB>sv", "0.11"), offer("en-US>sv", "0.13"))
    offering("Ana", offer("en>sv", "0.12"))
    offering("Dear", offer("en>sv", "0.50"))
    offering("Hourly", offer("en>sv", "40", unit="hour"))
    assert "Everyone under “Compared”" in find(as_vera, **ASKED).text

    page = act(as_vera, everyone=True, up_to="0.2")

    assert chosen() == ["Bo", "Ana"]
    assert "More vendors were found" not in page.text


@pytest.mark.parametrize(("asked", "names"), [({"group": "units"}, ["Hourly"]), ({"order": "name"}, ["Ana", "Hourly"])])
def test_everyone_is_who_is_shown_on_other_pages_of_results_as_well(as_vera, asked, names):
    offering("Hourly", offer("en>sv", "40", unit="hour"))
    offering("Ana", offer("en>sv", "0.12"))

    act(as_vera, everyone=True, **asked)

    assert chosen() == names


@pytest.mark.parametrize("order", ["rate", "name"])
def test_more_than_there_may_be_are_left_out_and_it_says_so(as_vera, monkeypatch, order):
    monkeypatch.setattr(acting, "AT_MOST", 2)
    for number in range(3):
        offering(f"N{number}", offer("en>sv", f"0.1{number}"))
    assert "no more than the first 2" in find(as_vera, **ASKED).text

    page = act(as_vera, everyone=True, order=order)

    assert chosen() == ["N0", "N1"]
    assert "Only the first 2 are in this preview." in page.text


def test_nothing_chosen_is_said_and_what_was_ticked_stays(as_vera):
    ana = offering("Ana", offer("en>sv", "0.10"))

    page = act(as_vera, ana, action="")
    assert "Choose what to do with these vendors." in page.text
    assert f'name="vendor" value="{ana.pk}" form="act" checked' in page.text
    page = act(as_vera, action="write")
    assert "Tick at least one vendor." in page.text
    assert '<option value="write" selected>' in page.text
    assert not BulkRun.objects.exists()


def test_odd_ids_and_actions_are_nothing(as_vera):
    offering("Ana", offer("en>sv", "0.10"))
    address = f"{FIND}?{urlencode(ASKED)}"

    for odd in ("²", "9" * 40, "x"):
        assert "Tick at least one vendor." in as_vera.post(address, {"action": "write", "vendor": odd}).text
    gone = as_vera.post(address, {"action": "write", "vendor": "99999999"}, follow=True)
    assert "Choose at least one vendor." in gone.text
    assert as_vera.post(address, {"action": "nothing", "everyone": "on"}).status_code == 404
    assert as_vera.post(FIND, {"action": "write", "everyone": "on"}).status_code == 200
    assert not BulkRun.objects.exists()


def test_each_colleague_is_offered_what_they_may_do(as_vera):
    ana = offering("Ana", offer("en>sv", "0.10"))
    operations, manager = (signed_in(create_staff(role=role)) for role in (OPERATIONS, PROJECT_MANAGER))

    shown = find(operations, **ASKED).text
    assert '<option value="remind">' in shown
    assert '<option value="close">' not in shown
    shown = find(manager, **ASKED).text
    assert 'id="act"' not in shown
    assert 'form="act"' not in shown
    for client in (operations, manager):
        assert act(client, ana, action="close").status_code == 403
    assert not BulkRun.objects.exists()

"""Working on a failure in the admin."""

from __future__ import annotations

import html
import re

import pytest
from django.core import mail
from django.utils import timezone

from identity.failures import cases, mail_to_vm, ownership
from identity.models import Failure, Heartbeat
from identity.roles import AUDITOR
from tests.factories import create_email_change, create_failure, create_staff, create_vendor
from vendors.email_change import disputes

pytestmark = pytest.mark.django_db


@pytest.fixture
def failure() -> Failure:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    vendor = create_vendor(state="onboarding", primary_email="dora@mail.example")
    found = cases.report(
        stage="sign_in",
        reason="address_differs",
        user=vendor.user,
        address="dora@mail.example",
        claimed_address="dora@new.example",
    )
    assert found
    return found


def test_notes_and_colleague_are_kept_and_found(client, failure):
    vera = create_staff()
    client.force_login(vera)
    page = f"/admin/identity/failure/{failure.pk}/work/"
    shown = client.get(page)
    assert "Owner" in shown.text

    seen = shown.context["work_form"]["seen"].value()
    client.post(page, {"assigned_to": vera.pk, "notes": "Called her, calls back.", "seen": seen})

    failure.refresh_from_db()
    assert (failure.assigned_to, failure.notes) == (vera, "Called her, calls back.")
    assert "Called her" in client.get(f"/admin/identity/failure/{failure.pk}/change/").content.decode()
    assert failure.reference in client.get("/admin/identity/failure/?assigned=me").content.decode()
    assert failure.reference not in client.get("/admin/identity/failure/?assigned=nobody").content.decode()


def test_notes_of_a_colleague_are_never_overwritten_unseen(client, failure):
    vera, otto = create_staff(), create_staff()
    client.force_login(vera)
    page = f"/admin/identity/failure/{failure.pk}/work/"
    seen = client.get(page).context["work_form"]["seen"].value()
    ownership.work_on(failure, owner=otto, notes="She is on a train.", seen=ownership.version_of_work(failure))

    mine = {"assigned_to": vera.pk, "notes": "Called her.", "seen": seen}
    again = client.post(page, mine)

    failure.refresh_from_db()
    assert (failure.assigned_to, failure.notes) == (otto, "She is on a train.")
    for text in ("She is on a train.", "Called her.", otto.email):
        assert text in again.text
    mine["seen"] = again.context["work_form"]["seen"].value()
    client.post(page, mine)
    failure.refresh_from_db()
    assert (failure.assigned_to, failure.notes) == (vera, "Called her.")


def test_auditor_may_look_and_not_write(client, failure):
    client.force_login(create_staff(role=AUDITOR))

    assert client.get(f"/admin/identity/failure/{failure.pk}/change/").status_code == 200
    assert client.post(f"/admin/identity/failure/{failure.pk}/work/", {"notes": "x"}).status_code == 403


def test_mails_button_leads_to_the_form_filled_in(client, failure):
    client.force_login(create_staff())
    mail_to_vm.tell(failure.pk)
    [message] = mail.outbox
    link = next(line for line in message.body.splitlines() if "/admin/person/" in line)

    page = client.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)

    shown = page.content.decode()
    assert page.redirect_chain[-1][0].startswith("/admin/vendors/vendor/")
    assert 'value="dora@new.example"' in shown
    assert failure.reference in shown


def test_failure_of_somebody_else_fills_in_nothing(client, failure):
    client.force_login(create_staff())
    other = create_vendor(state="onboarding", primary_email="chen@agency.example")

    shown = client.get(f"/admin/person/{other.user_id}/?do=change_email&failure={failure.reference}", follow=True)

    assert "dora@new.example" not in shown.content.decode()


def test_unknown_address_is_explained_by_the_case_it_stands_in(client, failure):
    client.force_login(create_staff())
    stranger = create_failure(address="eva+x@mail.example", reason="says_cannot_sign_in")

    shown = client.get(f"/admin/identity/failure/{stranger.pk}/change/").content.decode()
    known = client.get(f"/admin/identity/failure/{failure.pk}/change/").content.decode()

    explain = f"/admin/vendors/vendor/explain/?failure={stranger.reference}"
    assert f'href="{explain}"' in shown
    assert "eva+x@mail.example" in client.get(explain).text
    assert "%40" not in shown
    assert "/admin/person/" not in shown
    assert "/admin/vendors/vendor/explain/?" not in known
    assert f'href="/admin/person/{failure.user_id}/?do=change_email&amp;failure={failure.reference}"' in known


# The buttons that mend it


def disputed(client, *, mode: str = "planned", state: str = "open"):
    vendor = create_vendor(state="onboarding", primary_email="new@mail.example")
    change = create_email_change(vendor=vendor, old="old@mail.example", mode=mode, state=state)
    client.post(f"/email-change/not-me/{disputes.link(change).rstrip('/').split('/')[-1]}/", {"sure": "yes"})
    case = Failure.objects.get(reason="change_disputed")
    client.force_login(create_staff())
    page = f"/admin/identity/failure/{case.pk}/change/"
    buttons = dict(re.findall(r'<a class="button-quiet" href="([^"]+)">([^<]+)</a>', client.get(page).content.decode()))
    return case, change, {label: html.unescape(url) for url, label in buttons.items()}


@pytest.fixture
def worker_lives() -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())


@pytest.mark.usefixtures("worker_lives")
def test_disputed_change_is_undone_from_its_case(client):
    case, change, buttons = disputed(client)

    shown = client.get(buttons["Undo email change"]).content.decode()
    assert 'The primary email becomes <bdi translate="no">old@mail.example</bdi> again.' in shown
    client.post(buttons["Undo email change"])

    case.refresh_from_db()
    change.refresh_from_db()
    assert (case.state, change.state) == ("resolved", "undone")


@pytest.mark.usefixtures("worker_lives")
@pytest.mark.parametrize("state", ["open", "confirmed"])
def test_disputed_change_is_confirmed_from_its_case(client, state):
    case, change, buttons = disputed(client, state=state)

    page = buttons["Confirm the disputed email change"]
    assert "is kept" in client.get(page).content.decode()
    client.post(page, {"reason": ""})
    case.refresh_from_db()
    assert case.state == "open", "VM says how it knows"
    client.post(page, {"reason": "rang the number on file"})

    case.refresh_from_db()
    change.refresh_from_db()
    assert (case.state, change.state) == ("resolved", state)
    assert change.vendor.events.get(kind="email_change_upheld").reason == "rang the number on file"
    client.post(page, {"reason": "once more"})
    assert change.vendor.events.filter(kind="email_change_upheld").count() == 1


@pytest.mark.usefixtures("worker_lives")
def test_disputed_change_that_was_used_can_be_changed_back(client):
    _case, _change, buttons = disputed(client, state="confirmed")

    assert "Undo email change" not in buttons
    assert 'value="old@mail.example"' in client.get(buttons["Change primary email"]).content.decode()


@pytest.mark.usefixtures("worker_lives")
def test_auditor_sees_a_disputed_change_without_buttons(client):
    case, _change, _buttons = disputed(client)
    client.force_login(create_staff(role=AUDITOR))

    page = client.get(f"/admin/identity/failure/{case.pk}/change/").content.decode()
    assert "Undo email change" not in page
    assert "Confirm the disputed" not in page


@pytest.mark.parametrize(
    ("reason", "state", "label"),
    [
        ("vendor_suspended", "suspended", "Reinstate"),
        ("vendor_ended", "ended", "Reopen"),
        ("repair_needs_it", "onboarding", "Repair sign-in"),
        ("asks_for_invitation", "prepared", "Invite"),
    ],
)
def test_case_has_the_button_that_mends_it(client, reason, state, label):
    vendor = create_vendor(state=state)
    case = create_failure(user=vendor.user, reason=reason)
    client.force_login(create_staff())
    page = f"/admin/identity/failure/{case.pk}/change/"

    shown = client.get(page).content.decode()
    [url] = re.findall(rf'href="(/admin/vendors/vendor/[^"]+)">{label}</a>', shown)
    assert client.get(url).status_code == 200
    cases.resolve(case, how="done")
    assert f">{label}</a>" not in client.get(page).content.decode()

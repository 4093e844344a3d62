"""Working on a failure in the admin."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone

from identity.failures import cases, mail_to_vm
from identity.models import Failure, Heartbeat
from identity.roles import AUDITOR
from tests.factories import create_failure, create_staff, create_vendor

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
    assert "Who looks after it" in client.get(page).content.decode()

    client.post(page, {"assigned_to": vera.pk, "notes": "Called her, calls back."})

    failure.refresh_from_db()
    assert (failure.assigned_to, failure.notes) == (vera, "Called her, calls back.")
    assert "Called her" in client.get(f"/admin/identity/failure/{failure.pk}/change/").content.decode()
    assert failure.reference in client.get("/admin/identity/failure/?assigned=me").content.decode()
    assert failure.reference not in client.get("/admin/identity/failure/?assigned=nobody").content.decode()


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


def test_unknown_address_is_looked_for_among_the_vendors(client, failure):
    client.force_login(create_staff())
    stranger = create_failure(address="eva+x@mail.example", reason="says_cannot_sign_in")

    shown = client.get(f"/admin/identity/failure/{stranger.pk}/change/").content.decode()
    known = client.get(f"/admin/identity/failure/{failure.pk}/change/").content.decode()

    assert 'href="/admin/vendors/vendor/?q=eva%2Bx%40mail.example"' in shown
    assert 'href="/admin/vendors/vendor/explain/?email=eva%2Bx%40mail.example"' in shown
    assert "/admin/person/" not in shown
    assert "/admin/vendors/vendor/?q=" not in known
    assert f'href="/admin/person/{failure.user_id}/?do=change_email&amp;failure={failure.reference}"' in known

from __future__ import annotations

import datetime as dt
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from identity import tasks
from identity.models import EmergencyLink, Session, User

pytestmark = pytest.mark.django_db


def make(role: str = "VendorManager") -> str:
    out = StringIO()
    call_command("emergency_link", "olga@sandberg.example", "--role", role, "--reason", "Entra is down", stdout=out)
    return urlsplit(out.getvalue().strip()).path


def test_link_signs_in_once_with_that_role(client):
    path = make()
    assert client.get(path).status_code == 200
    assert not Session.objects.exists(), "looking must not consume it"

    assert client.post(path)["Location"] == "/admin/"
    user = User.objects.get()
    assert (user.is_emergency, user.is_staff, user.is_superuser, user.roles) == (True, True, False, ["VendorManager"])
    assert client.get("/admin/").status_code == 200
    left = Session.objects.get().expire_date - timezone.now()
    assert left <= dt.timedelta(minutes=30)
    client.logout()
    assert client.post(path).status_code == 404


def test_link_dies_after_ten_minutes(client):
    path = make()
    EmergencyLink.objects.update(created_at=timezone.now() - dt.timedelta(minutes=11))

    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_token_is_not_stored():
    path = make()
    token = path.split("/")[2]
    assert token not in str(list(EmergencyLink.objects.values()))


def test_operations_are_mailed_when_it_is_made_and_when_it_is_used(client):
    client.post(make())
    link = EmergencyLink.objects.get()
    tasks.mail_emergency(link_hash=link.pk, event="made")
    tasks.mail_emergency(link_hash=link.pk, event="used")

    assert [message.to for message in mail.outbox] == [["operations@sandberg.example"]] * 2
    assert "Entra is down" in mail.outbox[0].body
    made, used = mail.outbox
    assert used.extra_headers["References"] == made.extra_headers["Message-ID"]
    assert "manage.py end_sessions" in used.body


@pytest.mark.parametrize(
    "arguments",
    [
        ["olga@sandberg.example", "--role", "Boss", "--reason", "x"],
        ["olga@sandberg.example", "--role", "VendorManager"],
        ["olga", "--role", "VendorManager", "--reason", "x"],
        ["olga@sandberg.example", "--role", "VendorManager", "--reason", " "],
    ],
)
def test_wrong_arguments_make_no_link(arguments):
    with pytest.raises(CommandError):
        call_command("emergency_link", *arguments)
    assert not EmergencyLink.objects.exists()

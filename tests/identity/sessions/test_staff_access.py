"""Ending somebody's sessions, switching staff off and on: by the admin and by the command."""

from __future__ import annotations

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from identity.models import Failure, Session, User, UserEvent
from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, VENDOR_MANAGER
from identity.sessions import staff_access
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.passport_fixture import VM
from tests.person import Person
from tests.waiting import somebody_waits_for_us, wait_for
from vendors.models import VendorState

OLGA = "olga.ops@sandberg.example"
DORA = "dora@mail.example"


def command(capsys, *arguments: str) -> str:
    call_command("end_sessions", *arguments)
    return capsys.readouterr().out


def open_person(olga: Person, address: str) -> None:
    olga.go(f"/admin/identity/user/{User.objects.get(email=address).pk}/change/")


def press(olga: Person, action: str, **fields: str) -> None:
    olga.follow(f"../access/{action}/")
    assert "consequences" in olga.page.ids, olga.page
    olga.submit("access", **fields)


def is_in(person: Person) -> bool:
    return person.go("/admin/").path == "/admin/"


def events(address: str = VM) -> list[tuple]:
    found = UserEvent.objects.filter(user__email=address).order_by("pk")
    return [(event.kind, str(event.by or ""), event.via, event.reason, event.data) for event in found]


# In the admin


def test_operations_end_the_sessions_of_a_colleague(passport):
    at_the_desk, at_home, olga = passport.staff(), passport.staff(), passport.staff(OLGA)
    open_person(olga, VM)
    assert olga.page.text.count("Ends at") == 2

    press(olga, "end-sessions")

    assert [is_in(at_the_desk), is_in(at_home), is_in(olga)] == [False, False, True]
    assert events() == [("sessions_ended", OLGA, "", "", {"sessions": 2})]
    assert is_in(passport.staff()), "they may sign in again"


def test_role_removed_in_the_tenant_is_gone_at_once(passport, capsys):
    vera = passport.staff()
    passport.tenant.person(VM, roles=[])
    assert is_in(vera), "the session knows nothing of it"

    assert command(capsys, VM) == f"{VM}: 1 session ended.\n"

    assert not is_in(vera)
    vera.submit("signin")
    vera.authenticate()
    assert vera.page.path.startswith("/sign-in/problem/"), vera.page
    assert events() == [("sessions_ended", "", "end_sessions", "", {"sessions": 1})]


def test_who_is_switched_off_cannot_sign_in_until_switched_on(passport):
    vera, olga = passport.staff(), passport.staff(OLGA)
    open_person(olga, VM)
    press(olga, "switch-off", reason="laptop stolen")
    assert not User.objects.get(email=VM).is_active

    assert not is_in(vera)
    vera.submit("signin")
    vera.authenticate()
    assert vera.page.path.startswith("/sign-in/problem/"), vera.page
    assert "Your access to Passport has been switched off" in vera.page.text
    assert not Session.objects.filter(user__email=VM).exists()
    failure = Failure.objects.get()
    assert (failure.reason, failure.count) == ("user_inactive", 1)
    olga.go(f"/admin/person/{failure.user_id}/")
    assert olga.page.path == f"/admin/identity/user/{failure.user_id}/change/"

    press(olga, "switch-on", reason="has a new one")
    assert "has been switched on again." in olga.page.text
    assert is_in(passport.staff())
    assert events() == [
        ("switched_off", OLGA, "", "laptop stolen", {"sessions": 1}),
        ("switched_on", OLGA, "", "has a new one", {}),
    ]
    assert f"{OLGA}: laptop stolen" in olga.page.text


def test_switched_off_while_signing_in_leaves_no_session(passport):
    vera = passport.staff()
    user = User.objects.get()
    Session.objects.all().delete()
    vera.go("/sign-in/")
    done = []
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        signing_in = threading.Thread(target=lambda: done.append(_sign_in(vera)))
        signing_in.start()
        wait_for(somebody_waits_for_us)
        staff_access.switch_off(user, reason="in this very moment")
    signing_in.join(30)
    connections.close_all()

    assert done == ["/sign-in/problem/"]
    assert not Session.objects.exists()


def _sign_in(person: Person) -> str:
    person.submit("signin")
    person.authenticate()
    return person.page.path[: len("/sign-in/problem/")]


@pytest.mark.django_db
def test_nobody_switches_themselves_off():
    olga = create_staff(role=OPERATIONS)
    client = signed_in(olga)
    page = f"/admin/identity/user/{olga.pk}/"

    assert "switch-off" not in client.get(f"{page}change/").text
    answer = client.post(f"{page}access/switch-off/", {"reason": "tired"}, follow=True)

    assert "You cannot switch off your own access" in answer.text
    assert User.objects.get(pk=olga.pk).is_active


@pytest.mark.django_db
def test_twice_is_told():
    client, vera = signed_in(create_staff(role=OPERATIONS)), create_staff()
    switch_off = f"/admin/identity/user/{vera.pk}/access/switch-off/"

    assert client.post(switch_off, {"reason": "  "}).status_code == 200
    assert User.objects.get(pk=vera.pk).is_active, "a reason is asked for"
    client.post(switch_off, {"reason": "left"})
    assert "is already switched off" in client.post(switch_off, {"reason": "left"}, follow=True).text
    assert vera.events.count() == 1


@pytest.mark.django_db
def test_vendor_is_not_switched_off_there():
    client, vendor = signed_in(create_staff(role=OPERATIONS)), create_vendor(state=VendorState.APPROVED)
    page = f"/admin/identity/user/{vendor.user_id}/"

    assert "access/" not in client.get(f"{page}change/").text
    for name in ("end-sessions", "switch-off", "switch-on"):
        answer = client.post(f"{page}access/{name}/", {"reason": "why not"}, follow=True)
        assert "is a vendor" in answer.text
    assert User.objects.get(pk=vendor.user_id).is_active
    assert not UserEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "may"),
    [(OPERATIONS, True), (ADMINISTRATOR, True), (VENDOR_MANAGER, False), (FINANCE, False), (AUDITOR, False)],
)
def test_who_may(role, may):
    client, vera = signed_in(create_staff(role=role)), create_staff()
    signed_in(vera)
    page = f"/admin/identity/user/{vera.pk}/"

    assert ("access/end-sessions/" in client.get(f"{page}change/", follow=True).text) == may
    for name in ("end-sessions", "switch-off", "switch-on"):
        assert client.get(f"{page}access/{name}/").status_code == (200 if may else 403)
        assert client.post(f"{page}access/{name}/", {"reason": "r"}).status_code == (302 if may else 403)
    assert Session.objects.filter(user=vera).exists() != may
    assert [event.kind for event in vera.events.order_by("pk")] == (
        ["sessions_ended", "switched_off", "switched_on"] if may else []
    )


# By command


def test_command_switches_off_and_on(passport, capsys):
    vera = passport.staff()

    assert (
        command(capsys, VM.upper(), "--switch-off", "--reason", "left")
        == f"{VM}: access switched off, 1 session ended.\n"
    )
    assert not is_in(vera)
    with pytest.raises(CommandError, match="is already switched off"):
        command(capsys, VM, "--switch-off", "--reason", "left")
    assert command(capsys, VM, "--switch-on", "--reason", "is back") == f"{VM}: access switched on again.\n"
    with pytest.raises(CommandError, match="is not switched off"):
        command(capsys, VM, "--switch-on", "--reason", "is back")
    assert is_in(passport.staff())
    assert events() == [
        ("switched_off", "", "end_sessions", "left", {"sessions": 1}),
        ("switched_on", "", "end_sessions", "is back", {}),
    ]


def test_command_ends_the_sessions_of_a_vendor(passport, capsys):
    vendor = passport.invited(DORA)
    people = [passport.signed_in(DORA, stay=stay) for stay in ("yes", "no")]

    assert command(capsys, DORA) == f"{DORA}: 2 sessions ended.\n"

    assert [person.go("/onboarding/").path for person in people] == ["/sign-in/"] * 2
    event = vendor.events.get(kind="sessions_ended")
    assert (event.via, event.data) == ("end_sessions", {"sessions": 2})
    with pytest.raises(CommandError, match="is a vendor: suspend") as refused:
        command(capsys, DORA, "--switch-off", "--reason", "r")
    assert refused.value.returncode == 1


@pytest.mark.django_db
def test_command_knows_nobody(capsys):
    with pytest.raises(CommandError, match="Neither a colleague nor a vendor") as refused:
        command(capsys, "nobody@mail.example")
    assert refused.value.returncode == 1


def test_emergency_link_is_no_way_round(passport, client, capsys):
    vera = passport.staff()
    in_time, too_late = emergency_link(capsys), emergency_link(capsys)
    client.post(in_time)
    assert client.get("/admin/").status_code == 200

    told = command(capsys, VM, "--switch-off", "--reason", "left")

    assert told == f"{VM}: access switched off, 2 sessions ended.\n"
    assert not is_in(vera)
    assert client.get("/admin/").status_code == 302
    assert client.get(too_late).status_code == client.post(too_late).status_code == 404
    with pytest.raises(CommandError, match="is switched off"):
        emergency_link(capsys)
    command(capsys, VM, "--switch-on", "--reason", "is back")
    assert client.post(too_late).status_code == 302


def emergency_link(capsys) -> str:
    call_command("emergency_link", VM, "--role", "Operations", "--reason", "Entra is down")
    return "/emergency/" + capsys.readouterr().out.strip().rpartition("/emergency/")[2]

"""Nothing goes out to real people while the database is in the hands of another installation, or when told so."""

from __future__ import annotations

import datetime as dt
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from identity import outbound
from identity.failures import cases
from identity.invitations import lifecycle as invitations
from identity.invitations import links
from identity.mail import delivery, message_ids
from identity.microsoft import graph
from identity.models import Failure, Heartbeat, Installation, Invitation
from tests.clients import signed_in
from tests.factories import create_email_change, create_vendor
from tests.journeys.database import column_missing
from tests.onboarding import answers, changing
from tests.passport_fixture import VM_MAILBOX
from vendors import lifecycle
from vendors.email_change import disputes
from vendors.models import VendorState

HOME = {"host": "passport.sandberg.example", "tenant_id": "3f6c1c5e", "installation_id": "one"}
OPERATIONS_MAILBOX = "operations@sandberg.example"


@pytest.fixture
def claimed(transactional_db) -> Installation:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    return outbound.claim()


@pytest.fixture(params=["another host", "another tenant", "another id", "by the settings"])
def held(request, claimed, settings):
    """In each of the ways."""
    match request.param:
        case "another host":
            settings.INSTALLATION = settings.INSTALLATION | {"host": "copy.sandberg.example"}
        case "another tenant":
            settings.INSTALLATION = settings.INSTALLATION | {"tenant_id": "0" * 8}
        case "another id":
            Installation.objects.update(installation_id="one")
            settings.INSTALLATION = settings.INSTALLATION | {"installation_id": "two"}
        case "by the settings":
            settings.OUTBOUND = "hold"


@pytest.fixture
def copied(claimed, settings):
    """The database is restored somewhere else."""
    settings.INSTALLATION = settings.INSTALLATION | {"host": "copy.sandberg.example"}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("outbound", *arguments, stdout=out)
    return out.getvalue()


def vendor_to_invite(address: str = "dora@mail.example"):
    vendor = lifecycle.add(name="Dora", primary_email=address, language="en-GB")
    lifecycle.invite(vendor)
    return vendor


def mails(passport, address: str) -> list[dict]:
    return passport.tenant.mails(address)


# Whose database it is


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [{"host": "copy.sandberg.example"}, {"tenant_id": "another"}, {"installation_id": "two"}],
    ids=lambda changed: next(iter(changed)),
)
def test_database_of_another_installation_is_on_hold(settings, changed):
    Installation.objects.create(**HOME)
    settings.INSTALLATION = HOME
    assert not outbound.is_held()

    settings.INSTALLATION = HOME | changed
    call_command("migrate", verbosity=0)

    assert outbound.is_held()
    assert "passport.sandberg.example" in outbound.reason()


@pytest.mark.django_db
@pytest.mark.parametrize("absent", ["in the database", "in the settings"])
def test_id_that_one_side_does_not_have_is_not_compared(settings, absent):
    without = HOME | {"installation_id": ""}
    Installation.objects.create(**(without if absent == "in the database" else HOME))
    settings.INSTALLATION = without if absent == "in the settings" else HOME

    assert not outbound.is_held()

    call_command("migrate", verbosity=0)  # which adds one that it did not have
    assert outbound.owner().installation_id == "one"


@pytest.mark.django_db
def test_migrate_claims_a_database_that_belongs_to_nobody(settings):
    Installation.objects.all().delete()

    call_command("migrate", verbosity=0)

    claimed = Installation.objects.get()
    assert claimed.host == "this machine (loopback)"
    assert claimed.tenant_id == settings.ENTRA_TENANT_ID


@pytest.mark.django_db
def test_migrate_says_that_it_is_on_hold(settings, capsys):
    Installation.objects.create(**HOME)

    call_command("migrate")

    told = capsys.readouterr().err
    assert "Outgoing traffic is on hold. This database belongs to another installation: passport.sandberg" in told


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["hold", "HOLD", "off", "no"])
def test_whatever_is_not_send_holds(settings, value):
    settings.OUTBOUND = value.lower()

    assert outbound.is_held()


# What waits, and what does not


def test_nobody_is_mailed_and_nothing_is_asked_of_graph_until_release(held, passport, settings):
    vendor_to_invite()
    cases.report(stage=Failure.Stage.SIGN_IN, reason="says_cannot_sign_in", address="eva@mail.example")
    call_command("emergency_link", "olga@sandberg.example", role="VendorManager", reason="drill", stdout=StringIO())

    passport.work()
    passport.work()

    assert passport.tenant.requests() == []
    assert {mail["to"] for mail in passport.tenant.mails()} == {OPERATIONS_MAILBOX}
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.attempts) == ("queued", 0)

    settings.OUTBOUND = "send"
    if outbound.is_held():
        run("release", "--reason", "this is where it lives now")
    passport.work()
    passport.work()

    assert len(mails(passport, "dora@mail.example")) == 2
    assert [mail for mail in mails(passport, VM_MAILBOX) if "eva@mail.example" in mail["text"]]
    invitation.refresh_from_db()
    assert invitation.state == "sent"


def test_jobs_that_wait_do_not_count_as_tried(copied, passport):
    vendor_to_invite()

    for _round in range(3):
        passport.work()

    job = ProcrastinateJob.objects.get(task_name="identity.tasks.send_invitation")
    assert (job.status, job.attempts) == ("todo", 0)


def test_upkeep_goes_on(copied, passport):
    tally = passport.work()

    assert tally.failed == 0
    assert Heartbeat.objects.filter(name="worker").exists()


@pytest.mark.parametrize("command", [["reconcile_guests"], ["collect_sign_in_failures"]])
def test_no_command_asks_graph(copied, passport, command):
    with pytest.raises(CommandError, match="on hold"):
        call_command(*command)

    assert passport.tenant.requests() == []


def test_check_entra_asks(copied, passport, capsys):
    call_command("check_entra")

    assert "App token: issued" in capsys.readouterr().out


def test_call_that_was_begun_before_is_refused_and_does_not_count(claimed, passport, settings):
    """A worker looks every two seconds only."""
    vendor_to_invite()
    invitation = Invitation.objects.get()
    settings.OUTBOUND = "hold"

    with pytest.raises(graph.OnHold):
        graph.users_at(invitation.address)
    with pytest.raises(outbound.OnHold):
        call_deliver(["dora@mail.example"])
    with pytest.raises(outbound.OnHold):
        call_deliver([OPERATIONS_MAILBOX, VM_MAILBOX])
    call_deliver([OPERATIONS_MAILBOX])

    assert passport.tenant.requests() == []
    assert [mail["to"] for mail in passport.tenant.mails()] == [OPERATIONS_MAILBOX]


def call_deliver(to: list[str]) -> None:
    message_id = message_ids.of("test", *to)
    delivery.deliver(to=to, template="identity/mail/worker_dead", context={"last": None}, message_id=message_id)


def test_without_a_worker_the_web_process_mails_operations_only(copied, passport):
    cases.report(stage=Failure.Stage.SIGN_IN, reason="says_cannot_sign_in", address="eva@mail.example")

    assert [mail["to"] for mail in passport.tenant.mails()] == [OPERATIONS_MAILBOX]


# Who is told


def test_readyz_says_so_and_is_ready(copied, client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["outbound"] == "hold"
    assert "copy.sandberg.example" in answer.json()["reason"]


def test_readyz_says_nothing_when_all_is_well(claimed, client):
    assert client.get("/readyz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/admin/", "/admin/vendors/vendor/", "/admin/identity/failure/"])
def test_every_page_of_the_admin_says_so(copied, as_vera, path):
    text = as_vera.get(path).content.decode()

    assert "Outgoing email and invitations are on hold." in text
    assert "copy.sandberg.example" in text


def test_sign_in_works(claimed, passport, settings):
    passport.invited("dora@mail.example")
    settings.OUTBOUND = "hold"

    person = passport.signed_in("dora@mail.example")

    assert person.page.path == "/onboarding/"


VM_ADDRESS = "vm@sandberg.example"
CLAIM = re.compile("has been told|Management knows|has your (message|request|changes)|is told")


def assert_names_the_address(answer) -> None:
    text = answer.content.decode()
    assert VM_ADDRESS in text
    assert not CLAIM.search(text), CLAIM.search(text)[0]


def test_problem_page_names_the_address(copied, client):
    failure = cases.report(stage=Failure.Stage.SIGN_IN, reason="not_own_account", address="eva@mail.example")

    assert_names_the_address(client.get(f"/sign-in/problem/{failure.reference}/"))


def test_public_form_names_the_address(copied, client):
    answer = client.get("/help/cannot-sign-in/")
    typed = {"address": "eva@mail.example", "what": "x", "message": "It says no."}
    answer = client.post("/help/cannot-sign-in/", typed)

    assert Failure.objects.exists()
    assert_names_the_address(answer)


def test_withdrawn_invitation_names_the_address(copied, client):
    vendor_to_invite()
    invitation = Invitation.objects.get()
    invitations.withdraw(invitation)

    answer = client.post(links.welcome_url(invitation))

    assert Failure.objects.filter(reason="asks_for_invitation").exists()
    assert_names_the_address(answer)


def test_page_of_the_wizard_that_fails_names_the_address(copied, transactional_db):
    client = signed_in(create_vendor(state=VendorState.ONBOARDING).user)
    client.get("/onboarding/")

    with column_missing("onboarding_draft", "problems"):
        answer = client.get("/onboarding/")

    assert answer.status_code == 500
    assert_names_the_address(answer)


def test_disputing_a_change_names_the_address(copied, client):
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="new@mail.example")
    change = create_email_change(vendor=vendor, old="old@mail.example")
    link = disputes.link(change)
    assert "is told" not in client.get(link).content.decode()

    client.post(link)
    assert_names_the_address(client.post(link, {"sure": "yes"}))
    assert Failure.objects.filter(reason="change_disputed").exists()


def test_changes_that_are_sent_name_the_address(copied):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(vendor)
    client = signed_in(vendor.user)
    changing.save(client, "contact", answers.CONTACT | {"phone": "22 999 88 77"})

    answer = changing.send(client)

    assert "It&#x27;s saved, but we can&#x27;t send email at the moment." in answer.content.decode()
    assert_names_the_address(answer)


# What operations do about it


def test_outbound_shows_count_and_age_by_kind(copied):
    for number in range(3):
        vendor_to_invite(f"n{number}@mail.example")
    cases.report(stage=Failure.Stage.SIGN_IN, reason="says_cannot_sign_in", address="eva@mail.example")

    shown = run()

    assert "On hold. This database belongs to another installation" in shown
    assert re.search(r"^send invitation +3 +\d{4}-\d\d-\d\d \d\d:\d\d \(", shown, re.MULTILINE)
    assert re.search(r"^mail failure +1 ", shown, re.MULTILINE)


def test_outbound_says_that_nothing_is_held(claimed):
    assert run() == "Not on hold: a worker sends what is due.\nNothing is waiting.\n"


def test_release_claims_and_records_who_and_why(copied, settings, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "olga")

    run("release", "--reason", "moved for good")

    assert not outbound.is_held()
    newest = Installation.objects.first()
    assert (newest.host, newest.claimed_by, newest.reason) == ("copy.sandberg.example", "olga", "moved for good")
    assert Installation.objects.count() == 2


def test_release_refuses_what_only_the_settings_can_release(copied, settings):
    settings.OUTBOUND = "hold"

    with pytest.raises(CommandError, match="OUTBOUND"):
        run("release", "--reason", "hurry")
    assert Installation.objects.count() == 1


def test_restored_database_is_held_at_home_too_and_released_only_after_the_erasures(claimed):
    home = {name: getattr(claimed, name) for name in ("host", "tenant_id", "installation_id")}
    Installation.objects.create(**home, restored_from=timezone.now())
    assert "restored from the backup of" in outbound.reason()
    with pytest.raises(CommandError, match="have not been erased again"):
        run("release", "--reason", "hurry")
    assert outbound.is_held()

    outbound.note_erasures_replayed()
    run("release", "--reason", "rehearsed")

    assert not outbound.is_held()
    assert Installation.objects.first().restored_from is None


def test_release_of_nothing_is_refused(claimed):
    with pytest.raises(CommandError, match="Nothing is on hold"):
        run("release", "--reason", "to be sure")


def test_drop_refuses_outdated_invitations_and_keeps_what_vm_was_never_told(copied, passport):
    old = vendor_to_invite("old@mail.example")
    vendor_to_invite("new@mail.example")
    cases.report(stage=Failure.Stage.SIGN_IN, reason="says_cannot_sign_in", address="eva@mail.example")
    a_week_ago = timezone.now() - dt.timedelta(days=7)
    Invitation.objects.filter(user=old.user).update(queued_at=a_week_ago)
    age_jobs_of(Invitation.objects.get(user=old.user), a_week_ago)
    before = f"{timezone.now() - dt.timedelta(days=1):%Y-%m-%d}"
    assert re.search(r"^send invitation +1 ", run("drop", "--before", before, "--dry-run"), re.MULTILINE)
    assert Invitation.objects.filter(state="queued").count() == 2

    said = run("drop", "--before", before)

    assert "1 invitation refused." in said
    refused = Invitation.objects.get(user=old.user)
    assert (refused.state, refused.reason) == ("refused", "outbound_dropped")
    run("release", "--reason", "moved for good")
    passport.work()
    passport.work()
    assert mails(passport, "old@mail.example") == []
    assert len(mails(passport, "new@mail.example")) == 2
    told = "\n".join(mail["text"] for mail in mails(passport, VM_MAILBOX))
    assert "eva@mail.example" in told
    assert "old@mail.example" in told


def age_jobs_of(invitation: Invitation, at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = %s FROM procrastinate_jobs job"
            " WHERE job.id = job_id AND job.args->>'invitation_id' = %s",
            [at, str(invitation.pk)],
        )


def test_drop_is_refused_while_nothing_is_held(claimed):
    with pytest.raises(CommandError, match="Nothing is on hold"):
        run("drop", "--before", "2027-01-01")

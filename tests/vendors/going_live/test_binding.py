"""Vendors who are guests already: an import binds them, and they sign in without an invitation."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.management import CommandError, call_command

from identity import accounts
from identity.models import EntraAccount, Invitation
from tests.factories import create_account, create_vendor
from tests.passport_fixture import VM, in_thread
from tests.records import events
from vendors import lifecycle
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import Kind, Wanted
from vendors.bulk_import.guests_there import GuestsThere
from vendors.models import Vendor, VendorImport, VendorState

ANA, BO = "sandbox-ana@gmail.com", "sandbox-bo@outlook.com"


@pytest.fixture
def file(tmp_path):
    def write(*rows: str, heading: str = "name,email"):
        path = tmp_path / "vendors.csv"
        path.write_text("\n".join((heading, *rows)) + "\n")
        return path

    return write


def refused_rows(path) -> dict[str, str]:
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    return {row["email"]: row["Why it was refused"] for row in rows}


def test_guest_who_is_there_signs_in_without_an_invitation(passport, file, capsys):
    guest = passport.tenant.add_guest(ANA, accepted=True)

    passport.command("import_vendors", file(f"Ana,{ANA.upper()}"), "--bind")

    assert "1 rows: 1 added and connected to their guest accounts" in capsys.readouterr().out
    vendor, account = Vendor.objects.get(), EntraAccount.objects.get()
    assert vendor.state == VendorState.INVITED
    assert (str(account.oid), account.user_id, account.guest) == (guest["id"], vendor.user_id, True)
    assert (account.created_by_passport, account.is_live) == (False, True)
    assert {"added", "guest_bound"} == set(events(vendor))
    passport.work()
    assert not Invitation.objects.exists()
    assert passport.tenant.requests(operation="invitations") == []
    assert passport.tenant.mails() == []

    person = passport.signed_in(ANA)

    assert person.page.path.startswith("/onboarding/"), person.page
    vendor.refresh_from_db()
    assert vendor.state == VendorState.ONBOARDING


def test_rows_without_one_free_guest_are_reported_and_nobody_is_added(passport, file, tmp_path, capsys):
    tenant = passport.tenant
    for address in (ANA, "twice@mail.example", "other@mail.example", "bound@mail.example", "off@mail.example"):
        tenant.add_guest(address, accepted=True)
    second = tenant.add_guest("second@mail.example", accepted=True)
    tenant.change_guest(second["id"], mail="twice@mail.example")
    tenant.change_guest(
        tenant.guest("other@mail.example")["id"], mail="new@mail.example", otherMails=["other@mail.example"]
    )
    tenant.change_guest(tenant.guest("off@mail.example")["id"], accountEnabled=False)
    holder = create_vendor(name="Cleo", primary_email="cleo@mail.example")
    taken = create_account(user=holder.user, address="bound@mail.example", oid=tenant.guest("bound@mail.example")["id"])
    accounts.revoke(taken, why="withdrawn")
    rows = (
        f"Ana,{ANA}",
        "Nobody,nobody@mail.example",
        "Twice,twice@mail.example",
        "Other,other@mail.example",
        "Bound,bound@mail.example",
        "Off,off@mail.example",
        f"Member,{VM}",
        "Bad,a+b@mail.example",
        "Cleo,cleo@mail.example",
    )
    tenant.forget_requests()

    for arguments in (["--dry-run"], []):
        with pytest.raises(CommandError, match="7 rows were refused") as caught:
            passport.command("import_vendors", file(*rows), "--bind", "--refused", tmp_path / "out.csv", *arguments)
        assert caught.value.returncode == 1
        assert "1 already known, 7 refused" in capsys.readouterr().out
        why = refused_rows(tmp_path / "out.csv")
        assert why.pop("nobody@mail.example").startswith("No guest in the tenant has this address.")
        assert why.pop("twice@mail.example").startswith("2 guest accounts in the tenant have this address.")
        assert why.pop("other@mail.example").startswith("No guest in the tenant has this address.")
        assert "belongs to Cleo" in why.pop("bound@mail.example")
        assert "is switched off" in why.pop("off@mail.example")
        assert "your own organisation" in why.pop(VM)
        assert "“+”" in why.pop("a+b@mail.example")
        assert why == {}
        if arguments:
            assert not Vendor.objects.filter(primary_email=ANA).exists()
            assert not VendorImport.objects.exists()
            assert {request["method"] for request in tenant.requests()} == {"GET"}

    assert set(Vendor.objects.values_list("primary_email", flat=True)) == {ANA, "cleo@mail.example"}
    assert {request["method"] for request in tenant.requests()} == {"GET"}


def test_guest_invited_meanwhile_stays_with_whoever_was_invited(passport, file):
    """Between the list of guests and the row."""
    guest = passport.tenant.add_guest(ANA, accepted=True)
    there = GuestsThere.read()
    other = create_vendor(state=VendorState.PREPARED, primary_email="other@mail.example", name="Other")
    bound = create_account(user=other.user, address=ANA, oid=guest["id"])

    content = io.BytesIO(f"name,email\nAna,{ANA}\n".encode())
    there.look_up = lambda _addresses: None  # as if it was asked a moment before
    [result] = csv_rows.carry_out(content, Wanted(there))

    assert (result.kind, "belongs to Other" in result.sentence) == (Kind.REFUSED, True)
    assert not Vendor.objects.filter(primary_email=ANA).exists()
    assert list(EntraAccount.objects.all()) == [bound]


def test_vendor_invited_meanwhile_is_known(passport, file, capsys):
    passport.tenant.add_guest(ANA, accepted=True)
    vendor = passport.invited(ANA)

    passport.command("import_vendors", file(f"Ana,{ANA}"), "--bind")

    assert "1 already known" in capsys.readouterr().out
    assert EntraAccount.objects.get().user_id == vendor.user_id


def test_nobody_gets_in_by_the_address_that_was_bound(passport, file):
    """The guest is bound, not the address: whoever only claims it is a stranger."""
    passport.tenant.add_guest(ANA, accepted=True)
    passport.command("import_vendors", file(f"Ana,{ANA}"), "--bind")
    passport.tenant.delete_guest(passport.tenant.guest(ANA)["id"])
    passport.tenant.add_guest(ANA, accepted=True)

    person = passport.person(ANA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Vendor.objects.get().state == VendorState.INVITED


def test_nothing_is_done_when_the_guests_cannot_be_read(passport, file):
    passport.tenant.fault("users.list", status=403, body={"error": {"code": "Forbidden"}})

    with pytest.raises(CommandError, match="cannot be read, so nothing was done: .*User.Read.All") as caught:
        passport.command("import_vendors", file(f"Ana,{ANA}"), "--bind")

    assert caught.value.returncode == 1
    assert not Vendor.objects.exists()


def test_pilot_first_and_the_rest_later(passport, file, capsys):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    vendors = file(f"Ana,{ANA},Yes", f"Bo,{BO},", "Cy,cy@mail.example,maybe", heading="name,email,Pilot")

    with pytest.raises(CommandError, match="1 rows were refused"):
        passport.command("import_vendors", vendors, "--bind", "--pilot")

    out = capsys.readouterr().out
    assert "In the column “pilot”, write “yes” or leave the cell empty, instead of “maybe”." in out
    assert "1 left for after the pilot" in out
    assert list(Vendor.objects.values_list("primary_email", flat=True)) == [ANA]

    with pytest.raises(CommandError):  # Cy is no guest
        passport.command("import_vendors", vendors, "--bind")

    assert set(Vendor.objects.values_list("primary_email", flat=True)) == {ANA, BO}


def test_pilot_without_its_column_is_called_wrongly(db, file):
    with pytest.raises(CommandError, match="no column “pilot”") as caught:
        call_command("import_vendors", file(f"Ana,{ANA}"), "--pilot")

    assert caught.value.returncode == 2


def test_import_is_withdrawn_but_for_those_who_have_signed_in(passport, file, capsys):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    passport.command("import_vendors", file(f"Ana,{ANA}", f"Bo,{BO}"), "--bind")
    run = VendorImport.objects.get()
    assert f"withdraw_import {run.pk}" in capsys.readouterr().out
    passport.signed_in(ANA)

    passport.command("withdraw_import", str(run.pk), "--reason", "wrong file", "--dry-run")
    assert "1 would be withdrawn" in capsys.readouterr().out
    assert EntraAccount.objects.live().count() == 2

    passport.command("withdraw_import", str(run.pk), "--reason", "wrong file")

    out = capsys.readouterr().out
    assert f"{ANA}: not withdrawn: has signed in." in out
    assert re.search("2 vendors in import .*: 1 withdrawn .*, 1 not withdrawn because", out), out
    ana, bo = (Vendor.objects.get(primary_email=address) for address in (ANA, BO))
    assert (ana.state, bo.state) == (VendorState.ONBOARDING, VendorState.PREPARED)
    assert bo.events.get(kind="invitation_withdrawn").reason == "wrong file"
    person = passport.person(BO)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/"), person.page
    passport.command("withdraw_import", str(run.pk), "--reason", "again")
    assert "0 withdrawn" in capsys.readouterr().out

    in_thread(lambda: lifecycle.invite(Vendor.objects.get(primary_email=BO)))
    passport.work()
    assert passport.signed_in(BO).page.path.startswith("/onboarding/")


def test_invitations_of_an_import_are_withdrawn_together(passport, file, capsys):
    passport.command("import_vendors", file("Dora,dora@mail.example", "Emil,emil@mail.example"))
    passport.work()

    passport.command("withdraw_import", str(VendorImport.objects.get().pk), "--reason", "too early")

    assert set(Vendor.objects.values_list("state", flat=True)) == {VendorState.PREPARED}
    assert set(Invitation.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not EntraAccount.objects.live().exists()


def test_withdrawing_names_whoever_had_been_emailed(passport, file, capsys):
    passport.command("import_vendors", file("Dora,dora@mail.example"))
    passport.work()
    passport.command("withdraw_import", str(VendorImport.objects.get().pk), "--reason", "wrong list")
    assert "dora@mail.example: withdrawn, but Microsoft had emailed them." in capsys.readouterr().out

    passport.command("import_vendors", file("Emil,emil@mail.example"))
    passport.command("withdraw_import", str(VendorImport.objects.latest("pk").pk), "--reason", "wrong list")
    out = capsys.readouterr().out
    assert "emil@mail.example:" not in out
    assert "0 had been emailed by Microsoft." in out


def test_withdrawing_needs_an_import_and_a_reason(db, file):
    with pytest.raises(CommandError, match="no import 7") as caught:
        call_command("withdraw_import", "7", "--reason", "wrong")
    assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="Give a reason") as caught:
        call_command("withdraw_import", "7", "--reason", " ")
    assert caught.value.returncode == 2

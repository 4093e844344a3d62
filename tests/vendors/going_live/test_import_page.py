"""What VM can do on the pages of an import about vendors who are guests already, and about taking an import back."""

from __future__ import annotations

import itertools

import pytest
from django.test import Client

from identity.models import EntraAccount, Invitation
from identity.models.account import EntraAccountQuerySet
from identity.roles import AUDITOR, FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_account, create_invitation, create_staff, create_vendor
from tests.passport_fixture import Passport
from tests.records import events
from tests.vendors.bulk.test_runs import outcomes, reasons
from tests.vendors.bulk.test_runs import url as bulk_url
from tests.vendors.bulk_import.test_runs import at, decide, fields_of, kinds, start, taken, upload, url
from tests.vendors.going_live.test_carried_over import row, written
from vendors.going_live import lifecycle as going_live
from vendors.models import BulkRun, Vendor, VendorImport, VendorState

ANA, BO = "sandbox-ana@gmail.com", "sandbox-bo@outlook.com"


@pytest.fixture
def vera(passport) -> Client:
    return signed_in(create_staff())


def uploaded(vera: Client, *lines: str) -> VendorImport:
    upload(vera, *lines)
    return VendorImport.objects.latest("pk")


def of_vendors() -> EntraAccountQuerySet:
    return EntraAccount.objects.filter(user__vendor__isnull=False)


def bound(vera: Client, run: VendorImport, passport: Passport) -> VendorImport:
    """VM says that they are guests already, and the worker compares."""
    decide(vera, run, fields_of(vera, run) | {"invites": "bind"})
    passport.work()
    run.refresh_from_db()
    return run


def leave_out(vera: Client, run: VendorImport, address: str) -> None:
    fields = fields_of(vera, run)
    del fields[f"take-{at(run, address)}"]
    decide(vera, run, fields)


# Binding


def test_rows_are_compared_with_the_guests_of_the_tenant_before_anything_happens(passport, vera):
    tenant = passport.tenant
    tenant.add_guest(ANA, accepted=True)
    off = tenant.add_guest("off@mail.example", accepted=True)
    tenant.change_guest(off["id"], accountEnabled=False)
    run = uploaded(vera, f"Ana,{ANA}", "Nobody,nobody@mail.example", "Off,off@mail.example")
    tenant.forget_requests()

    page = decide(vera, run, fields_of(vera, run) | {"invites": "bind"}).text

    assert "comparing the file with the tenant's guests" in page
    assert 'id="reload"' in page
    passport.work()
    page = vera.get(url("look", run)).text
    assert "No guest in the tenant has this address." in page
    assert "The guest account with this address is switched off." in page
    assert kinds(run) == {ANA: "added", "nobody@mail.example": "refused", "off@mail.example": "refused"}
    assert taken(run) == {ANA}
    assert not Vendor.objects.exists()
    assert {request["method"] for request in tenant.requests()} == {"GET"}
    assert (
        "1 vendor will be added and connected to their guest account in the tenant." in vera.get(url("start", run)).text
    )


def test_guest_who_is_there_is_connected_and_signs_in_without_an_invitation(passport, vera):
    guest = passport.tenant.add_guest(ANA, accepted=True)
    run = bound(vera, uploaded(vera, f"Ana,{ANA}"), passport)

    start(vera, run)
    passport.work()

    page = vera.get(url("look", run)).text
    assert "Each is connected to their guest account in the tenant and can sign in. Nothing was sent." in page
    vendor, account = Vendor.objects.get(), of_vendors().get()
    assert vendor.state == VendorState.INVITED
    assert (str(account.oid), account.user_id, account.created_by_passport) == (guest["id"], vendor.user_id, False)
    assert {"added", "guest_bound"} == set(events(vendor))
    assert vendor.events.get(kind="guest_bound").by is not None
    assert not Invitation.objects.exists()
    assert passport.tenant.mails() == []
    assert passport.signed_in(ANA).page.path.startswith("/onboarding/")


def test_correcting_an_address_compares_again(passport, vera):
    passport.tenant.add_guest(ANA, accepted=True)
    run = bound(vera, uploaded(vera, "Ana,nobody@mail.example"), passport)
    assert taken(run) == set()

    fields = fields_of(vera, run) | {f"address-{at(run, 'nobody@mail.example')}": ANA}
    page = decide(vera, run, fields, then="start").text

    assert "comparing the file" in page, "what will happen is not known yet"
    passport.work()
    assert taken(run) == {ANA}
    assert "Add and connect 1 vendor" in vera.get(url("start", run)).text


def test_ticks_are_kept_without_comparing_and_another_look_is_one_press(passport, vera):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    run = bound(vera, uploaded(vera, f"Ana,{ANA}", f"Bo,{BO}"), passport)

    leave_out(vera, run, BO)
    run.refresh_from_db()
    assert (run.state, taken(run)) == ("examined", {ANA})
    passport.tenant.change_guest(passport.tenant.guest(ANA)["id"], accountEnabled=False)
    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()

    assert (kinds(run), taken(run)) == ({ANA: "refused", BO: "added"}, set())


def test_inviting_after_all_forgets_what_the_tenant_said(passport, vera):
    run = bound(vera, uploaded(vera, "Ana,nobody@mail.example"), passport)
    assert kinds(run) == {"nobody@mail.example": "refused"}

    decide(vera, run, fields_of(vera, run) | {"invites": "yes"})

    run.refresh_from_db()
    assert (run.state, run.invites, run.binds, taken(run)) == ("examined", True, False, {"nobody@mail.example"})


def test_what_the_tenant_does_not_say_is_said_in_each_row(passport, vera):
    passport.tenant.add_guest(ANA, accepted=True)
    run = uploaded(vera, f"Ana,{ANA}")
    passport.tenant.fault("users.list", status=403, body={"error": {"code": "Forbidden"}})
    bound(vera, run, passport)

    assert "Ask IT to grant User.Read.All, then compare again." in vera.get(url("look", run)).text
    assert taken(run) == set()
    assert "there is no one to add" in vera.get(url("start", run)).text

    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()
    assert taken(run) == {ANA}


def test_what_was_left_out_stays_so_whatever_the_tenant_says_in_between(passport, vera):
    for address in (ANA, BO):
        passport.tenant.add_guest(address, accepted=True)
    run = bound(vera, uploaded(vera, f"Ana,{ANA}", f"Bo,{BO}"), passport)
    leave_out(vera, run, BO)
    passport.tenant.fault("users.list", status=403, body={"error": {"code": "Forbidden"}})

    for expected in (set(), {ANA}):
        decide(vera, run, fields_of(vera, run), then="compare")
        passport.work()
        assert taken(run) == expected

    passport.tenant.change_guest(passport.tenant.guest(BO)["id"], accountEnabled=False)
    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()
    assert kinds(run)[BO] == "refused"
    passport.tenant.change_guest(passport.tenant.guest(BO)["id"], accountEnabled=True)
    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()

    assert (kinds(run)[BO], taken(run)) == ("added", {ANA})


def test_what_was_ticked_while_it_was_in_doubt_stays_so_without_the_doubt(passport, vera):
    passport.tenant.add_guest(ANA, accepted=True)
    run = bound(vera, uploaded(vera, f"Ana Ruiz,{ANA}"), passport)
    leave_out(vera, run, ANA)
    namesake = create_vendor(name="Ana Ruiz")
    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()
    assert (kinds(run), taken(run)) == ({ANA: "possible"}, set())

    decide(vera, run, fields_of(vera, run) | {f"take-{at(run, ANA)}": "on"})
    assert taken(run) == {ANA}
    namesake.name = "Bo"
    namesake.save()
    decide(vera, run, fields_of(vera, run), then="compare")
    passport.work()

    assert (kinds(run), taken(run)) == ({ANA: "added"}, {ANA})


def test_while_it_is_compared_nothing_is_decided_and_nothing_typed_is_lost(passport, vera):
    passport.tenant.add_guest(ANA, accepted=True)
    run = uploaded(vera, f"Ana,{ANA}")
    fields = fields_of(vera, run)
    colleague, row = signed_in(create_staff()), at(run, ANA)
    decide(colleague, run, fields_of(colleague, run) | {"invites": "bind", f"name-{row}": "Ana Almeida"})

    page = decide(vera, run, fields | {f"name-{row}": "Ana Maria"}).text
    assert "Nothing was saved. Try again in a moment." in page
    assert 'value="Ana Maria"' in page
    assert f'name="shown-{row}" value="{fields[f"shown-{row}"]}"' in page
    unticked = {name: value for name, value in fields.items() if name != f"take-{row}"}
    assert "Nothing was saved. Try again in a moment." in decide(vera, run, unticked).text
    assert "comparing the file" in start(vera, run).text
    assert VendorImport.objects.get().state == "comparing"

    passport.work()
    assert (run.lines.get().name, taken(run)) == ("Ana Almeida", {ANA})
    vera.post(url("throw_away", run))
    assert not VendorImport.objects.exists()


def test_pressing_twice_compares_once_and_adds_once(passport, vera):
    passport.tenant.add_guest(ANA, accepted=True)
    run = uploaded(vera, f"Ana,{ANA}")
    fields = fields_of(vera, run) | {"invites": "bind"}
    decide(vera, run, fields)
    passport.tenant.forget_requests()
    decide(vera, run, fields)
    passport.work()
    assert len(passport.tenant.requests(operation="users.list")) == 2, "the guests, and the members"

    run.refresh_from_db()
    read = {"revision": run.revision}
    vera.post(url("start", run), read)
    assert "already been started" in vera.post(url("start", run), read, follow=True).text
    passport.work()
    assert Vendor.objects.count() == of_vendors().count() == 1


def test_guest_who_became_another_vendors_since_the_comparison_is_refused(passport, vera):
    guest = passport.tenant.add_guest(ANA, accepted=True)
    run = bound(vera, uploaded(vera, f"Ana,{ANA}"), passport)
    other = create_vendor(name="Other", primary_email="other@mail.example")
    create_account(user=other.user, address=ANA, oid=guest["id"])

    start(vera, run)
    passport.work()

    assert "belongs to" in run.lines.get().sentence
    assert list(Vendor.objects.all()) == [other]


def test_unknown_choice_is_refused_and_says_so(passport, vera):
    run = uploaded(vera, f"Ana,{ANA}")

    page = decide(vera, run, fields_of(vera, run) | {"invites": "everyone"}).text

    assert "Choose what to do with the ticked rows." in page
    run.refresh_from_db()
    assert (run.state, run.binds) == ("examined", False)


# Withdrawing


def imported(passport: Passport, vera: Client, *lines: str) -> VendorImport:
    """Guests who are there already, connected."""
    for line in lines:
        passport.tenant.add_guest(line.partition(",")[2], accepted=True)
    run = bound(vera, uploaded(vera, *lines), passport)
    start(vera, run)
    passport.work()
    run.refresh_from_db()
    return run


def withdraw(vera: Client, run: VendorImport) -> tuple[str, BulkRun]:
    page = vera.post(url("withdraw", run), follow=True).text
    return page, BulkRun.objects.latest("pk")


def carried_out(vera: Client, bulk: BulkRun, passport: Passport, reason: str = "wrong file") -> str:
    vera.post(bulk_url("look", bulk), {"revision": bulk.revision, "reason": reason})
    bulk.refresh_from_db()
    vera.post(bulk_url("start", bulk), {"revision": bulk.revision})
    passport.work()
    return vera.get(bulk_url("look", bulk)).text


def test_invitations_of_an_import_are_withdrawn_but_for_those_who_have_signed_in(passport, vera):
    run = imported(passport, vera, f"Ana,{ANA}", f"Bo,{BO}")
    passport.signed_in(ANA)
    page = vera.get(url("look", run)).text
    assert "1 of them has not signed in yet." in page

    page, bulk = withdraw(vera, run)

    for said in ("Nothing has happened yet.", "1 vendor will have their invitation withdrawn.", "keeps their access"):
        assert said in page
    assert outcomes(bulk) == {"Ana": "refused", "Bo": "waiting"}
    assert of_vendors().live().count() == 2
    page = carried_out(vera, bulk, passport)

    assert "The invitation has been withdrawn for 1 vendor." in page
    assert outcomes(bulk) == {"Ana": "refused", "Bo": "done"}
    assert reasons(bulk) == {"Ana": "Ana has signed in, and keeps their access."}
    ana, bo = (Vendor.objects.get(primary_email=address) for address in (ANA, BO))
    assert (ana.state, bo.state) == (VendorState.ONBOARDING, VendorState.PREPARED)
    event = bo.events.get(kind="invitation_withdrawn")
    assert (event.reason, event.by) == ("wrong file", run.by)
    page = vera.get(url("look", run)).text
    assert "1 of their invitations has since been withdrawn." in page
    assert 'id="withdraw"' not in page
    person = passport.person(BO)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert passport.tenant.guest(BO), "Passport never deletes a guest that it did not make"


def test_invitations_that_microsoft_sent_are_withdrawn_and_profiles_stay(passport, vera, tmp_path):
    file = written(tmp_path, row("dora@mail.example"), {"name": "Emil", "email": "emil@mail.example"})
    passport.command("import_vendors", file, "--carry-over")
    passport.work()
    run = VendorImport.objects.get()

    _page, bulk = withdraw(vera, run)
    carried_out(vera, bulk, passport)

    assert dict(Vendor.objects.values_list("primary_email", "state")) == {
        "dora@mail.example": VendorState.APPROVED,
        "emil@mail.example": VendorState.PREPARED,
    }
    assert set(Invitation.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not of_vendors().live().exists()


def test_whoever_signs_in_before_the_start_keeps_their_access(passport, vera):
    run = imported(passport, vera, f"Ana,{ANA}")
    _page, bulk = withdraw(vera, run)
    assert outcomes(bulk) == {"Ana": "waiting"}
    passport.signed_in(ANA)

    carried_out(vera, bulk, passport)

    assert outcomes(bulk) == {"Ana": "refused"}
    assert of_vendors().live().count() == 1


def test_withdrawing_twice_withdraws_once(passport, vera):
    run = imported(passport, vera, f"Bo,{BO}")
    _page, first = withdraw(vera, run)
    _page, second = withdraw(vera, run)
    for bulk in (first, second):
        vera.post(bulk_url("look", bulk), {"revision": 0, "reason": "wrong file"})
    for bulk in (first, second, second):
        vera.post(bulk_url("start", bulk), {"revision": 1})
    passport.work()

    # The worker may take either first.
    assert sorted(outcomes(bulk)["Bo"] for bulk in (first, second)) == ["done", "refused"]
    assert Vendor.objects.get().events.filter(kind="invitation_withdrawn").count() == 1


def test_withdrawing_needs_a_reason(passport, vera):
    run = imported(passport, vera, f"Bo,{BO}")
    _page, bulk = withdraw(vera, run)

    page = vera.post(bulk_url("look", bulk), {"revision": bulk.revision, "reason": " "}).text
    assert "Enter a reason." in page
    page = vera.post(bulk_url("start", bulk), {"revision": bulk.revision}, follow=True).text
    assert "Fill in the form first" in page
    passport.work()
    assert Vendor.objects.get().state == VendorState.INVITED


def test_only_what_has_been_carried_out_is_withdrawn_and_only_by_pressing(passport, vera):
    run = uploaded(vera, f"Ana,{ANA}")
    page, waiting = vera.post(url("withdraw", run), follow=True).text, BulkRun.objects.exists()
    assert ("has not finished yet" in page, waiting) == (True, False)
    assert vera.get(url("withdraw", run)).url == url("look", run)
    assert not BulkRun.objects.exists()


def test_import_that_added_no_one_has_nobody_to_withdraw_from(passport, vera):
    create_vendor(name="Ana", primary_email=ANA)
    run = uploaded(vera, f"Ana,{ANA}")
    VendorImport.objects.update(state="done", finished_at=run.created_at)

    assert 'id="withdraw"' not in vera.get(url("look", run)).text
    page = vera.post(url("withdraw", run), follow=True).text
    assert "Choose at least one vendor." in page
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("role", [AUDITOR, FINANCE, OPERATIONS])
def test_who_may_not_import_may_neither_connect_nor_withdraw(passport, vera, role):
    run = uploaded(vera, f"Ana,{ANA}")
    colleague = signed_in(create_staff(role=role))

    assert colleague.post(url("look", run), {"invites": "bind", "then": "compare"}).status_code == 403
    assert colleague.post(url("withdraw", run)).status_code == 403
    run.refresh_from_db()
    assert (run.state, BulkRun.objects.exists()) == ("examined", False)


def test_rule_in_the_database_is_the_rule_of_withdrawing(db):
    """withdrawable() beside withdraw_unused()."""
    for state in (VendorState.PREPARED, VendorState.INVITED, VendorState.ONBOARDING, VendorState.APPROVED):
        create_vendor(name=state, state=state)
    for is_confirmed, kind in itertools.product((False, True), ("nothing", "unused", "used", "invitation")):
        vendor = create_vendor(name=f"carried over, {kind}")  # whose accounts are made here
        at = vendor.created_at
        changed = {"carried_over_at": at, "confirmed_at": at if is_confirmed else None, "state": VendorState.APPROVED}
        Vendor.objects.filter(pk=vendor.pk).update(**changed)
        if kind == "invitation":
            create_invitation(user=vendor.user, address=vendor.address)
        elif kind != "nothing":
            create_account(user=vendor.user, address=vendor.address, used=kind == "used")
    signed = create_vendor(name="signed in", state=VendorState.INVITED)
    create_account(user=signed.user, address=signed.address, used=True)
    vendors = list(Vendor.objects.select_related("user").order_by("pk"))
    why_not = {pk: type(reason) for pk, reason in going_live.why_not_withdrawn(vendors).items()}

    refused = {}
    for vendor in vendors:
        try:
            going_live.withdraw_unused(vendor, reason="test")
        except (going_live.KeepsAccess, going_live.NothingToWithdraw) as refusal:
            refused[vendor.pk] = type(refusal)

    assert why_not == refused
    assert 0 < len(refused) < len(vendors)

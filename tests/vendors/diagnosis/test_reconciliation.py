from __future__ import annotations

import json
import sys
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity import accounts
from identity.microsoft import graph
from identity.models import EntraAccount, Invitation
from vendors import lifecycle
from vendors.diagnosis import reconciliation
from vendors.models import Vendor, VendorState


def found() -> list[tuple[str, str]]:
    return [(finding.address, finding.finding) for finding in reconciliation.compare(graph.guests())]


def only() -> reconciliation.Finding:
    [finding] = reconciliation.compare(graph.guests())
    return finding


def test_nothing_to_find_when_both_agree(passport):
    passport.invited("gita@mail.example")
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")

    assert found() == []


def test_pending_in_the_tenant_though_they_have_signed_in(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", externalUserState="PendingAcceptance")

    finding = only()
    assert (finding.address, finding.finding) == ("dora@mail.example", "pending")
    assert str(finding.oid) == passport.tenant.guest("dora@mail.example")["id"]
    assert "Repair sign-in" in finding.suggestion


def test_accepted_in_the_tenant_and_never_arrived_here(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", redeemed_by="dora@mail.example")

    finding = only()
    assert (finding.address, finding.finding) == ("dora@mail.example", "accepted")
    assert f"{passport.url}/sign-in/" in finding.suggestion


def test_a_state_that_the_tenant_does_not_tell_is_no_finding(passport):
    """Null means a guest who came another way, not one who has not accepted."""
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", externalUserState=None)

    assert found() == []


def test_guest_deleted_and_guest_gone_for_good(passport):
    passport.invited("dora@mail.example")
    passport.invited("gita@mail.example")
    passport.signed_in("gita@mail.example")
    passport.tenant.delete_guest("dora@mail.example")
    gone = EntraAccount.objects.get(address="gita@mail.example")
    passport.tenant.delete_guest("gita@mail.example")
    graph._request("DELETE", f"directory/deletedItems/{gone.oid}")
    passport.tenant.forget_requests()  # that was IT

    deleted, lost = reconciliation.compare(graph.guests())
    assert (deleted.address, deleted.finding) == ("dora@mail.example", "deleted")
    assert "restore" in deleted.suggestion
    assert "Send invitation again" in deleted.suggestion
    assert (lost.address, lost.finding, lost.oid) == ("gita@mail.example", "gone", gone.oid)
    assert "Repair sign-in" in lost.suggestion


def test_what_is_suggested_for_a_guest_that_is_gone_works(passport):
    vendor = passport.invited("dora@mail.example")
    passport.tenant.delete_guest("dora@mail.example")
    assert found() == [("dora@mail.example", "deleted")]

    lifecycle.resend_invitation(vendor)
    passport.work()

    assert found() == []
    passport.signed_in("dora@mail.example")


def test_guest_of_a_vendor_who_may_not_come_in_is_not_to_be_brought_back(passport):
    vendor = passport.invited("dora@mail.example")
    lifecycle.suspend(vendor, reason="holiday")
    passport.tenant.delete_guest("dora@mail.example")

    assert "While the vendor is suspended" in only().suggestion


def test_disabled_guest(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", accountEnabled=False)

    assert (only().finding, "Ask IT" in only().suggestion) == ("disabled", True)


def test_address_differs(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", mail="dora@elsewhere.example", otherMails=[])

    finding = only()
    assert (finding.address, finding.finding) == ("dora@mail.example", "address_differs")
    assert "dora@elsewhere.example" in finding.suggestion


def test_address_among_the_others_does_not_differ(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", mail="d@mail.example", otherMails=["DORA@mail.example"])

    assert found() == []


def test_guest_without_any_address_does_not_differ(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", mail=None, otherMails=[])

    assert found() == []


def test_capital_letters_do_not_differ(passport):
    passport.invited("Dora@mail.example")

    assert found() == []


def test_one_guest_may_differ_in_two_ways(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", redeemed_by="dora@mail.example", accountEnabled=False)

    assert found() == [("dora@mail.example", "accepted"), ("dora@mail.example", "disabled")]


@pytest.mark.parametrize(
    ("made_here", "removed", "said"),
    [(True, False, "removes it"), (False, False, "did not create"), (True, True, "someone has restored it")],
)
def test_old_guest_left_over(passport, made_here, removed, said):
    passport.invited("dora@mail.example")
    account = EntraAccount.objects.get()
    accounts.revoke(account, why=EntraAccount.Revoked.CUT_OFF)
    EntraAccount.objects.update(created_by_passport=made_here, guest_removed_at=account.created_at if removed else None)

    finding = only()
    assert (finding.address, finding.finding) == ("dora@mail.example", "left_over")
    assert said in finding.suggestion


def test_revoked_account_whose_guest_is_gone_is_tidy(passport):
    passport.invited("dora@mail.example")
    accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.CUT_OFF)
    passport.tenant.delete_guest("dora@mail.example")

    assert found() == []


def test_unknown_guest_who_is_nobody_here(passport):
    guest = passport.tenant.add_guest("partner@lingua.example", accepted=True)

    finding = only()
    assert (finding.address, str(finding.oid), finding.finding) == ("partner@lingua.example", guest["id"], "unknown")
    assert "other applications have guests" in finding.suggestion


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (VendorState.PREPARED, "Invite them"),
        (VendorState.INVITED, "Send invitation again"),
        (VendorState.ENDED, "nothing to do"),
    ],
)
def test_unknown_guest_with_the_address_of_a_vendor(passport, state, said):
    lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")
    Vendor.objects.update(state=state)
    passport.tenant.add_guest("dora@mail.example")

    assert only().finding == "unknown"
    assert said in only().suggestion


def test_guest_made_anew_beside_the_one_that_signed_in(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    passport.tenant.delete_guest("dora@mail.example")
    passport.tenant.add_guest("dora@mail.example")

    assert found() == [("dora@mail.example", "deleted"), ("dora@mail.example", "unknown")]
    _deleted, unknown = reconciliation.compare(graph.guests())
    assert "signs in with a different guest account" in unknown.suggestion


def test_nothing_is_changed_and_the_number_of_questions_does_not_grow(passport):
    for number in range(3):
        passport.invited(f"vendor-{number}@mail.example")
        passport.tenant.add_guest(f"other-{number}@mail.example")
    passport.tenant.delete_guest("vendor-0@mail.example")
    before = [*EntraAccount.objects.values(), *Invitation.objects.values(), *Vendor.objects.values()]
    passport.tenant.forget_requests()

    with CaptureQueriesContext(connection) as captured:
        assert len(found()) == 4

    # Two of its own, before each question a look whether Graph may be asked and wants to be; answers are counted.
    assert len(captured) == 8, captured.captured_queries
    asked = [(request["method"], request["operation"]) for request in passport.tenant.requests()]
    assert asked == [("GET", "users.list"), ("GET", "deleted.list")]
    assert [*EntraAccount.objects.values(), *Invitation.objects.values(), *Vendor.objects.values()] == before


def page(passport, *, link: str) -> dict:
    """An answer with one guest, and where the next page is said to be."""
    guest = {"id": str(uuid.uuid4()), "mail": "page@mail.example"}
    return {"status": 200, "body": {"value": [guest], "@odata.nextLink": link}, "headers": {}}


def test_all_pages_are_read(passport):
    passport.invited("dora@mail.example")
    link = f"{passport.tenant.url}/v1.0/users?$filter=userType eq 'Guest'&$select=id,mail"
    passport.tenant.fault("users.list", **page(passport, link=link))

    assert found() == [("page@mail.example", "unknown")]


@pytest.mark.parametrize("link", ["http://127.0.0.1:1/v1.0/users", "{tenant}/v1.0/users?again", 5])
def test_half_a_listing_is_no_listing(passport, link):
    """Or everybody on the other half would be reported as deleted."""
    if isinstance(link, str):
        link = link.format(tenant=passport.tenant.url)
    passport.tenant.fault("users.list", count=None, **page(passport, link=link))

    with pytest.raises(graph.Unavailable):
        list(graph.guests())


def test_answer_that_is_no_listing_is_no_empty_tenant(passport):
    passport.tenant.fault("users.list", status=200, body="{}")

    with pytest.raises(graph.Unavailable, match="not a list"):
        list(graph.guests())


# The command


def test_json_alone_on_standard_output(passport):
    guest = passport.tenant.add_guest("partner@lingua.example")
    out, err = StringIO(), StringIO()
    call_command("reconcile_guests", "--json", stdout=out, stderr=err)

    [told] = json.loads(out.getvalue())
    assert set(told) == {"address", "oid", "finding", "suggestion"}
    assert (told["address"], told["oid"], told["finding"]) == ("partner@lingua.example", guest["id"], "unknown")
    assert err.getvalue() == ""


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_how_far_it_is(passport, monkeypatch):
    for number in range(3):
        passport.tenant.add_guest(f"other-{number}@mail.example")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    out = StringIO()
    call_command("reconcile_guests", "--json", stdout=out)

    assert "Guests read: 3" in sys.stderr.getvalue()
    assert len(json.loads(out.getvalue())) == 3


def test_table_for_people(passport):
    passport.invited("dora@mail.example")
    passport.tenant.change_guest("dora@mail.example", accountEnabled=False)
    out = StringIO()
    call_command("reconcile_guests", stdout=out)

    assert "dora@mail.example" in out.getvalue()
    assert "disabled" in out.getvalue()
    assert "Ask IT" in out.getvalue()


def test_nothing_found_is_said(passport):
    out, as_json = StringIO(), StringIO()
    call_command("reconcile_guests", stdout=out)
    call_command("reconcile_guests", "--json", stdout=as_json)

    assert out.getvalue() == "Passport and the tenant agree.\n"
    assert json.loads(as_json.getvalue()) == []


def test_missing_right_is_named(passport):
    passport.tenant.settings(permissions=["User.Invite.All"])
    out = StringIO()

    with pytest.raises(CommandError, match=r"User\.Read\.All is missing") as caught:
        call_command("reconcile_guests", "--json", stdout=out)

    assert caught.value.returncode == 1
    assert out.getvalue() == ""


def test_trouble_at_graph_is_a_refusal_too(passport):
    passport.tenant.fault("users.list", status=503)

    with pytest.raises(CommandError, match="could not be read: Graph returned 503"):
        call_command("reconcile_guests")


def test_without_the_right_to_the_deleted_ones_they_are_gone(passport):
    passport.invited("dora@mail.example")
    passport.tenant.delete_guest("dora@mail.example")
    passport.tenant.fault("deleted.list", status=403)

    assert found() == [("dora@mail.example", "gone")]

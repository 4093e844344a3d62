from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from identity.models import Invitation, Session, User
from onboarding.models import Draft
from tests.clients import signed_in
from tests.factories import create_account, create_draft, create_email_change, create_vendor
from tests.journeys import database
from tests.records import events, jobs
from vendors import lifecycle, tasks
from vendors.models import Vendor, VendorState
from vendors.privacy import erasure, retention

pytestmark = pytest.mark.django_db

WHY = "Asked for it on 3 May"


@pytest.fixture
def vendor() -> Vendor:
    return create_vendor(state=VendorState.APPROVED, name="Dora Dimitrova", primary_email="dora@mail.example")


def erase(*arguments: str, reason: str = WHY) -> None:
    call_command("erase_vendor", "dora@mail.example", "--reason", reason, *arguments)


def test_dry_run_says_what_would_go_and_changes_nothing(vendor, capsys):
    create_draft(vendor=vendor, answers={"about": {"full_name": ["Dora"]}})
    before = database.everything()

    call_command("erase_vendor", "dora@mail.example", "--dry-run")

    assert database.everything() == before
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:4] == ["vendor", f"{vendor.pk},", "approved,", "dora@mail.example"]
    assert lines[1:] == [
        ["draft", "1"],
        ["acceptances", "3"],
        ["invitations", "1"],
        ["accounts", "1"],
        ["history", "1"],
    ]


def test_address_must_be_typed_again(vendor, monkeypatch, capsys):
    for typed in ["", "y\n", "dora@mail.exampel\n"]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(CommandError, match="Nothing was erased") as caught:
            erase()
        assert caught.value.returncode == 1
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED

    monkeypatch.setattr("sys.stdin", io.StringIO("DORA@mail.example\n"))
    erase()

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ERASED
    assert capsys.readouterr().out.endswith(f"Vendor {vendor.pk} has been erased.\n")


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        ("  ", 2, "must not be empty"),
        ("dora@mail.example wished it", 1, "without the vendor's name"),
        ("old: DORRA@mail.example.", 1, "without the vendor's name"),
        ("Wish of dora dimitrova", 1, "without the vendor's name"),
        ("Wish of Dora Petrova", 1, "without the vendor's name"),
    ],
)
def test_reason_is_there_and_names_nobody(vendor, reason, code, said):
    create_email_change(vendor=vendor, old="dorra@mail.example", state="confirmed")
    Vendor.objects.filter(pk=vendor.pk).update(name="Dora Petrova")

    with pytest.raises(CommandError, match=said) as caught:
        erase("--yes", reason=reason)

    assert caught.value.returncode == code
    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED


def test_unknown_address_is_refused():
    with pytest.raises(CommandError, match="No vendor has, or ever had, the address") as caught:
        erase("--yes")

    assert caught.value.returncode == 1


def test_erased_vendor_is_not_found_by_its_new_address(vendor):
    erase("--yes")
    vendor.refresh_from_db()

    with pytest.raises(CommandError, match="No vendor has, or ever had, the address"):
        call_command("erase_vendor", vendor.primary_email, "--reason", WHY, "--yes")


@pytest.mark.parametrize("state", [state for state in VendorState if state != VendorState.ERASED])
def test_erased_from_every_state(state):
    vendor = create_vendor(state=state, primary_email="dora@mail.example")

    erase("--yes")

    vendor.refresh_from_db()
    assert vendor.state == VendorState.ERASED
    assert events(vendor) == ["erased"]
    assert not Invitation.objects.exists()
    assert len(jobs("identity.tasks.remove_guest")) == (0 if state == VendorState.PREPARED else 1)


def test_access_ends_in_the_first_step(vendor):
    client = signed_in(vendor.user)
    account = create_account(user=vendor.user, address="second@mail.example")
    change = create_email_change(vendor=vendor, old_account=account)
    lifecycle.resend_invitation(vendor)

    lifecycle.erase(vendor, reason=WHY, via="erase_vendor")

    assert client.get("/profile/").status_code == 302
    assert not Session.objects.filter(user=vendor.user).exists()
    assert set(vendor.user.accounts.values_list("revoked_why", flat=True)) == {"erased"}
    assert not Invitation.objects.open().exists()
    change.refresh_from_db()
    assert change.state == "superseded"


def test_nothing_is_removed_of_somebody_who_is_not_erased(vendor):
    with pytest.raises(lifecycle.WrongState):
        erasure.finish(vendor)


def test_what_a_late_request_wrote_goes_as_well(vendor):
    other = create_draft(vendor=create_vendor(state=VendorState.ONBOARDING))
    erase("--yes")
    create_draft(vendor=vendor, answers={"about": {"full_name": ["Dora"]}})

    assert retention.purge(dry_run=True)["rows_of_erased_vendors"] == 1
    tasks.finish_erasures(0)

    assert list(Draft.objects.all()) == [other]
    assert retention.purge()["rows_of_erased_vendors"] == 0
    assert events(vendor) == ["erased"]


def test_vendor_that_is_being_erased_is_erased_once(vendor):
    stale = Vendor.objects.get(pk=vendor.pk)
    erase("--yes")

    with pytest.raises(lifecycle.WrongState):
        lifecycle.erase(stale, reason=WHY)
    erasure.finish(stale)

    assert events(vendor) == ["erased"]


def test_admin_shows_an_erased_vendor_and_changes_nothing(vendor, as_vera):
    erase("--yes")
    url = f"/admin/vendors/vendor/{vendor.pk}/change/"

    page = as_vera.get(url)

    assert page.status_code == 200
    assert f"erased vendor {vendor.pk}" in page.text
    assert "Erased." in page.text
    assert 'name="name"' not in page.text
    assert as_vera.post(url, {"name": "Dora again", "language": "en-GB", "owner": ""}).status_code == 403
    for name in ["suspend", "reinstate", "reopen", "invite", "end", "repair-sign-in"]:
        assert as_vera.post(f"/admin/vendors/vendor/{vendor.pk}/{name}/", {"reason": "x"}).status_code == 302
    assert as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change-email/").status_code == 302
    vendor.refresh_from_db()
    assert (vendor.state, vendor.name) == (VendorState.ERASED, "")
    assert as_vera.get("/admin/vendors/vendor/?state__exact=erased").status_code == 200
    assert not User.objects.get(pk=vendor.user_id).is_active

"""Everything about a vendor in one document, and nothing of anybody else."""

from __future__ import annotations

import json
import stat
import zipfile

import pytest
from django.core.management import CommandError, call_command

from identity.models import Device, Failure, User
from tests.factories import create_vendor
from tests.journeys import everything
from tests.journeys.everything import MISTYPED, NAME, NOW, OLD, OTHER, OTHER_NAME, UPLOADED, WORDS, found
from vendors.models import Vendor
from vendors.privacy import export


def exported(capsys, *arguments: str) -> str:
    capsys.readouterr()
    call_command("export_vendor", *arguments)
    return capsys.readouterr().out


def test_everything_is_there_and_nobody_else(passport, capsys, tmp_path):
    known = everything.make(passport)

    text = exported(capsys, OLD.upper())

    document = json.loads(text)
    in_files = UPLOADED.decode()
    assert found(WORDS, text) == [word for word in WORDS if word != in_files]
    for foreign in [OTHER, OTHER_NAME, "Ewa", "shares a desk", "vera@sandberg.example", "paul@", "of Ewa"]:
        assert foreign not in text, foreign
    assert any("vm@sandberg.example" in email["content"]["text"] for email in document["sent_emails"])
    others = json.dumps({kind: rows for kind, rows in document.items() if kind != "sent_emails"})
    assert "sandberg" not in others, "but in what was written to them"
    assert document["addresses"] == sorted([MISTYPED, OLD, NOW, everything.WISHED])
    assert document["payment_details"][0]["details"]["iban"] == "PL61109010140000071219812874"
    assert document["submissions"][0]["answers"]["about"]["full_name"] == "Łucja Nowak-Åberg"
    assert {change["by"] for change in document["email_changes"]} == {"staff"}
    assert [row["address"] for row in document["imports"]] == [OLD.upper(), NOW]
    assert len(document["mentions"]) == Failure.objects.filter(user=known.other.user).count()
    assert {row["user"] for row in document["people_in_failures"]} == {"vendor", None}
    assert set(document["mentions"][0]) == {"reference", "stage", "reason", "first_seen_at", "last_seen_at"}
    assert [email["subject"] for email in document["emails_from_vendor_management"]] == [f"About {NAME}"]
    assert document["sessions"]
    assert [set(device) for device in document["devices"]] == [
        {"id", "account", "browser", "created_at", "interactive_at", "ended_at"}
    ]
    assert {"vendor history", "profile history"} <= document["history"].keys()
    assert [row["answer"] for row in document["profile_checks"]] == ["confirmed"]
    assert [entry["about"] for entry in document["admin_log"]] == ["Vendors | vendor"]
    event = known.vendor.events.first()
    assert (event.kind, event.via, event.by, event.reason, event.data) == ("exported", "export_vendor", None, "", {})
    nothing_that_opens_anything(text, known.vendor)
    as_a_file(capsys, tmp_path, document)
    as_a_zip(capsys, tmp_path)


def nothing_that_opens_anything(text: str, vendor: Vendor) -> None:
    user = User.objects.get(pk=vendor.user_id)
    secrets = [
        *user.sessions.values_list("session_key", flat=True),
        *user.sessions.values_list("session_data", flat=True),
    ]
    secrets += Device.objects.filter(account__user=user).values_list("id_hash", flat=True)
    secrets += user.sign_in_attempts.values_list("state_hash", flat=True)
    assert len(secrets) > 5
    assert [secret for secret in secrets if secret in text] == []


def as_a_file(capsys, tmp_path, document: dict) -> None:
    path = tmp_path / "dora.json"

    assert exported(capsys, NOW, "--output", str(path)) == f"{NOW}: everything has been written to {path}.\n"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = json.loads(path.read_text())
    assert again["profile"] == document["profile"]
    with pytest.raises(CommandError, match="already exists") as caught:
        exported(capsys, NOW, "--output", str(path))
    assert caught.value.returncode == 1
    assert json.loads(path.read_text()) == again


def as_a_zip(capsys, tmp_path) -> None:
    path = tmp_path / "dora.zip"

    exported(capsys, NOW, "--files", "--output", str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        document = json.loads(archive.read(export.JSON_NAME))
        files = {f"files/{row['id']}-{row['name']}" for row in document["documents"]}
        assert set(names) == {export.JSON_NAME, *files}
        assert UPLOADED in [archive.read(name) for name in files]


@pytest.mark.django_db
def test_unknown_address_is_refused(capsys, tmp_path):
    create_vendor()

    with pytest.raises(CommandError, match=r"No vendor has, or ever had, the address x@mail\.example") as caught:
        exported(capsys, "x@mail.example", "--output", str(tmp_path / "x.json"))

    assert caught.value.returncode == 1
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--files"], 2, "--files needs --output"),
        (["--output", "/nowhere/at/all.json"], 2, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, code, said):
    vendor = create_vendor()

    with pytest.raises(CommandError, match=said) as caught:
        call_command("export_vendor", vendor.primary_email, *arguments)

    assert caught.value.returncode == code
    assert not vendor.events.exists()

"""Exchanging the keys that encrypt what is stored: nothing is forgotten, nothing is lost."""

from __future__ import annotations

import ast
import json
import re
from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BinaryField
from django.utils import timezone

from identity.encrypted import CannotDecrypt, EncryptedJSONField
from identity.mail import sent as sent_emails
from identity.models import SentEmail
from onboarding.models import Draft, SectionReview, Submission
from tests.factories import create_draft, create_vendor
from tests.onboarding import changing
from tests.processes import PROJECT
from vendors.answers import key_rotation
from vendors.models import (
    BulkRun,
    LockedRecord,
    PaymentDetails,
    PaymentRelease,
    TaxCheck,
    Vendor,
    VendorImport,
    VendorNotice,
    VendorState,
)
from vendors.payment import releases

pytestmark = pytest.mark.django_db

OLD, OLDER, NEW = (Fernet.generate_key().decode() for _ in range(3))
REPLY = "The number is right, see the card"
PAYPAL, NUMBER = "ann@mail.example", "PL1234567890"
LETTER = "We are closed in July"
CELLS = ["Ewa", "ewa@mail.example"]
SAID = "Your profile has been approved."
GOODBYE = {"subject": "Goodbye", "text": "All the best."}
LOCKED = {"who": {"primary_email": "ewa@mail.example"}, "rows": []}


@pytest.fixture
def vendor(settings) -> Vendor:
    """With a value in every encrypted field that there is."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    vendor = create_vendor(state=VendorState.ONBOARDING)
    sent = changing.approved_first(vendor)
    Submission.objects.filter(pk=sent.pk).update(in_force=sent.answers)
    SectionReview.objects.create(submission=sent, step="rates", verdict="change", reason="Why?", reply=REPLY)
    releases.hold(vendor, {"method": "paypal", "paypal": PAYPAL}, about="change-1", named_at=timezone.now(), by=None)
    TaxCheck.objects.create(vendor=vendor, of="tax_id", number=NUMBER, result="valid", checked_on=timezone.localdate())
    uploaded = VendorImport.objects.create(name="list.csv", rows=1, heading=["name", "e-mail"])
    uploaded.lines.create(line=2, kind="added", cells={"raw": CELLS})
    BulkRun.objects.create(action="write", parameters={"text": LETTER}, examined_at=timezone.now())
    sent_emails.note(
        "<approved-1@passport>", to=[vendor.primary_email], user_id=vendor.user_id, template="a", text=SAID
    )
    VendorNotice.objects.create(vendor=vendor, about="ended", address=vendor.primary_email, content=GOODBYE)
    LockedRecord.objects.create(
        vendor=vendor, section="tax", content=LOCKED, counted_from=timezone.localdate(), until=timezone.localdate()
    )
    return vendor


def rotate(*arguments: str) -> dict:
    said = StringIO()
    call_command("rotate_field_keys", "--json", *arguments, stdout=said)
    return json.loads(said.getvalue())


def tokens() -> list[bytes]:
    """Whatever is encrypted in any column of any table, whoever put it there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND (data_type IN ('bytea', 'text', 'character varying', 'json', 'jsonb', 'ARRAY'))"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                text = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                found += re.findall(rb"gAAAA[\w=-]{90,}", text)
    return found


def opens(key: str, token: bytes) -> bool:
    try:
        Fernet(key).decrypt(token)
    except InvalidToken:
        return False
    return True


def test_everything_is_under_the_new_key_and_says_what_it_said(vendor, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert tokens()

    rotate()

    assert [token for token in tokens() if not opens(NEW, token)] == []
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert SectionReview.objects.get(step="rates").reply == REPLY
    assert VendorImport.objects.get().heading == ["name", "e-mail"]
    assert VendorImport.objects.get().lines.get().cells["raw"] == CELLS
    assert BulkRun.objects.get().parameters["text"] == LETTER
    assert SentEmail.objects.get().content["text"] == SAID
    assert VendorNotice.objects.get().content == GOODBYE
    assert LockedRecord.objects.get().content == LOCKED
    assert PaymentDetails.objects.get().details["iban"]
    assert PaymentRelease.objects.get().after["paypal"] == PAYPAL
    assert TaxCheck.objects.get().number == NUMBER
    assert Submission.objects.get().answers["about"]["full_name"]
    assert Draft.objects.get().answers["about"]


def test_every_encrypted_field_has_a_value_in_these_tests(vendor):
    """A new one is put into the fixture above, so that the test after it has something to find."""
    empty = [str(column) for column in key_rotation.columns() if not column.rows().exists()]

    assert empty == []


def test_nothing_is_encrypted_but_by_the_field_that_the_command_knows():
    fields = [field for model in apps.get_models(include_auto_created=True) for field in model._meta.local_fields]
    binary = [field for field in fields if isinstance(field, BinaryField)]
    raw = [str(field) for field in binary if not isinstance(field, EncryptedJSONField)]
    known = {(column.model, column.name) for column in key_rotation.encrypted_columns()}

    assert raw == []
    assert known == {(field.model, field.name) for field in fields if isinstance(field, EncryptedJSONField)}
    assert encrypting_modules() == {"identity/encrypted.py", "passport/checks.py"}


def encrypting_modules() -> set[str]:
    """Which modules take anything that encrypts."""
    found = set()
    for app in ("identity", "vendors", "onboarding", "passport"):
        for path in (PROJECT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                taken = ast.unparse(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
                if re.search(r"fernet|ciphers|\bencrypt\b|Cryptodome|nacl", taken):
                    found.add(str(path.relative_to(PROJECT)))
    return found


def test_counts_say_which_key_each_value_was_under(vendor, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLDER, OLD]
    create_draft(vendor=create_vendor(), answers={"about": {}})
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD, OLDER]

    told = rotate("--dry-run")
    assert list(told["fields"]["onboarding.Draft.answers"]["by_key"].values()) == [0, 1, 1]
    assert {field["written_anew"] for field in told["fields"].values()} == {0}
    assert rotate("--dry-run") == told  # nothing was changed

    written = rotate()["fields"]["onboarding.Draft.answers"]
    assert (list(written["by_key"].values()), written["written_anew"]) == ([0, 1, 1], 2)
    again = rotate()["fields"]["onboarding.Draft.answers"]
    assert (list(again["by_key"].values()), again["written_anew"]) == ([2, 0, 0], 0)


def test_keys_are_not_shown(vendor, settings, capsys):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    call_command("rotate_field_keys")

    said = capsys.readouterr()
    assert "onboarding.SectionReview.reply" in said.out
    assert not any(key in said.out + said.err for key in (NEW, OLD))


def answers_of_drafts() -> key_rotation.EncryptedColumn:
    [column] = [column for column in key_rotation.columns() if str(column) == "onboarding.Draft.answers"]
    return column


class Killed(BaseException):
    pass


def test_killed_in_the_middle_it_goes_on(vendor, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    for number in range(5):
        create_draft(vendor=create_vendor(), answers={"number": number})
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    drafts = answers_of_drafts()
    steps = iter([None, None])

    def killed_at_the_third() -> None:
        if next(steps, Killed) is Killed:
            raise Killed

    with pytest.raises(Killed):
        key_rotation.rotate(drafts, step=killed_at_the_third)
    assert rotate()["fields"]["onboarding.Draft.answers"]["written_anew"] == 3
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert sorted(draft.answers.get("number", -1) for draft in Draft.objects.all()) == [-1, 0, 1, 2, 3, 4]


def test_more_rows_than_are_read_at_a_time(settings, monkeypatch):
    monkeypatch.setattr(key_rotation, "AT_A_TIME", 2)
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    for _ in range(5):
        create_draft(vendor=create_vendor(), answers={})
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    assert rotate()["fields"]["onboarding.Draft.answers"]["written_anew"] == 5


def test_what_was_written_meanwhile_is_not_written_over(vendor, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    drafts = answers_of_drafts()
    [(pk, token)] = drafts.tokens()
    Draft.objects.update(answers={"about": "saved at that moment"})

    assert not drafts.replace(pk, token=token, by=b"what it was")
    assert Draft.objects.get().answers == {"about": "saved at that moment"}


def test_nothing_else_of_a_row_changes(vendor, settings):
    """When a draft was last saved decides how long it is kept, and when somebody is reminded."""
    before = list(Draft.objects.values("updated_at", "left_at", "revisions"))
    adopted = PaymentDetails.objects.get().adopted_at
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    rotate()

    assert list(Draft.objects.values("updated_at", "left_at", "revisions")) == before
    assert PaymentDetails.objects.get().adopted_at == adopted


def test_value_whose_key_is_missing_is_named_and_the_others_are_written_anew(vendor, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLDER]
    create_draft(vendor=create_vendor(), answers={})
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    both = r"onboarding\.Draft\.answers \(1\), onboarding\.Draft\.notes \(1\)"
    with pytest.raises(CommandError, match=rf"No key .* {both}\. Add the key"):
        rotate()

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert PaymentDetails.objects.get().details["iban"]
    with pytest.raises(CannotDecrypt):
        list(Draft.objects.all())


@pytest.mark.parametrize("column", key_rotation.encrypted_columns(), ids=str)
def test_check_refuses_while_a_row_needs_a_key_that_is_missing(vendor, settings, column):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    rotate()
    call_command("check")
    [(pk, token), *_others] = column.tokens()
    assert column.replace(pk, token=token, by=Fernet(OLDER).encrypt(Fernet(NEW).decrypt(token)))

    with pytest.raises(CommandError, match=rf"{column}: 1 of its values"):
        call_command("check", stderr=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLDER]
    call_command("check")


def test_commands_that_check_the_settings_alone_read_no_row(settings, django_assert_num_queries):
    with django_assert_num_queries(0):
        run_checks()

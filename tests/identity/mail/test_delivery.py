"""Every email of Passport, as the mail server takes it."""

from __future__ import annotations

import re
from pathlib import Path

from identity.failures import cases
from identity.models import Failure

PROJECT = Path(__file__).resolve().parents[3]
DOOR = PROJECT / "identity" / "mail" / "delivery.py"


def test_every_email_says_that_a_program_wrote_it(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    cases.report(stage=Failure.Stage.SIGN_IN, reason="says_cannot_sign_in", address="eva@mail.example")
    passport.work()

    mails = [mail for mail in passport.tenant.mails() if mail["source"] == "smtp"]
    assert mails
    for mail in mails:
        headers = dict(mail["headers"])
        assert headers["Auto-Submitted"] == "auto-generated"
        assert headers["X-Auto-Response-Suppress"] == "All"


def test_no_email_goes_out_by_another_door():
    sends = re.compile(r"\bEmailMessage\b|\bEmailMultiAlternatives\b|\bsend_mail\b|\bsend_mass_mail\b|\bmail_admins\b")
    paths = [
        path for app in ("identity", "vendors", "onboarding", "passport") for path in (PROJECT / app).rglob("*.py")
    ]
    sending = [path for path in paths if "sandbox" not in path.parts and sends.search(path.read_text())]

    assert sending == [DOOR]

"""One whole journey with everything in it, and then: what did the tenant see, and what was written down where?"""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from identity.models import EntraAccount, Failure
from onboarding.models import Draft
from tests.journeys import database, desk, wizard
from tests.person import Person
from vendors.models import Vendor, VendorState

DORA, ANA = "dora@mail.example", "sandbox-ana@gmail.com"
NAME = "Dora Dimitrova-Unmistakable"
IBAN = wizard.PAGES["payment"]["iban"]
TOKEN = re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")
# What a person types about themselves and nobody outside Passport has any business with.
PRIVATE = [NAME, "Łucja", "Nowak", "Prosta 1", "123 45 67", "+48221234567", "Uniwersytet", "My CV"]


@dataclass
class Journey:
    requests: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    log: str
    stored: str
    secrets: list[str]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as it is written, by the formatter that writes it."""
    written = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(next(each.formatter for each in root.handlers if each.get_name() == "console"))
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.fixture
def journey(passport, log, media_root) -> Journey:
    """Invited, refused consent, accepted, an error in the payment step, sent, changed, approved, moved, tidied."""
    secrets: list[str] = [settings.ENTRA_CLIENT_SECRET, IBAN, IBAN.replace(" ", "")]
    vera = passport.staff()
    desk.add_vendor(vera, name=NAME, address=DORA)
    vendor = Vendor.objects.get()
    passport.work()
    dora = passport.person(DORA)
    secrets += redeem_secrets(dora)
    dora.accept_invitation(consent=False)
    dora.accept_invitation()
    sign_in(dora, secrets)

    with database.column_missing("vendors_vendorevent", "kind"):
        wizard.fill_in(dora, "payment")
    wizard.fill_in_all(dora)
    wizard.send(dora)
    desk.mark(vera, vendor, "rates", "Please look at your rates again.")
    desk.decide(vera, vendor, "request-changes")
    wizard.fill_in(dora, "rates")
    wizard.send(dora)
    desk.decide(vera, vendor, "approve")
    passport.work()

    desk.change_email(vera, vendor, new=ANA, mode="planned", how_known="called")
    vera.submit(button="_confirm")
    passport.work()
    ana = passport.person(ANA)
    secrets += redeem_secrets(ana)
    ana.accept_invitation()
    sign_in(ana, secrets)
    assert ana.page.path == "/profile/", ana.page
    sign_in_again_with_the_old_address(passport, secrets)
    EntraAccount.objects.filter(address=DORA).update(revoked_at=timezone.now() - dt.timedelta(days=2))
    passport.work()
    assert passport.tenant.guest(DORA) is None, "the old guest is tidied away"

    vendor.refresh_from_db()
    assert vendor.state == VendorState.APPROVED
    assert {"step_error", "access_revoked"} <= set(Failure.objects.values_list("reason", flat=True))
    lines = [json.dumps(json.loads(line), ensure_ascii=False) for line in log.getvalue().splitlines()]
    return Journey(
        passport.tenant.requests(), passport.tenant.mails(), "\n".join(lines), database.everything(), secrets
    )


def sign_in(person: Person, secrets: list[str]) -> None:
    person.submit("signin")
    person.authenticate()
    secrets += codes(person)
    person.submit("stay", button=("stay", "yes"))


def sign_in_again_with_the_old_address(passport, secrets: list[str]) -> None:
    person = passport.person(DORA)
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()
    assert person.page.path.startswith("/sign-in/problem/"), person.page
    secrets += codes(person)


def codes(person: Person) -> list[str]:
    """The one-time codes and states that the tenant sent back through the browser."""
    found = [re.findall(r"[?&](?:code|state)=([^&]+)", hop.url) for hop in person.page.hops]
    return [secret for each in found for secret in each]


def redeem_secrets(person: Person) -> list[str]:
    mail = person.read_mail("invited you to collaborate")
    [ticket] = re.findall(r"ticket(?:=|%3D)([\w-]+)", mail["accept_url"])
    return [mail["accept_url"], ticket]


def test_what_was_seen_and_what_was_written_down(journey: Journey):
    assert len(journey.secrets) >= 3 + 4 + 6, "the journey has its secrets"
    tenant_is_asked_for_what_design_allows_and_nothing_else(journey)
    nothing_private_leaves_for_the_tenant(journey)
    log_holds_no_secret(journey)
    database_holds_no_secret(journey)
    mails_hold_no_secret(journey)


def tenant_is_asked_for_what_design_allows_and_nothing_else(journey: Journey) -> None:
    allowed = {
        ("GET", "users"): None,
        ("GET", "auditLogs"): None,
        ("POST", "invitations"): {
            "invitedUserEmailAddress",
            "inviteRedirectUrl",
            "sendInvitationMessage",
            "invitedUserMessageInfo",
        },
        ("DELETE", "users"): None,
    }
    seen = set()
    for request in journey.requests:
        kind = (request["method"], request["path"].split("/")[2])
        assert kind in allowed, request
        body = request["body"] or None
        assert (set(body) if body else None) == allowed[kind], request
        if body:
            assert set(body["invitedUserMessageInfo"]) == {"messageLanguage"}
            assert body["inviteRedirectUrl"].startswith(f"{settings.BASE_URL}/welcome/")
        seen.add(kind)
    assert seen >= {("GET", "users"), ("POST", "invitations"), ("DELETE", "users")}
    assert {
        request["body"]["invitedUserEmailAddress"] for request in journey.requests if request["method"] == "POST"
    } == {DORA, ANA}


def nothing_private_leaves_for_the_tenant(journey: Journey) -> None:
    sent = json.dumps(journey.requests, ensure_ascii=False)
    assert [word for word in [*PRIVATE, IBAN] if word in sent] == []


def log_holds_no_secret(journey: Journey) -> None:
    assert "/onboarding/payment/" in journey.log
    assert "/welcome/…" in journey.log
    assert "failed with ProgrammingError" in journey.log, "and this is how the error looks"
    assert [secret for secret in [*journey.secrets, *PRIVATE, DORA, ANA] if secret in journey.log] == []
    assert TOKEN.search(journey.log) is None


def database_holds_no_secret(journey: Journey) -> None:
    assert "identity_entraaccount: " in journey.stored
    assert "session: {" in journey.stored
    assert [secret for secret in journey.secrets if secret in journey.stored] == []
    assert TOKEN.search(journey.stored) is None
    assert IBAN in str(Draft.objects.get().answers), "it is there, but not to be read from below"


def mails_hold_no_secret(journey: Journey) -> None:
    ours = [mail for mail in journey.mails if mail["source"] == "smtp"]
    assert len(ours) >= 8
    for mail in ours:
        whole = json.dumps(mail, ensure_ascii=False)
        assert [secret for secret in journey.secrets if secret in whole] == [], mail["subject"]
        assert TOKEN.search(whole) is None

"""Every code that Microsoft documents for a sign-in: what becomes of it, and who reads what."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core import mail
from django.test import Client

from identity.failures import mail_to_vm, reasons
from identity.invitations import links
from identity.jobs import heartbeat
from identity.models import Failure, Invitation
from tests.factories import create_vendor

DORA = "dora@mail.example"
CALLBACK = "/auth/complete/entra/"

# Of people and their accounts, in the order of Microsoft's list of codes.
PEOPLE_MEET = (
    "16000 16001 16003 50014 50020 50034 51004 50053 50055 50126 50056 50144 50057 500571 50072 50074 "
    "50076 50078 50079 50085 50089 50133 50173 50131 530032 530035 50140 50058 50158 53004 53010 53011 "
    "500021 500022 500208 500212 500213 54005 65004 70008 700082 70043 501481 90072 90093 90094 90095 "
    "90006 90012 90024 90033 50000 50033 90071 500121 50097 50129 "
    "160021 50027 50142 50180 70044 81004 81010 81012 90038 90086 165000 165900 "
)
# Of what operations have set up: from a browser alone it is no case of theirs.
OPERATIONS_MEET = (
    "50011 500113 900971 50059 50128 50105 53000 53001 53002 53003 530003 50194 50196 65001 65005 650052 "
    "650056 700016 700011 70001 7000112 7000215 70002 7000222 700027 700024 7000214 7000274 7000277 "
    "1000502 7000218 50147 9002325 90002 530001 530002 530004 50001 50012 70004 70011 90008 90019 9002313 "
)


@pytest.fixture
def invitation(db):
    vendor = create_vendor(state="invited", primary_email=DORA)
    return Invitation.objects.get(user=vendor.user)


@pytest.fixture
def worker_lives(db):
    heartbeat.beat("worker")


def comes_back(client: Client, invitation: Invitation, **answer: str) -> tuple[Failure, str]:
    """Press "Sign in" and come back with this answer: the case, and the page that the person reads."""
    begun = client.post("/auth/login/entra/", {"invitation": links.token(invitation)})
    state = parse_qs(urlsplit(begun["Location"]).query)["state"][0]
    problem = client.get(f"{CALLBACK}?{urlencode({**answer, 'state': state})}")
    failure = Failure.objects.get(reference=urlsplit(problem["Location"]).path.split("/")[-2])
    page = client.get(problem["Location"])
    return failure, unescape(page.text)


def said(*numbers: str) -> str:
    return "; ".join(f"AADSTS{number}: words of Microsoft's" for number in numbers)


def test_every_code_that_a_guest_can_meet_has_a_reason_of_its_own(client, invitation):
    for number in PEOPLE_MEET.split():
        failure, page = comes_back(client, invitation, error="access_denied", error_description=said(number))
        reason = reasons.get(failure.reason)
        assert failure.reason == reasons.BY_AADSTS[number], number
        assert failure.reason not in (reasons.UNPROVEN, "unexpected_error"), number
        assert reason.audience == reasons.VM, number
        assert str(reason.person_text) in page, number
        assert number in reasons.numbers_in(failure.detail)
        assert f"AADSTS{number}" not in page
    assert not Failure.objects.filter(reason="declined").exists(), "nobody has pressed Cancel"


def test_codes_of_operations_make_no_case_of_theirs_and_are_explained_all_the_same(client, invitation, worker_lives):
    for number in OPERATIONS_MEET.split():
        failure, page = comes_back(client, invitation, error="invalid_request", error_description=said(number))
        said_reason = reasons.get(reasons.BY_AADSTS[number])
        assert (failure.reason, said_reason.audience) == (reasons.UNPROVEN, reasons.OPERATIONS), number
        assert str(said_reason.person_text) in page, number
    mail_to_vm.tell(failure.pk)
    [message] = mail.outbox
    assert f"AADSTS90002: {reasons.get('microsoft_misconfigured').vm_text}" in message.body


def test_cancelling_is_told_from_other_refusals(client, invitation):
    for description, subcode, expected in [
        ("", "", "declined"),
        ("", "cancel", "declined"),
        (said("99999999"), "cancel", "declined"),
        (said("99999999"), "", reasons.UNPROVEN),
        (said("90094"), "cancel", "admin_approval_required"),
        ("Error 403: disallowed_useragent", "", "in_app_browser"),
    ]:
        answer = {"error": "access_denied", "error_description": description, "error_subcode": subcode}
        failure, _page = comes_back(client, invitation, **answer)
        assert failure.reason == expected, answer
    failure, _page = comes_back(client, invitation, error="disallowed_useragent")
    assert failure.reason == "in_app_browser"


def test_all_codes_of_an_attempt_and_of_later_ones_are_kept_and_shown(client, invitation, worker_lives):
    answer = {"error": "access_denied", "error_uri": "https://login.example.com/error?code=50053"}
    failure, _page = comes_back(client, invitation, error_description=said("50126", "65004"), **answer)
    assert failure.reason == "account_locked", "which says more than a wrong password"
    comes_back(client, invitation, error="access_denied", error_description=said("80012"))

    failure.refresh_from_db()
    assert reasons.numbers_in(failure.detail) == ["50126", "65004", "50053", "80012"]
    mail_to_vm.tell(failure.pk)
    [message] = mail.outbox
    assert f"AADSTS50126: {reasons.get('wrong_password').vm_text}" in message.body
    assert "AADSTS50053\n" in message.body, "the case says already what that means"

"""A mailbox that became a Microsoft or Google account: the refusal stays on Microsoft's page, and VM hears of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from identity.failures import entra_log, reasons, silence
from identity.models import EntraAccount, Failure, Invitation, LoggedSignIn, SignInAttempt
from tests.passport_fixture import Passport
from tests.person import Person
from vendors.diagnosis import explanation
from vendors.diagnosis.advice import recommend
from vendors.email_change import lifecycle as email_change
from vendors.models import Vendor
from vendors.situation import Situation

DORA = "dora@mail.example"


def signed_in_yesterday(passport: Passport) -> Vendor:
    vendor = passport.invited(DORA)
    passport.signed_in(DORA)
    yesterday = timezone.now() - dt.timedelta(days=1)
    SignInAttempt.objects.update(started_at=yesterday, claimed_at=yesterday)
    EntraAccount.objects.update(first_sign_in_at=yesterday, last_sign_in_at=yesterday)
    Invitation.objects.update(queued_at=yesterday)
    return vendor


def tries(passport: Passport, page: str = "/sign-in/") -> Person:
    """As far as Microsoft's page, with the account that the mailbox has now."""
    dora = passport.person(DORA)
    dora.go(page if "://" in page else f"{passport.url}{page}")
    dora.submit("signin")
    dora.authenticate()
    assert dora.page.aadsts == 50020, dora.page
    return dora


def welcome_url(passport: Passport) -> str:
    mail = passport.tenant.wait_for_mail(DORA, kind="invitation")
    return next(word for word in mail["text"].split() if "/welcome/" in word)


def silence_falls(settings) -> None:
    SignInAttempt.objects.filter(outcome="").update(started_at=timezone.now() - settings.SIGN_IN_SILENCE * 2)


def test_log_finds_it_and_repairing_lets_them_in(passport):
    vendor = signed_in_yesterday(passport)
    passport.tenant.move_mailbox(DORA, to="microsoft")
    tries(passport)

    passport.work()
    case = Failure.objects.get()
    assert (case.reason, case.subject, case.address) == ("mailbox_moved", f"user:{vendor.user_id}", DORA)
    [message] = passport.vm_mail(kind="failure")
    assert "“Repair sign-in”" in message["text"]
    assert f"/admin/person/{vendor.user_id}/?do=repair" in message["text"]
    told = recommend(explanation.explain_address(DORA))
    assert (told.rule, told.button) == ("mailbox_moved", "repair-sign-in")

    vera = passport.staff()
    vera.go(f"{passport.url}/admin/identity/failure/{case.pk}/change/")
    vera.follow(f"/admin/person/{vendor.user_id}/")
    vera.go(f"{passport.url}/admin/person/{vendor.user_id}/?do=repair")
    vera.submit()
    passport.work()
    passport.signed_in(DORA)
    case.refresh_from_db()
    assert case.state == "resolved"


def test_accepted_at_microsoft_and_never_arrived_is_repaired_too(passport):
    """Inviting again would be answered with the same guest, and nobody would be mailed."""
    vendor = passport.invited(DORA)
    passport.person(DORA).accept_invitation()
    assert not EntraAccount.objects.filter(first_sign_in_at__isnull=False).exists()
    passport.tenant.move_mailbox(DORA, to="google")
    tries(passport)
    passport.work()

    known = explanation.explain_address(DORA)
    assert recommend(known).button == "repair-sign-in"
    email_change.repair(vendor)
    passport.work()
    passport.signed_in(DORA)
    assert Vendor.objects.get().state == "onboarding"
    assert not Failure.objects.open().exists()


def test_without_the_right_to_read_the_log_the_silence_advises_the_same(passport, settings):
    vendor = signed_in_yesterday(passport)
    passport.tenant.settings(permissions=["User.Invite.All", "User.ReadWrite.All"])
    passport.tenant.move_mailbox(DORA, to="microsoft")
    tries(passport, welcome_url(passport))
    silence_falls(settings)
    passport.work()

    case = Failure.objects.get()
    assert case.reason == "did_not_come_back"
    told = recommend(explanation.explain_address(DORA))
    assert told.button == "repair-sign-in"
    assert "“Repair sign-in”" in told.text
    vera = passport.staff()
    vera.go(f"{passport.url}/admin/identity/failure/{case.pk}/change/")
    assert f"{passport.url}/admin/person/{vendor.user_id}/?do=repair" in [href for href, _text in vera.page.links]


@pytest.mark.parametrize(
    ("permissions", "button"),
    [(["User.Invite.All", "User.ReadWrite.All"], "repair-sign-in"), (["User.Invite.All"], "invite-again")],
)
def test_accepted_and_never_arrived_is_repaired_without_the_right_to_read_the_log(
    passport, settings, permissions, button
):
    """Microsoft says whether they have accepted, if Passport may look at guests."""
    vendor = passport.invited(DORA)
    url = welcome_url(passport)
    passport.person(DORA).accept_invitation()
    passport.tenant.settings(permissions=permissions)
    passport.tenant.move_mailbox(DORA, to="google")
    tries(passport, url)
    silence_falls(settings)
    passport.work()

    case = Failure.objects.get()
    assert case.reason == "did_not_come_back"
    told = recommend(explanation.explain_address(DORA))
    assert (told.rule, told.button) == ("did_not_come_back", button)
    assert Situation(vendor).may_be_repaired, "also if nobody knows, for when sending it again does not help"
    [message] = passport.vm_mail(kind="failure")
    is_known = button == "repair-sign-in"
    assert f"/admin/person/{vendor.user_id}/?do={'repair' if is_known else 'invite'}" in message["text"]
    assert ("have accepted the invitation" in message["text"]) == is_known
    assert ("Sending the invitation again wouldn't help" in told.text) == is_known
    if not is_known:
        return
    vera = passport.staff()
    vera.go(f"{passport.url}/admin/person/{vendor.user_id}/?do=repair")
    vera.submit()
    passport.work()
    passport.signed_in(DORA)
    case.refresh_from_db()
    assert case.state == "resolved"


def test_not_accepted_and_never_arrived_is_invited_again(passport, settings):
    passport.invited(DORA)
    passport.tenant.settings(permissions=["User.Invite.All", "User.ReadWrite.All"])
    dora = passport.person(DORA)
    dora.go(welcome_url(passport))
    dora.submit("signin")
    silence_falls(settings)
    passport.work()

    assert Failure.objects.get().detail["has_accepted"] is False
    assert recommend(explanation.explain_address(DORA)).button == "invite-again"
    assert not Situation(Vendor.objects.get()).may_be_repaired


def test_nobody_is_said_to_have_nothing_in_their_way(passport):
    """Pressed on the plain page: without the log Passport cannot know who it was."""
    signed_in_yesterday(passport)
    passport.tenant.settings(permissions=["User.Invite.All"])
    passport.tenant.move_mailbox(DORA, to="microsoft")
    tries(passport)
    passport.work()

    told = recommend(explanation.explain_address(DORA))
    assert told.rule == "nothing"
    assert "AADSTS50020" in told.text
    assert "repair their sign-in" in told.text


def test_log_and_silence_about_one_attempt_are_one_case(passport, settings):
    signed_in_yesterday(passport)
    passport.tenant.move_mailbox(DORA, to="microsoft")
    tries(passport, welcome_url(passport))
    silence_falls(settings)
    attempt = SignInAttempt.objects.latest("started_at")
    silence.settle()
    assert Failure.objects.open().get().reason == "did_not_come_back"
    entra_log.collect()
    assert Failure.objects.open().get().reason == "mailbox_moved", "the log says why"

    tries(passport, welcome_url(passport))
    entra_log.collect()
    silence_falls(settings)
    silence.settle()
    case = Failure.objects.open().get()
    assert case.reason == "mailbox_moved"
    assert set(SignInAttempt.objects.exclude(pk=attempt.pk).filter(outcome="silent").values_list("failure", flat=True))


def test_all_codes_of_one_attempt_are_one_case_of_the_one_that_says_most(passport):
    signed_in_yesterday(passport)
    for number in (50126, 50126, 50053, 50020):
        passport.tenant.add_sign_in(DORA, number, correlation_id="11111111-2222-4333-8444-555555555555")

    assert entra_log.collect() == 1
    case = Failure.objects.get()
    assert case.reason == "mailbox_moved"
    assert reasons.numbers_in(case.detail) == ["50126", "50053", "50020"]
    assert LoggedSignIn.objects.count() == 4

    passport.tenant.add_sign_in(DORA, 50057, correlation_id="11111111-2222-4333-8444-555555555555")
    assert entra_log.collect() == 0
    case.refresh_from_db()
    assert reasons.numbers_in(case.detail) == ["50126", "50053", "50020", "50057"]
    assert case.count == 1


def test_who_tried_before_they_were_invited_was_a_stranger_then(passport):
    """The same entry is read again for half an hour, and by then there may be an account of that name."""
    tries(passport)
    [entry] = passport.tenant.sign_ins()
    passport.tenant.settings(sign_in_log_delay_seconds=600)
    passport.invited(DORA)
    EntraAccount.objects.update(created_at=parse_datetime(entry["createdDateTime"]) + dt.timedelta(seconds=2))
    passport.tenant.settings(sign_in_log_delay_seconds=0)

    passport.work()

    assert not Failure.objects.exists()
    assert passport.vm_mail(kind="failure") == []


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("Dora@Mail.Example", True),
        ("live.com#dora@mail.example", True),
        ("dora_mail.example#EXT#@sandbox.onmicrosoft.example", True),
        ("gita@mail.example", False),
        ("", False),
    ],
)
def test_names_as_the_log_may_write_them(passport, name, is_found):
    """The tenant has no object to name, so the object ID is all noughts, another's or missing."""
    passport.invited(DORA)
    entry = {
        "id": "1",
        "createdDateTime": timezone.now().isoformat(),
        "userPrincipalName": name,
        "userId": None,
        "correlationId": "",
        "status": {"errorCode": 50020},
    }
    passport.tenant.fault("sign_ins", status=200, body={"value": [entry]})

    assert entra_log.collect() == is_found
    assert [case.reason for case in Failure.objects.all()] == ["mailbox_moved"] * is_found

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity import accounts
from identity.failures import cases, entra_log
from identity.invitations import reminders
from identity.jobs import heartbeat
from identity.models import EntraAccount, Failure, Heartbeat, Invitation, SignInAttempt
from identity.roles import AUDITOR
from tests.clients import signed_in
from tests.factories import create_attempt, create_email_change, create_failure, create_staff, create_vendor
from vendors import lifecycle
from vendors.diagnosis import advice, explanation
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.models import EmailChange, Vendor, VendorState

pytestmark = pytest.mark.django_db


def explained(address: str) -> explanation.Explanation:
    return explanation.explain_address(address)


def recommended(address: str) -> advice.Advice:
    return advice.recommend(explained(address))


def go_to_sign_in(passport, address, *, welcome=False, consent=True):
    person = passport.person(address)
    person.go(welcome_link(person) if welcome else f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate(consent=consent)
    return person


def welcome_link(person) -> str:
    mail = person.read_mail(kind="invitation")
    return next(line for line in mail["text"].splitlines() if "/welcome/" in line)


# One test for each rule


def test_prepared(passport):
    lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")

    told = recommended("dora@mail.example")
    assert (told.rule, told.button, told.command) == ("prepared", "invite", "invite_vendor dora@mail.example")


def test_queued_and_the_worker_is_dead(passport):
    vendor = lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")
    lifecycle.invite(vendor)

    told = recommended("dora@mail.example")
    assert (told.rule, told.button, told.command) == ("worker_dead", "", "worker")
    assert "operations" in told.text


def test_queued_a_moment_ago(passport):
    heartbeat.beat("worker")
    vendor = lifecycle.add(name="Dora", primary_email="dora@mail.example", language="en-GB")
    lifecycle.invite(vendor)

    assert recommended("dora@mail.example").rule == "invitation_queued"
    Invitation.objects.update(queued_at=timezone.now() - dt.timedelta(hours=1))
    assert recommended("dora@mail.example").rule == "invitation_stuck"


def test_queued_because_graph_does_not_let_us(passport):
    passport.tenant.settings(permissions=[])
    passport.invited("dora@mail.example")

    told = recommended("dora@mail.example")
    assert (told.rule, told.command) == ("invitation_waits", "check_entra")
    assert "a permission is missing" in told.text
    assert "Next attempt" in told.text


def test_refused(passport):
    passport.invited("mia.member@sandberg.example")

    told = recommended("mia.member@sandberg.example")
    assert (told.rule, told.button) == ("invitation_refused", "change-email")
    assert told.case == Failure.objects.get()
    assert told.command.startswith("change_vendor_email mia.member@sandberg.example NEW")


def test_refused_after_an_email_change_that_was_undone_is_the_past(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    change = email_change.start(vendor, new="mia.member@sandberg.example", reason="moved")
    passport.work()
    assert recommended("dora@mail.example").rule == "invitation_refused"

    email_change.undo(change)

    assert recommended("dora@mail.example").rule == "nothing"


def test_never_came(passport):
    passport.invited("dora@mail.example")

    told = recommended("dora@mail.example")
    assert (told.rule, told.button, told.command) == ("never_came", "invite-again", "reinvite_vendor dora@mail.example")
    assert f"{passport.url}/sign-in/" in told.text


def test_no_reaction_to_any_reminder(passport):
    passport.invited("dora@mail.example")
    Invitation.objects.update(reminders_sent=3, sent_at=timezone.now() - dt.timedelta(days=20))
    reminders.send_due()

    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("no_reaction", "invite-again")
    assert "Call them" in told.text


def test_on_microsofts_page(passport):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(welcome_link(person))
    person.submit("signin")

    assert recommended("dora@mail.example").rule == "on_microsofts_page"


def test_never_came_back(passport, settings):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(welcome_link(person))
    person.submit("signin")
    SignInAttempt.objects.update(started_at=timezone.now() - settings.SIGN_IN_SILENCE * 2)
    Invitation.objects.update(queued_at=timezone.now() - dt.timedelta(days=1))
    passport.work()

    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("did_not_come_back", "invite-again")


def test_consent_declined(passport):
    passport.invited("dora@mail.example")
    go_to_sign_in(passport, "dora@mail.example", welcome=True, consent=False)

    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("consent_declined", "case")
    assert "Review permissions" in told.text


def test_consent_declined_by_somebody_who_only_named_the_address(passport):
    passport.invited("dora@mail.example")
    person = go_to_sign_in(passport, "dora@mail.example", consent=False)
    person.submit("which-address", address="dora@mail.example")

    known = explained("dora@mail.example")
    assert advice.recommend(known).rule == "consent_declined"
    assert [attempt.failure.reason for attempt in known.attempts] == ["consent_declined"]


def test_state_lost(passport):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(welcome_link(person))
    person.submit("signin")
    person.browser.cookies = type(person.browser.cookies)()
    person.authenticate()

    told = recommended("dora@mail.example")
    assert told.rule == "session_lost"
    assert "try again" in told.text


def test_operations_case(passport):
    passport.invited("dora@mail.example")
    passport.tenant.tamper(signature="bad")
    go_to_sign_in(passport, "dora@mail.example", welcome=True)

    told = recommended("dora@mail.example")
    assert (told.rule, told.button, told.command) == ("token_signature", "case", "check_entra")


def test_trouble_that_hits_everybody_is_the_answer_for_each(passport):
    passport.invited("dora@mail.example")
    passport.invited("chen@agency.example")
    passport.tenant.settings(secret_expired=True)
    go_to_sign_in(passport, "dora@mail.example", welcome=True)

    for address in ("dora@mail.example", "chen@agency.example"):
        told = recommended(address)
        assert (told.rule, told.command) == ("client_secret_expired", "check_entra")
    assert [attempt.failure.reason for attempt in explained("dora@mail.example").attempts] == ["client_secret_expired"]
    assert explained("chen@agency.example").attempts == []

    passport.tenant.settings(secret_expired=False)
    passport.signed_in("chen@agency.example")
    assert recommended("dora@mail.example").rule == "never_came"
    assert [case.state for case in explained("dora@mail.example").failures] == ["open"], "she has not tried again"
    assert explained("chen@agency.example").failures == []
    passport.signed_in("dora@mail.example")
    assert [case.state for case in explained("dora@mail.example").failures] == ["resolved"]


def test_case_before_a_sign_in_that_worked_or_a_new_invitation_is_over(passport):
    vendor = passport.invited("dora@mail.example")
    go_to_sign_in(passport, "dora@mail.example", welcome=True, consent=False)
    lifecycle.resend_invitation(vendor)
    passport.work()
    assert recommended("dora@mail.example").rule == "never_came"

    go_to_sign_in(passport, "dora@mail.example", consent=False).submit("which-address", address="dora@mail.example")
    assert recommended("dora@mail.example").rule == "consent_declined"
    passport.signed_in("dora@mail.example")
    assert Failure.objects.open().filter(subject="address:dora@mail.example").exists()
    assert recommended("dora@mail.example").rule == "nothing"


@pytest.mark.parametrize(
    ("state", "button"),
    [(VendorState.SUSPENDED, "reinstate"), (VendorState.ENDED, "reopen"), (VendorState.DECLINED, "reopen")],
)
def test_may_not_come_in(state, button):
    vendor = create_vendor(state=state)

    told = recommended(vendor.primary_email)
    assert (told.rule, told.button) == (state, button)


def test_erased():
    vendor = create_vendor(state=VendorState.ERASED)

    assert recommended(vendor.primary_email).rule == "erased"


def test_turned_away_while_suspended_and_reinstated_since(passport):
    vendor = passport.invited("dora@mail.example")
    lifecycle.suspend(vendor, reason="holiday")
    go_to_sign_in(passport, "dora@mail.example")
    assert recommended("dora@mail.example").rule == "suspended"

    lifecycle.reinstate(vendor)

    told = recommended("dora@mail.example")
    assert (told.rule, told.case) == ("let_in_again", Failure.objects.get())


def test_switched_off():
    vendor = create_vendor(state=VendorState.APPROVED)
    type(vendor.user).objects.update(is_active=False)

    assert recommended(vendor.primary_email).rule == "inactive"


def test_revoked_account_used(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    email_change.start(vendor, new="gita@mail.example", reason="moved", cut_off=True)
    passport.work()
    go_to_sign_in(passport, "dora@mail.example")
    assert Failure.objects.get().reason == "access_revoked"

    told = recommended("gita@mail.example")
    assert (told.rule, told.button, told.case) == ("revoked_account", "change-email", Failure.objects.get())
    assert "dora@mail.example can no longer be used to sign in (cut off by an email change)" in told.text
    assert "sign in with gita@mail.example" in told.text


def test_old_address_asked_about(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    email_change.start(vendor, new="gita@mail.example", reason="moved")
    passport.work()
    passport.signed_in("gita@mail.example")

    assert recommended("DORA@mail.example").rule == "revoked_account"
    assert recommended("gita@mail.example").rule == "nothing"


def test_no_account_left(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.CUT_OFF)
    go_to_sign_in(passport, "dora@mail.example")

    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("no_account", "invite-again")


def test_account_disowned(passport):
    """The case says more than that no account is left."""
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.DISOWNED)
    cases.report(stage="sign_in", reason="not_own_account", user=vendor.user, address="dora@mail.example")

    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("not_own_account", "invite-again")


def test_open_planned_change(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    email_change.start(vendor, new="gita@mail.example", reason="moved")
    passport.work()

    for asked in ("dora@mail.example", "gita@mail.example"):
        told = recommended(asked)
        assert (told.rule, told.button) == ("planned_change_open", "invite-again")
        assert "dora@mail.example still works" in told.text


@pytest.mark.parametrize(
    ("mode", "rule"), [("cut_off", "change_open"), ("correction", "change_open"), ("repair", "repair_open")]
)
def test_other_open_changes(mode, rule):
    vendor = create_vendor(state=VendorState.APPROVED)
    create_email_change(vendor=vendor, mode=mode)

    assert recommended(vendor.primary_email).rule == rule


def test_lapsed_change_is_to_be_undone():
    vendor = create_vendor(state=VendorState.APPROVED)
    create_email_change(vendor=vendor)
    create_failure(user=vendor.user, stage="email_change", reason="change_not_accepted")

    told = recommended(vendor.primary_email)
    assert (told.rule, told.button) == ("change_not_accepted", "undo-email-change")


def test_dispute_comes_before_everything():
    vendor = create_vendor(state=VendorState.SUSPENDED)
    create_email_change(vendor=vendor)
    create_failure(user=vendor.user, stage="email_change", reason="change_disputed")
    create_failure(user=vendor.user, reason="declined")

    told = recommended(vendor.primary_email)
    assert (told.rule, told.button) == ("change_disputed", "undo-email-change")


def test_mailbox_that_takes_no_mail():
    vendor = create_vendor(state=VendorState.INVITED)
    create_failure(user=vendor.user, address=vendor.primary_email, stage="mail", reason="mail_refused")
    told = recommended(vendor.primary_email)
    assert (told.rule, told.button) == ("mail_refused", "change-email")

    Vendor.objects.update(primary_email="other@mail.example")
    assert recommended("other@mail.example").rule == "never_came"


@pytest.mark.parametrize("reason", ["expires_soon", "guest_left_over"])
def test_case_that_keeps_nobody_out_is_not_the_answer(reason):
    vendor = create_vendor(state=VendorState.INVITED)
    create_failure(user=vendor.user, stage="invitation", reason=reason)

    assert recommended(vendor.primary_email).rule == "never_came"


def test_guest_made_anew_in_the_tenant(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    passport.tenant.delete_guest("dora@mail.example")
    passport.tenant.add_guest("dora@mail.example")
    go_to_sign_in(passport, "dora@mail.example")

    known = explained("dora@mail.example")
    told = advice.recommend(known)
    assert (told.rule, told.button) == ("account_made_anew", "repair-sign-in")
    assert known.failures == []
    assert [case.reason for case in known.claims] == ["not_invited"]


def test_opened_the_invitation_of_another_vendor(passport):
    passport.invited("dora@mail.example")
    passport.invited("chen@agency.example")
    chen = passport.person("chen@agency.example")
    chen.go(welcome_link(passport.person("dora@mail.example")))
    chen.submit("signin")
    chen.authenticate()

    assert recommended("chen@agency.example").rule == "opened_another_invitation"
    assert recommended("dora@mail.example").rule == "different_account"


def test_first_sign_in_with_another_address(passport):
    passport.invited("dora@mail.example")
    EntraAccount.objects.update(signed_in_as="other@mail.example")
    assert recommended("dora@mail.example").rule == "own_account_not_answered"

    now = timezone.now()
    Invitation.objects.update(state="accepted")
    EntraAccount.objects.update(first_sign_in_at=now, last_sign_in_at=now, confirmed_own_at=now)
    told = recommended("dora@mail.example")
    assert (told.rule, told.button) == ("address_differs", "change-email")

    told = recommended("other@mail.example")
    assert (told.rule, told.command) == ("signs_in_with_it", "explain_sign_in dora@mail.example")


def test_request_waits(passport):
    vendor = passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    account = EntraAccount.objects.get()
    email_requests.ask(vendor, new="gita@mail.example", reason="moved", account=account, proven_at=timezone.now())

    for asked in ("dora@mail.example", "gita@mail.example"):
        told = recommended(asked)
        assert (told.rule, told.button) == ("request_waits", "decide")


def test_all_is_well(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")

    told = recommended("dora@mail.example")
    assert (told.rule, told.button, told.command) == ("nothing", "", "")


# Addresses that nobody has


def test_unknown():
    told = recommended("nobody@mail.example")

    assert (told.rule, told.button, told.command) == ("unknown", "add", "invite_vendor nobody@mail.example --name …")


def test_unknown_and_no_address_at_all():
    told = recommended("$(reboot)")

    assert (told.rule, told.button, told.command) == ("not_an_address", "", "")


def test_unknown_and_probably_mistyped():
    assert recommended("sandbox-dora@gmial.com").command == "explain_sign_in sandbox-dora@gmail.com"


def test_unknown_but_mentioned_in_a_case(passport):
    passport.tenant.add_guest("gita@mail.example")
    go_to_sign_in(passport, "gita@mail.example")

    known = explained("gita@mail.example")
    told = advice.recommend(known)
    assert (told.rule, told.case) == ("mentioned_in_a_case", Failure.objects.get())
    assert (known.vendor, known.failures) == (None, [])


def test_what_strangers_call_themselves_is_quoted_for_the_shell():
    create_failure(address="x;reboot@mail.example", reason="says_cannot_sign_in")

    assert "OLD 'x;reboot@mail.example' --reason" in recommended("x;reboot@mail.example").command


def test_address_that_two_vendors_had():
    ana, ben = create_vendor(state=VendorState.APPROVED), create_vendor(state=VendorState.APPROVED)
    for vendor in (ana, ben):
        create_email_change(vendor=vendor, old="shared@mail.example", state=EmailChange.State.CONFIRMED)
    known = explained("shared@mail.example")

    assert {known.vendor, *known.namesakes} == {ana, ben}


# All that is known


def test_everything_is_told_newest_first(passport):
    vendor = passport.invited("dora@mail.example")
    go_to_sign_in(passport, "dora@mail.example", welcome=True, consent=False)
    passport.signed_in("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 50076, correlation_id="11111111-2222-3333-4444-555555555555")
    entra_log.collect()
    email_change.start(vendor, new="gita@mail.example", reason="moved", cut_off=True)
    passport.work()

    known = explained("dora@mail.example")
    entries = known.entries()
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    told = "\n".join(" ".join([entry.title, entry.tag_label, *entry.details]) for entry in entries)
    for part in [
        "Invitation to dora@mail.example (vendor added) accepted",
        "Invitation to gita@mail.example (email change) sent",
        "Account for dora@mail.example revoked",
        "cut off by an email change",
        "Account for gita@mail.example live No one has signed in with it.",
        "Pressed “Sign in” signed in",
        "Pressed “Sign in” failed Pressed Cancel on Microsoft's page",
        "according to Entra's log: code 50076 failed Microsoft asked for multi-factor authentication (MFA)",
        "Primary email changed from dora@mail.example to gita@mail.example (cut off)",
        "(sign-in) resolved",
    ]:
        assert part in told, told


def test_number_of_statements_does_not_grow():
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            known = explained(vendor.primary_email)
            known.entries()
            advice.recommend(known)
        return len(captured)

    vendor = create_vendor(state=VendorState.APPROVED)
    create_attempt(user=vendor.user)
    few = statements()
    for _again in range(5):
        failure = create_failure(user=vendor.user, state="resolved")
        SignInAttempt.objects.filter(pk=create_attempt(user=vendor.user, outcome="failed").pk).update(failure=failure)
        create_email_change(vendor=vendor, state=EmailChange.State.CONFIRMED)

    assert statements() == few


def test_resolved_long_ago_is_not_told():
    vendor = create_vendor(state=VendorState.APPROVED)
    create_failure(user=vendor.user, state="resolved")
    assert len(explained(vendor.primary_email).failures) == 1

    Failure.objects.update(last_seen_at=timezone.now() - dt.timedelta(days=100))
    assert explained(vendor.primary_email).failures == []


# The command


def test_json(passport, capsys):
    passport.invited("dora@mail.example")
    go_to_sign_in(passport, "dora@mail.example", welcome=True, consent=False)
    an_hour_ago = timezone.now() - dt.timedelta(hours=1)
    SignInAttempt.objects.update(started_at=an_hour_ago, claimed_at=an_hour_ago)
    passport.tenant.add_sign_in("dora@mail.example", 53003)
    entra_log.collect()
    call_command("explain_sign_in", "Dora@mail.example", "--json")

    written = capsys.readouterr()
    told = json.loads(written.out)
    assert written.err == ""
    assert list(told) == [
        "address",
        "vendor_state",
        "accounts",
        "invitations",
        "attempts",
        "failures",
        "recommendation",
    ]
    assert (told["address"], told["vendor_state"]) == ("Dora@mail.example", "invited")
    [account] = told["accounts"]
    assert (account["address"], account["live"], account["first_sign_in_at"]) == ("dora@mail.example", True, None)
    [invitation] = told["invitations"]
    assert (invitation["state"], invitation["why"], invitation["attempts"]) == ("sent", "added", 1)
    assert {(one["source"], one["outcome"], one["reason"], one["code"]) for one in told["attempts"]} == {
        ("entra_log", "failed", "conditional_access", "53003"),
        ("entra_log", "failed", "consent_declined", "65004"),
        ("passport", "failed", "consent_declined", ""),
    }
    assert {failure["reason"] for failure in told["failures"]} == {"conditional_access", "consent_declined"}
    assert "Conditional Access" in told["recommendation"]


def test_told_to_people(passport, capsys):
    passport.invited("dora@mail.example", name="Dora Dimitrova")
    call_command("explain_sign_in", "dora@mail.example")

    first, *_lines, last = capsys.readouterr().out.splitlines()
    assert first == "Dora Dimitrova, dora@mail.example, invited"
    assert "Button: “Send invitation again”. Command: manage.py reinvite_vendor dora@mail.example" in last


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_unknown_address_exits_with_1(flags, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command("explain_sign_in", "nobody@mail.example", *flags)

    assert caught.value.code == 1
    written = capsys.readouterr()
    assert written.err == "No vendor has, or ever had, the address nobody@mail.example.\n"
    if flags:
        told = json.loads(written.out)
        assert (told["vendor_state"], told["accounts"]) == (None, [])
    assert "Passport does not know nobody@mail.example" in written.out


# The page


def page(client, vendor, **query) -> str:
    response = client.get(reverse("admin:vendors_vendor_explain", args=[vendor.pk] if vendor else []), query)
    assert response.status_code == 200
    return response.content.decode()


def test_page_says_what_to_do_and_has_the_button(as_vera):
    vendor = create_vendor(state=VendorState.INVITED, name="Dora Dimitrova")
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    shown = page(as_vera, vendor)

    assert "Why can&#x27;t they sign in?" in shown
    assert "no one has signed in" in shown
    assert f'href="/admin/vendors/vendor/{vendor.pk}/invite-again/">Send invitation again</a>' in shown
    assert f'Account for <bdi translate="no">{vendor.primary_email}</bdi>' in shown


@pytest.mark.parametrize(
    ("state", "reason", "stage"),
    [
        (VendorState.PREPARED, "", ""),
        (VendorState.SUSPENDED, "", ""),
        (VendorState.ENDED, "", ""),
        (VendorState.APPROVED, "consent_declined", "sign_in"),
        (VendorState.INVITED, "mail_refused", "mail"),
        (VendorState.INVITED, "did_not_come_back", "sign_in"),
        (VendorState.APPROVED, "account_not_in_tenant", "sign_in"),
    ],
)
def test_button_leads_to_a_page(as_vera, state, reason, stage):
    vendor = create_vendor(state=state)
    if reason:
        create_failure(user=vendor.user, address=vendor.primary_email, stage=stage, reason=reason)
    response = as_vera.get(reverse("admin:vendors_vendor_explain", args=[vendor.pk]))

    assert response.context["button_url"]
    assert as_vera.get(response.context["button_url"]).status_code == 200


def test_button_is_for_those_who_may_press_it():
    vendor = create_vendor(state=VendorState.INVITED)
    auditor = signed_in(create_staff(role=AUDITOR))
    shown = page(auditor, vendor)

    assert "send the invitation again" in shown
    assert "invite-again" not in shown
    assert "button" not in shown.partition('class="next-action"')[2].partition("</div>")[0]


def test_page_for_an_address_that_nobody_has(as_vera):
    case = create_failure(address="gita@mail.example", reason="says_cannot_sign_in")
    shown = page(as_vera, None, email="gita@mail.example")

    assert 'No one has ever been invited at <bdi translate="no">gita@mail.example</bdi>' in shown
    assert reverse("admin:identity_failure_change", args=[case.pk]) in shown
    assert as_vera.get(reverse("admin:vendors_vendor_explain")).status_code == 302


def test_page_for_a_former_address_is_about_the_vendor(as_vera):
    vendor = create_vendor(state=VendorState.APPROVED, name="Dora Dimitrova")
    create_email_change(vendor=vendor, old="before@mail.example", state=EmailChange.State.CONFIRMED)

    assert "Dora Dimitrova" in page(as_vera, None, email="before@mail.example")


def test_page_escapes_what_strangers_say(as_vera):
    shown = page(as_vera, None, email="<script>alert(1)</script>")

    assert "<script>alert" not in shown


def test_page_is_not_for_vendors(client):
    vendor = create_vendor(state=VendorState.APPROVED)
    client.force_login(vendor.user)

    for arguments in ([vendor.pk], []):
        response = client.get(reverse("admin:vendors_vendor_explain", args=arguments), {"email": "x@mail.example"})
        assert response.status_code != 200


def test_page_is_not_for_staff_without_the_right():
    vendor = create_vendor(state=VendorState.APPROVED)
    stranger = signed_in(create_staff(role="NoSuchRole"))

    assert stranger.get(reverse("admin:vendors_vendor_explain", args=[vendor.pk])).status_code == 403


def test_vendors_page_and_case_lead_there(as_vera):
    vendor = create_vendor(state=VendorState.INVITED)
    case = create_failure(user=vendor.user, reason="consent_declined")
    nobodys = create_failure(address="gita@mail.example")
    there = reverse("admin:vendors_vendor_explain", args=[vendor.pk])

    assert f'href="{there}"' in as_vera.get(reverse("admin:vendors_vendor_change", args=[vendor.pk])).content.decode()
    shown = as_vera.get(reverse("admin:identity_failure_change", args=[case.pk])).content.decode()
    link = f"{reverse('admin:person', args=[vendor.user_id])}?do=explain"
    assert f'href="{link}"' in shown
    assert as_vera.get(link).headers["Location"] == there
    shown = as_vera.get(reverse("admin:identity_failure_change", args=[nobodys.pk])).content.decode()
    assert f'href="{reverse("admin:vendors_vendor_explain")}?failure={nobodys.reference}"' in shown

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from identity import accounts
from identity.invitations import lifecycle as invitations
from identity.invitations import links, sending
from identity.microsoft import graph
from identity.models import EntraAccount, Failure, Invitation, User


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" ana@Example.COM ", "ana@example.com"),
        ("Ana.Lopez@example.com", "Ana.Lopez@example.com"),
        ("o-k_2@sub.example.com", "o-k_2@sub.example.com"),
        ("sinead.o'brien@example.com", "sinead.o'brien@example.com"),
        ("sinead.o’brien@example.com", "sinead.o'brien@example.com"),
        ("\u200bana@example.com\u00a0", "ana@example.com"),
        ("Ana <mailto:ana@example.com>", "ana@example.com"),
    ],
)
def test_address_is_stored_tidily(typed, stored):
    assert invitations.check_address(typed) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ana", "Enter an email address"),
        ("@example.com", "Enter an email address"),
        ("ana@", "Enter an email address"),
        ("ana+work@example.com", "“+”"),
        ("ana lopez@example.com", "a space"),
        (".ana@example.com", "begins or ends with a dot"),
        ("ana-@example.com", "begins or ends with a dot or a hyphen"),
        ("añá@example.com", "plain Latin letters"),
        ("ana@" + "a." * 130 + "com", "too long"),
        ("ana@localhost", "“localhost” is not a domain that receives email."),
        ("ana@[127.0.0.1]", "is not a domain that receives email."),
        ("ana@[IPv6:::1]", "is not a domain that receives email."),
        ("ana@127.0.0.1", "is not a domain that receives email."),
        ("ana@10.0.0.10", "is not a domain that receives email."),
        ("ana@mail.localhost", "is not a domain that receives email."),
        ("ana@server.local", "is not a domain that receives email."),
    ],
)
def test_address_that_microsoft_would_refuse_is_refused_in_words(typed, sentence):
    with pytest.raises(invitations.AddressNotInvitable, match=re.escape(sentence)):
        invitations.check_address(typed)


def queue(user: User, address: str = "dora@mail.example") -> Invitation:
    return invitations.invite(user, address=address, language="en-GB", why=Invitation.Why.ADDED)


@pytest.mark.django_db
def test_another_invitation_supersedes_the_open_one():
    user = User.objects.create_user()
    first = queue(user)
    second = queue(user)

    first.refresh_from_db()
    assert (first.state, second.state) == (Invitation.State.SUPERSEDED, Invitation.State.QUEUED)
    assert invitations.open_invitation(user) == second


@pytest.mark.django_db
def test_database_refuses_a_second_open_invitation():
    user = User.objects.create_user()
    queue(user)
    with pytest.raises(IntegrityError, match="one_open_invitation_per_user"), transaction.atomic():
        Invitation.objects.create(user=user, address="other@mail.example")


def test_same_guest_comes_back_for_every_invitation(passport):
    vendor = passport.invited("dora@mail.example")
    queue(vendor.user)
    passport.work()

    account = EntraAccount.objects.get()
    assert account.created_by_passport
    assert set(Invitation.objects.values_list("state", "account")) == {("superseded", account.pk), ("sent", account.pk)}


def test_answer_lost_after_graph_had_committed_makes_no_second_guest(passport):
    passport.tenant.fault("invitations", after=True, connection="reset")
    vendor = passport.invited("dora@mail.example")
    assert Invitation.objects.get().state == Invitation.State.QUEUED
    make_due()
    passport.work()

    assert Invitation.objects.get(user=vendor.user).state == Invitation.State.SENT
    assert len(passport.tenant.guests()) == 1


def make_due() -> None:
    """As if the time to the next try had passed."""
    from django.db import connection  # noqa: PLC0415

    Invitation.objects.update(next_try_at=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def test_withdrawn_while_graph_was_working_gives_no_access(passport):
    vendor = passport.invited("dora@mail.example")
    invitation = Invitation.objects.get()
    accounts.revoke(EntraAccount.objects.get(), why=EntraAccount.Revoked.WITHDRAWN)
    Invitation.objects.update(state=Invitation.State.QUEUED, account=None)
    answer = graph.Invited(oid=EntraAccount.objects.get().oid, graph_id="", request_id="")
    invitations.withdraw(Invitation.objects.get(pk=invitation.pk))

    assert not sending._keep(invitation, answer, known_before={})
    assert not EntraAccount.objects.filter(user=vendor.user).live().exists()


def test_withdrawing_takes_the_access_away(passport):
    passport.invited("dora@mail.example")
    invitations.withdraw(Invitation.objects.get())

    person = passport.person("dora@mail.example")
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate()

    assert person.page.path.startswith("/sign-in/problem/"), person.page
    assert Failure.objects.get().reason == "access_revoked"


def test_withdrawn_invitation_says_so_and_offers_to_ask(passport):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    link = links.welcome_url(Invitation.objects.get())
    invitations.withdraw(Invitation.objects.get())

    person.go(link)
    assert "ask-vm" in person.page.forms
    assert not Failure.objects.exists(), "looking must change nothing"
    person.submit("ask-vm")

    assert Failure.objects.get().reason == "asks_for_invitation"


def test_missing_right_keeps_the_invitation_queued_and_tells_operations_once(passport):
    passport.tenant.settings(permissions=["User.Read.All"])
    passport.invited("dora@mail.example")

    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.reason) == (Invitation.State.QUEUED, "graph_not_permitted")
    make_due()
    passport.work()
    failure = Failure.objects.get()
    assert (failure.reason, failure.count) == ("graph_not_permitted", 2)
    passport.tenant.settings(permissions=["User.Read.All", "User.Invite.All"])
    passport.tenant.expire_app_tokens()
    make_due()
    passport.work()

    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.SENT
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED
    told = passport.tenant.mails("operations@sandberg.example")
    assert len([mail for mail in told if "dora@mail.example" in mail["subject"]]) == 1


def test_without_the_right_to_look_passport_does_not_believe_that_it_made_the_guest(passport):
    passport.tenant.settings(permissions=["User.Invite.All"])
    passport.invited("dora@mail.example")

    assert not EntraAccount.objects.get().created_by_passport


@pytest.mark.parametrize("status", [400, 404])
def test_look_up_that_the_tenant_does_not_understand_says_nothing_about_the_address(passport, status):
    error = {"error": {"code": "BadRequest", "message": "Unsupported query"}}
    passport.tenant.fault("users.list", status=status, body=error)
    passport.invited("dora@mail.example")

    assert Invitation.objects.get().state == Invitation.State.SENT
    assert not EntraAccount.objects.get().created_by_passport


def test_unaccepted_invitation_is_withdrawn_after_ninety_days_with_a_warning_before(passport):
    vendor = passport.invited("dora@mail.example")
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(days=84))
    invitations.expire()
    invitations.expire()
    warning = Failure.objects.get()
    assert (warning.reason, warning.count) == ("expires_soon", 1)
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(days=91))

    assert invitations.expire() == 1
    assert invitations.expire() == 0
    assert Invitation.objects.get().state == Invitation.State.WITHDRAWN
    vendor.refresh_from_db()
    assert vendor.state == "prepared"


@pytest.mark.django_db
def test_guest_of_somebody_else_is_never_moved():
    one, other = User.objects.create_user(), User.objects.create_user()
    account = accounts.bind(
        one, oid="11111111-2222-4333-8444-555555555555", address="dora@mail.example", created_by_passport=True
    )
    with pytest.raises(accounts.BoundToSomebodyElse):
        accounts.bind(other, oid=account.oid, address="alias@mail.example", created_by_passport=False)
    account.refresh_from_db()
    assert account.user == one


@pytest.mark.django_db
def test_third_live_account_is_refused():
    user = User.objects.create_user()
    for number in (1, 2):
        accounts.bind(
            user,
            oid=f"11111111-2222-4333-8444-55555555555{number}",
            address=f"dora{number}@mail.example",
            created_by_passport=True,
        )
    with pytest.raises(accounts.TooManyAccounts):
        accounts.bind(
            user, oid="11111111-2222-4333-8444-555555555553", address="dora3@mail.example", created_by_passport=True
        )

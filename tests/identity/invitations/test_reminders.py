from __future__ import annotations

import datetime as dt

from django.utils import timezone

from identity.invitations import lifecycle as invitations
from identity.invitations import reminders
from identity.models import Failure, Invitation
from identity.sandbox.client import is_of_kind


def days_later(days: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def reminded(passport, address: str = "dora@mail.example") -> int:
    passport.work()
    return len([mail for mail in passport.tenant.mails(address) if is_of_kind(mail, "reminder")])


def test_reminders_after_three_seven_and_fourteen_days_then_a_case(passport):
    vendor = passport.invited("dora@mail.example")
    for days, mails in ((2.9, 0), (3.1, 1), (3.2, 1), (6.9, 1), (7.1, 2), (14.1, 3), (16.9, 3), (30, 3)):
        reminders.send_due(now=days_later(days))
        reminders.send_due(now=days_later(days))
        assert reminded(passport) == mails, f"after {days} days"
        assert Failure.objects.filter(reason="no_reaction").count() == (days > 17)

    failure = Failure.objects.get()
    assert (failure.subject, failure.count) == (f"user:{vendor.user_id}", 1)


def test_accepted_one_is_not_reminded(passport):
    passport.invited("dora@mail.example")
    passport.signed_in("dora@mail.example")
    reminders.send_due(now=days_later(20))

    assert reminded(passport) == 0
    assert not Failure.objects.exists()


def test_withdrawn_one_is_not_reminded_even_when_the_mail_was_queued(passport):
    passport.invited("dora@mail.example")
    reminders.send_due(now=days_later(4))
    invitations.withdraw(Invitation.objects.get())

    assert reminded(passport) == 0


def test_missed_reminders_become_one(passport):
    passport.invited("dora@mail.example")
    reminders.send_due(now=days_later(15))

    assert reminded(passport) == 1
    assert Invitation.objects.get().reminders_sent == 3

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from identity.failures import entra_log
from identity.models import Failure, LoggedSignIn


def test_failure_that_stayed_on_microsofts_page_is_reported_once(passport):
    vendor = passport.invited("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 53003)

    assert entra_log.collect() == 1
    assert entra_log.collect() == 0

    failure = Failure.objects.get()
    assert (failure.reason, failure.subject) == ("conditional_access", f"user:{vendor.user_id}")
    assert failure.detail["aadsts"] == "53003"
    kept = str(Failure.objects.values().get()) + str(LoggedSignIn.objects.values().get())
    logged = passport.tenant.sign_ins()[-1]
    assert logged["ipAddress"], "the sandbox's log has one, or the next line proves nothing"
    assert logged["ipAddress"] not in kept
    assert logged["location"]["city"] not in kept


def test_unknown_code_is_reported_as_such(passport):
    passport.invited("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 999999)

    entra_log.collect()

    assert Failure.objects.get().reason == "microsoft_refused"


def test_staff_and_strangers_are_skipped(passport):
    passport.staff()
    passport.tenant.add_guest("gita@mail.example")
    passport.tenant.add_sign_in("vera.vm@sandberg.example", 53003)
    passport.tenant.add_sign_in("gita@mail.example", 53003)

    assert entra_log.collect() == 0
    assert not Failure.objects.exists()


def test_only_our_own_application_is_asked_about(passport):
    passport.invited("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 53003, client_id="00000000-0000-4000-8000-000000000000")

    assert entra_log.collect() == 0
    [asked] = [one for one in passport.tenant.requests() if "auditLogs" in one["path"]][-1:]
    assert f"appId eq '{passport.tenant.client_id}'" in asked["query"]["$filter"]


def test_somebody_who_got_in_afterwards_is_no_case(passport):
    passport.invited("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 50076)
    passport.signed_in("dora@mail.example")

    assert entra_log.collect() == 0


def test_without_the_right_the_command_says_so_and_the_worker_goes_on(passport):
    passport.tenant.settings(permissions=["User.Invite.All"])

    with pytest.raises(CommandError, match="does not let Passport read the sign-in log"):
        call_command("collect_sign_in_failures")
    assert passport.work().failed == 0


def test_command_says_how_many(passport):
    passport.invited("dora@mail.example")
    passport.tenant.add_sign_in("dora@mail.example", 53003)
    out = StringIO()
    call_command("collect_sign_in_failures", stdout=out)

    assert out.getvalue() == "1 failed sign-in reported.\n"


def test_failure_that_came_back_as_well_is_counted_once(passport):
    passport.invited("dora@mail.example")
    person = passport.person("dora@mail.example")
    person.go(f"{passport.url}/sign-in/")
    person.submit("signin")
    person.authenticate(consent=False)
    assert passport.tenant.sign_ins(), "the tenant logs it too, or this proves nothing"

    entra_log.collect()

    assert Failure.objects.get().count == 1

"""What the vendor's page asks VM to do next: each rule by itself, and which of two speaks first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from vendors.models import VendorState
from vendors.next_action import Dated, Facts, OpenCase, next_action

TODAY = dt.date(2026, 11, 30)
DAY = dt.timedelta(days=1)
S = VendorState
CASE = OpenCase("The code was not accepted.", "/case/1/")
OF_OPERATIONS = OpenCase("The secret has expired.", "/case/2/", is_operations=True)
NOTHING = "nothing for you to do"


def facts(state=S.APPROVED, **more):
    return Facts(state=state, today=TODAY, state_since=TODAY - 30 * DAY, **more)


def say(state=S.APPROVED, **more):
    """The sentence, and the URL or the name of the button."""
    chosen = next_action(facts(state, **more))
    return re.sub("[\u2068\u2069]", "", str(chosen.sentence)), chosen.link.url if chosen.link else chosen.action


@pytest.mark.parametrize(
    ("state", "more", "words", "button"),
    [
        (S.APPROVED, {"cases": [CASE]}, "There is 1 open case. The code was not accepted.", "/case/1/"),
        (S.APPROVED, {"cases": [OF_OPERATIONS, CASE, CASE]}, "There are 2 open cases. The code", "/case/1/"),
        (S.APPROVED, {"cases": [OF_OPERATIONS]}, "Operations are working on an open case", "/case/2/"),
        (S.APPROVED, {"cases": [OpenCase("It failed.", "")]}, "There is 1 open case.", ""),
        (S.APPROVED, {"email_request_url": "/request/"}, "asked to change their email address", "/request/"),
        (S.APPROVED, {"email_request_url": ""}, "asked to change their email address", ""),
        (S.SUBMITTED, {"submission": "first", "submission_url": "/s/"}, "waiting for your review", "/s/"),
        (S.APPROVED, {"submission": "change", "submission_url": "/s/"}, "wants to change their profile", "/s/"),
        (S.APPROVED, {"submission": "change"}, "wants to change their profile", ""),
        (
            S.PREPARED,
            {"duplicate_of": "Ana Almeida", "duplicate_url": "/pair/"},
            "may be the same vendor as Ana Almeida",
            "/pair/",
        ),
        (S.APPROVED, {"duplicate_of": "Ana Almeida"}, "may be the same vendor as Ana Almeida", ""),
        (S.ENDED, {"duplicate_of": "Ana Almeida", "closed_as": "left"}, "has ended", ""),
        (
            S.APPROVED,
            {"account_since": TODAY - DAY, "account_url": "/release/"},
            "waiting for release since 29 November 2026",
            "/release/",
        ),
        (S.APPROVED, {"account_since": TODAY, "account_is_mine": True}, "so someone else has to release them", ""),
        (S.APPROVED, {"rate_proposed_on": TODAY - DAY}, "not responded to the rate proposed on 29 November", ""),
        (S.INVITED, {}, "Invited on 31 October 2026, and no one has signed in yet", "invite-again"),
        (
            S.ONBOARDING,
            {"stopped_at": "Rates", "stopped_since": TODAY - 4 * DAY, "remind_url": "/remind/"},
            "stopped at “Rates” on 26 November 2026",
            "/remind/",
        ),
        (S.APPROVED, {"unverified": ["Degree"], "unverified_url": "/d/"}, "1 piece of evidence is waiting", "/d/"),
        (
            S.APPROVED,
            {"unverified": ["Degree", "CV"], "unverified_url": "/d/"},
            "2 pieces of evidence are waiting",
            "/d/",
        ),
        (S.APPROVED, {"check_due": TODAY - DAY}, "by 29 November 2026 and has not", ""),
        (S.APPROVED, {"expiring": [Dated("insurance", TODAY - DAY)]}, "insurance expired on 29 November 2026", ""),
        (S.APPROVED, {"new_address_since": TODAY - DAY}, "changed on 29 November 2026", ""),
        (S.APPROVED, {"new_address_since": TODAY - DAY, "is_repaired": True}, "is being repaired", ""),
        (S.APPROVED, {"check_due": TODAY + DAY}, "until 1 December 2026 to answer", ""),
        (S.APPROVED, {"missing": ["payment details", "CV"]}, "still has to send: payment details, CV.", ""),
        (S.APPROVED, {"expiring": [Dated("insurance", TODAY + DAY)]}, "insurance expires on 1 December 2026", ""),
        (S.APPROVED, {"away_until": TODAY + DAY}, "away until 1 December 2026. There is nothing for you to do.", ""),
        (S.PREPARED, {}, "not invited yet", "invite"),
        (S.APPROVED, {}, "Approved. There is nothing for you to do.", ""),
        (S.SUSPENDED, {}, "cannot sign in", "reinstate"),
        (S.DECLINED, {"closed_as": "withdrew"}, "withdrew the application", ""),
        (S.ERASED, {"cases": [CASE]}, "Erased.", ""),
    ],
)
def test_each_rule(state, more, words, button):
    sentence, target = say(state, **more)

    assert words in sentence
    assert target == button


@pytest.mark.parametrize(
    ("has_access", "words", "button"), [(False, "has not been invited", "invite-again"), (True, "not confirmed", "")]
)
def test_profile_that_was_carried_over_waits_for_its_vendor(has_access, words, button):
    sentence, action = say(is_carried_over=True, has_access=has_access, missing=["payment details"])

    assert words in sentence
    assert action == button


def test_invitation_of_this_week_is_left_alone():
    recent = replace(facts(S.INVITED), state_since=TODAY - 6 * DAY)

    assert NOTHING in str(next_action(recent).sentence)


def test_vendor_who_was_just_reminded_is_not_reminded_again():
    stopped = {"stopped_at": "Rates", "stopped_since": TODAY - 4 * DAY}

    assert NOTHING in say(S.ONBOARDING, **stopped, may_be_reminded=False)[0]


@pytest.mark.parametrize(
    "name", ["unverified", "expiring", "missing", "away_until", "account_since", "rate_proposed_on"]
)
def test_what_only_matters_of_approved_vendors_is_not_said_of_suspended_ones(name):
    values = {
        "unverified": ["Degree"],
        "expiring": [Dated("insurance", TODAY - DAY)],
        "missing": ["CV"],
        "away_until": TODAY,
        "account_since": TODAY,
        "rate_proposed_on": TODAY,
    }

    assert say(S.SUSPENDED, **{name: values[name]}) == say(S.SUSPENDED)


EVERYTHING = {
    "cases": [CASE],
    "email_request_url": "/request/",
    "submission": "change",
    "duplicate_of": "Ana Almeida",
    "account_since": TODAY,
    "unverified": ["Degree"],
    "check_due": TODAY - DAY,
    "expiring": [Dated("insurance", TODAY - DAY)],
    "new_address_since": TODAY,
    "missing": ["CV"],
    "rate_proposed_on": TODAY,
    "away_until": TODAY,
}
ORDER = [
    ("cases", "open case"),
    ("email_request_url", "change their email address"),
    ("submission", "change their profile"),
    ("duplicate_of", "may be the same vendor"),
    ("account_since", "waiting for release"),
    ("unverified", "to be verified"),
    ("check_due", "was due to answer"),
    ("expiring", "expired on"),
    ("new_address_since", "was changed on"),
    ("missing", "still has to send"),
    ("rate_proposed_on", "proposed on"),
    ("away_until", "away until"),
]


def test_the_most_urgent_speaks_first():
    left = dict(EVERYTHING)
    for name, words in ORDER:
        assert words in say(**left)[0]
        del left[name]


@pytest.mark.parametrize("state", S.values)
@pytest.mark.parametrize("case", [CASE, OF_OPERATIONS])
def test_nothing_to_do_never_stands_above_an_open_case(state, case):
    assert NOTHING not in say(state, cases=[case])[0]


@pytest.mark.parametrize("state", [state for state in S.values if state != S.ERASED])
def test_nothing_to_do_never_stands_above_a_possible_duplicate(state):
    assert NOTHING not in say(state, duplicate_of="Ana Almeida")[0]


@pytest.mark.parametrize("name", ["account_since", "unverified", "missing", "rate_proposed_on"])
@pytest.mark.parametrize("more", [{}, {"away_until": TODAY}, {"new_address_since": TODAY, "is_repaired": True}])
def test_nothing_to_do_never_stands_above_what_is_open_of_an_approved_vendor(name, more):
    assert NOTHING not in say(**{name: EVERYTHING[name]}, **more)[0]

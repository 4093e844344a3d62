"""Does Entra know us, and do we agree about the time?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests
from django.conf import settings

from identity.microsoft import authority, graph, http, http_dates
from passport.self_check.findings import Finding, State, found

CLOCK = "clock_wrong"
CREDENTIAL = "self_check_entra"
# Tokens are refused when they are not valid yet or no longer; a minute is what is allowed for.
SECONDS_OFF = 60.0


def look_at_clock() -> Iterator[Finding]:
    ahead = _seconds_ahead()
    if ahead is None:
        yield Finding("clock", "Microsoft's clock could not be read.", State.UNKNOWN, CLOCK)
        return
    seconds = f"{abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} Microsoft's"
    problem = f"This machine's clock is {seconds}." if abs(ahead) > SECONDS_OFF else ""
    yield found("clock", CLOCK, problem, well="The clock agrees with Microsoft's.")


def _seconds_ahead() -> float | None:
    """By how much our clock is ahead of theirs at the least: their header gives whole seconds, and we ask meanwhile."""
    before = time.time()
    try:
        answer = http.call("GET", authority.tenant_url("v2.0/.well-known/openid-configuration"))
    except requests.RequestException:
        return None
    after = time.time()
    said = http_dates.moment(answer.headers.get("Date", ""))
    if said is None:
        return None
    theirs = said.timestamp()
    if before > theirs + 1:
        return before - (theirs + 1)
    return min(after - theirs, 0.0)


def look_at_credential() -> Iterator[Finding]:
    apps = {settings.GRAPH_CLIENT_ID: ("Graph app", settings.GRAPH_CLIENT_SECRET)}
    apps[settings.ENTRA_CLIENT_ID] = ("sign-in app", settings.ENTRA_CLIENT_SECRET)
    for client_id, (which, secret) in apps.items():
        what = "credential" if len(apps) == 1 else f"credential of the {which}"
        try:
            graph.ask_for_token(client_id, secret)
        except graph.Throttled as error:
            yield Finding(what, error.summary, State.UNKNOWN, CREDENTIAL)
        except graph.GraphError as error:
            yield Finding(what, error.summary, State.PROBLEM, CREDENTIAL)
        else:
            yield Finding(what, "Entra gave Passport a token for Graph.", State.WELL, CREDENTIAL)

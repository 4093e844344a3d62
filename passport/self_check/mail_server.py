"""Would an email to operations leave?"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from identity.mail import dialogue
from passport.self_check.findings import Finding, State, found

REASON = "self_check_email"


def look() -> Iterator[Finding]:
    try:
        problem = dialogue.problem(settings.OPERATIONS_EMAIL)
    except dialogue.NoMailServer:
        yield Finding("email", "EMAIL_URL does not name a mail server, so no email is sent.", State.UNKNOWN, REASON)
        return
    yield found("email", REASON, problem, well="The mail server accepts emails to operations.")

"""The self-check: everything that it looks at, when it is due, and the cases that open and close by it."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone

from identity.failures import cases
from identity.models import DueDate, Failure, FailurePerson
from passport.self_check import disk, encryption, entra, expiry, mail_server, ping, upkeep
from passport.self_check.findings import Finding, State, worst

log = logging.getLogger(__name__)

NAME = "self_check"
DAILY_AT = dt.time(5, tzinfo=dt.UTC)  # after the nightly deletion
AGAIN_AFTER = dt.timedelta(hours=1)  # while there is a problem
FAILED = "self_check_failed"

LOOKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "email": mail_server.look,
    "clock": entra.look_at_clock,
    "credential": entra.look_at_credential,
    "expiry dates": expiry.look,
    "nightly work": upkeep.look,
    "disk": disk.look,
    "encrypted values": encryption.look,
}


def run_if_due() -> None:
    """Once a day, and every hour as long as something is wrong. The first is due in the morning after the start."""
    now = timezone.now()
    _row, is_new = DueDate.objects.get_or_create(name=NAME, defaults={"due_at": _next_morning(now)})
    if is_new:
        return
    # Whoever moves it runs it; if they are killed meanwhile, it is due again in an hour.
    if not DueDate.objects.filter(name=NAME, due_at__lte=now).update(due_at=now + AGAIN_AFTER):
        return
    findings = list(look())
    settle(findings)
    if not any(finding.is_problem for finding in findings):
        DueDate.objects.filter(name=NAME).update(due_at=_next_morning(now))
        ping.all_is_well()


def _next_morning(now: dt.datetime) -> dt.datetime:
    today = dt.datetime.combine(now.astimezone(dt.UTC), DAILY_AT)
    return today if today > now else today + dt.timedelta(days=1)


def look() -> Iterator[Finding]:
    """Look at everything. Whatever fails on the way, the rest is looked at all the same."""
    has_failed = False
    for name, look_at in LOOKS.items():
        try:
            yield from look_at()
        except Exception as error:
            log.exception("Part of the self-check failed: %s", name)
            has_failed = True
            yield Finding(name, f"{name}: {type(error).__name__}", State.PROBLEM, FAILED)
    if not has_failed:
        yield Finding("self-check", "Everything was checked.", State.WELL, FAILED)


def settle(findings: Iterable[Finding], *, opens: bool = True) -> None:
    """Have operations told of problems, and close the cases about what is well again."""
    by_reason: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_reason[finding.reason].append(finding)
    for reason, about in by_reason.items():
        match worst(about):
            case State.PROBLEM if opens:
                _tell(reason, [finding for finding in about if finding.is_problem])
            case State.WELL:
                cases.resolve_common(reason, how="the self-check no longer finds a problem")


def _tell(reason: str, problems: list[Finding]) -> None:
    """Once, however often it is found again: a case that is open says enough."""
    once = ", ".join(problem.once for problem in problems if problem.once)
    detail = {"said": " ".join(problem.said for problem in problems)}
    told = FailurePerson.objects.filter(failure__reason=reason, topic=once)
    known = told if once else told.out()
    if not known.exists():
        cases.report(stage=Failure.Stage.RUNNING, reason=reason, topic=once, detail=detail)
        return
    now = timezone.now()
    known.out().update(detail=detail, last_seen_at=now)
    Failure.objects.open().filter(reason=reason).update(detail=detail, last_seen_at=now)

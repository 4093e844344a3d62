"""What a look at one thing has found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    WELL = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"  # it could not be found out, which is no problem and closes no case


@dataclass(frozen=True)
class Finding:
    what: str
    said: str
    state: State
    reason: str  # of identity/failures/reasons.py, for the case that opens or closes by it
    once: str = ""  # told once for ever, such as that there are 30 days left; a lasting problem is told when it begins

    @property
    def is_problem(self) -> bool:
        return self.state == State.PROBLEM


def found(what: str, reason: str, problem: str, *, well: str) -> Finding:
    """`problem` is empty where there is none."""
    return Finding(what, problem or well, State.PROBLEM if problem else State.WELL, reason)


def worst(findings: Iterable[Finding]) -> State:
    states = {finding.state for finding in findings}
    return next(state for state in (State.PROBLEM, State.UNKNOWN, State.WELL) if state in states or state == State.WELL)

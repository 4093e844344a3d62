"""Switches that make the tenant misbehave at the level of HTTP."""

import json
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .web import Request, Response


@dataclass
class Fault:
    """One way an operation goes wrong.

    `operation` is a route's operation, "graph" for all of Graph, or "*". `match` must occur in the path, query or
    body. `after` does the work first and then fails: the caller cannot know. `connection` is "close" or "reset"
    (no answer), "half" (the body breaks off) or "dribble" (a byte a second); the last two spoil the true answer
    unless a status is given. `count` None means until cleared; `skip` lets that many requests pass first.
    """

    operation: str
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    delay: float = 0
    after: bool = False
    connection: str = ""
    match: str = ""
    count: int | None = 1
    skip: int = 0

    def concerns(self, request: Request) -> bool:
        graph = self.operation == "graph" and request.path.startswith("/v1.0/")
        if not graph and self.operation not in ("*", request.operation):
            return False
        return self.match.lower() in f"{request.path}?{request.target}\n{request.body.decode(errors='replace')}".lower()

    @property
    def reaches_handler(self) -> bool:
        return self.after or not (self.status or self.connection in ("close", "reset"))

    def response(self) -> Response:
        body = self.body if isinstance(self.body, str) else json.dumps(self.body) if self.body is not None else ""
        return Response(body.encode(), self.status, self.content_type, list(self.headers.items()))


class Switchboard:
    def __init__(self):
        self._lock = threading.Lock()
        self.faults: list[Fault] = []

    def add(self, data: dict) -> None:
        with self._lock:
            self.faults.append(build(Fault, data))

    def clear(self) -> None:
        with self._lock:
            self.faults.clear()

    def take(self, request: Request) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if not fault.concerns(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                use_up(self.faults, fault)
                return fault
        return None

    def listed(self) -> list[dict]:
        return [asdict(fault) for fault in self.faults]


def use_up(switches: list, switch: Any) -> None:
    if switch.count is None:
        return
    switch.count -= 1
    if switch.count <= 0:
        switches.remove(switch)


def build(kind: type, data: dict) -> Any:
    """Make a switch of JSON, refusing misspelt names: a test with a fault that never strikes would prove
    nothing.
    """
    known = {item.name for item in fields(kind)}
    if unknown := set(data) - known:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
    return kind(**data)

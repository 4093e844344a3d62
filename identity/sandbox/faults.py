"""Every way in which the tenant can be told to misbehave, and what it has been told."""

import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass
class OperationFault:
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

    def concerns(self, operation: str, *, path: str, content: str) -> bool:
        graph = self.operation == "graph" and path.startswith("/v1.0/")
        if not graph and self.operation not in ("*", operation):
            return False
        return self.match.lower() in content.lower()

    @property
    def reaches_handler(self) -> bool:
        return self.after or not (self.status or self.connection in ("close", "reset"))


@dataclass
class AuthorizeFault:
    """How the next sign-ins end otherwise than by a code.

    `never` leaves the person on a page of Microsoft's, as does `page` with its AADSTS number (which the sign-in
    log then has); `error` goes to the application. `parameters` are put into the answer or, when null, left out
    of it. `before` strikes before the login pages.
    """

    never: bool = False
    page: int = 0
    error: str = ""
    error_description: str = ""
    error_subcode: str = ""
    parameters: dict[str, str | None] = field(default_factory=dict)
    before: bool = False
    match: str = ""
    count: int | None = 1


@dataclass
class Tampering:
    """How the next ID tokens are wrong. In `claims`, {"now": n} means n seconds from now.

    What stands in `twice` and `header_twice` is written as well as the member of that name which is there already.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    remove_header: list[str] = field(default_factory=list)
    twice: dict[str, Any] = field(default_factory=dict)
    header_twice: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signature: str = "good"
    id_token: bool = True
    response: dict[str, Any] = field(default_factory=dict)
    match: str = ""
    count: int | None = 1


@dataclass
class SmtpFault:
    """How the mail server fails somebody, or everybody if `address` is empty.

    `reply` answers RCPT ("550 no such user", "451 try later"); `drop` breaks the connection "before" or "after" the
    mail is taken, and after means that the sender was not told.
    """

    reply: str = ""
    drop: str = ""
    delay: float = 0
    address: str = ""
    count: int | None = None


class Faults:
    """What goes wrong over HTTP. The mail server, which has a thread of its own, keeps its own faults."""

    def __init__(self):
        self._lock = threading.Lock()
        self._by_kind: dict[type, list] = {OperationFault: [], AuthorizeFault: [], Tampering: []}

    def add(self, kind: type, data: dict) -> None:
        with self._lock:
            self._by_kind[kind].append(build(kind, data))

    def listed(self, kind: type) -> list[dict]:
        return [asdict(fault) for fault in self._by_kind[kind]]

    def clear(self) -> None:
        with self._lock:
            for faults in self._by_kind.values():
                faults.clear()

    def take_operation(self, operation: str, *, path: str, content: str) -> OperationFault | None:
        with self._lock:
            for fault in self._by_kind[OperationFault]:
                if not fault.concerns(operation, path=path, content=content):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                return self._use_up(fault)
        return None

    def take_authorization(self, account: str, *, before: bool) -> AuthorizeFault | None:
        with self._lock:
            for fault in self._by_kind[AuthorizeFault]:
                if fault.before == before and fault.match.lower() in account:
                    return self._use_up(fault)
        return None

    def take_tampering(self, account: str) -> Tampering | None:
        with self._lock:
            for tampering in self._by_kind[Tampering]:
                if tampering.match.lower() in account:
                    return self._use_up(tampering)
        return None

    def _use_up(self, fault: Any) -> Any:
        use_up(self._by_kind[type(fault)], fault)
        return fault


def use_up(faults: list, fault: Any) -> None:
    if fault.count is None:
        return
    fault.count -= 1
    if fault.count <= 0:
        faults.remove(fault)


def build(kind: type, data: dict) -> Any:
    """Make a fault of JSON, refusing misspelt names: a test with a fault that never strikes would prove
    nothing.
    """
    known = {item.name for item in fields(kind)}
    if unknown := set(data) - known:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
    return kind(**data)

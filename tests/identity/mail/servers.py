"""A mail server and a mailbox over real sockets: what is sent is kept raw, what is found a test has put there."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Envelope:
    sender: str
    recipients: list[str]
    raw: bytes


class SmtpServer:
    """Takes every email, but for addresses that it refuses with the reply that the test gives."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(Envelope(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    def to(self, address: str) -> list[Envelope]:
        return [envelope for envelope in self.envelopes if address in envelope.recipients]


@contextlib.contextmanager
def smtp_server() -> Iterator[tuple[SmtpServer, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = SmtpServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server, port
    finally:
        controller.stop()


@dataclass
class Mailbox:
    password: str
    messages: list[bytes] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"imap://bounces%40sandberg.example:{self.password}@127.0.0.1:{self.port}/INBOX"


class _Session(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as reading a mailbox takes."""

    server: Any

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _space, command = line.decode().rstrip("\r\n").partition(" ")
            self.server.mailbox.asked.append(command)
            if not self._obey(tag, command):
                return

    def _say(self, line: str, literal: bytes = b"", end: str = "") -> None:
        self.wfile.write(line.encode() + (b"\r\n" + literal + end.encode() if literal else b"") + b"\r\n")

    def _obey(self, tag: str, command: str) -> bool:
        mailbox: Mailbox = self.server.mailbox
        name = command.partition(" ")[0].upper()
        if name == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif name == "LOGIN" and mailbox.password not in command:
            self._say(f"{tag} NO wrong password")
            return True
        elif name == "SELECT":
            self._say(f"* {len(mailbox.messages)} EXISTS")
        elif command.upper().startswith("UID SEARCH"):
            new = [str(uid) for uid in range(1, len(mailbox.messages) + 1) if uid not in mailbox.seen]
            self._say(f"* SEARCH {' '.join(new)}".rstrip())
        elif found := re.match(r"(?i)UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            uid, size = int(found[1]), int(found[2])
            part = mailbox.messages[uid - 1][:size]
            self._say(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(part)}}}", part or b" ", ")")
        elif found := re.match(r"(?i)UID STORE (\d+) ", command):
            mailbox.seen.add(int(found[1]))
        elif name == "LOGOUT":
            self._say("* BYE")
        self._say(f"{tag} OK done")
        return name != "LOGOUT"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mailbox = mailbox


@contextlib.contextmanager
def imap_server() -> Iterator[Mailbox]:
    mailbox = Mailbox(password="only-for-tests")
    server = _Server(mailbox)
    mailbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        server.server_close()

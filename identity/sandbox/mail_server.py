"""The mail server that fills the mailboxes, and fails to when told."""

import asyncio
import email
import email.policy
import re
import socket
import threading
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from .faults import SmtpFault, use_up
from .mailboxes import Mailboxes


@dataclass
class SmtpSwitches:
    down: bool = False
    faults: list[SmtpFault] = field(default_factory=list)

    def listed(self) -> dict:
        return {"down": self.down, "faults": [asdict(fault) for fault in self.faults]}


class MailServer:
    """An SMTP sink on loopback that can be told to refuse, to stall and to be gone."""

    def __init__(self, mailboxes: Mailboxes, *, port: int):
        self.mailboxes = mailboxes
        self.port = port
        self.switches = SmtpSwitches()
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def start(self) -> None:
        with self._lock:
            if self._controller is None:
                # Port 0 does not suit aiosmtpd, which connects to its port once to see that it is up.
                self.port = self.port or _free_port()
                self._controller = _LoopbackController(
                    self, hostname="127.0.0.1", port=self.port, ident="sandbox", enable_SMTPUTF8=True
                )
                self._controller.start()

    def stop(self) -> None:
        with self._lock:
            if self._controller is not None:
                self._controller.stop()
                self._controller = None

    def set_down(self, down: bool) -> None:
        self.switches.down = down
        if down:
            self.stop()
        else:
            self.start()

    def _fault(self, addresses: list[str], *, wanted: str) -> SmtpFault | None:
        with self._lock:
            for fault in self.switches.faults:
                if fault.address and fault.address.lower() not in addresses:
                    continue
                if not getattr(fault, wanted):
                    continue
                use_up(self.switches.faults, fault)
                return fault
        return None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if fault := self._fault([address.lower()], wanted="reply"):
            return fault.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        addresses = [address.lower() for address in envelope.rcpt_tos]
        if fault := self._fault(addresses, wanted="delay"):
            await asyncio.sleep(fault.delay)
        drop = self._fault(addresses, wanted="drop")
        if drop is None or drop.drop == "after":
            self._take(envelope)
        if drop is not None:
            server.transport.abort()
        return "250 OK"

    def _take(self, envelope) -> None:
        message = email.message_from_bytes(envelope.original_content or envelope.content, policy=email.policy.default)
        with self.mailboxes.state.lock:
            for address in envelope.rcpt_tos:
                self.mailboxes.deliver(
                    address,
                    sender=str(message.get("From", envelope.mail_from)),
                    subject=str(message.get("Subject", "")),
                    text=_text_of(message),
                    source="smtp",
                    headers=[[name, str(value)] for name, value in message.items()],
                )


class _LoopbackController(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = part.get_content()
    if part.get_content_type() == "text/html":
        text = re.sub(r"<a\b[^>]*href=[\"']([^\"']+)[\"'][^>]*>(.*?)</a>", r"\2 \1", text, flags=re.DOTALL)
        text = re.sub(r"<[^>]+>", "", text)
    return text

"""Everybody's mailboxes, and the links in their mails."""

import re

from .state import State

LINK = re.compile(r"https?://[^\s<>\"']+")


class Mailboxes:
    def __init__(self, state: State):
        self.state = state

    def deliver(self, address: str, *, sender: str, subject: str, text: str, source: str, **details: object) -> dict:
        address = address.lower()
        box = self.state.mailboxes.setdefault(address, [])
        mail = {
            "number": box[-1]["number"] + 1 if box else 1,
            "to": address,
            "from": sender,
            "subject": subject,
            "text": text,
            "received_at": self.state.now(),
            "source": source,
            **details,
        }
        box.append(mail)
        self.state.changed()
        return mail

    def of(self, address: str) -> list[dict]:
        return self.state.mailboxes.get(address.lower(), [])

    def mail(self, address: str, number: int) -> dict | None:
        return next((mail for mail in self.of(address) if mail["number"] == number), None)


def links_in(mail: dict) -> list[str]:
    return [link.rstrip(".,;:!?)") for link in LINK.findall(mail["text"])]

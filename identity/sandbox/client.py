"""Drives a running sandbox tenant from tests, rehearsals and the demo."""

import re
import time
from urllib.parse import quote

import requests

JSON = {"Content-Type": "application/json"}


class NoSuchMail(AssertionError):
    """The mail that was waited for has not come."""


def is_of_kind(mail: dict, kind: str) -> bool:
    """Whether its Message-ID begins so, as Passport's do; the tenant's own mails have none."""
    return not kind or dict(mail.get("headers", [])).get("Message-ID", "").startswith(f"<{kind}-")


class Client:
    def __init__(self, url: str, *, smtp_port: int = 0, tenant_id: str = "", client_id: str = ""):
        self.url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False
        overview = self.overview() if not (smtp_port and tenant_id and client_id) else {}
        self.smtp_port = smtp_port or overview["smtp_port"]
        self.tenant_id = tenant_id or overview["tenant_id"]
        self.client_id = client_id or overview["client_id"]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def origins(self) -> set[str]:
        """The tenant under each name that it answers to."""
        return {f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"}

    @property
    def issuer(self) -> str:
        return f"{self.url}/{self.tenant_id}/v2.0"

    def endpoint(self, name: str) -> str:
        return f"{self.url}/{self.tenant_id}/oauth2/v2.0/{name}"

    def overview(self) -> dict:
        return self._call("GET", "")

    def reset(self) -> None:
        self._call("POST", "reset")

    def settings(self, **changes: object) -> dict:
        """Change the tenant: clock_offset, permissions, allow_invites_from, optional_claims, ... (state.py
        lists them).
        """
        return self._call("PATCH", "settings", changes)

    def register(self, base_url: str) -> dict:
        return self._call("POST", "register", {"base_url": base_url})

    def fault(self, operation: str, **details: object) -> list:
        """Make an operation go wrong, once unless `count` says otherwise; faults.OperationFault lists the ways."""
        return self._call("POST", "faults", {"operation": operation, **details})

    def tamper(self, **details: object) -> list:
        """Spoil the next ID token; faults.Tampering lists the ways."""
        return self._call("POST", "tokens", details)

    def authorize_fault(self, **details: object) -> list:
        """Make the next sign-in end otherwise; faults.AuthorizeFault lists the ways."""
        return self._call("POST", "authorize", details)

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def smtp(self, **details: object) -> dict:
        return self._call("PATCH", "smtp", details)

    def roll_keys(self, *, keep_old: bool = True) -> list[str]:
        return self._call("POST", "keys/roll", {"keep_old": keep_old})["kids"]

    def expire_app_tokens(self) -> None:
        self._call("DELETE", "app-tokens")

    def end_sessions(self) -> None:
        self._call("DELETE", "sessions")

    def people(self) -> list[dict]:
        return self._call("GET", "people")

    def person(self, address: str, **traits: object) -> dict:
        return self._call("POST", "people", {"address": address, **traits})

    def move_mailbox(self, address: str, *, to: str) -> dict:
        """The mailbox is with another provider from now on ("google", "microsoft", "company" or "code").

        A guest that was accepted with the old one no longer fits: Entra keeps that to its own page and its log.
        """
        return self.person(address, provider=to)

    def guests(self) -> list[dict]:
        return self._call("GET", "guests")

    def guest(self, address: str) -> dict | None:
        address = address.lower()
        return next((guest for guest in self.guests() if (guest["mail"] or "").lower() == address), None)

    def add_guest(self, address: str, *, accepted: bool = False) -> dict:
        return self._call("POST", "guests", {"address": address, "accepted": accepted})

    def change_guest(self, key: str, **changes: object) -> dict:
        return self._call("PATCH", f"guests/{quote(key)}", changes)

    def delete_guest(self, key: str) -> dict:
        return self._call("DELETE", f"guests/{quote(key)}")

    def restore_guest(self, oid: str) -> dict:
        return self._call("POST", f"guests/{quote(oid)}/restore")

    def requests(self, *, operation: str = "") -> list[dict]:
        """What Graph was sent: method, path, query, body, operation and the status that was answered."""
        recorded = self._call("GET", "requests")
        return [request for request in recorded if operation in ("", request["operation"])]

    def forget_requests(self) -> None:
        self._call("DELETE", "requests")

    def mails(self, address: str = "") -> list[dict]:
        return self._call("GET", f"mails?to={quote(address)}" if address else "mails")

    def forget_mails(self) -> None:
        self._call("DELETE", "mails")

    def wait_for_mail(
        self, address: str, subject_contains: str = "", *, kind: str = "", after: int = 0, timeout: float = 15
    ) -> dict:
        """The newest mail with such a subject, of such a kind (see is_of_kind) and with a number above `after`."""
        deadline = time.monotonic() + timeout
        while True:
            mails = [mail for mail in self.mails(address) if mail["number"] > after]
            for mail in reversed(mails):
                if subject_contains.lower() in mail["subject"].lower() and is_of_kind(mail, kind):
                    return mail
            if time.monotonic() > deadline:
                subjects = [mail["subject"] for mail in mails]
                raise NoSuchMail(f"{address} has no email {subject_contains or kind!r}, only {subjects}")
            time.sleep(0.1)

    def code_for(self, address: str) -> str:
        """The latest one-time code that was mailed to an address."""
        mail = next(mail for mail in reversed(self.mails(address)) if mail["source"] == "code")
        match = re.search(r"\b\d{8}\b", mail["text"])
        assert match
        return match.group()

    def sign_ins(self) -> list[dict]:
        return self._call("GET", "sign-ins")

    def add_sign_in(self, account: str, number: int, **details: object) -> dict:
        return self._call("POST", "sign-ins", {"account": account, "number": number, **details})

    def forget_sign_ins(self) -> None:
        self._call("DELETE", "sign-ins")

    def _call(self, method: str, path: str, body: dict | None = None):
        headers = JSON if method != "GET" else {}
        answer = self._http.request(method, f"{self.url}/control/{path}", json=body, headers=headers, timeout=30)
        if not answer.ok:
            raise ValueError(answer.json().get("error", answer.text))
        return answer.json()

"""Passport as a real HTTP server on a real database, talking to the sandbox tenant over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from identity.jobs import heartbeat
from identity.jobs.worker import Tally, run_due, run_once
from identity.microsoft import graph
from identity.sandbox.client import Client, is_of_kind
from identity.sign_in.oidc import KEYS
from tests.person import Person
from tests.sandbox_fixture import assert_graph_was_asked_only_what_design_allows
from vendors import lifecycle
from vendors.models import Vendor

VM = "vera.vm@sandberg.example"
VM_MAILBOX = "vm@sandberg.example"


def in_thread(function: Callable[[], Any]) -> Any:
    """Run it where no event loop runs and with database connections of its own."""
    result: list[Any] = []
    error: list[BaseException] = []

    def run() -> None:
        try:
            result.append(function())
        except BaseException as caught:
            error.append(caught)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if error:
        raise error[0]
    return result[0]


@dataclass
class Passport:
    url: str
    tenant: Client

    def work(self) -> Tally:
        """Let the worker do everything that is due, and all that it does from time to time."""
        return in_thread(run_once)

    def person(self, address: str) -> Person:
        return Person(address, self.tenant)

    def invited(self, address: str, *, name: str = "Somebody") -> Vendor:
        """A vendor whose invitation Microsoft has taken."""
        vendor = lifecycle.add(name=name, primary_email=address, language="en-GB")
        lifecycle.invite(vendor)
        in_thread(run_due)  # a twentieth of the jobs, for the many tests that only begin with this
        heartbeat.beat("worker")  # or requests send what the worker would
        return vendor

    def signed_in(self, address: str, *, stay: str = "no") -> Person:
        """An invited vendor who goes straight to Passport and gets in."""
        person = self.person(address)
        person.go(f"{self.url}/sign-in/")
        person.submit("signin")
        person.authenticate()
        assert person.page.path == "/stay-signed-in/", person.page
        person.submit("stay", button=("stay", stay))
        return person

    def staff(self, address: str = VM) -> Person:
        """Somebody of ours, signed in to the admin through the tenant."""
        person = self.person(address)
        person.go(f"{self.url}/admin/")
        person.submit("signin")
        person.authenticate()
        return person

    def vm_mail(self, containing: str = "", *, kind: str = "") -> list[dict]:
        mails = [mail for mail in self.tenant.mails(VM_MAILBOX) if is_of_kind(mail, kind)]
        return [mail for mail in mails if containing.lower() in mail["subject"].lower()]

    def command(self, *arguments: str) -> None:
        call_command(*arguments)


@pytest.fixture
def passport(live_server, sandbox, settings, transactional_db) -> Iterator[Passport]:
    """An untouched tenant and an empty Passport."""
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.ENTRA_AUTHORITY = settings.GRAPH_URL = sandbox.url
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.smtp_port
    sandbox.reset()
    sandbox.register(live_server.url)
    KEYS.clear()
    graph.forget_token()
    yield Passport(live_server.url, sandbox)
    connections.close_all()
    assert_graph_was_asked_only_what_design_allows(sandbox)

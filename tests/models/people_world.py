"""Passport, the tenant, the workers and everybody's browser, as the model of people uses them."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
from django.db import connection
from procrastinate.exceptions import AlreadyEnqueued

from identity.jobs.queue import defer
from tests.journeys import desk
from tests.models import clean
from tests.models.told import message_id
from tests.models.workers import Workers, cut_every_connection
from tests.passport_fixture import VM, Passport
from tests.person import Page, Person
from vendors.models import Vendor

MAILBOXES = (
    "dora@mail.example",
    "gita@mail.example",
    "chen@agency.example",
    "sandbox-ana@gmail.com",
    "sandbox-bruno@outlook.com",
)
KINDS = ("email-change-undone", "email-changed", "invitation", "reminder")
# What a worker does by the clock, in an order in which one thing does not depend on the next.
BEFORE = ("identity.tasks.collect_sign_in_failures",)
UPKEEP = (
    ("identity.tasks.beat", "identity.tasks.settle_silence", "vendors.tasks.report_lapsed_email_changes"),
    ("vendors.tasks.tidy_guests",),
    ("identity.tasks.expire_invitations", "identity.tasks.send_reminders"),
    ("identity.tasks.mail_overflow",),
    ("identity.tasks.mail_digest",),
)
FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"status": 400, "body": {"error": {"code": "BadRequest", "message": "The address is not valid."}}},
    "forbidden": {"status": 403, "body": {"error": {"code": "Forbidden", "message": "Not allowed."}}},
    "busy": {"status": 503, "headers": {"Retry-After": "600"}},
    "lost": {"after": True, "connection": "close"},
}


@dataclass
class Real:
    passport: Passport
    workers: Workers
    kept: set[str]
    people: dict[str, Person] = field(default_factory=dict)
    cuts: bool = False

    def __post_init__(self) -> None:
        clean.empty(but=self.kept)
        self.passport.tenant.reset()
        self.passport.tenant.register(self.passport.url)
        while self.workers.number < 2:
            self.workers.start()
        self.people = {address: self.passport.person(address) for address in MAILBOXES}
        self.vera = self.passport.person(VM)
        self.periodically("identity.tasks.beat")

    # The desk

    def open(self, path: str) -> Page:
        page = self.vera.go(f"{self.passport.url}{path}")
        if page.path == "/sign-in/":
            self.vera.submit("signin")
            self.vera.authenticate()
            page = self.vera.go(f"{self.passport.url}{path}")
        assert page.status == 200, page
        return page

    def add_vendor(self, name: str, address: str) -> bool:
        self.open("/admin/vendors/vendor/add/")
        self.vera.submit(button="_prepare", name=name, primary_email=address)
        self._insist(address, button="_prepare")
        return not self.vera.page.invalid

    def _insist(self, address: str, **button: str) -> None:
        """An address that was once somebody else's is asked about once."""
        forms = self.vera.page.forms.values()
        if any(
            "confirmed_address" in form.names and form.field("confirmed_address").value == address for form in forms
        ):
            self.vera.submit(**button)

    def vendor(self, name: str) -> Vendor:
        return Vendor.objects.select_related("user").get(name=name)

    def buttons(self, name: str, among: set[str]) -> set[str]:
        vendor = self.vendor(name)
        links = {href.partition("?")[0] for href, _text in self.open(desk.page_of(vendor, "change")).links}
        return {one for one in among if f"{self.passport.url}{desk.page_of(vendor, one)}" in links}

    def press(self, name: str, button: str) -> None:
        self.open(desk.page_of(self.vendor(name), button))
        names = self.vera.form().names
        fields = {"reason": "asked for it"} if "reason" in names else {}
        if "closed_as" in names:
            fields["closed_as"] = "not_suitable"
        self.vera.submit(**fields)

    def change_email(self, name: str, *, new: str, cut_off: bool) -> bool:
        """Whether the form took it."""
        self.open(desk.page_of(self.vendor(name), "change-email"))
        names = self.vera.form().names
        fields = {"how_known": "called"} if "how_known" in names else {}
        if "mode" in names:
            fields["mode"] = "cut_off" if cut_off else "planned"
        self.vera.submit(new=new, reason="asked for it", **fields)
        self._insist(new)
        if "consequences" not in self.vera.page.ids:
            return False
        self.vera.submit(button="_confirm")
        return True

    def end_sessions(self, name: str) -> None:
        self.open(desk.page_of(self.vendor(name), "sessions"))
        self.vera.submit("sessions-form", button="all")

    # Workers and time

    def periodically(self, *tasks: str) -> None:
        for task in tasks:
            with contextlib.suppress(AlreadyEnqueued):
                defer(task, timestamp=int(time.time()))
        self.work()

    def work(self) -> None:
        if not self.workers.number:
            return
        if self.cuts:
            cut_every_connection()
            self.cuts = False
            self.workers.wait_until_idle()
            self._try_again()
        self.workers.wait_until_idle()

    def _try_again(self) -> None:
        """What the cut has interrupted is due in ten seconds; somebody has to wake the workers for it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = now()"
                " WHERE status = 'todo' AND scheduled_at < now() + interval '1 minute'"
            )
        self.periodically("identity.tasks.beat")

    def let_pass(self, hours: float) -> None:
        if self.workers.number:
            self.periodically(*BEFORE)
        clean.let_pass(dt.timedelta(hours=hours))
        self.passport.tenant.forget_sign_ins()  # they would be as new as before, and older than nothing
        for guest in self.passport.tenant.guests():
            made_at = dt.datetime.fromisoformat(guest["createdDateTime"]) - dt.timedelta(hours=hours)
            self.passport.tenant.change_guest(guest["id"], createdDateTime=f"{made_at:%Y-%m-%dT%H:%M:%SZ}")
        if self.workers.number:
            self.periodically("identity.tasks.beat")

    def upkeep(self) -> None:
        for tasks in UPKEEP:
            self.periodically(*tasks)

    def next_invitation_fails(self, address: str, trouble: str) -> None:
        if trouble:
            self.passport.tenant.fault("invitations", match=address, **FAULTS[trouble])

    # What there is to see

    def welcome_link(self, mailbox: str, number: int) -> str:
        """Of Passport's own mails to this mailbox, the one with this number, oldest first."""
        mails = [mail for mail in self.passport.tenant.mails(mailbox) if _has_link(mail, "/welcome/")]
        return next(line for line in mails[number]["text"].splitlines() if "/welcome/" in line)

    def microsoft_link(self, mailbox: str) -> str:
        mails = [
            mail for mail in self.passport.tenant.mails(mailbox) if "invited you to collaborate" in mail["subject"]
        ]
        return mails[-1]["accept_url"]

    def not_me_link(self, mailbox: str, number: int) -> str:
        mails = [mail for mail in self.passport.tenant.mails(mailbox) if _has_link(mail, "/not-me/")]
        return next(line for line in mails[number]["text"].splitlines() if "/not-me/" in line)

    def is_in(self, browser: requests.Session) -> bool:
        answer = browser.get(f"{self.passport.url}/onboarding/", allow_redirects=False, timeout=30)
        return "/sign-in/" not in answer.headers.get("Location", "")


def _has_link(mail: dict, path: str) -> bool:
    return path in mail["text"] and bool(message_id(mail))


def mails_to_people(mails: list[dict]) -> Counter[tuple[str, str]]:
    """To whom, of what kind. What is sent twice with one Message-ID counts once."""
    by_id: dict[object, tuple[str, str]] = {}
    for mail in mails:
        if mail["to"] not in MAILBOXES:
            continue
        kind = next((kind for kind in KINDS if message_id(mail).startswith(f"<{kind}-")), "")
        if kind:
            by_id[message_id(mail)] = mail["to"], kind
        elif "invited you to collaborate" in mail["subject"]:
            by_id[mail["to"], mail["number"]] = mail["to"], "microsoft"
    return Counter(by_id.values())

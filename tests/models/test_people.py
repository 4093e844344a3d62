"""Vendors, their mailboxes and Vendor Management in any order of events, against the model of what is promised."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from identity.failures import reasons
from identity.models import Invitation
from identity.models import Session as StoredSession
from identity.sessions import store
from tests.models import budget, clean, told
from tests.models.people_desk import BUTTONS
from tests.models.people_model import Change, Session, Vendor
from tests.models.people_model import Invitation as Link
from tests.models.people_signing_in import ASKED, AT_MICROSOFT, IN, NO_BUTTON, PROBLEM, Model
from tests.models.people_world import MAILBOXES, Real, mails_to_people
from tests.models.workers import workers
from tests.passport_fixture import VM_MAILBOX
from tests.person import Person
from tests.records import live_addresses

EXAMPLES, STEPS = 8, 30
VENDORS_AT_MOST = 3
BROWSERS_AT_MOST = 6
LONGEST = 1900.0  # hours in one example; invitations run out after 90 days
AT_ONCE = 15  # cases in an hour; Vendor Management gets twenty emails about them

which = st.integers(0, 5)
mailbox = st.sampled_from(MAILBOXES)
invitation_trouble = st.sampled_from(["", "", "", "refused", "forbidden", "busy", "lost"])
sign_in_trouble = st.sampled_from(["", "", "", "declined", "token", "nonce", "never"])
INVITING = {"invite", "invite-again"}


def button(name: str):
    """A rule: press this button of one of the vendors that have it."""

    def press(self: People, vendor: int, comes: bool, trouble: str = "") -> None:
        having = [one for one in self.world.vendors if name in self.world.buttons(one)]
        self.press(having[vendor % len(having)], name, trouble)
        if comes:
            self.come(having[vendor % len(having)])

    press.__name__ = name.replace("-", "_")
    arguments = {"vendor": which, "comes": st.booleans()} | (
        {"trouble": invitation_trouble} if name in INVITING else {}
    )
    has_it = precondition(lambda self: any(name in self.world.buttons(vendor) for vendor in self.world.vendors))
    return has_it(rule(**arguments)(press))


class People(budget.Model):
    def __init__(self, real: Real) -> None:
        super().__init__()
        self.real = real
        self.world = Model()
        self.browsers: list[tuple[object, Session]] = []
        self.since_pause = 0
        self.is_later = False
        self.has_changed = False  # something that may end sessions

    # Vendor Management

    @initialize()
    def begin(self) -> None:
        """Two vendors, as most orders of events need them; one has signed in."""
        for number in (0, 1):
            self._add(f"Vendor {number + 1}", MAILBOXES[number])
            self.press(self.world.vendors[number], "invite", "")
        self.come(self.world.vendors[0])

    def come(self, vendor: Vendor) -> None:
        """Whoever is concerned tries to sign in, at the address that the vendor has now."""
        self._sign_in(vendor.address, None, f"{self.real.passport.url}/sign-in/", "")

    @precondition(lambda self: len(self.world.vendors) < VENDORS_AT_MOST)
    @rule(address=mailbox)
    def add_vendor(self, address: str) -> None:
        self._add(f"Vendor {len(self.world.vendors) + 1}", address)

    def _add(self, name: str, address: str) -> None:
        is_free = not self.world.is_taken(address, besides=None)
        assert self.real.add_vendor(name, address) == is_free, self.real.vera.page.text
        if is_free:
            self.world.vendors.append(Vendor(name, address))

    invite = button("invite")
    invite_again = button("invite-again")
    withdraw = button("withdraw-invitation")
    undo = button("undo-email-change")
    cut_off = button("cut-off")
    uphold = button("uphold-email-change")
    repair = button("repair-sign-in")
    suspend = button("suspend")
    reinstate = button("reinstate")
    close = button("close")
    reopen = button("reopen")

    def press(self, vendor: Vendor, name: str, trouble: str) -> None:
        note(f"    {name}: {vendor}")
        self.see(name)
        self.has_changed = True
        expected = self.world.buttons(vendor)
        assert self.real.buttons(vendor.name, BUTTONS) == expected, f"the buttons of {vendor}"
        self._inviting(vendor.address, trouble, partial(self.real.press, vendor.name, name))
        self.world.press(vendor, name)
        self._settle(self._possible(trouble))

    @precondition(lambda self: any(not vendor.is_shut_out for vendor in self.world.vendors))
    @rule(vendor=which, new=mailbox, cuts_off=st.booleans(), trouble=invitation_trouble)
    def change_email(self, vendor: int, new: str, cuts_off: bool, trouble: str) -> None:
        live = [one for one in self.world.vendors if not one.is_shut_out]
        about = live[vendor % len(live)]
        self.has_changed = True
        note(f"    change of {about} to {new}")
        may = self.world.may_change(about, new)
        trouble = trouble if may and about.state != "prepared" else ""
        self._inviting(new, trouble, lambda: self._change(about, new, cuts_off, may))
        if may:
            self.world.change_email(about, new=new, cut_off=cuts_off)
        self._settle(self._possible(trouble))

    def _change(self, vendor: Vendor, new: str, cuts_off: bool, may: bool) -> None:
        assert self.real.change_email(vendor.name, new=new, cut_off=cuts_off) == may, self.real.vera.page.text

    @precondition(lambda self: self.world.sessions)
    @rule(session=which)
    def end_sessions(self, session: int) -> None:
        about = self.world.sessions[session % len(self.world.sessions)].account.vendor
        self.has_changed = True
        note(f"    end sessions of {about}")
        self.real.end_sessions(about.name)
        self.world.end_sessions(about)

    def _possible(self, trouble: str) -> str:
        """Trouble is for the one invitation that is asked for at this moment."""
        return trouble if self.real.workers.number and self._has_none_waiting else ""

    def _inviting(self, address: str, trouble: str, action) -> None:
        self._has_none_waiting = not self.world.jobs
        self.real.next_invitation_fails(address, self._possible(trouble))
        action()

    # People

    @rule(person=which, trouble=sign_in_trouble)
    def sign_in(self, person: int, trouble: str) -> None:
        """Straight at Passport; mostly people whom the tenant knows."""
        known = self._known_to_the_tenant()
        strangers = [address for address in MAILBOXES if address not in known]
        some = strangers if strangers and person == 5 else known or strangers
        address = some[person % len(some)]
        self._sign_in(address, None, f"{self.real.passport.url}/sign-in/", trouble)

    @precondition(lambda self: len(self._microsoft_links()) > 1)
    @rule()
    def nobody_gets_in_for_a_while(self) -> None:
        """One cause for several people, of whom each must be told of once.

        They come by their letters: nothing else says who they are while the tenant gives no tokens.
        """
        for link in self._microsoft_links():
            human = self._open(link, link.address)
            if human.page.path.startswith("/welcome/"):
                self._sign_in(link.address, link, human.page.url, "token")
        self._pass(0.7)

    def _known_to_the_tenant(self) -> list[str]:
        return [address for address in MAILBOXES if self.world.guest_of(address)]

    @precondition(lambda self: any(self.world.links.values()))
    @rule(letter=which, trouble=sign_in_trouble)
    def sign_in_by_own_letter(self, letter: int, trouble: str) -> None:
        holder, link, url = self._letter(letter)
        self._sign_in(holder, link, url, trouble)

    @precondition(lambda self: any(self.world.links.values()))
    @rule(letter=which, person=mailbox)
    def sign_in_by_letter_of(self, letter: int, person: str) -> None:
        _holder, link, url = self._letter(letter)
        self._sign_in(person, link, url, "")

    def _letter(self, letter: int) -> tuple[str, Link, str]:
        """Newest first, whosever they are."""
        every = [(holder, number) for holder, links in self.world.links.items() for number in range(len(links))]
        holder, number = every[-1 - letter % len(every)]
        return holder, self.world.links[holder][number], self.real.welcome_link(holder, number)

    def _sign_in(self, address: str, link: Link | None, url: str, trouble: str) -> None:
        if self.world.has_moved(address):
            return
        person = self.real.people[address]
        person.new_browser()
        expected = self.world.sign_in(address, link, trouble)
        note(f"    {address} with {link and (link.vendor, link.address, link.state)}: {expected}")
        tenant = self.real.passport.tenant
        if trouble == "token":
            tenant.fault("token", status=503, match="authorization_code")
        elif trouble == "nonce":
            tenant.tamper(claims={"nonce": "another"})
        elif trouble == "never":
            tenant.authorize_fault(never=True)
        person.go(url)
        if "signin" in person.page.forms:
            person.submit("signin")
            person.authenticate(consent=trouble != "declined")
            outcome = self._outcome(person)
        else:
            outcome = NO_BUTTON
        tenant.clear_faults()
        self.see(f"sign-in: {expected}")
        assert outcome == expected, f"{address}: {outcome} and not {expected}: {person.page}"
        if expected == IN:
            self._came_in(person)
        self._settle()

    def _outcome(self, person) -> str:
        path = person.page.path
        if person.page.origin in self.real.passport.tenant.origins:
            return AT_MICROSOFT
        return {"/stay-signed-in/": IN, "/own-account/": ASKED}.get(path) or (
            PROBLEM if path.startswith("/sign-in/problem/") else path
        )

    def _came_in(self, person) -> None:
        person.submit("stay", button=("stay", "no"))
        self.browsers.append((person.browser, self.world.sessions[-1]))
        del self.browsers[:-BROWSERS_AT_MOST]

    @precondition(lambda self: self._microsoft_links())
    @rule(letter=which)
    def accept(self, letter: int) -> None:
        link = self._microsoft_link(letter)
        self._accept(link, link.address, is_own=True)

    @precondition(lambda self: self._microsoft_links())
    @rule(letter=which, person=mailbox, is_own=st.booleans(), invites=st.booleans())
    def accept_with_account_of(self, letter: int, person: str, is_own: bool, invites: bool) -> None:
        """Whoever opens a letter to another mailbox is asked whose account it is. VM may follow its own email."""
        link = self._microsoft_link(letter)
        self._accept(link, person, is_own=is_own)
        if invites and "invite-again" in self.world.buttons(link.vendor):
            self.press(link.vendor, "invite-again", "")

    def _microsoft_link(self, letter: int) -> Link:
        """Most are of those that nobody has accepted yet."""
        links = self._microsoft_links()
        fresh = [link for link in links if not link.account.guest.redeemed_by]
        some = fresh if fresh and letter else links
        return some[-1 - letter % len(some)]

    def _accept(self, link: Link, person: str, *, is_own: bool) -> None:
        human = self._open(link, person)
        if human.page.path.startswith("/welcome/"):
            self._sign_in_here(person, link, human.page.url, is_own)

    def _open(self, link: Link, person: str) -> Person:
        """Microsoft's letter; it leads to the page of the invitation if this account can take it."""
        human = self.real.people[person]
        human.new_browser()
        note(f"    {person} opens Microsoft's letter to {link.address}")
        is_taken = self.world.redeem(link, person)
        human.go(self.real.microsoft_link(link.address))
        human.authenticate()
        assert (human.page.path.startswith("/welcome/")) == is_taken, human.page
        return human

    def _sign_in_here(self, person: str, link: Link, url: str, is_own: bool) -> None:
        # Microsoft's letter leads to the page of the invitation that it was sent for.
        human = self.real.people[person]
        expected = self.world.sign_in(person, link)
        if "signin" in human.page.forms:
            human.submit("signin")
            human.authenticate()
            outcome = self._outcome(human)
        else:
            outcome = NO_BUTTON
        self.see(f"sign-in: {expected}")
        assert outcome == expected, f"{person}: {outcome} and not {expected}: {human.page}"
        if expected == ASKED:
            account = self.world.account_of(self.world.guest_of(person))
            self.has_changed = True
            self.see(f"own account: {is_own}")
            self.world.own(account, is_own=is_own)
            human.submit("own-account", button=("own", "yes" if is_own else "no"))
        if expected == IN or (expected == ASKED and is_own):
            self._came_in(human)
        self._settle()

    def _microsoft_links(self) -> list[Link]:
        """Of each mailbox the last one, for as long as its guest is there."""
        newest: dict[str, Link] = {}
        for vendor in self.world.vendors:
            for link in vendor.invitations:
                if link.account is not None and link.account.guest.exists and link.is_mailed:
                    newest[link.address] = link
        return list(newest.values())

    @precondition(lambda self: self._told_of_changes())
    @rule(letter=which)
    def say_it_was_not_me(self, letter: int) -> None:
        changes = self._told_of_changes()
        address, number, change = changes[letter % len(changes)]
        person = self.real.passport.person(address)
        person.go(self.real.not_me_link(address, number))
        assert bool(person.page.forms) == self.world.may_dispute(change), person.page
        if self.world.may_dispute(change):
            person.submit("not-me")
            person.submit("not-me", button=("sure", "yes"))
        self.world.dispute(change)
        self._settle()

    def _told_of_changes(self) -> list[tuple[str, int, Change]]:
        """In the order in which their mailbox was told."""
        return [
            (address, number, change)
            for address, changes in self.world.told_changes.items()
            for number, change in enumerate(changes)
        ]

    # What nobody wants

    @precondition(lambda self: self.real.workers.number > 0)
    @rule()
    def stop_a_worker(self) -> None:
        self.real.workers.stop()

    @precondition(lambda self: self.real.workers.number < 2)
    @rule()
    def start_a_worker(self) -> None:
        self.real.workers.start()
        self.real.periodically("identity.tasks.beat")
        self._settle()

    @rule()
    def cut_the_database(self) -> None:
        """Under the hands of whoever works next."""
        self.real.cuts = True

    @rule(hours=st.sampled_from([0.7, 24.0, 100.0, 480.0]))
    def let_time_pass(self, hours: float) -> None:
        if self.world.now + hours < LONGEST:
            self._pass(hours)

    def _pass(self, hours: float) -> None:
        self.has_changed = True
        self.real.let_pass(hours)
        self.world.days_go_by(hours)
        if self.real.workers.number:
            self.world.work()
            self.real.upkeep()
            self.world.upkeep()
            self.is_later = True
            self.since_pause = len(self.world.told.rows)

    def _settle(self, trouble: str = "") -> None:
        self.real.work()
        if self.real.workers.number:
            self.world.work(trouble)
            self.real.passport.tenant.clear_faults()
        if trouble == "lost":
            self._pass(0.7)  # it is asked again within seconds

    # What must be so after every step

    def check(self) -> None:
        self.who_may_come_in()
        self.which_sessions_live()
        self.how_many_guests_and_invitations()
        mails = self.real.passport.tenant.mails()
        self.what_people_were_told(mails)
        self.what_vendor_management_was_told(mails)

    def who_may_come_in(self) -> None:
        self.world.now += 0.0001
        for vendor, addresses in self.world.may_come_in().items():
            real = self.real.vendor(vendor.name)
            assert (real.state, real.primary_email) == (vendor.state, vendor.address), vendor
            assert live_addresses(real.user) == addresses, f"who may sign in as {vendor}"

    def which_sessions_live(self) -> None:
        for browser, session in self.browsers if self.has_changed else ():
            is_in, should_be = self.real.is_in(browser), session in self.world.sessions
            assert is_in == should_be, f"a session of {session.account.vendor} lives: {is_in}"
        self.has_changed = False
        stored = StoredSession.objects.filter(user__is_staff=False, expire_date__gt=timezone.now())
        # Whoever has not said yet whose account it is has a session that opens nothing else.
        open_to_all = [session for session in stored if store.MUST_CONFIRM not in session.get_decoded()]
        assert len(open_to_all) == len(self.world.sessions)

    def how_many_guests_and_invitations(self) -> None:
        guests = sorted(guest["mail"] for guest in self.real.passport.tenant.guests())
        assert guests == sorted(guest.address for guest in self.world.guests if guest.exists)
        assert Invitation.objects.open().count() == self.world.open_invitations

    def what_people_were_told(self, mails: list[dict]) -> None:
        mails = mails_to_people(mails)
        assert mails == self.world.mails, (mails - self.world.mails, self.world.mails - mails)

    def what_vendor_management_was_told(self, mails: list[dict]) -> None:
        mails, ledger = [mail for mail in mails if mail["to"] == VM_MAILBOX], self.world.told
        heard = told.read(mails, told.BY_ITSELF, MAILBOXES)
        too_much = heard - ledger.expected()
        assert not too_much, f"told more than once, or of nothing: {too_much}\n{told.texts(mails, too_much)}"
        ledger.hear(heard)
        if self.real.workers.number:
            is_full = len(ledger.rows) - self.since_pause >= AT_ONCE
            for row in ledger.untold():
                if self.is_later or not (is_full or reasons.get(row.reason).is_common):
                    raise AssertionError(f"nobody told Vendor Management: {row}")
        self.is_later = False


@pytest.mark.sandbox
def test_people(passport):
    kept = clean.filled_tables()
    with workers(passport) as both:
        budget.run(People, examples=EXAMPLES, steps=STEPS, start=lambda: People(Real(passport, both, kept)))

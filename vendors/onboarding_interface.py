"""What this app asks of the one that leads vendors to an approved profile, which stands above it.

Nothing here imports that app or names its pages: `settings.VENDOR_ONBOARDING` names the class that answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Protocol, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from identity.models import User
from vendors.models import ClosedAs, Document, RateProposal, Vendor
from vendors.qualification_claims import Claims


@dataclass(frozen=True)
class ProfileChange:
    """A change of the approved profile that is under way."""

    # VM asks the vendor about it; or some of it has not been sent to VM; or VM has all of it.
    stage: Literal["returned", "unsent", "sent"]
    submitted_at: dt.datetime | None = None


# Not decided about; declined or withdrawn. An approved account has a PaymentRelease.
PaymentState = Literal["waiting", "dropped"]


@dataclass(frozen=True)
class Said:
    """What vendors said of themselves last, approved or not; empty where they have not."""

    name: str = ""  # what they want to be called, or else their full name
    time_zone: str = ""


class CannotRemind(Exception):
    """The message is a sentence for people."""


class RatesUnderWay(Exception):
    """The vendor's own change of the rates would put the old one back. The text is a sentence for the vendor."""


class BadValue(Exception):
    """Of a row that is to be carried over. The text is a sentence that names the column and the value."""


@dataclass(frozen=True)
class CarriedOver:
    """A profile from another system, read and found good; what is in it is onboarding's."""

    answers: Mapping[str, Mapping[str, Any]]
    signed: Mapping[str, dt.date]  # agreements on paper, by document


@dataclass(frozen=True)
class RateCarriedOver:
    source: str
    target: str
    service: str
    unit: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class ProfileCarriedOver:
    """What another system said of a vendor, on the day of the import."""

    claims: Claims
    rates: frozenset[RateCarriedOver]


@dataclass(frozen=True)
class Identifying:
    """What a vendor can be recognised by."""

    names: tuple[str, ...] = ()
    country: str = ""
    phone: str = ""  # E.164, and the extension
    numbers: tuple[str, ...] = ()  # for VAT, tax and registration
    iban: str = ""


class Onboarding(Protocol):
    @property
    def job_arguments(self) -> Mapping[str, str]:
        """Which argument of its tasks is the id of which row, so that an erasure finds the jobs about a vendor."""

    def start_url(self) -> str:
        """Where a vendor who is not approved learns what comes next."""

    def confirmation_url(self) -> str:
        """Where a vendor confirms a profile that was carried over, page by page."""

    def documents_url(self, document: Document) -> str:
        """Where a vendor who is not approved chooses another file in place of this one."""

    def change_urls(self) -> Mapping[str, str]:
        """Where an approved vendor changes each section of the profile, by its name; `all` is the list of them."""

    def change_under_way(self, vendor: Vendor) -> ProfileChange | None: ...

    def download_urls(self, vendor: Vendor) -> Mapping[str, str]:
        """Where the vendor gets what it sent, as `html`, `json` and `whole`; empty when it has sent nothing."""

    def document_renewed(self, vendor: Vendor, *, slot: str, number: str, expires_on: dt.date | None) -> None:
        """A newer document takes effect in this slot, so nothing older may be written back.

        Called first in the transaction that stores it: onboarding locks its answers before documents, here as there.
        """

    def waits_for_vm(self, vendor: Vendor, *, slot: str, document: Document | None) -> bool:
        """Has VM been sent this file for the slot, or that there is none any more?"""

    def payment_change(self, vendor: Vendor, change: str) -> PaymentState:
        """Where an account stands that came with this change and has not been approved."""

    def put_aside(self, form: forms.BaseForm, page: str, vendor: Vendor, request: HttpRequest) -> None:
        """Keep what was typed wrongly into a page about an account, encrypted, for this browser and a few minutes."""

    def forget_aside(self, page: str, vendor: Vendor) -> None: ...

    def typed_aside(self, page: str, vendor: Vendor, request: HttpRequest) -> dict[str, list[str]] | None: ...

    def said(self, vendor: Vendor) -> Said: ...

    def evidence_sent(self, vendor: Vendor) -> Claims | None:
        """What a submission that waits for its first approval claims of the vendor's qualification."""

    def agree_on_rate(self, proposal: RateProposal) -> bool:
        """Put it in force among the approved answers. False if there are none. Called inside the transaction that
        accepts it, first: onboarding locks its answers before the vendor. Raise RatesUnderWay or lifecycle.WrongState.
        """

    def remind(self, vendor: Vendor, *, by: User | None) -> None:
        """Remind them of the unfinished onboarding, now. Raise CannotRemind or lifecycle.WrongState."""

    def why_not_remind(self, vendors: Sequence[Vendor]) -> Mapping[int, str]:
        """Which of them cannot be reminded now, and why; in the same few statements however many they are."""

    def identifying(self, vendor: Vendor) -> Identifying:
        """By what was sent last, approved or not."""

    def was_carried_over(self, vendors: Collection[int]) -> Mapping[int, ProfileCarriedOver]:
        """Of those of these vendors whose profile was. One statement, however many they are."""

    def closing(self, vendor: Vendor, *, closed_as: ClosedAs, by: User | None) -> None:
        """VM closes an applicant: what was sent waits for nobody any more.

        Called first in the transaction that closes the vendor, with the person locked: answers are locked before it.
        """

    def carried_over(self, cells: Mapping[str, str], *, name: str) -> CarriedOver:
        """Read what another system had, by column (vendors.bulk_import.carried_columns), as the wizard would. Ask the
        database nothing. Raise BadValue.
        """

    def carry_over(self, vendor: Vendor, carried: CarriedOver, *, by: User | None) -> None:
        """Put it in force, in the transaction that approves the vendor."""

    def reopened(self, vendor: Vendor) -> None:
        """A declined vendor is again where it was. Called inside the transaction that reopens it."""


@cache
def _load(path: str) -> Onboarding:
    return cast(Onboarding, import_string(path)())


def onboarding() -> Onboarding:
    return _load(settings.VENDOR_ONBOARDING)

"""Two vendors side by side, as much of each as this colleague may see; masked where it is masked elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from django.utils.formats import date_format
from django.utils.timezone import localtime

from identity import accounts
from identity.models import EntraAccount, User
from identity.text_direction import gettext as _
from vendors.answers import countries, languages, phones
from vendors.models import EmailChange, PossibleDuplicate, Vendor
from vendors.profile import tax

Sign = PossibleDuplicate.Sign
FORMER_AT_MOST = 5


@dataclass(frozen=True)
class Row:
    label: str
    first: list[str]
    second: list[str]
    is_common: bool  # one of the signs


def rows(pair: PossibleDuplicate, *, by: User) -> list[Row]:
    compared = zip_longest(_of(pair.first, by), _of(pair.second, by))
    return [
        Row(label, first, second, sign is not None and sign.value in pair.signs)
        for (label, sign, first), (_label, _sign, second) in compared
        if first or second
    ]


def _of(vendor: Vendor, by: User) -> Iterator[tuple[str, PossibleDuplicate.Sign | None, list[str]]]:
    """The same labels in the same order for everyone."""
    profile = getattr(vendor, "profile", None) if by.has_perm("vendors.view_profile") else None
    payment = getattr(vendor, "payment_details", None) if by.has_perm("vendors.view_paymentdetails") else None
    yield _("Name"), Sign.NAME, [vendor.name]
    yield _("State"), None, [vendor.get_state_display()]
    yield _("Added"), None, [_day(vendor.created_at)]
    yield _("Owner"), None, [str(vendor.owner)] if vendor.owner else []
    yield _("Primary email"), Sign.ADDRESS, [vendor.address] if vendor.address else []
    yield _("Previous addresses"), Sign.ADDRESS, _former(vendor)
    yield _("Last sign-in"), None, _last_sign_in(vendor)
    yield _("Full name"), Sign.NAME, _said(profile and profile.full_name)
    yield _("Company"), Sign.NAME, _said(profile and profile.company_legal_name)
    yield _("Country"), None, _said(profile and profile.country and countries.name(profile.country))
    yield _("Phone number"), Sign.PHONE, _said(profile and phones.shown(profile.phone, profile.phone_as_typed))
    numbers = [f"{name}: {number}" for name, number in tax.rows(profile)] if profile else []
    yield _("VAT, tax and registration numbers"), Sign.NUMBER, numbers
    yield _("Account"), Sign.IBAN, [payment.masked] if payment else []
    pairs = vendor.language_pairs.all() if by.has_perm("vendors.view_languagepair") else []
    named = [f"{languages.name(pair.source)} → {languages.name(pair.target)}" for pair in pairs]
    yield _("Language pairs"), None, named


def _said(text: str | None) -> list[str]:
    return [text] if text else []


def _former(vendor: Vendor) -> list[str]:
    changes = vendor.email_changes.exclude(mode=EmailChange.Mode.REPAIR).order_by("-created_at")
    former = dict.fromkeys(address for change in changes[:FORMER_AT_MOST] for address in (change.old, change.new))
    return [address for address in former if address and address.lower() != vendor.address.lower()]


def _last_sign_in(vendor: Vendor) -> list[str]:
    used = EntraAccount.objects.filter(user=vendor.user_id, last_sign_in_at__isnull=False)
    last = used.order_by("-last_sign_in_at").values_list("last_sign_in_at", flat=True).first()
    return [_day(last)] if last else []


def _day(at: dt.datetime) -> str:
    return date_format(localtime(at), "j F Y")


def what_closing_does(pair: PossibleDuplicate, duplicate: Vendor) -> list[str]:
    """Read before one is closed as a duplicate of the other."""
    kept = pair.other(duplicate)
    sentences = [
        _("%(duplicate)s is closed for good and cannot be reopened. %(kept)s is kept.")
        % {"duplicate": duplicate, "kept": kept}
    ]
    if accounts.live_accounts(duplicate.user).exists():
        sentences.append(_("Everyone signed in as %(duplicate)s is signed out now.") % {"duplicate": duplicate})
    return [
        *sentences,
        _("%(address)s is free again: you can make it the primary email of %(kept)s, who can then sign in with it.")
        % {"address": duplicate.address, "kept": kept},
        _(
            "Nothing is copied: the profile, documents and history of %(duplicate)s stay where they are, so that you "
            "can still look things up."
        )
        % {"duplicate": duplicate},
        _("The vendor is only notified if you send the email below."),
    ]

"""Whose address is it, and is it perhaps a typing mistake?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower

from identity.compiled_queries import Compiled, Given
from identity.text_direction import gettext as _
from vendors.models import EmailChange, Vendor

# Only long names: near a short one (gmx.de, web.de, me.com) there are too many real domains.
COMMON_DOMAINS = (
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "outlook.fr",
    "outlook.de",
    "hotmail.com",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.co.uk",
    "yahoo.com",
    "yahoo.fr",
    "yahoo.de",
    "yahoo.co.uk",
    "icloud.com",
    "protonmail.com",
    "proton.me",
    "t-online.de",
    "freenet.de",
    "wanadoo.fr",
    "orange.fr",
    "libero.it",
    "seznam.cz",
    "btinternet.com",
    "yandex.ru",
)
# Real mail providers that are one letter away from a common one.
NO_MISTAKES = frozenset({"mail.com", "email.com", "ymail.com", "yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.in"})
ENDING_MISTAKES = {".con": ".com", ".cmo": ".com", ".ocm": ".com", ".comm": ".com", ".vom": ".com", ".xom": ".com"}
FORMER_AT_MOST = 3


class AddressTaken(Exception):
    """Another vendor has this address, or is about to get it, or may get it back."""

    def __init__(self, vendor: Vendor, *, in_change: bool) -> None:
        self.vendor = vendor
        self.in_change = in_change
        text = (
            _("This address is part of an open email change for %(vendor)s.")
            if in_change
            else _("This address is already the primary email of %(vendor)s.")
        )
        super().__init__(text % {"vendor": vendor})


def claim(address: str, *, besides: Vendor | None = None) -> None:
    """Check that the address is free, and keep everybody else from taking it until the caller's transaction ends.

    Call it before any row is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"address:{address.lower()}"])
    check_free(address, besides=besides)


def check_free(address: str, *, besides: Vendor | None = None) -> None:
    """Raise AddressTaken when another vendor has the address, now or in an open email change."""
    own = besides.pk if besides else 0
    holder = Vendor.objects.at_address(address).exclude(pk=own).first()
    if holder:
        raise AddressTaken(holder, in_change=False)
    change = (
        EmailChange.objects.filter(_involves(address), state=EmailChange.State.OPEN)
        .exclude(vendor=own)
        .select_related("vendor")
        .first()
    )
    if change:
        raise AddressTaken(change.vendor, in_change=True)


def former_holders(address: str, *, besides: Vendor | None = None) -> list[Vendor]:
    """Vendors who once had the address."""
    once = EmailChange.objects.filter(_involves(address)).values("vendor")
    return list(Vendor.objects.filter(pk__in=once).exclude(pk=besides.pk if besides else 0)[:FORMER_AT_MOST])


@dataclass(frozen=True)
class Standing:
    """Who has, gets or once had each of some addresses, by the address in lower case."""

    holders: dict[str, Vendor]
    in_change: dict[str, Vendor]
    former: dict[str, list[Vendor]]


def standing(some: Iterable[str]) -> Standing:
    """What check_free and former_holders say, for many addresses in three statements."""
    keys = {address.lower() for address in some}
    holders = Vendor.objects.annotate(_address=Lower("primary_email")).filter(_address__in=keys)
    standing_of_all = Standing({vendor.address.lower(): vendor for vendor in holders}, {}, {})
    for side in ("old", "new"):
        changes = EmailChange.objects.annotate(_address=Lower(side)).filter(_address__in=keys).select_related("vendor")
        for change in changes:
            key = getattr(change, side).lower()
            if change.state == EmailChange.State.OPEN:
                standing_of_all.in_change[key] = change.vendor
            former = standing_of_all.former.setdefault(key, [])
            if change.vendor not in former and len(former) < FORMER_AT_MOST:
                former.append(change.vendor)
    return standing_of_all


def _involves(address: str) -> Q:
    return Q(pk__in=_at("old", address)) | Q(pk__in=_at("new", address))


def _at(field: str, address: str):
    return EmailChange.objects.annotate(_address=Lower(field)).filter(_address=address.lower()).values("pk")


def suggestion(address: str) -> str | None:
    """What somebody who typed this may have meant: the same address at a common domain one slip away."""
    local, at, domain = address.strip().rpartition("@")
    domain = domain.lower()
    if not at or domain in COMMON_DOMAINS or domain in NO_MISTAKES:
        return None
    for common in COMMON_DOMAINS:
        if _one_slip(domain, common):
            return f"{local}@{common}"
    for ending, meant in ENDING_MISTAKES.items():
        if domain.endswith(ending):
            return suggestion(f"{local}@{domain.removesuffix(ending)}{meant}") or (
                f"{local}@{domain.removesuffix(ending)}{meant}"
            )
    return None


def _one_slip(typed: str, meant: str) -> bool:
    """One letter left out, added, mistyped, or two neighbours swapped."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    typed, meant = typed[start:], meant[start:]
    return (
        typed[1:] == meant[1:]
        or typed[1:] == meant
        or typed == meant[1:]
        or (typed[:2] == meant[:2][::-1] and typed[2:] == meant[2:])
    )


def signed_in_with(vendor: Vendor, account_id: int | None) -> str:
    """The address of the account that a session was opened with: while a change is open, that may be the old one."""
    changes = OPEN_CHANGE.values(vendor=vendor.pk, account=account_id) if account_id else []
    return next((old for (old,) in changes), vendor.address)


def _open_change() -> models.QuerySet[EmailChange, tuple[str]]:
    """A vendor has at most one."""
    changes = EmailChange.objects.filter(vendor=Given("vendor"), old_account=Given("account"))
    return changes.filter(state=EmailChange.State.OPEN).values_list("old")


OPEN_CHANGE = Compiled(_open_change)

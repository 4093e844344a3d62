"""Which other vendors may be the same as this one. Each sign is looked up through an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from vendors.answers import fingerprints, search_words
from vendors.models import ClosedAs, EmailChange, PossibleDuplicate, Vendor, VendorState
from vendors.onboarding_interface import Identifying, onboarding

Sign = PossibleDuplicate.Sign

# Of each sign: who shares a telephone number with more is a switchboard.
AT_MOST = 20
# Names are told apart in Python, so there may be more to look at.
NAMESAKES_AT_MOST = 100


@dataclass(frozen=True)
class Marks:
    """What a vendor can be recognised by."""

    vendor: Vendor
    names: frozenset[str]
    country: str
    numbers: frozenset[str]
    ibans: frozenset[str]
    phones: frozenset[str]
    addresses: frozenset[str]


def marks_of(vendor: Vendor) -> Marks:
    """Of the approved profile, and of what was sent and is not approved yet."""
    known = [_approved(vendor), onboarding().identifying(vendor)]
    changes = vendor.email_changes.values_list("old", "new")
    addresses = {vendor.address, *(address for change in changes for address in change)}
    return Marks(
        vendor=vendor,
        names=_some([vendor.name, *(name for one in known for name in one.names)]),
        country=next((one.country for one in known if one.country), ""),
        numbers=_some(number for one in known for number in one.numbers),
        ibans=_some(one.iban for one in known),
        phones=_some(one.phone.partition(";")[0] for one in known),
        addresses=_some(address.lower() for address in addresses),
    )


def _approved(vendor: Vendor) -> Identifying:
    profile = getattr(vendor, "profile", None)
    payment = getattr(vendor, "payment_details", None)
    iban = payment.iban if payment is not None else ""
    if profile is None:
        return Identifying(iban=iban)
    return Identifying(
        names=(profile.full_name, profile.company_legal_name),
        country=profile.country,
        phone=profile.phone,
        numbers=tuple(profile.numbers_in_full),
        iban=iban,
    )


def _some(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text)


def look_for(marks: Marks) -> dict[int, set[str]]:
    """Ids of the others, and what they have in common with this one. A constant number of statements."""
    found: dict[int, set[str]] = {}
    for sign, ids in _found(marks):
        for other in ids:
            found.setdefault(other, set()).add(sign.value)
    return found


def _found(marks: Marks) -> Iterator[tuple[PossibleDuplicate.Sign, Iterable[int]]]:
    others = Vendor.objects.exclude(pk=marks.vendor.pk).exclude(state=VendorState.ERASED)
    others = others.exclude(closed_as=ClosedAs.DUPLICATE).order_by()
    yield Sign.NAME, _namesakes(marks)
    if numbers := _fingerprints(marks.numbers):
        yield Sign.NUMBER, _ids(others.filter(profile__number_fingerprints__overlap=numbers))
    if ibans := _fingerprints(marks.ibans):
        yield Sign.IBAN, _ids(others.filter(payment_details__iban_fingerprints__overlap=ibans))
    if marks.phones:
        same_phone = Q()
        for phone in marks.phones:
            same_phone |= Q(profile__phone=phone) | Q(profile__phone__startswith=f"{phone};")
        yield Sign.PHONE, _ids(others.filter(same_phone))
    if marks.addresses:
        holders = others.annotate(_address=Lower("primary_email")).filter(_address__in=marks.addresses)
        yield Sign.ADDRESS, _ids(holders)
        for side in ("old", "new"):
            at = EmailChange.objects.annotate(_address=Lower(side)).filter(_address__in=marks.addresses)
            yield Sign.ADDRESS, _ids(others.filter(pk__in=at.order_by().values("vendor")))


def _ids(vendors) -> list[int]:
    return list(vendors.values_list("pk", flat=True)[:AT_MOST])


def _fingerprints(numbers: Iterable[str]) -> list[str]:
    return sorted({fingerprint for number in numbers for fingerprint in fingerprints.to_look_for(number)})


def _namesakes(marks: Marks) -> list[int]:
    """The same words in any order, and not another country where both are known."""
    folded = {name: search_words.to_keep([name]) for name in marks.names}
    with_words = Q()
    for kept in folded.values():
        whole = [word for word in kept if word.endswith(search_words.END)]
        if whole:
            with_words |= Q(search_words__contains=whole, search_words__len=len(kept))
            with_words |= Q(profile_words__contains=whole)
    if not with_words:
        return []
    others = Vendor.objects.filter(with_words).exclude(pk=marks.vendor.pk).exclude(state=VendorState.ERASED)
    others = others.exclude(closed_as=ClosedAs.DUPLICATE).select_related("profile").order_by()
    same = [other.pk for other in others[:NAMESAKES_AT_MOST] if _is_namesake(other, marks, list(folded.values()))]
    return same[:AT_MOST]


def _is_namesake(other: Vendor, marks: Marks, folded: list[list[str]]) -> bool:
    profile = getattr(other, "profile", None)
    names = [other.name]
    if profile is not None:
        names += [profile.full_name, profile.company_legal_name]
        if marks.country and profile.country and marks.country != profile.country:
            return False
    return any(search_words.to_keep([name]) in folded for name in names if name)

"""Finding vendors by whatever is known of them: a name, an address, a phone or tax number, a reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any, cast

from django.db.models import Q

from identity.admin_lists import as_id, at_address, references
from identity.models import Failure, FailurePerson, Invitation, User
from identity.typed import cleaning
from vendors.answers import search_words
from vendors.answers.search_words_field import finding
from vendors.models import EmailChange, VendorTag
from vendors.profile import tax

# What a vendor is found by, and nobody reads.
WORDS = ("search_words", "profile_words")
# Of a list of other rows: their own copy, and what comes along with the vendor.
WORDS_OF_THE_VENDOR = ("found_by", *(f"vendor__{field}" for field in WORDS))
MAY_SEE_PROFILE = "vendors.view_profile"
# With a word or a sign in front and an extension behind, whatever it is called.
_PHONE = re.compile(
    r"(?:[^\W\d_]{1,12}[.:]*|[^\w\s+(])? ?(\+?[\d(][\d ()./-]{4,30})(?: ?(?:[;,]? ?[^\W\d_]{1,12}|#)[ .:=]*\d{1,6})?"
)
PHONE_SHORTEST = 6
# Digits at the end that nobody shares by chance, whatever is written before them.
PHONE_ENDING = 8


def ways_to_find(term: str, *, by: User, vendor: str = "", have_open_case: bool = False) -> list[Q]:
    """Each answered by an index, the most telling first. `vendor` leads from the row that is looked for to its vendor.

    What only the approved profile says is found by those who may see it. `have_open_case` says that nobody else is
    looked for; it leaves out nobody who has one.
    """
    may_see_profile = by.has_perm(MAY_SEE_PROFILE)
    ways = [Q(primary_email__lower=term.lower()), *_by_reference(term, by=by)]
    ways.append(Q(pk__in=VendorTag.objects.filter(tag=term.casefold()).order_by().values("vendor")))
    if may_see_profile:
        ways += [*_by_tax_number(term, by=by), *_by_phone(term)]
    ways = [leading_to(vendor, way) for way in ways]
    if "@" not in term:
        words = list(_by_words(term, may_see_profile=may_see_profile, is_copy=bool(vendor)))
        if words and have_open_case:
            of_cases = _of_open_cases(term, may_see_profile=may_see_profile)
            words = [way & of_cases for way in words]
        ways += words
    return [*ways, *(leading_to(vendor, way) for way in _by_address(term))]


def people(term: str, *, by: User) -> list[Q]:
    """Of rows about a person, with the words of the vendor. The address is left to whoever has one of their own."""
    if "@" in term or not by.has_perm("vendors.view_vendor"):
        return []
    return list(_by_words(term, may_see_profile=by.has_perm(MAY_SEE_PROFILE), is_copy=True))


def leading_to(path: str, way: Q) -> Q:
    """The same, of a row that leads to the vendor by this path."""
    led = Q(_connector=way.connector, _negated=way.negated)
    for child in way.children:
        if isinstance(child, Q):
            led.children.append(leading_to(path, child))
        else:
            name, value = cast(tuple[str, Any], child)
            led.children.append((f"{path}{name}", value))
    return led


def _by_words(term: str, *, may_see_profile: bool, is_copy: bool) -> Iterator[Q]:
    fields: Sequence[str] = WORDS if may_see_profile else WORDS[:1]
    mark = ""
    if is_copy:
        fields, mark = ["found_by"], search_words.OF_PROFILE if may_see_profile else ""
    if whole := finding(fields, term, whole=True, mark=mark):
        yield whole
    if beginning := finding(fields, term, mark=mark):
        # Whoever was found already takes no place among those that are found at most.
        yield beginning & ~whole if whole else beginning


def _of_open_cases(term: str, *, may_see_profile: bool) -> Q:
    """The same people by the copy of their words on the case. PostgreSQL does not know how few of those with a common
    name have one, and would walk through all vendors.
    """
    words = _by_words(term, may_see_profile=may_see_profile, is_copy=True)
    cases = Failure.objects.open().filter(reduce(or_, words), user__isnull=False)
    return Q(user__in=cases.order_by().values("user"))


def _by_address(term: str) -> Iterator[Q]:
    ways = list(at_address(term, "primary_email", domains=True))[1:]
    yield from ways[:1]
    small = term.lower()
    if ways:
        for field in ("old", "new"):
            at = EmailChange.objects.filter(**{f"{field}__lower__startswith": small})
            yield Q(pk__in=at.order_by().values("vendor"))
    yield from ways[1:]


def _by_reference(term: str, *, by: User) -> Iterator[Q]:
    if (printed := references(term)) and by.has_perm("identity.view_failure"):
        for model, user in ((Failure, "user"), (FailurePerson, "user")):
            cases: Any = model._default_manager.filter(reference__in=printed, user__isnull=False)
            yield Q(user__in=cases.order_by().values(user))
    if (own_id := as_id(term)) and by.has_perm("identity.view_invitation"):
        for known_as in (Q(pk=own_id), Q(graph_id=str(own_id)), Q(request_id=str(own_id))):
            yield Q(user__in=Invitation.objects.filter(known_as).order_by().values("user"))


def _by_tax_number(term: str, *, by: User) -> Iterator[Q]:
    found = tax.vendors_with(term, user=by)
    if found is not None:
        yield Q(pk__in=found.values("pk"))


def _by_phone(term: str) -> Iterator[Q]:
    """By the number with its country, or by its end, which is the same with and without it."""
    written = _PHONE.fullmatch(search_words.fold(cleaning.code(term)))
    if written is None:
        return
    number = written[1].replace("(0)", "")
    digits = re.sub(r"\D", "", number)
    is_international = number.lstrip("(").startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0")
    if len(digits) < PHONE_SHORTEST:
        return
    if is_international:
        yield Q(profile__phone__startswith=f"+{digits}")
    ending = digits[-PHONE_ENDING:] if is_international else digits
    yield Q(profile__phone__backwards__startswith=ending[::-1])
    # Dialled at home where others dial 0: 8 (495) 123-45-67.
    if not is_international and len(digits) > PHONE_ENDING and digits.startswith("8"):
        yield Q(profile__phone__backwards__startswith=digits[1:].lstrip("0")[::-1])

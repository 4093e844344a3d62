"""What identity holds about one person, found to be exported or erased."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from identity.failures.people import COMMON
from identity.models import (
    Device,
    EmergencyLink,
    EntraAccount,
    Failure,
    FailurePerson,
    Invitation,
    LoggedSignIn,
    SentEmail,
    Session,
    SignInAttempt,
    User,
    UserEvent,
)


def rows(user: User, *, addresses: Collection[str]) -> dict[str, QuerySet]:
    """Everything that is about this person, in the order in which it can be deleted.

    By address only where no other person is named: an address may have been typed by anybody, or have belonged to
    somebody else before.
    """
    known = [address.lower() for address in addresses]
    accounts = EntraAccount.objects.filter(user=user)
    subjects = [f"user:{user.pk}", *(f"oid:{oid}" for oid in accounts.values_list("oid", flat=True))]
    subjects += [f"address:{address}" for address in known]
    at_address = Q(user=None, pk__in=_at(Failure, known))
    failures = Failure.objects.filter(Q(user=user) | Q(user=None, subject__in=subjects) | at_address)
    failures = failures.exclude(subject=COMMON)
    # Those in a case that is about others as well.
    in_cases = FailurePerson.objects.filter(
        Q(user=user) | Q(user=None, who__in=subjects) | Q(user=None, pk__in=_at(FailurePerson, known))
    )
    attempts = SignInAttempt.objects.filter(
        Q(user=user)
        | Q(user=None, invitation__user=user)
        | Q(user=None, failure__in=failures.values("pk"))
        | Q(user=None, pk__in=_at(SignInAttempt, known))
    )
    return {
        "sessions": Session.objects.filter(Q(user=user) | Q(account__user=user)),
        "devices": Device.objects.filter(account__user=user),
        "sign_in_attempts": attempts,
        "logged_sign_ins": LoggedSignIn.objects.filter(account__user=user),
        "people_in_failures": in_cases,
        "sent_emails": SentEmail.objects.filter(user=user),
        "failures": failures,
        "invitations": Invitation.objects.filter(user=user),
        "user_events": UserEvent.objects.filter(user=user),
        "emergency_links": EmergencyLink.objects.filter(user=user),
        "accounts": accounts,
    }


def _at(model: Any, addresses: list[str]) -> QuerySet:
    return model.objects.annotate(_address=Lower("address")).filter(_address__in=addresses).order_by().values("pk")


def mentions(user: User, *, addresses: Collection[str]) -> list[Failure]:
    """Cases about somebody else, or about everybody, in which one of the addresses stands."""
    if not addresses:
        return []
    own = rows(user, addresses=addresses)["failures"]
    somewhere = Q()
    for address in addresses:
        for name in ("address", "claimed_address", "notes", "resolved_how", "_detail"):
            somewhere |= Q(**{f"{name}__icontains": address})
    candidates = Failure.objects.annotate(_detail=Cast("detail", TextField())).filter(somewhere).exclude(pk__in=own)
    pattern = pattern_for(addresses)
    return [failure for failure in candidates if pattern.search("\n".join(_texts(failure)))]


def named_in(addresses: Collection[str]) -> list[FailurePerson]:
    """Others in a case of whom Microsoft said that one of these addresses is theirs."""
    somewhere = Q()
    for address in addresses:
        somewhere |= Q(claimed_address__icontains=address) | Q(topic__icontains=address)
    pattern = pattern_for(addresses)
    return [
        person
        for person in FailurePerson.objects.filter(somewhere)
        if pattern.search(f"{person.claimed_address}\n{person.topic}")
    ]


def _texts(failure: Failure) -> list[str]:
    return [failure.address, failure.claimed_address, failure.notes, failure.resolved_how, str(failure.detail)]


def pattern_for(words: Collection[str]) -> re.Pattern[str]:
    """Finds each of them on its own: "ana@mail.example" not in "joana@mail.example" or "ana@mail.example.org"."""
    if not words:
        return re.compile(r"(?!)")
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w.+-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)", re.IGNORECASE)

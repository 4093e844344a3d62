"""Other cases that whoever reads one will want to see: of the same person, or for the same reason."""

from __future__ import annotations

from django.db.models import QuerySet

from identity.failures.people import COMMON, is_of_unknown_people
from identity.models import Failure

SHOWN_AT_MOST = 5


def of_same_person(failure: Failure) -> QuerySet[Failure]:
    """The newest first, whether they are open or not."""
    if failure.subject == COMMON or is_of_unknown_people(failure):
        return Failure.objects.none()
    others = Failure.objects.filter(subject=failure.subject).exclude(pk=failure.pk)
    return others.order_by("-last_seen_at")[:SHOWN_AT_MOST]


def for_same_reason(failure: Failure) -> QuerySet[Failure]:
    """Open ones of other people: perhaps they have one cause."""
    others = Failure.objects.open().filter(reason=failure.reason).exclude(subject=failure.subject)
    return others.order_by("-last_seen_at")[:SHOWN_AT_MOST]

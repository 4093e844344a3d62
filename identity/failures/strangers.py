"""Cases of people about whom nothing is known: one for each reason and day, told in the digest and then done with."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import people, reasons
from identity.failures.people import UNKNOWN
from identity.models import Failure, FailurePerson


def close_days_that_are_over() -> int:
    """There is nobody to write to and nothing to mend, so VM has nothing to do but read. How many were closed.

    What operations have to repair stays open until they have.
    """
    to_tell = FailurePerson.objects.filter(Q(reported_at=None) | Q(count__gt=F("told_count")))
    of_vm = [code for code, reason in reasons.CATALOGUE.items() if reason.audience == reasons.VM]
    days = Failure.objects.open().filter(subject__startswith=f"{UNKNOWN}:")
    over = days.filter(subject__lt=people.unknown_subject(timezone.now()), mail_claimed_at=None)
    told = over.filter(reason__in=of_vm).exclude(people.has_someone(to_tell))
    found = list(told.values_list("pk", flat=True))
    how = _("VM has been told about everyone in this case, and the day it covers has ended.")
    with transaction.atomic():
        # Whoever has come back since then is news, and keeps the case open.
        return (
            people.resolve(found, FailurePerson.objects.exclude(pk__in=to_tell.values("pk")), how=how) if found else 0
        )

"""Who is in a case: one row for each person or address, told to VM once, and whether they have got further since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from identity.failures import reasons
from identity.models import EntraAccount, Failure, FailurePerson, Invitation, User

COMMON = "passport"  # the subject of what is not about one person
UNKNOWN = FailurePerson.UNKNOWN
SILENCE = "did_not_come_back"
SILENCE_SETTLES = dt.timedelta(hours=24)

_GOT_FURTHER: dict[str, Promise] = {
    Failure.Stage.INVITATION: _("the invitation has been sent since then"),
    Failure.Stage.SIGN_IN: _("has signed in since then"),
    Failure.Stage.ONBOARDING: _("has continued since then"),
    Failure.Stage.EMAIL_CHANGE: _("settled since then"),
    Failure.Stage.MAIL: _("email is going out again"),
    Failure.Stage.RUNNING: _("found to be working since then"),
}


def belongs_to_a_vendor(address: str) -> bool:
    """Identity knows no vendors, so settings name who can tell."""
    return bool(import_string(settings.KNOWS_ADDRESS)(address))


def unknown_subject(now: dt.datetime) -> str:
    """One case for each reason and day holds everybody about whom nothing is known."""
    return f"{UNKNOWN}:{now.astimezone(dt.UTC):%Y-%m-%d}"


def is_of_unknown_people(failure: Failure) -> bool:
    return failure.subject.startswith((f"{UNKNOWN}:", "attempt:"))


def closes_by_itself(failure: Failure) -> bool:
    """Nobody to write to and nothing to mend: once VM has read it there is nothing to do."""
    return failure.subject.startswith(f"{UNKNOWN}:") and reasons.get(failure.reason).audience == reasons.VM


def is_shared(failure: Failure) -> bool:
    """Several people may be in it, and its page does not know which of them is looking."""
    return failure.subject == COMMON or is_of_unknown_people(failure)


def subject(reason: str, person: FailurePerson, *, is_known: bool, now: dt.datetime) -> str:
    if reasons.get(reason).is_common:
        return COMMON
    return person.who if is_known else unknown_subject(now)


def who(*, user: User | None, oid: str = "", address: str = "") -> str:
    """Who it is about. A claimed address is never a subject: anybody can claim one."""
    if user is not None:
        return f"user:{user.pk}"
    if oid:
        return f"oid:{oid}"
    if address:
        return f"address:{address.strip().lower()}"
    return UNKNOWN


def add(failure: Failure, person: FailurePerson, *, now: dt.datetime) -> tuple[FailurePerson, bool]:
    """The person's row, counted or new, and whether they are news. Call it with the case locked."""
    rows = FailurePerson.objects.annotate(_address=Lower("address")).filter(
        failure=failure, who=person.who, _address=person.address.lower(), topic=person.topic
    )
    row, is_back = rows.out().first(), False
    if row is None and failure.mail_claimed_at is None:
        # VM has not been told yet that it happened before: once is enough for both.
        row = rows.untold().exclude(resolved_at=None).first()
        if row is not None:
            is_back = True
            row.first_seen_at, row.resolved_at, row.got_further = now, None, False
    if row is None:
        person.failure = failure
        person.first_seen_at = person.last_seen_at = now
        person.save(force_insert=True)
        return person, True
    row.count += 1
    row.last_seen_at = now
    row.claimed_address = person.claimed_address or row.claimed_address
    row.detail = reasons.joined(row.detail, person.detail)
    row.save()
    return row, is_back


def take_out_unknown(failure: Failure) -> None:
    """One of those about whom nothing was known has said who they are."""
    row = failure.people.out().filter(who=UNKNOWN).first()
    if row is not None and row.count > 1:
        row.count -= 1
        row.save(update_fields=["count"])
    elif row is not None:
        row.delete()


def waits_for_digest(failure: Failure, person: FailurePerson, *, is_known: bool) -> bool:
    """Too little is known of them, or they are likely to come back by themselves: VM is told once a day."""
    if failure.reason == SILENCE:
        # People who have signed in before have usually just closed the page.
        accounts = EntraAccount.objects.filter(user=person.user_id, first_sign_in_at__isnull=False)
        return person.user_id is None or accounts.exists()
    if is_known or reasons.is_about_running(failure.reason):
        return False
    if person.address:
        return True
    if failure.subject == COMMON:
        return failure.mailed_at is not None
    # What is operations' to repair never comes out of a stranger's URL, and must not wait for the morning.
    return reasons.get(failure.reason).audience == reasons.VM


def dropped() -> Q:
    """Went to Microsoft, did not come back, and got in within a day: that was no failure."""
    return Q(failure__reason=SILENCE, got_further=True, resolved_at__lt=F("first_seen_at") + Value(SILENCE_SETTLES))


def has_someone(rows: QuerySet[FailurePerson]) -> Exists:
    """A condition on cases: one of these rows is theirs."""
    return Exists(rows.filter(failure=OuterRef("pk")))


def since(person: FailurePerson) -> str | Promise:
    """What has become of them since, for whoever reads of them late."""
    if person.resolved_at is None:
        return ""
    if not person.got_further:
        return _("closed since then")
    return _GOT_FURTHER.get(person.failure.stage, _("has continued since then"))


def resolve(
    failures: Collection[int],
    rows: QuerySet[FailurePerson],
    *,
    how: str,
    by: User | None = None,
    got_further: bool = False,
) -> int:
    """These are out no more; close the cases in which nobody is. How many were closed.

    Locks the cases first and in one order, as whoever reports does.
    """
    list(Failure.objects.select_for_update().filter(pk__in=failures).order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    rows.filter(failure__in=failures, resolved_at=None).update(resolved_at=now, got_further=got_further)
    over = Failure.objects.open().filter(~has_someone(FailurePerson.objects.out()), pk__in=failures)
    return over.update(state=Failure.State.RESOLVED, resolved_at=now, resolved_how=how[:200], resolved_by=by)


def addresses_of(user: User) -> QuerySet:
    """In lower case: where they were invited."""
    accounts = EntraAccount.objects.filter(user=user).order_by().values_list(Lower("address"))
    return accounts.union(Invitation.objects.filter(user=user).order_by().values_list(Lower("address")))


def live_addresses(user_id: int) -> set[str]:
    """In lower case: where they were invited and may still sign in."""
    live = EntraAccount.objects.filter(user=user_id, revoked_at=None)
    return set(live.order_by().values_list(Lower("address"), flat=True))


def listed(rows: Iterable[FailurePerson]) -> list[FailurePerson]:
    """Those with something to tell of them: an address, or what Microsoft says it is."""
    return [row for row in rows if row.address or row.claimed_address]

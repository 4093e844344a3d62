"""Whether anything may leave Passport. What knows no better must not write to real people: a copy of the database.

A database belongs to one installation, which `migrate` writes into it. In the hands of another one, once it has been
restored from a backup, or when the settings say so, nobody is emailed but operations, nothing is asked of Graph, and
the tasks that would do so wait.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity import outages
from identity.models import Installation

log = logging.getLogger(__name__)

SEND = "send"
_held_before: bool = False  # what this process knew when it could last ask the database


class OnHold(Exception):
    """Nothing goes out. The message is for whoever runs Passport."""


class NothingOnHold(Exception):
    """There is nothing to release."""


class HeldBySettings(Exception):
    """Only the settings can release it."""


class ErasuresNotReplayed(Exception):
    """The backup brought people back who have been erased since, and they could be written to."""

    def __init__(self) -> None:
        super().__init__(
            "This database was restored from a backup, and vendors who were erased after it was made have not been "
            "erased again. Run manage.py restore --replay-erasures first."
        )


def here() -> Installation:
    """Not stored: what the settings say that this installation is."""
    return Installation(**settings.INSTALLATION)


def owner() -> Installation | None:
    return Installation.objects.first()


def reason() -> str:
    """Why nothing goes out; empty when it does."""
    if settings.OUTBOUND != SEND:
        return _("The OUTBOUND setting says so.")
    claimed = owner()
    if claimed is None:
        return ""
    if claimed.restored_from:
        return _("This database was restored from the backup of %(time)s and has not been released yet.") % {
            "time": f"{claimed.restored_from.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC",
        }
    if claimed.is_same_as(here()):
        return ""
    return _("This database belongs to another installation: %(owner)s. This one is %(here)s.") % {
        "owner": claimed,
        "here": here(),
    }


def is_held() -> bool:
    """With the database out of reach: as it was when it was last asked."""
    global _held_before
    try:
        _held_before = bool(reason())
    except Exception as error:
        if not outages.is_outage(error):
            raise
    return _held_before


def check_recipients(addresses: Iterable[str]) -> None:
    """Operations may always be emailed. Raise OnHold."""
    if set(addresses) - set(settings.OPERATIONS_EMAIL) and is_held():
        raise OnHold("Outgoing email is on hold.")


def told(sentence: str) -> str:
    """The sentence that Vendor Management knows; on hold, whom to write to instead."""
    if not is_held():
        return sentence
    address = settings.VM_EMAIL[0]
    return _("It's saved, but we can't send email at the moment. Please write to Vendor Management at %s.") % address


@transaction.atomic
def claim() -> Installation:
    """Make a database that belongs to nobody ours, and say whose it is. An id that it did not have yet is added."""
    _lock()
    claimed = owner()
    ours = here()
    if claimed is None:
        ours.save()
        return ours
    if claimed.is_same_as(ours) and ours.installation_id and not claimed.installation_id:
        claimed.installation_id = ours.installation_id
        claimed.save(update_fields=["installation_id"])
    return claimed


@transaction.atomic
def release(*, by: str, why: str) -> None:
    """Make this database ours, so that everything that waits goes out.

    Raise HeldBySettings, NothingOnHold or ErasuresNotReplayed.
    """
    if settings.OUTBOUND != SEND:
        raise HeldBySettings(
            "OUTBOUND is not set to “send”. Change that setting, then restart the web processes and workers."
        )
    _lock()
    if not reason():
        raise NothingOnHold("Nothing is on hold.")
    claimed = owner()
    if claimed is not None and claimed.restored_from and not claimed.erasures_replayed_at:
        raise ErasuresNotReplayed
    ours = here()
    ours.claimed_by, ours.reason = by[:100], why[:300]
    ours.save()
    log.warning("Outgoing traffic released by %s", by)


def note_erasures_replayed() -> None:
    """Whom the backup brought back is erased again, so it may be released."""
    claimed = owner()
    if claimed is not None and claimed.restored_from:
        claimed.erasures_replayed_at = timezone.now()
        claimed.save(update_fields=["erasures_replayed_at"])


def _lock() -> None:
    """Two commands at once would both find it unclaimed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('identity.outbound', 0))")

"""Which emails went to whom.

That one went out is kept while a report about it may come back: only what is known here was sent. What was said to a
person is kept for a year, without its links: some of them open something.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from identity.mail import message_ids
from identity.models import SentEmail

KEPT_FOR = dt.timedelta(days=30)
TEXT_KEPT_FOR = dt.timedelta(days=365)
LINK_REMOVED = "[link removed]"
# Each of ours is on the site, and whatever opens something is in a link.
_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|mailto:)[^\s<>]+")
_TOKEN = re.compile(r"(?<![\w-])(?=[\w:-]*[a-z])(?=[\w:-]*\d)[\w:-]{32,}(?![\w-])", re.IGNORECASE)


def note(
    message_id: str, *, to: Sequence[str], user_id: int | None, template: str = "", subject: str = "", text: str = ""
) -> None:
    """Before it goes out: a report can be faster than whoever would write it down afterwards."""
    is_kept = user_id is not None
    if not is_kept and not settings.BOUNCE_MAILBOX:
        return
    now, content = timezone.now(), {"subject": readable(subject), "text": readable(text)} if is_kept else None
    SentEmail.objects.bulk_create(
        (
            SentEmail(
                token=message_ids.token(message_id),
                address=address,
                user_id=user_id,
                sent_at=now,
                template=template if is_kept else "",
                content=content,
            )
            for address in to
        ),
        update_conflicts=True,
        unique_fields=["token", "address"],
        update_fields=["sent_at", "template", "content"],
    )


def did_not_go(message_id: str) -> None:
    """The mail server did not take it, so nobody was told what it says."""
    SentEmail.objects.filter(token=message_ids.token(message_id)).update(template="", content=None)


def readable(text: str) -> str:
    """What may be read again later: without links, and without what could be the secret part of one."""
    return _TOKEN.sub("…", _LINK.sub(LINK_REMOVED, text))


def outdated(*, now: dt.datetime) -> Q:
    return Q(sent_at__lt=now - TEXT_KEPT_FOR) | Q(template="", sent_at__lt=now - KEPT_FOR)

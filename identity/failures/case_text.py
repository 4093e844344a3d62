"""What an email to VM says about a case and the people in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity import person_page
from identity.failures import people, reasons
from identity.failures.headlines import headline
from identity.failures.runbooks import RUNBOOKS
from identity.mail import subjects
from identity.mail.from_outside import one_line
from identity.models import EntraAccount, Failure, FailurePerson

LISTED_AT_MOST = 200
_SAYS_WHAT = (Failure.Stage.MAIL, Failure.Stage.RUNNING)
_WHERE = (("page", _("Step")), ("question", _("Question")), ("doubt", _("Note")))


def case_context(failure: Failure, persons: Sequence[FailurePerson]) -> dict[str, Any]:
    """About these people in the case, as far as a mail can list them."""
    reason = reasons.of(failure.reason, failure.detail)
    links = [(_label("case"), f"{settings.BASE_URL}/admin/identity/failure/{failure.pk}/change/")]
    if failure.user_id:
        do = button(failure)
        page = person_page.url(failure.user_id, do=do, failure=failure.reference)
        links.append((_label(do or "vendor"), f"{settings.BASE_URL}{page}"))
    named = [_person(row) for row in persons if row.address or row.claimed_address]
    first = named[0] if named else _person(persons[0]) if persons else {}
    listed = named[:LISTED_AT_MOST]
    address = first.get("address", "") if first else one_line(failure.address)
    claimed = first.get("claimed_address", "") if first else one_line(failure.claimed_address)
    is_typed = first.get("is_typed", False)
    who = address or claimed or str(_("address unknown"))
    # Whoever runs several Passports sees which one it is.
    site = urlsplit(settings.BASE_URL).netloc if reasons.is_about_running(failure.reason) else ""
    is_about_many = failure.subject == people.COMMON and len(named) > 1
    and_more = str(_("and %(count)s more")) % {"count": len(named) - 1} if is_about_many else ""
    return {
        "failure": failure,
        "reason": reason,
        "runbook": RUNBOOKS.get(failure.reason, ""),
        "first": first,
        "others": listed[1:],
        "more": len(named) - len(listed),
        "address": address,
        "claimed_address": claimed,
        "is_typed": is_typed,
        "headline": subjects.about(
            headline(failure.reason), site or who, note=str(_("(not proven)")) if is_typed else "", others=and_more
        ),
        "site": site,
        "links": links,
        "codes": codes(failure),
        "closes_by_itself": people.closes_by_itself(failure),
        "reached_by": [row.detail["reach"] for row in persons[:LISTED_AT_MOST] if row.detail.get("reach")],
        "what_they_read": reason.person_text if reasons.was_read(failure.reason, failure.detail) else "",
    }


def codes(failure: Failure) -> list[tuple[str, str | Promise]]:
    """Microsoft's numbers in the case, each with what it means where that is not what the case says already."""
    meanings = []
    for number in reasons.numbers_in(failure.detail):
        code = reasons.BY_AADSTS.get(number, reasons.UNPROVEN)
        is_news = code not in (failure.reason, reasons.UNPROVEN)
        meanings.append((f"AADSTS{number}", reasons.get(code).vm_text if is_news else ""))
    return meanings


def in_app(detail: Mapping[str, Any]) -> str:
    if not detail.get("in_app"):
        return ""
    sentence = _(
        "They tried to sign in inside %(app)s, which Google and others do not allow. Ask them to use their usual "
        "browser."
    )
    return str(sentence) % {"app": detail["in_app"]}


def button(failure: Failure) -> str:
    """What Passport can do about it. Microsoft mails nothing to those who have accepted: their sign-in is repaired."""
    wanted = reasons.of(failure.reason, failure.detail).button
    if wanted == "invite" and failure.stage == Failure.Stage.SIGN_IN and failure.user_id:
        accounts = EntraAccount.objects.live().filter(user=failure.user_id, first_sign_in_at__isnull=False)
        return "repair" if accounts.exists() else wanted
    return wanted


def _person(row: FailurePerson) -> dict[str, Any]:
    notes = [
        in_app(row.detail),
        str(row.detail["said"]) if row.detail.get("said") and row.failure.stage in _SAYS_WHAT else "",
        *(f"{label}: {one_line(str(row.detail[name]))}" for name, label in _WHERE if row.detail.get(name)),
    ]
    return {
        "address": one_line(row.address),
        "claimed_address": one_line(row.claimed_address),
        "is_typed": row.is_typed,
        "when": row.last_seen_at,
        "notes": [note for note in notes if note],
        "since": people.since(row),
    }


def _label(button: str) -> str:
    return {
        "case": "View the case",
        "vendor": "Open the vendor's page",
        "invite": "Send invitation again",
        "change_email": "Change primary email",
        "repair": "Repair sign-in",
    }.get(button, "Open the vendor's page")

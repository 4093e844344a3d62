"""From those who were found to what can be done with many at once: the ticked ones, or everyone in a group."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors.bulk import admin as bulk
from vendors.finding import results
from vendors.finding.query import Query

ACTION, TICKED, EVERYONE = "action", "vendor", "everyone"
AT_MOST = 5000


class NothingChosen(Exception):
    """The message is for the person who pressed the button."""


def begin(request: HttpRequest, query: Query, group: str) -> HttpResponse:
    """To the page that says what would happen; nothing happens yet. Raise NothingChosen."""
    name, has_more = request.POST.get(ACTION, ""), False
    if not name:
        raise NothingChosen(_("Choose what to do with these vendors."))
    if EVERYONE in request.POST:
        chosen, has_more = results.ids(query, group, at_most=AT_MOST)
    else:
        chosen = ticked(request)
    if not chosen:
        raise NothingChosen(_("Tick at least one vendor."))
    answer = bulk.begin(request, name, chosen)
    if has_more:
        sentence = ngettext(
            "More vendors were found. Only the first is in this preview.",
            "More vendors were found. Only the first %(count)d are in this preview.",
            AT_MOST,
        )
        messages.warning(request, sentence % {"count": AT_MOST})
    return answer


def ticked(request: HttpRequest) -> list[int]:
    return [int(pk) for pk in request.POST.getlist(TICKED) if is_whole_number(pk)]

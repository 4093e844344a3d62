"""Every invitation, to look at. What can be done about one stands on the person's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity import people_search, person_page, text_direction
from identity.admin_lists import ReadOnlyAdmin, as_id, at_address, tag
from identity.failures import reasons
from identity.invitations import wording
from identity.models import Invitation, User


class StuckFilter(admin.SimpleListFilter):
    title = gettext_lazy("problem")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("1", _("queued for a long time, or refused")),
            ("no-case", _("queued for a long time, without a case")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        state, now = request.GET.get("state__exact"), timezone.now()
        if self.value() == "1":
            return queryset.stuck(now=now) if state in (None, *Invitation.STUCK_IN) else queryset.none()
        if self.value() == "no-case":
            return queryset.waiting_too_long(now=now) if state in (None, "queued") else queryset.none()
        return queryset


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["address", "shown_state", "why", "attempts", "shown_reason", "queued_at", "next_try_at", "person"]
    list_filter = [StuckFilter, "state", people_search.WhoseFilter]
    not_shown = ("found_by",)
    search_help_text = gettext_lazy(
        "An address or its domain, the vendor's name, or Microsoft's ID for the invitation or the request."
    )
    ordering = ["-queued_at"]
    fields = [
        "address",
        "language",
        "shown_state",
        "why",
        "changes",
        "by",
        "attempts",
        "queued_at",
        "next_try_at",
        "sent_at",
        "closed_at",
        "shown_reason",
        "last_error",
        "request_id",
        "person",
    ]
    readonly_fields = ["shown_state", "changes", "shown_reason", "person"]

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        own_id = as_id(term)
        return [
            *([Q(pk=own_id)] if own_id else []),
            Q(graph_id=term),
            Q(request_id=term),
            *at_address(term, "address", domains=True),
            *people_search.ways_to_find(term, by=cast(User, request.user)),
        ]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, invitation: Invitation) -> str:
        return tag(invitation.state, invitation.get_state_display())

    @admin.display(description=gettext_lazy("changes since the previous invitation"))
    def changes(self, invitation: Invitation) -> str:
        old = wording.before(invitation)
        return text_direction.joined(wording.for_vm(old, address=invitation.address)) if old else "–"

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, invitation: Invitation) -> str:
        return str(reasons.get(invitation.reason).vm_text) if invitation.reason else ""

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, invitation: Invitation) -> str:
        return person_page.link(invitation.user_id)

"""Who may sign in, with which account, and every attempt. To look at only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from identity import people_search, person_page
from identity.admin_lists import ReadOnlyAdmin, as_id, at_address
from identity.models import EntraAccount, SignInAttempt, User


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "address", "shown_outcome", "person"]
    list_filter = ["outcome"]
    search_help_text = gettext_lazy("The first few characters of the address, or the vendor's name.")
    not_shown = ("found_by",)
    ordering = ["-started_at"]
    fields = ["started_at", "address", "shown_outcome", "prompt", "claimed_at", "failure", "person"]
    readonly_fields = ["shown_outcome", "person"]

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return [*at_address(term, "address"), *people_search.ways_to_find(term, by=cast(User, request.user))]

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, attempt: SignInAttempt) -> str:
        return attempt.get_outcome_display()

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, attempt: SignInAttempt) -> str:
        return person_page.link(attempt.user_id)


@admin.register(EntraAccount)
class EntraAccountAdmin(ReadOnlyAdmin):
    list_display = ["address", "oid", "guest", "created_by_passport", "last_sign_in_at", "revoked_at", "person"]
    list_filter = ["guest"]
    search_help_text = gettext_lazy(
        "The first few characters of the address, the vendor's name, or the whole object ID."
    )
    not_shown = ("found_by",)
    ordering = ["-created_at"]
    fields = [
        "address",
        "oid",
        "guest",
        "created_by_passport",
        "created_at",
        "first_sign_in_at",
        "last_sign_in_at",
        "signed_in_as",
        "confirmed_own_at",
        "revoked_at",
        "revoked_why",
        "guest_removed_at",
        "person",
    ]
    readonly_fields = ["person"]

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        oid = as_id(term)
        people = people_search.ways_to_find(term, by=cast(User, request.user))
        return [*([Q(oid=oid)] if oid else []), *at_address(term, "address"), *people]

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, account: EntraAccount) -> str:
        return person_page.link(account.user_id) if account.guest else ""

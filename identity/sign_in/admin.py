"""Who may sign in, with which account, and every attempt. To look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from identity import person_page
from identity.admin_lists import BeginsWith
from identity.models import EntraAccount, SignInAttempt


@admin.register(SignInAttempt)
class SignInAttemptAdmin(BeginsWith):
    list_display = ["started_at", "address", "shown_outcome", "person"]
    list_filter = ["outcome"]
    search_fields = ["address__istartswith"]
    ordering = ["-started_at"]
    fields = ["started_at", "address", "shown_outcome", "prompt", "claimed_at", "failure", "person"]
    readonly_fields = ["shown_outcome", "person"]

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, attempt: SignInAttempt) -> str:
        return attempt.get_outcome_display()

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, attempt: SignInAttempt) -> str:
        return person_page.link(attempt.user_id)


@admin.register(EntraAccount)
class EntraAccountAdmin(BeginsWith):
    list_display = ["address", "oid", "guest", "created_by_passport", "last_sign_in_at", "revoked_at", "person"]
    list_filter = ["guest"]
    search_fields = ["address__istartswith", "oid"]
    search_help_text = gettext_lazy("The beginning of the address, or the whole object id.")
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

    @admin.display(description=gettext_lazy("vendor"))
    def person(self, account: EntraAccount) -> str:
        return person_page.link(account.user_id) if account.guest else ""

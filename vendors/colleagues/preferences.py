"""What a colleague wants to see first, and whether they want the morning email."""

from __future__ import annotations

from identity.models import User
from vendors.models import ColleaguePreferences

FirstPage = ColleaguePreferences.FirstPage


def of(user: User) -> ColleaguePreferences:
    """Not saved yet if the colleague never chose."""
    return ColleaguePreferences.objects.filter(user=user).first() or ColleaguePreferences(user=user)


def choose(user: User, *, first_page: str, morning_email: bool) -> None:
    ColleaguePreferences.objects.update_or_create(
        user=user, defaults={"first_page": first_page, "morning_email": morning_email}
    )

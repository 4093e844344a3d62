"""Where the admin shows a person. identity knows no vendors, so settings name the page (PERSON_PAGE)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _


def url(user_id: int, **query: str) -> str:
    path = reverse(settings.PERSON_PAGE, args=[user_id])
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def link(user_id: int | None) -> str:
    return format_html('<a href="{}">{}</a>', url(user_id), _("their page")) if user_id is not None else ""

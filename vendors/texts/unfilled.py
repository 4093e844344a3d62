"""Filters that leave a placeholder as it is, in place of Django's that would take it for a date or cut it."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def date(value: Any, _format: str = "") -> Any:
    return value


@register.filter
def truncatechars(value: Any, _length: int = 0) -> Any:
    return value


@register.filter
def one_line(value: Any) -> Any:
    return value

"""`{% csrf_token %}` as Django's own, and beside it whose form this is: so it is not handed back to anybody else.

A built-in of all templates (settings), so that no form of ours or of Django's admin can do without.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.crypto import salted_hmac
from django.utils.html import format_html

register = template.Library()

TYPED_BY = "typed_by"  # the field that says who was signed in when the form was made


def signature(user_id: int) -> str:
    """Names a person in a form to Passport alone."""
    return salted_hmac("identity.sessions.csrf_tag", str(user_id), algorithm="sha256").hexdigest()[:32]


class _CsrfTokenNode(CsrfTokenNode):
    def render(self, context: Context) -> Any:
        field = super().render(context)
        user = getattr(context.get("request"), "user", None)
        if not field or user is None or not user.is_authenticated:
            return field
        return field + format_html('<input type="hidden" name="{}" value="{}">', TYPED_BY, signature(user.pk))


@register.tag
def csrf_token(parser: Parser, token: Token) -> _CsrfTokenNode:
    return _CsrfTokenNode()

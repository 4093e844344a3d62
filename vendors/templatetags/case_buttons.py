"""The buttons that mend what a case is about, on its page in the admin."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from identity.models import Failure, User
from vendors import actions
from vendors.models import Vendor

register = template.Library()


@register.simple_tag
def mending_buttons(failure: Failure, user: User) -> list[tuple[str, str]]:
    """Label and address of each, for an open case about a vendor."""
    vendor = Vendor.objects.filter(user=failure.user_id).select_related("user").first() if failure.user_id else None
    if vendor is None or failure.state != Failure.State.OPEN:
        return []
    buttons = []
    for name in actions.mending(failure.reason, actions.Situation(vendor), user):
        if name == actions.CHANGE_EMAIL:
            form = reverse("admin:vendors_vendor_change_email", args=[vendor.pk])
            label = _("Change primary email")
            buttons.append((label, f"{form}?{urlencode({'failure': failure.reference})}"))
        else:
            url = reverse("admin:vendors_vendor_action", args=[vendor.pk, name])
            buttons.append((str(actions.ACTIONS[name].label), url))
    return buttons

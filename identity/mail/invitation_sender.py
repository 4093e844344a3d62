"""Who Microsoft's invitations come from, for people to recognise them."""

from __future__ import annotations

from django.conf import settings

from identity.text_direction import Sentence
from identity.text_direction import gettext as _

# Microsoft Learn, "Elements of the B2B collaboration invitation email": the first until December 2025; since then the
# address has the first part of the tenant's own onmicrosoft.com domain where the dots are.
BOTH_FORMS = {"earlier": "invites@microsoft.com", "since": "invites@….onmicrosoft.com"}


def in_words() -> str:
    """The address that operations read in a real invitation, otherwise both that Microsoft has used."""
    if settings.INVITATION_SENDER:
        return Sentence("%s") % settings.INVITATION_SENDER
    return _("%(earlier)s or %(since)s") % BOTH_FORMS

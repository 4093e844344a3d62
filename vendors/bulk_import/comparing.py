"""Comparing an uploaded file with the guests in the tenant, before VM decides: a task does it, as it asks Microsoft."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q

from identity.microsoft import graph
from identity.text_direction import gettext as _
from vendors.bulk_import import decisions
from vendors.bulk_import.guests_there import GuestsThere
from vendors.bulk_import.runs import State
from vendors.models import VendorImport


def compare(run: VendorImport) -> None:
    """Say of each row what would happen, as a dry run of the command does. Nothing is changed in the tenant.

    If the guests cannot be read, every row that could be added says so instead: VM waits for an answer, and can have
    it compared again.
    """
    if run.state != State.COMPARING:
        return
    try:
        guests, problem = GuestsThere.read(), ""
    except graph.GraphError as error:
        guests, problem = None, _why_unread(error)
    with transaction.atomic():
        decisions.examine_again(run, Q(), guests=guests)
        if problem:
            decisions.refuse_all(run, problem)
        # Whoever opened the page that starts it has read something else.
        comparing = VendorImport.objects.filter(pk=run.pk, state=State.COMPARING)
        comparing.update(state=State.EXAMINED, revision=F("revision") + 1)


def _why_unread(error: graph.GraphError) -> str:
    if isinstance(error, graph.NotPermitted):
        return _(
            "Passport is not allowed to read the tenant's guests. Ask IT to grant User.Read.All, then compare again."
        )
    return _("The tenant's guests could not be read. Compare again in a few minutes.")

"""The email that asks a vendor about a rate."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import message_ids
from vendors import correspondence
from vendors.answers import money, service_catalogue
from vendors.models import RateProposal, VendorState
from vendors.rate_proposals import lifecycle as rate_proposals


def mail_vendor(proposal_id: int) -> None:
    """Unless it has been answered or withdrawn, or the vendor may not come in, since it was queued."""
    open_ones = RateProposal.objects.filter(state=RateProposal.State.OPEN, vendor__state=VendorState.APPROVED)
    proposal = open_ones.select_related("vendor__user").filter(pk=proposal_id).first()
    if proposal is None:
        return
    mail_to_person.to_person(
        proposal.vendor.user,
        address=proposal.vendor.address,
        template="vendors/mail/rate_proposed",
        context={
            "greeting": correspondence.greeting(proposal.vendor),
            "about": rate_proposals.words(proposal),
            "amount": money.display(proposal.amount, proposal.currency),
            "unit": service_catalogue.unit_name(proposal.unit),
            "why": proposal.why,
            "url": f"{settings.BASE_URL}{reverse('vendors:profile')}",
        },
        message_id=message_ids.of("rate-proposed", proposal.pk, proposal.proposed_at),
    )

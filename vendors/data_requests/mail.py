"""VM is told of what a vendor has asked on their own."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.mail import delivery, message_ids, subjects
from vendors.colleagues import recipients
from vendors.models import DataRequest

HEADLINES = {
    DataRequest.Kind.ACCESS: _("Request for a copy of their data"),
    DataRequest.Kind.ERASURE: _("Request for their data to be erased"),
}


def mail_to_vm(data_request_id: int) -> None:
    request = DataRequest.objects.open().select_related("vendor").filter(pk=data_request_id).first()
    if request is None:
        return
    path = reverse("admin:vendors_datarequest_change", args=[request.pk])
    to, cc = recipients.of(request.vendor)
    delivery.deliver(
        to=to,
        cc=cc,
        template="vendors/mail/data_request",
        context={
            "request": request,
            "url": f"{settings.BASE_URL}{path}",
            "headline": subjects.about(HEADLINES[DataRequest.Kind(request.kind)], request.vendor.address),
        },
        message_id=message_ids.of("data-request", request.pk, request.created_at),
        reply_to=[request.vendor.address],
    )

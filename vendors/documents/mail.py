"""What a vendor is told about its documents by email."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from identity.failures import mail_to_person
from identity.mail import message_ids
from vendors import correspondence
from vendors.models import Document, VendorState
from vendors.onboarding_interface import onboarding


def tell_of_expiry(document_id: str, *, days: int) -> None:
    """Unless the vendor has sent a newer one since. Who has chosen one and not sent it is told just that."""
    document = _known(document_id)
    if document is None:
        return
    # The date may be corrected, and then it is told of again.
    message_id = message_ids.of("document-expiring", document_id, document.expires_on, days)
    newest = Document.objects.filter(vendor=document.vendor, slot=document.slot).current().first()
    if newest == document:
        _mail(document, "document_expiring", message_id=message_id)
    elif not onboarding().waits_for_vm(document.vendor, slot=document.slot, document=newest):
        path = onboarding().change_urls()["all"]
        _mail(document, "document_not_sent", message_id=message_id, path=path, newest=newest)


def tell_of_refusal(document_id: str) -> None:
    """Unless VM has thought better of it, or the vendor has sent another one."""
    document = _known(document_id)
    if document and document.is_refused:
        message_id = message_ids.of("document-refused", document_id, document.judged_at)
        _mail(document, "document_refused", message_id=message_id)


def _known(document_id: str) -> Document | None:
    """Only approved vendors are told: before, the wizard says it."""
    documents = Document.objects.known().select_related("vendor__user")
    return documents.filter(pk=document_id, vendor__state=VendorState.APPROVED).first()


def _mail(
    document: Document, template: str, *, message_id: str, path: str = "", newest: Document | None = None
) -> None:
    path = path or reverse("vendors:replace-document", kwargs={"pk": document.pk})
    mail_to_person.to_person(
        document.vendor.user,
        address=document.vendor.address,
        template=f"vendors/mail/{template}",
        context={
            "document": document,
            "newest": newest,
            "greeting": correspondence.greeting(document.vendor),
            "url": f"{settings.BASE_URL}{path}",
        },
        message_id=message_id,
    )

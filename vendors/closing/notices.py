"""The email that VM may send when it suspends, closes, ends or reopens a vendor: proposed here, edited by VM."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import message_ids
from identity.models import User
from vendors import correspondence
from vendors.models import Vendor, VendorNotice

About = VendorNotice.About


@dataclass(frozen=True)
class Written:
    subject: str
    text: str


def proposal(vendor: Vendor, about: VendorNotice.About) -> Written:
    """What VM finds in the form."""
    organisation = {"organisation": settings.ORGANISATION_NAME}
    subject, sentences = {
        About.SUSPENDED: (
            _("%(organisation)s: access paused"),
            _(
                "We have paused your access to Passport, so you can't sign in at the moment. Nothing you gave us is "
                "lost."
            ),
        ),
        About.CLOSED: (
            _("%(organisation)s: application closed"),
            _("We have closed your application, so you can no longer sign in to Passport."),
        ),
        About.ENDED: (
            _("%(organisation)s: profile closed"),
            _("We have closed your profile, so you can no longer sign in to Passport. Thank you for your work."),
        ),
        About.REOPENED: (
            _("%(organisation)s: profile reopened"),
            _("You can use Passport again. Everything is as you left it: %(url)s"),
        ),
    }[about]
    values = {**organisation, "url": f"{settings.BASE_URL}/"}
    closing = _("If you have any questions, just reply to this email.")
    paragraphs = [correspondence.greeting(vendor), sentences % values, closing, settings.ORGANISATION_NAME]
    return Written(subject % values, "\n\n".join(paragraphs))


@transaction.atomic
def queue(vendor: Vendor, written: Written, *, about: VendorNotice.About, address: str, by: User | None) -> None:
    """In the transaction of what it tells about."""
    content = {"subject": written.subject, "text": written.text}
    notice = VendorNotice.objects.create(vendor=vendor, about=about, address=address, content=content, by=by)
    defer("vendors.tasks.mail_notice", notice_id=notice.pk)


def mail(notice_id: int) -> None:
    notice = VendorNotice.objects.select_related("vendor__user").filter(pk=notice_id, sent_at=None).first()
    if notice is None:
        return
    mail_to_person.to_person(
        notice.vendor.user,
        address=notice.address,
        template="vendors/mail/notice",
        context={"subject": notice.content["subject"], "text": notice.content["text"]},
        message_id=message_ids.of("notice", notice.pk, notice.created_at),
    )
    VendorNotice.objects.filter(pk=notice_id).update(sent_at=timezone.now())

"""The email that tells a vendor what VM has corrected."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.failures import mail_to_person
from identity.mail import message_ids
from onboarding.models import Submission
from onboarding.submission.differences import Compared, Line, compare
from vendors import correspondence
from vendors.models import VendorEvent

# Of these the email says what they were and are. The rest is personal: that it changed is said, not what it is.
SHOWN_IN_FULL = {"languages", "services", "rates"}


def mail_vendor(submission_id: int) -> None:
    correction = Submission.objects.select_related("vendor__user", "compared_with").filter(pk=submission_id).first()
    if correction is None:
        return
    vendor = correction.vendor
    about = {"kind": VendorEvent.Kind.PROFILE_CORRECTED, "data__submission": correction.reference}
    event = vendor.events.filter(**about).first()
    mail_to_person.to_person(
        vendor.user,
        address=vendor.address,
        template="onboarding/mail/corrected",
        context={
            "greeting": correspondence.greeting(vendor),
            "source": event.reason if event else "",
            "lines": list(_lines(differences(correction))),
            "reference": correction.reference,
            "url": f"{settings.BASE_URL}{reverse('corrections:correction', args=[correction.reference])}",
        },
        message_id=message_ids.of("corrected", correction.token),
    )


def differences(correction: Submission) -> list[Compared]:
    """Of the sections that were corrected."""
    compared = compare(correction.compared_answers, correction.answers, changed=correction.changed)
    return [section for section in compared if section.is_changed]


def _lines(compared: Iterable[Compared]) -> Iterable[str]:
    for section in compared:
        for difference in section.differences:
            if section.step in SHOWN_IN_FULL:
                values = {
                    "label": difference.label,
                    "before": _text(difference.before),
                    "now": _text(difference.now),
                }
                yield _("%(label)s: %(now)s (previously: %(before)s)") % values
            else:
                yield difference.label
        if not section.differences:
            yield str(section.title)


def _text(lines: Iterable[Line]) -> str:
    return ", ".join(line.text for line in lines) or "–"

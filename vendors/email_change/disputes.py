"""The old address is told of an email change, with a link to say "this was not me"."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.failures import mail_to_person
from identity.jobs.queue import defer
from identity.mail import message_ids
from identity.models import Failure
from vendors import correspondence
from vendors.models import EmailChange, Vendor
from vendors.not_me.question import Question

_SALT = "vendors.email_change.disputes"
TOLD = "email_changed"


def link(change: EmailChange) -> str:
    return f"{settings.BASE_URL}{reverse('vendors:not-me', args=[signing.dumps(change.pk, salt=_SALT)])}"


def disputed_change(token: str) -> EmailChange | None:
    """None when the link cannot be read. Of a change that was replaced, the one in its place: the address before it is
    the same."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    change = EmailChange.objects.select_related("vendor__user").filter(pk=pk).first()
    while change is not None and change.state == EmailChange.State.SUPERSEDED:
        later = EmailChange.objects.select_related("vendor__user").filter(vendor=change.vendor_id, pk__gt=change.pk)
        change = later.order_by("pk").first()
    return change


def question(change: EmailChange) -> Question:
    """What the page asks about it."""
    happened = []
    if change.state == EmailChange.State.UNDONE:
        happened.append(_("This change has been undone. You sign in with the address that you had before."))
    elif change.state == EmailChange.State.CONFIRMED:
        happened.append(_("The new address has been used to sign in since then."))
    if change.disputed_at and not is_open(change) and change.state != EmailChange.State.UNDONE:
        happened.append(_("Vendor Management has already looked into this once and confirmed the change."))
    return Question(
        heading=_("The email address used to sign in to your profile was changed"),
        sentence=_("If you didn't ask for this, press the button. Vendor Management will look into it."),
        happened=happened,
        is_over=change.state == EmailChange.State.UNDONE,
        is_told=is_open(change),
    )


def is_open(change: EmailChange) -> bool:
    """Does VM still have to decide about a dispute of this change?"""
    return change.disputed_at is not None and open_cases(change.vendor).exists()


def open_cases(vendor: Vendor) -> QuerySet[Failure]:
    return Failure.objects.open().filter(user=vendor.user_id, reason="change_disputed")


def tell_old_address(email_change_id: int) -> None:
    """The old address learns that the vendor's address was changed, not to which one."""
    change = EmailChange.objects.select_related("vendor__user").filter(pk=email_change_id).first()
    if change is None or change.state in (EmailChange.State.UNDONE, EmailChange.State.SUPERSEDED):
        return
    _mail(change, TOLD, not_me_url=link(change))
    _note_told(change)


@transaction.atomic
def _note_told(change: EmailChange) -> None:
    """Undoing it looks at this under the same lock, so that one of the two sees the other."""
    state = EmailChange.objects.select_for_update().values_list("state", flat=True).get(pk=change.pk)
    EmailChange.objects.filter(pk=change.pk).update(old_told_at=timezone.now())
    if state == EmailChange.State.UNDONE:
        defer("vendors.tasks.tell_old_address_undone", email_change_id=change.pk)


def was_old_address_told(change: EmailChange) -> bool:
    """Of this change, or of those that it replaced."""
    for earlier in EmailChange.objects.filter(vendor=change.vendor_id, pk__lte=change.pk).order_by("-pk"):
        if earlier.pk != change.pk and earlier.state != EmailChange.State.SUPERSEDED:
            return False
        if earlier.old_told_at and earlier.old.lower() == change.old.lower():
            return True
    return False


def tell_old_address_undone(email_change_id: int) -> None:
    """Whoever was told of the change learns that it was taken back."""
    change = EmailChange.objects.select_related("vendor__user").filter(pk=email_change_id).first()
    if change is not None and change.state == EmailChange.State.UNDONE:
        _mail(change, "email_change_undone")


def _message_id(change: EmailChange, template: str) -> str:
    return message_ids.of(template.replace("_", "-"), change.pk, change.created_at, change.mode)


def _mail(change: EmailChange, template: str, **context: str) -> None:
    mail_to_person.to_person(
        change.vendor.user,
        address=change.old,
        template=f"vendors/mail/{template}",
        context={
            "change": change,
            "greeting": correspondence.greeting_without_name(),
            "help_url": f"{settings.BASE_URL}{reverse('help-signing-in')}",
            **context,
        },
        message_id=_message_id(change, template),
        thread=[_message_id(change, TOLD)],
    )

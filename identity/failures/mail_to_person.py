"""Mail to the people themselves. A mailbox that takes no mail becomes a case for VM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from identity.failures import cases
from identity.mail import delivery
from identity.models import Failure, User


def to_person(
    user: User,
    *,
    address: str,
    template: str,
    context: dict[str, Any],
    message_id: str,
    thread: Sequence[str] = (),
    reply_to: Sequence[str] | None = None,
) -> None:
    """Call it from tasks only. Whoever has no address any more is not written to.

    Raise OSError for what may pass, so that the task is tried again.
    """
    if not address:
        return
    try:
        delivery.deliver(
            to=[address],
            template=template,
            context=context,
            message_id=message_id,
            reply_to=reply_to,
            thread=thread,
            user_id=user.pk,
        )
    except delivery.MailRefused as error:
        cases.report(
            stage=Failure.Stage.MAIL,
            reason="mail_refused",
            user=user,
            address=address,
            detail={"said": str(error)},
        )

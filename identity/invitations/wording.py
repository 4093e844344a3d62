"""What an invitation changes about the one before it, for the person who gets it and for VM."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format

from identity import accounts
from identity.models import EntraAccount, Invitation, User
from identity.text_direction import gettext as _
from identity.text_direction import ours

State = Invitation.State
Why = Invitation.Why

FIRST, AGAIN, CHANGED, REPAIRED = "first", "again", "changed", "repaired"


def before(invitation: Invitation) -> Invitation | None:
    """The invitation of the same person that this one came after, whatever became of it."""
    earlier = Invitation.objects.filter(user=invitation.user_id, queued_at__lt=invitation.queued_at)
    return earlier.select_related("account").order_by("-queued_at").first()


def leads_in(invitation: Invitation) -> bool:
    """Does its link still lead in? It does for as long as its guest may sign in: Microsoft's links do not expire."""
    account = invitation.account
    return invitation.state != State.WITHDRAWN and account is not None and account.is_live


def words(invitation: Invitation) -> str:
    """How the mail to the person begins. Nothing has changed for somebody who has never signed in."""
    if has_signed_in(invitation.user):
        if invitation.why in (Why.EMAIL_CHANGE, Why.UNDO):
            return CHANGED
        return {Why.REPAIR: REPAIRED, Why.RESENT: AGAIN}.get(Why(invitation.why), FIRST)
    earlier = Invitation.objects.filter(
        user=invitation.user_id, address__iexact=invitation.address, queued_at__lt=invitation.queued_at
    )
    return AGAIN if earlier.filter(sent_at__isnull=False).exists() else FIRST


def has_signed_in(user: User) -> bool:
    """They themselves: a stranger who said that the account was not theirs does not count."""
    used = EntraAccount.objects.filter(user=user, first_sign_in_at__isnull=False)
    return used.exclude(revoked_why=EntraAccount.Revoked.DISOWNED).exists()


def for_vm(old: Invitation, *, address: str) -> list[str]:
    """What an invitation to `address` changes about the one before."""
    sentences = [_replaces(old)]
    moved = old.address.lower() != address.lower()
    if moved:
        sentences.append(_("New address: %(new)s instead of %(old)s.") % {"new": address, "old": old.address})
    if old.sent_at is None:
        return sentences
    if not leads_in(old):
        sentences.append(_("The link sent to %(old)s no longer works.") % {"old": old.address})
    elif moved:
        sentences.append(
            _("%(old)s will keep working until the first sign-in with %(new)s.") % {"new": address, "old": old.address}
        )
    else:
        sentences.append(_("The link sent earlier still works: it belongs to the same guest."))
    return sentences


def _replaces(old: Invitation) -> str:
    values = {"address": old.address, "day": _day(old), "why": ours(old.get_why_display())}
    if old.sent_at is None:
        return _("It replaces the invitation of %(day)s to %(address)s (%(why)s), which was not sent.") % values
    return _("It replaces the invitation sent on %(day)s to %(address)s (%(why)s).") % values


def for_person(invitation: Invitation) -> list[str]:
    """The same for whoever reads the mail. It names no other address: this one may be mistyped, and a stranger's."""
    earlier = Invitation.objects.filter(user=invitation.user_id, queued_at__lt=invitation.queued_at)
    old = earlier.filter(sent_at__isnull=False).select_related("account").order_by("-queued_at").first()
    if old is None:
        return []
    sentences = []
    if words(invitation) == FIRST:
        return []
    if invitation.why == Why.REPAIR:
        sentences.append(
            _(
                "We have renewed your sign-in, because the old one no longer matched your mailbox. You need to "
                "accept the invitation again."
            )
        )
    elif invitation.why == Why.UNDO:
        sentences.append(_("The change to another address was undone. Please sign in with this one, as before."))
    elif old.address.lower() != invitation.address.lower():
        sentences.append(
            _("Our previous invitation went to another address, which is no longer the one we have for you.")
        )
    elif leads_in(old):
        sentences.append(
            _(
                "This email replaces our invitation of %(day)s and is for the same mailbox. "
                "The link in the earlier email still works as well."
            )
            % {"day": _day(old)}
        )
    else:
        sentences.append(
            _("This email replaces our invitation of %(day)s, whose link no longer works. Please use this one.")
            % {"day": _day(old)}
        )
    if invitation.why != Why.UNDO:
        sentences += _about_the_other_address(invitation, old)
    return sentences


def _about_the_other_address(invitation: Invitation, old: Invitation) -> list[str]:
    others = accounts.live_accounts(invitation.user).exclude(pk=invitation.account_id or 0)
    if others.filter(first_sign_in_at__isnull=False).exists():
        return [_("The address you have used so far will keep working until you first sign in with this one.")]
    if old.address.lower() != invitation.address.lower():
        return [_("No one can sign in with the earlier address any longer.")]
    return []


def _day(invitation: Invitation) -> str:
    return ours(date_format(timezone.localtime(invitation.sent_at or invitation.queued_at), "j F Y"))

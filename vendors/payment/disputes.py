"""“This was not me” in the emails about an account to pay to. What is paid to it is held until somebody has decided."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity import accounts
from identity.compiled_queries import Compiled, Given
from identity.failures import cases
from identity.models import Failure, User
from vendors import lifecycle
from vendors.models import PaymentDetails, PaymentDispute, PaymentRelease, Vendor, VendorEvent
from vendors.not_me.question import Question
from vendors.onboarding_interface import PaymentState, onboarding
from vendors.payment import notice_recipients

Outcome = PaymentDispute.Outcome
# Of one that is not approved, and then: waits for its release; the one we pay to; another is by now.
Standing = PaymentState | Literal["to_release", "in_force", "replaced"]

ADDED = PaymentDispute.ADDED

_SALT = "vendors.payment.disputes"
_REASON = "payment_disputed"


class NotDisputed(Exception):
    """Nobody says that an account was not named by them, or it has been decided about."""

    def __init__(self) -> None:
        super().__init__(_("No disputed account is waiting for a decision."))


class Disputed(Exception):
    """What is disputed is not approved."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Someone says that the vendor did not give us this account. Call the vendor on a number you already "
                "had, then confirm the account on the vendor's page, or turn it down."
            )
        )


def link(vendor: Vendor, *, about: str, source: str = notice_recipients.PRIMARY) -> str:
    """For the address that comes from there (recipients.of)."""
    token = signing.dumps([vendor.pk, about, source], salt=_SALT)
    return f"{settings.BASE_URL}{reverse('vendors:payment-not-me', args=[token])}"


def read(token: str) -> PaymentDispute | None:
    """The dispute that the link leads to, not stored yet. None when the link cannot be read."""
    try:
        vendor_id, about, source = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    vendor = Vendor.objects.select_related("user").filter(pk=vendor_id).first()
    if vendor is None:
        return None
    address = notice_recipients.address(vendor, source) or vendor.address
    return PaymentDispute(vendor=vendor, about=about, address=address)


def standing(vendor: Vendor, about: str) -> Standing:
    """Where an account stands, from when it was named."""
    release = PaymentRelease.objects.filter(vendor=vendor, about=about).order_by("-pk").defer("before", "after").first()
    if release is None:
        return onboarding().payment_change(vendor, about)
    if release.is_pending:
        return "to_release"
    if release.state != PaymentRelease.State.RELEASED:
        return "dropped"
    newer = PaymentRelease.objects.filter(vendor=vendor, state=PaymentRelease.State.RELEASED, pk__gt=release.pk)
    return "replaced" if newer.exists() else "in_force"


def question(dispute: PaymentDispute) -> Question:
    state = standing(dispute.vendor, dispute.about)
    sentences = {
        "waiting": _("Vendor Management hasn't approved the account yet. We aren't paying anything into it."),
        "to_release": _("The account is waiting for a second check. We aren't paying anything into it yet."),
        "in_force": _("We now pay into this account."),
        "replaced": _("Another account has been approved since then. We no longer pay into this one."),
        "dropped": _("We've never used this account, and we don't pay anything into it."),
    }
    happened = [sentences[state]]
    earlier = PaymentDispute.objects.filter(vendor=dispute.vendor, about=dispute.about)
    is_over = state in ("replaced", "dropped")
    if not is_over and earlier.filter(outcome=Outcome.CONFIRMED).exists():
        happened.append(_("Vendor Management has already looked into this once and confirmed the account."))
    return Question(
        heading=_("We were given an account to pay your invoices into"),
        sentence=_(
            "If that wasn't you, press the button. We won't pay anything into this account until we've cleared this up."
        ),
        happened=happened,
        is_over=is_over,
        is_told=earlier.filter(ended_at=None).exists(),
    )


@transaction.atomic
def raise_(dispute: PaymentDispute) -> bool:
    """VM gets a case. False when it was said before and VM has not decided yet."""
    vendor = lock(dispute.vendor)
    if PaymentDispute.objects.filter(vendor=vendor, about=dispute.about, ended_at=None).exists():
        return False
    dispute.save()
    lifecycle.record(vendor, VendorEvent.Kind.PAYMENT_DISPUTED)
    cases.report(stage=Failure.Stage.ONBOARDING, reason=_REASON, user=vendor.user, address=dispute.address)
    return True


def open_dispute(vendor: Vendor) -> PaymentDispute | None:
    return PaymentDispute.objects.filter(vendor=vendor, ended_at=None).first()


def _in_force() -> QuerySet[PaymentDetails]:
    disputes = PaymentDispute.objects.filter(vendor=OuterRef("vendor"), ended_at=None)
    return PaymentDetails.objects.filter(vendor=Given("vendor")).annotate(is_held=Exists(disputes))


IN_FORCE: Compiled[PaymentDetails] = Compiled(_in_force)


def details_in_force(vendor: Vendor) -> PaymentDetails | None:
    """With `is_held`: nothing is paid to that account until a dispute of it is over."""
    details: Any = IN_FORCE.first(vendor=vendor.pk)
    if details is not None and details.is_held:
        details.is_held = _is_in_force_and_disputed(vendor)
    return details


def _is_in_force_and_disputed(vendor: Vendor) -> bool:
    return any(
        standing(vendor, dispute.about) == "in_force"
        for dispute in PaymentDispute.objects.filter(vendor=vendor, ended_at=None)
    )


def check_undisputed(vendor: Vendor, about: str) -> None:
    """Raise Disputed."""
    if PaymentDispute.objects.filter(vendor=vendor, about=about, ended_at=None).exists():
        raise Disputed


@transaction.atomic
def uphold(vendor: Vendor, *, by: User | None = None, via: str = "", reason: str = "") -> None:
    """VM has found out that the account is the vendor's. Raise NotDisputed."""
    vendor = lock(vendor)
    if not _end(vendor, Outcome.CONFIRMED, by=by):
        raise NotDisputed
    lifecycle.record(vendor, VendorEvent.Kind.PAYMENT_UPHELD, by=by, via=via, reason=reason)
    _resolve(vendor, how="account confirmed by Vendor Management")


def adopted(vendor: Vendor, *, by: User | None) -> None:
    """Another account is in force: nothing more is paid to the disputed one before. One that is still to be decided
    about stays disputed. Call it with the vendor locked.
    """
    for dispute in list(PaymentDispute.objects.filter(vendor=vendor, ended_at=None)):
        if standing(vendor, dispute.about) in ("waiting", "to_release"):
            continue
        _end(vendor, Outcome.REPLACED, by=by, about=dispute.about)
        _resolve(vendor, how="another account released")


def dropped(vendor: Vendor, about: str, *, by: User | None) -> None:
    """The change that named the account was declined or withdrawn. Call it with the vendor locked."""
    if _end(vendor, Outcome.NOT_ADOPTED, by=by, about=about):
        _resolve(vendor, how="the account was not changed")


def _end(vendor: Vendor, outcome: PaymentDispute.Outcome, *, by: User | None, about: str | None = None) -> int:
    disputes = PaymentDispute.objects.filter(vendor=vendor, ended_at=None)
    if about is not None:
        disputes = disputes.filter(about=about)
    return disputes.update(ended_at=timezone.now(), outcome=outcome, ended_by=by)


def _resolve(vendor: Vendor, *, how: str) -> None:
    if open_dispute(vendor) is None:
        cases.resolve_for(vendor.user, stages=[Failure.Stage.ONBOARDING], reasons_only=[_REASON], how=how)


def lock(vendor: Vendor) -> Vendor:
    """The user's row first, then the vendor's, as everywhere."""
    accounts.lock_person(vendor.user_id)
    return Vendor.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=vendor.pk)

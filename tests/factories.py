"""Rows for tests, with honest defaults: a vendor in a state has what a vendor gets on the way to that state."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from identity import accounts
from identity.models import EntraAccount, Failure, FailurePerson, Invitation, SignInAttempt, User, protected_rows
from identity.roles import VENDOR_MANAGER
from onboarding.models import Draft, Submission
from vendors.agreements import texts as agreements
from vendors.agreements.texts import Agreement
from vendors.models import Acceptance, ClosedAs, EmailChange, Vendor, VendorState

_numbers = itertools.count(1)

NEVER_SIGNED_IN = {VendorState.PREPARED, VendorState.INVITED}
CLOSED_FROM = {VendorState.DECLINED: VendorState.SUBMITTED, VendorState.ENDED: VendorState.APPROVED}
CLOSED_AS = {VendorState.DECLINED: ClosedAs.NOT_SUITABLE, VendorState.ENDED: ClosedAs.LEFT}
HAVE_SUBMITTED = set(VendorState) - NEVER_SIGNED_IN - {VendorState.ONBOARDING, VendorState.ERASED}


def create_staff(*, role: str = VENDOR_MANAGER, email: str = "") -> User:
    number = next(_numbers)
    user = User.objects.create_user(email=email or f"staff-{number}@sandberg.example", is_staff=True)
    user.roles = [role]
    user.save(update_fields=["roles"])
    EntraAccount.objects.create(tenant_id=settings.ENTRA_TENANT_ID, oid=uuid.uuid4(), user=user, guest=False)
    return user


def create_vendor(
    *,
    state: str = VendorState.PREPARED,
    name: str = "",
    primary_email: str = "",
    language: str = "en-GB",
    owner: User | None = None,
    suspended_from: str = "",
    state_changed_at: dt.datetime | None = None,
) -> Vendor:
    """From "invited" on with a sent invitation and its account; from "onboarding" on somebody has signed in with it."""
    number = next(_numbers)
    if state == VendorState.SUSPENDED and not suspended_from:
        suspended_from = VendorState.APPROVED
    vendor = Vendor.objects.create(
        user=User.objects.create_user(),
        name=name or f"Vendor {number}",
        primary_email=primary_email or f"vendor-{number}@mail.example",
        language=language,
        owner=owner,
        state=state,
        suspended_from=suspended_from,
        closed_from=CLOSED_FROM.get(VendorState(state), ""),
        closed_as=CLOSED_AS.get(VendorState(state), ""),
        confirmed_at=timezone.now() if state == VendorState.APPROVED else None,
        state_changed_at=state_changed_at or timezone.now(),
    )
    came_to = suspended_from or state
    if came_to != VendorState.PREPARED:
        used = came_to not in NEVER_SIGNED_IN
        account = create_account(user=vendor.user, address=vendor.primary_email, used=used)
        create_invitation(
            user=vendor.user,
            address=vendor.primary_email,
            account=account,
            state=Invitation.State.ACCEPTED if used else Invitation.State.SENT,
        )
        if state in Vendor.CLOSED:
            accounts.revoke(account, why=EntraAccount.Revoked.CLOSED)
    if came_to in HAVE_SUBMITTED:
        create_acceptances(vendor=vendor)
    if state == VendorState.SUBMITTED:
        create_submission(vendor=vendor)
    if state == VendorState.DECLINED:
        create_submission(vendor=vendor, state=Submission.State.DECLINED)
    return vendor


def create_account(
    *,
    user: User,
    address: str,
    used: bool = False,
    created_by_passport: bool = True,
    oid: uuid.UUID | str | None = None,
) -> EntraAccount:
    now = timezone.now()
    return EntraAccount.objects.create(
        tenant_id=settings.ENTRA_TENANT_ID,
        oid=oid or uuid.uuid4(),
        user=user,
        guest=True,
        address=address,
        created_by_passport=created_by_passport,
        first_sign_in_at=now if used else None,
        last_sign_in_at=now if used else None,
        signed_in_as=address if used else "",
    )


def become(accounts: QuerySet[EntraAccount], guest: dict[str, Any], **fields: Any) -> None:
    """As if these accounts had been bound when this guest of the tenant was invited."""
    with protected_rows.lifted():
        accounts.update(oid=guest["id"], **fields)


def create_invitation(
    *,
    user: User,
    address: str,
    account: EntraAccount | None = None,
    state: str = Invitation.State.SENT,
    **fields: Any,
) -> Invitation:
    sent = state in (Invitation.State.SENT, Invitation.State.ACCEPTED)
    return Invitation.objects.create(
        user=user,
        address=address,
        account=account,
        state=state,
        sent_at=timezone.now() if sent else None,
        closed_at=None if state in Invitation.OPEN else timezone.now(),
        **fields,
    )


def create_email_change(
    *,
    vendor: Vendor,
    old: str = "",
    new: str = "",
    mode: str = EmailChange.Mode.PLANNED,
    state: str = EmailChange.State.OPEN,
    **fields: Any,
) -> EmailChange:
    number = next(_numbers)
    return EmailChange.objects.create(
        vendor=vendor,
        old=old or f"before-{number}@mail.example",
        new=new or vendor.primary_email,
        mode=mode,
        state=state,
        reason="asked for it",
        **fields,
    )


def create_draft(*, vendor: Vendor, answers: dict[str, Any] | None = None, **fields: Any) -> Draft:
    return Draft.objects.create(vendor=vendor, answers=answers or {}, **fields)


def create_submission(
    *,
    vendor: Vendor,
    state: str = Submission.State.WAITING,
    answers: dict[str, Any] | None = None,
    kind: str = Submission.Kind.ONBOARDING,
) -> Submission:
    return Submission.objects.create(vendor=vendor, token=uuid.uuid4(), answers=answers or {}, state=state, kind=kind)


def create_acceptances(*, vendor: Vendor, texts: Iterable[Agreement] | None = None) -> list[Acceptance]:
    """Of everything in force, unless told otherwise."""
    return Acceptance.objects.bulk_create(
        Acceptance(
            vendor=vendor,
            document=text.document,
            version=text.version,
            sha256=text.sha256,
            accepted_at=timezone.now(),
            address=vendor.primary_email,
        )
        for text in (agreements.current() if texts is None else texts)
    )


def create_failure(
    *,
    user: User | None = None,
    address: str = "",
    claimed_address: str = "",
    stage: str = Failure.Stage.SIGN_IN,
    reason: str = "did_not_come_back",
    state: str = Failure.State.OPEN,
    count: int = 1,
) -> Failure:
    now = timezone.now()
    if user is None and not address:
        address = f"somebody-{next(_numbers)}@mail.example"
    failure = Failure.objects.create(
        subject=f"user:{user.pk}" if user else f"address:{address}",
        user=user,
        address=address,
        is_typed=user is None,
        claimed_address=claimed_address,
        stage=stage,
        reason=reason,
        state=state,
        count=count,
        first_seen_at=now,
        last_seen_at=now,
        resolved_at=now if state == Failure.State.RESOLVED else None,
    )
    FailurePerson.objects.create(
        failure=failure,
        who=failure.subject,
        user=user,
        address=address,
        is_typed=failure.is_typed,
        claimed_address=claimed_address,
        first_seen_at=now,
        last_seen_at=now,
        resolved_at=failure.resolved_at,
    )
    return failure


def create_attempt(
    *, user: User, outcome: str = SignInAttempt.Outcome.SUCCEEDED, started_at: dt.datetime | None = None
) -> SignInAttempt:
    return SignInAttempt.objects.create(
        state_hash=uuid.uuid4().hex,
        binding_hash=uuid.uuid4().hex,
        user=user,
        started_at=started_at or timezone.now(),
        outcome=outcome,
    )

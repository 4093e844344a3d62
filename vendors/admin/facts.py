"""What the next action on the vendor's page is computed from, out of what the page shows anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from identity.failures import reasons
from identity.models import User
from vendors.actions import Action
from vendors.away import lifecycle as away
from vendors.going_live import lifecycle as going_live
from vendors.models import (
    Document,
    EmailChange,
    Evidence,
    PaymentRelease,
    PossibleDuplicate,
    RateProposal,
    Vendor,
)
from vendors.models.document import EXPIRES_SOON
from vendors.next_action import Dated, Facts, OpenCase, next_action
from vendors.payment import releases as payment_releases
from vendors.situation import Situation


def facts(vendor: Vendor, about: Mapping[str, Any], user: User) -> Facts:
    """Ask the database nothing that `about` has not asked."""
    situation: Situation = about["situation"]
    today = timezone.localdate()
    asked, check, change = about["asked"], situation.check, situation.change
    documents: list[Document] = [document for document, *_tags in about.get("documents", [])]
    unverified = [evidence for evidence, *_words in about.get("evidence_rows", []) if evidence.is_open]
    duplicates = about.get("possible_duplicates", [])
    account: PaymentRelease | None = about.get("waiting_account")
    proposals: list[RateProposal] = list(about.get("rate_proposals", []))
    absence = away.until(list(about["away"]), today=today)
    return Facts(
        state=vendor.state,
        today=today,
        state_since=timezone.localtime(vendor.state_changed_at).date(),
        closed_as=vendor.closed_as,
        cases=[
            OpenCase(
                reason.vm_text,
                reverse("admin:identity_failure_change", args=[case.pk]) if about["may_see_cases"] else "",
                is_operations=reason.audience == reasons.OPERATIONS,
            )
            for case, reason in about["cases"]
        ],
        email_request_url=_request_url(asked, user) if asked else None,
        duplicate_of=str(duplicates[0][1]) if duplicates else "",
        duplicate_url=_duplicate_url(duplicates[0][0], user) if duplicates else "",
        account_since=timezone.localtime(account.approved_at).date() if account else None,
        account_url=_account_url(account, user) if account else "",
        account_is_mine=account is not None and account.approved_by_id == user.pk,
        rate_proposed_on=timezone.localtime(proposals[-1].proposed_at).date() if proposals else None,
        unverified=[capfirst(evidence.get_kind_display()) for evidence in unverified],
        unverified_url=_evidence_url(unverified[0], user) if unverified else "",
        expiring=[
            Dated(document.title, document.expires_on)
            for document in documents
            if document.approved_at and document.expires_on and document.expires_on <= today + EXPIRES_SOON
        ],
        check_due=timezone.localtime(check.due_at).date() if check else None,
        new_address_since=timezone.localtime(change.created_at).date() if change else None,
        is_repaired=change is not None and change.mode == EmailChange.Mode.REPAIR,
        missing=[item.title for item in about.get("outstanding", [])],
        away_until=absence[1] if absence else None,
        is_carried_over=vendor.is_carried_over,
        has_access=not vendor.is_carried_over or going_live.may_be_withdrawn(vendor) or situation.has_signed_in,
    )


def next_of(given: Facts, possible: Sequence[Action]) -> dict[str, Any]:
    """The sentence on top, the button beside it, and those that stand below."""
    chosen = next_action(given)
    return {
        "next": chosen,
        "suggested": next((action for action in possible if action.name == chosen.action), None),
        "others": [action for action in possible if action.name != chosen.action],
    }


def _request_url(asked: Any, user: User) -> str:
    may = user.has_perm("vendors.change_primary_email")
    return reverse("admin:vendors_emailchangerequest_change", args=[asked.pk]) if may else ""


def _duplicate_url(pair: PossibleDuplicate, user: User) -> str:
    may = user.has_perm("vendors.merge_vendors")
    return reverse("admin:vendors_possibleduplicate_change", args=[pair.pk]) if may else ""


def _account_url(release: PaymentRelease, user: User) -> str:
    may = user.has_perm(payment_releases.MAY_RELEASE)
    return reverse("admin:vendors_paymentrelease_change", args=[release.pk]) if may else ""


def _evidence_url(evidence: Evidence, user: User) -> str:
    may = user.has_perm("vendors.review_vendor")
    return reverse("admin:vendors_evidence_change", args=[evidence.pk]) if may else ""

"""Drafts and replaced files that may be kept no longer. The nightly tasks and the command `purge` both come here."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from identity.models import EntraAccount
from onboarding.models import Draft, Submission
from vendors.documents import lifecycle as documents
from vendors.documents import storage as document_storage
from vendors.models import Document, Vendor, VendorState

DECIDED_KEPT_FOR = dt.timedelta(days=30)
UNTOUCHED_KEPT_FOR = dt.timedelta(days=365)

STILL_NEEDED = (VendorState.ONBOARDING, VendorState.SUBMITTED, VendorState.CHANGES_REQUESTED)


def purge(*, now: dt.datetime | None = None, dry_run: bool = False) -> dict[str, int]:
    """Remove it; how much of each kind. A dry run counts the same and changes nothing."""
    replaced = document_storage.forget_replaced(keep=documents_in_review(), now=now, dry_run=dry_run)
    return {**forget_drafts(now=now, dry_run=dry_run), "replaced_files": replaced}


def documents_in_review() -> set[str]:
    """Ids of the files that VM reads, or will compare with: the vendor may have replaced them since."""
    newer = Submission.objects.filter(vendor=OuterRef("vendor"), pk__gt=OuterRef("pk"))
    open_states = (Submission.State.WAITING, Submission.State.CHANGES_REQUESTED)
    under_way = Submission.objects.filter(~Exists(newer), state__in=open_states).select_related("compared_with")
    return {
        document
        for submission in under_way.iterator()
        for document in (*submission.document_ids, *submission.compared_document_ids)
    }


def forget_drafts(*, now: dt.datetime | None = None, dry_run: bool = False) -> dict[str, int]:
    now = now or timezone.now()
    with transaction.atomic():
        # Locked, so that a draft which is being saved at this moment is looked at again afterwards.
        decided = _keys(_decided(now), lock=not dry_run)
        untouched = _keys(_untouched(now).exclude(pk__in=decided), lock=not dry_run)
        withdrawn = _keys(_withdrawn(now).exclude(pk__in=[*decided, *untouched]), lock=not dry_run)
        files = _files_of([*untouched, *withdrawn])
        counts = {
            "decided_drafts": len(decided),
            "withdrawn_drafts": len(withdrawn),
            "untouched_drafts": len(untouched),
            "files_of_forgotten_drafts": files.count(),
        }
        if not dry_run:
            files.update(replaced_at=now)  # the sweep takes them
            for vendor in Vendor.objects.filter(_is_approved(), draft__in=[*decided, *untouched]):
                documents.restore_approved(vendor)
            Draft.objects.filter(pk__in=[*decided, *untouched, *withdrawn]).delete()
    return counts


def _keys(drafts: QuerySet[Draft], *, lock: bool) -> list[int]:
    rows = drafts.select_for_update(of=("self",)) if lock else drafts
    return [draft.pk for draft in rows.only("pk").order_by("pk")]


def _decided(now: dt.datetime) -> QuerySet[Draft]:
    """Approved or declined a month ago.

    The month begins with the decision and not with the submission: until then VM may ask for changes, and the wizard
    opens again with everything that was typed.
    """
    before = now - DECIDED_KEPT_FOR
    latest = Submission.objects.filter(vendor=OuterRef("vendor")).order_by("-submitted_at")
    return Draft.objects.annotate(
        latest_state=Subquery(latest.values("state")[:1]), decided_at=Subquery(latest.values("reviewed_at")[:1])
    ).filter(
        ~Q(vendor__state__in=STILL_NEEDED),
        ~Q(vendor__state=VendorState.SUSPENDED, vendor__suspended_from__in=STILL_NEEDED),
        latest_state__in=(Submission.State.APPROVED, Submission.State.DECLINED),
        decided_at__lt=before,
        updated_at__lt=before,
    )


def _untouched(now: dt.datetime) -> QuerySet[Draft]:
    """For a year nobody saved a page, nobody signed in, and nothing was decided: neither vendor nor VM come back to it.

    What waits for VM's review is never untouched.
    """
    before = now - UNTOUCHED_KEPT_FOR
    waiting = Submission.objects.filter(vendor=OuterRef("vendor"), state=Submission.State.WAITING)
    signed_in = EntraAccount.objects.filter(user=OuterRef("vendor__user"), last_sign_in_at__gte=before)
    return Draft.objects.filter(
        ~Exists(waiting), ~Exists(signed_in), updated_at__lt=before, vendor__state_changed_at__lt=before
    )


def _withdrawn(now: dt.datetime) -> QuerySet[Draft]:
    """The vendor took the application back a month ago, or VM closed it then, and it has not been reopened."""
    before = now - DECIDED_KEPT_FOR
    return Draft.objects.filter(
        vendor__state=VendorState.DECLINED,
        vendor__state_changed_at__lt=before,
        updated_at__lt=before,
    )


def _is_approved() -> Exists:
    """What its draft holds is a change of the profile; without it, the files of the profile are current again."""
    return Exists(Submission.objects.filter(vendor=OuterRef("pk"), state=Submission.State.APPROVED))


def _files_of(drafts: list[int]) -> QuerySet[Document]:
    """Uploaded in the wizard and never sent: without their draft they are nobody's answer."""
    sent = Submission.objects.filter(vendor=OuterRef("vendor"))
    return Document.objects.filter(~Exists(sent), vendor__draft__in=drafts, approved_at=None, replaced_at=None)

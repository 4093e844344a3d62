"""VM verifies evidence: the queue, what is going to expire, and the page of one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.admin.filters import WhoseVendorFilter
from vendors.documents.lifecycle import VerdictMissing
from vendors.evidence import current_evidence, marks, verification
from vendors.evidence.form import VerifyForm, WhyForm
from vendors.evidence.marks import Marks
from vendors.models import Evidence, EvidenceKind, Vendor, Verification
from vendors.models.document import EXPIRES_SOON
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, wording


class WorkFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("verify", _("to verify")), ("expiring", _("expires within 60 days"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in [(None, _("all current evidence")), *self.lookup_choices]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value})
                if value
                else changelist.get_query_string(remove=[self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        rows = cast(Any, queryset)
        if self.value() == "expiring":
            return rows.expiring(today=timezone.localdate())
        return rows.to_verify() if self.value() == "verify" else rows


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ["shown_title", "vendor", "shown_end", "shown_state", "since"]
    list_filter = [WorkFilter, WhoseVendorFilter]
    list_select_related = ["vendor", "document", "verification"]
    not_shown = search.WORDS_OF_THE_VENDOR
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """In a queue whatever is most urgent comes first."""
        orders: dict[str, list[str | Combinable]] = {"expiring": ["valid_until", "id"], "verify": ["since", "id"]}
        return orders.get(request.GET.get("work", ""), ["-since", "-id"])

    @admin.display(description=gettext_lazy("evidence"))
    def shown_title(self, evidence: Evidence) -> str:
        return capfirst(evidence.title)

    @admin.display(description=gettext_lazy("valid until"))
    def shown_end(self, evidence: Evidence) -> str:
        return end_tag(evidence)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, evidence: Evidence) -> str:
        return evidence.marks.beside(state_tag(evidence), evidence)  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the marks of the rows on this page, looked up at once."""
        changelist = super().get_changelist_instance(request)
        of_vendors = marks.of(evidence.vendor for evidence in changelist.result_list)
        for evidence in changelist.result_list:
            evidence.marks = of_vendors.get(evidence.vendor_id, Marks())
        return changelist

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/verify/", view(self.verify_view), name="vendors_evidence_verify"),
            path("<int:pk>/revoke/", view(self.revoke_view), name="vendors_evidence_revoke"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        evidence = self._evidence(object_id)
        if evidence is None:
            raise Http404
        if evidence.is_exception:
            return redirect("admin:vendors_vendor_exceptions", evidence.vendor_id)
        return self._page(request, evidence)

    def verify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = self._to_judge(request, pk)
        if evidence is None:
            messages.error(request, str(verification.NotThere()))
            return redirect("admin:vendors_evidence_changelist")
        if request.method != "POST":
            return redirect("admin:vendors_evidence_change", pk)
        form = VerifyForm(request.POST, kind=evidence.kind)
        if not form.is_valid():
            return self._page(request, evidence, verify=form)
        try:
            verification.verify(evidence, by=cast(User, request.user), **form.cleaned_data)
        except (verification.NotThere, verification.VerifiedMeanwhile, VerdictMissing) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Verified. Everything that depends on it has been updated."))
        return redirect("admin:vendors_evidence_change", pk)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = self._to_judge(request, pk)
        if evidence is None or request.method != "POST":
            return redirect("admin:vendors_evidence_changelist")
        form = _why(request.POST)
        if evidence.verification is None:
            messages.error(request, str(verification.RevokedMeanwhile()))
        elif not form.is_valid():
            return self._page(request, evidence, revoke=form)
        else:
            try:
                verification.revoke(evidence.verification, by=cast(User, request.user), why=form.cleaned_data["why"])
            except (verification.RevokedMeanwhile, VerdictMissing) as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Revoked. It is waiting to be verified again, and the record is kept."))
        return redirect("admin:vendors_evidence_change", pk)

    def _evidence(self, pk: int | str) -> Evidence | None:
        rows = Evidence.objects.select_related("vendor", "document", "verification__by")
        return rows.filter(pk=int(pk)).first() if is_whole_number(str(pk)) else None

    def _to_judge(self, request: HttpRequest, pk: int) -> Evidence | None:
        """None when its content has changed since: another piece is in its place."""
        if not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        evidence = self._evidence(pk)
        return None if evidence is None or evidence.is_exception else evidence

    def _page(self, request: HttpRequest, evidence: Evidence, **judged: Any) -> HttpResponse:
        claims, of_vendor = current_evidence.claims_of(evidence.vendor), marks.of_vendor(evidence.vendor)
        [says] = says_of([evidence], claims) if claims else [""]
        forms: dict[str, Any] = {}
        if request.user.has_perm("vendors.review_vendor"):
            is_verified = evidence.verification is not None
            forms = {"revoke": _why()} if is_verified else {"verify": VerifyForm(kind=evidence.kind)}
        earlier = Verification.objects.filter(vendor=evidence.vendor_id, kind=evidence.kind)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(evidence)s: %(vendor)s")
            % {"evidence": ours(capfirst(evidence.title)), "vendor": evidence.vendor},
            "evidence": evidence,
            "says": says,
            "is_carried_over": of_vendor.has(evidence),
            "state_tag": of_vendor.beside(state_tag(evidence), evidence),
            "end_tag": end_tag(evidence),
            "is_list": evidence.kind == EvidenceKind.LINGUISTS,
            "linguists": [wording.linguist(row) for row in claims.linguists] if claims else [],
            "forms": forms | judged,
            "form": next(iter(judged.values()), None),
            "earlier": earlier.exclude(pk=evidence.verification_id or 0).select_related("by", "revoked_by"),
            "may_see_documents": request.user.has_perm("vendors.view_document"),
        }
        return TemplateResponse(request, "admin/vendors/evidence/page.html", context)


def _why(data: Any = None) -> WhyForm:
    return WhyForm(
        data,
        label=_("Why is the verification no longer valid?"),
        hint=_("It stays on record with your reason, and auditors can read it."),
        prefix="revoke",
    )


def state_tag(evidence: Evidence) -> SafeString:
    if evidence.is_exception:
        return tag("warning", _("not a qualification"))
    if evidence.verification_id:
        return tag("good", _("verified"))
    return tag("info", _("to verify")) if evidence.is_open else tag("error", _("not accepted"))


def end_tag(evidence: Evidence) -> str:
    """Until when it is valid, in the colour of how soon that is."""
    if evidence.valid_until is None:
        return ""
    today = timezone.localdate()
    is_soon = evidence.valid_until <= today + EXPIRES_SOON
    colour = "error" if evidence.valid_until < today else "warning" if is_soon else ""
    return tag(colour, date_format(evidence.valid_until, "j F Y"))


def says_of(rows: Sequence[Evidence], claims: Claims) -> list[str]:
    """What each of them says, in words; empty where only the file does."""
    there = {(piece.kind.value, piece.fingerprint): piece for piece in evidence_pieces.of(claims)}
    found = [there.get((evidence.kind, evidence.fingerprint)) for evidence in rows]
    return [wording.piece(piece, register=claims.register) if piece else "" for piece in found]


def rows_of(vendor: Vendor, claims: Claims | None, of_vendor: Marks) -> list[tuple[Evidence, str, str, str]]:
    """For a page about the vendor: each piece with its words, its state and its end."""
    rows = [
        evidence
        for evidence in vendor.evidence.select_related("document", "verification__by").order_by("kind", "id")
        if not evidence.is_exception
    ]
    says = says_of(rows, claims) if claims else [""] * len(rows)
    return [
        (row, words, of_vendor.beside(state_tag(row), row), end_tag(row)) for row, words in zip(rows, says, strict=True)
    ]

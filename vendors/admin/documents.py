"""VM looks at the files that vendors send: which are to be verified, which expire, and what it made of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.typed.fields import Prose
from vendors import search
from vendors.admin import evidence, exceptions
from vendors.admin.filters import WhoseVendorFilter
from vendors.answers import service_catalogue
from vendors.documents import lifecycle as documents
from vendors.evidence import current_evidence, marks
from vendors.models import Document, Measure, Vendor
from vendors.qualifications import judging, measures
from vendors.qualifications.findings import NOTHING_CHECKED

TAGS = {Document.State.SENT: "info", Document.State.VERIFIED: "good", Document.State.REFUSED: "error"}


class VerdictForm(forms.Form):
    verdict = Prose(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, label: str, hint: str, prefix: str) -> None:
        super().__init__(data, prefix=prefix, label_suffix="")
        field = self.fields["verdict"]
        field.label, field.help_text = label, hint
        field.error_messages["required"] = _("Fill in “%(label)s”.") % {"label": label}


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["shown_title", "vendor", "shown_end", "shown_state", "uploaded_at"]
    list_filter = [WhoseVendorFilter]
    list_select_related = ["vendor"]
    ordering = ["-uploaded_at"]
    not_shown = search.WORDS_OF_THE_VENDOR
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).in_force()  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("document"))
    def shown_title(self, document: Document) -> str:
        return document.title

    @admin.display(description=gettext_lazy("valid until"))
    def shown_end(self, document: Document) -> str:
        return end_tag(document)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, document: Document) -> str:
        return state_tag(document)

    def get_urls(self) -> list:
        refuse = self.admin_site.admin_view(self.refuse_view)
        return [path("<uuid:pk>/refuse/", refuse, name="vendors_document_refuse"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            pk = uuid.UUID(object_id)
        except ValueError:
            raise Http404 from None
        return self._page(request, self._document(request, pk))

    def refuse_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        document = self._document(request, pk)
        if not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:vendors_document_change", document.pk)
        form = _verdict(request.POST)
        if not form.is_valid():
            return self._page(request, document, refused=form)
        try:
            documents.refuse(document, by=cast(User, request.user), reason=form.cleaned_data["verdict"])
        except documents.NotCurrent as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Saved: %(state)s.") % {"state": ours(document.get_state_display())})
        return redirect("admin:vendors_document_change", document.pk)

    def _document(self, request: HttpRequest, pk: uuid.UUID) -> Document:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Document.objects.select_related("vendor__user", "judged_by"), pk=pk)

    def _page(self, request: HttpRequest, document: Document, *, refused: VerdictForm | None = None) -> HttpResponse:
        is_known = document.replaced_at is None or document.approved_at is not None
        may_judge = request.user.has_perm("vendors.review_vendor") and is_known
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(document)s: %(vendor)s") % {"document": document.title, "vendor": document.vendor},
            "document": document,
            "is_known": is_known,
            "state_tag": state_tag(document),
            "end_tag": end_tag(document),
            "may_judge": may_judge,
            "evidence": document.evidence.first(),
            "refuse": (refused or _verdict()) if may_judge else None,
            "form": refused,
        }
        return TemplateResponse(request, "admin/vendors/document/page.html", context)


def _verdict(data: Any = None) -> VerdictForm:
    return VerdictForm(
        data,
        label=_("Why are you not accepting it?"),
        hint=_("The vendor sees this, so say what you would like instead."),
        prefix="refuse",
    )


def state_tag(document: Document) -> str:
    return tag(TAGS[Document.State(document.state)], document.get_state_display())


def end_tag(document: Document) -> str:
    """Until when it is valid, in the colour of how soon that is."""
    if document.expires_on is None:
        return ""
    today = timezone.localdate()
    colour = "error" if document.is_expired(today=today) else "warning" if document.expires_soon(today=today) else ""
    return tag(colour, date_format(document.expires_on, "j F Y"))


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    """For the vendor's page: what the approved profile qualifies for, the evidence, and the files there are."""
    if not user.has_perm("vendors.view_qualification"):
        return {}
    files, claims = Document.objects.filter(vendor=vendor), current_evidence.approved_claims(vendor)
    files = files.shown(of_company=claims.is_company) if claims else files.known()
    today, of_vendor = timezone.localdate(), marks.of_vendor(vendor)
    checks = current_evidence.checks_of(vendor) if claims else NOTHING_CHECKED
    found = judging.findings(claims, checks, today=today) if claims else []
    return {
        "findings": found,
        "marks": of_vendor,
        "findings_carried_over": of_vendor.of_findings(found, claims, checks, today=today),
        "unmeasured": unmeasured(claims.pairs) if claims else [],
        "exceptions": exceptions.in_force(vendor) if claims else None,
        "evidence_rows": evidence.rows_of(vendor, claims, of_vendor) if claims else [],
        **document_rows(list(files.select_related("judged_by")), user),
    }


def unmeasured(pairs: Iterable[Mapping[str, Any]]) -> list[str]:
    """The services that are offered and that no standard applies to."""
    offered = {service for pair in pairs for service in pair["services"]}
    return [
        str(label)
        for code, label in service_catalogue.SERVICES
        if code in offered and measures.of_service(code) == Measure.NONE
    ]


def document_rows(given: list[Document], user: User) -> dict[str, Any]:
    return {
        "documents": [(document, state_tag(document), end_tag(document)) for document in given],
        "may_see_documents": user.has_perm("vendors.view_document"),
    }

"""VM looks at the files that vendors send: which are to be verified, which expire, and what it made of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.direction import gettext as _
from identity.direction import ours
from identity.models import User
from identity.typed.fields import Prose
from vendors import search
from vendors.documents import lifecycle as documents
from vendors.models import Document, Vendor, VendorKind
from vendors.qualifications import wording

TAGS = {Document.State.SENT: "info", Document.State.VERIFIED: "good", Document.State.REFUSED: "error"}


class VerdictForm(forms.Form):
    verdict = Prose(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, label: str, hint: str, prefix: str) -> None:
        super().__init__(data, prefix=prefix, label_suffix="")
        field = self.fields["verdict"]
        field.label, field.help_text = label, hint
        field.error_messages["required"] = _("Fill in “%(label)s”.") % {"label": label}


class WorkFilter(admin.SimpleListFilter):
    """What there is to do; everything in force is for looking things up."""

    title = gettext_lazy("status")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("expiring", _("expires within 60 days")), ("verify", _("to verify"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in [(None, _("all current files")), *self.lookup_choices]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value})
                if value
                else changelist.get_query_string(remove=[self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        documents_in_force = cast(Any, queryset)
        if self.value() == "expiring":
            return documents_in_force.expiring(today=timezone.localdate())
        return documents_in_force.to_verify() if self.value() == "verify" else documents_in_force


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["shown_title", "vendor", "shown_end", "shown_state", "uploaded_at"]
    list_filter = [WorkFilter]
    list_select_related = ["vendor"]
    not_shown = search.WORDS_OF_THE_VENDOR
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).in_force()  # type: ignore[attr-defined]

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """In a queue whatever is most urgent comes first."""
        orders: dict[str, list[str | Combinable]] = {"expiring": ["expires_on"], "verify": ["uploaded_at"]}
        return orders.get(request.GET.get("work", ""), ["-uploaded_at"])

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
        judge = self.admin_site.admin_view(self.judge_view)
        verdicts = [
            path(f"<uuid:pk>/{name}/", judge, {"name": name}, name=f"vendors_document_{name}")
            for name in ("verify", "refuse")
        ]
        return [*verdicts, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            pk = uuid.UUID(object_id)
        except ValueError:
            raise Http404 from None
        return self._page(request, self._document(request, pk))

    def judge_view(self, request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
        document = self._document(request, pk)
        if not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:vendors_document_change", document.pk)
        form = self._forms(request.POST)[name]
        if not form.is_valid():
            return self._page(request, document, **{name: form})
        verdict, by = form.cleaned_data["verdict"], cast(User, request.user)
        try:
            if name == "verify":
                documents.verify(document, by=by, how=verdict)
            else:
                documents.refuse(document, by=by, reason=verdict)
        except documents.NotCurrent as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Saved: %(state)s.") % {"state": ours(document.get_state_display())})
        return redirect("admin:vendors_document_change", document.pk)

    def _document(self, request: HttpRequest, pk: uuid.UUID) -> Document:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Document.objects.select_related("vendor__user", "judged_by"), pk=pk)

    def _forms(self, data: Any = None) -> dict[str, VerdictForm]:
        return {
            "verify": VerdictForm(
                data,
                label=_("How you know that it is genuine"),
                hint=_("For example: the university confirmed it by email on 3 March. Auditors can see this."),
                prefix="verify",
            ),
            "refuse": VerdictForm(
                data,
                label=_("Why it is not accepted"),
                hint=_("The vendor sees this, so say what you would like instead."),
                prefix="refuse",
            ),
        }

    def _page(self, request: HttpRequest, document: Document, **judged: VerdictForm) -> HttpResponse:
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
            "forms": self._forms() | judged if may_judge else {},
            "form": next(iter(judged.values()), None),
        }
        return TemplateResponse(request, "admin/vendors/document/page.html", context)


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
    """For the vendor's page: who is qualified for what by the approved profile, and the files there are."""
    if not user.has_perm("vendors.view_qualification"):
        return {}
    files, profile = Document.objects.filter(vendor=vendor), getattr(vendor, "profile", None)
    files = files.shown(of_company=profile.kind == VendorKind.COMPANY) if profile else files.known()
    known = list(files.select_related("judged_by"))
    in_force = [document for document in known if document.approved_at]
    return {
        "findings": wording.of_vendor(vendor, today=timezone.localdate(), in_force=in_force),
        **document_rows(known, user),
    }


def document_rows(given: list[Document], user: User) -> dict[str, Any]:
    return {
        "documents": [(document, state_tag(document), end_tag(document)) for document in given],
        "may_see_documents": user.has_perm("vendors.view_document"),
    }

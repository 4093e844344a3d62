"""VM's pages about agreements: every version, the draft of a new one, who has not accepted."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format

from identity.admin_lists import CappedPaginator, ReadOnlyAdmin
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.agreements import texts as agreements
from vendors.agreements import versions
from vendors.agreements.draft_form import DraftForm, PublishForm
from vendors.models import AgreementVersion

MAY_CHANGE = "vendors.change_texts"
ON_A_PAGE = 50
State = AgreementVersion.State


@admin.register(AgreementVersion)
class AgreementsAdmin(ReadOnlyAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_CHANGE)

    def has_view_permission(self, request: HttpRequest, obj: AgreementVersion | None = None) -> bool:
        return request.user.has_perm(MAY_CHANGE)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="vendors_agreementversion_changelist"),
            path("start/<slug:document>/", view(self.start_view), name="vendors_agreementversion_start"),
            path("draft/<int:pk>/", view(self.draft_view), name="vendors_agreementversion_draft"),
            path("publish/<int:pk>/", view(self.publish_view), name="vendors_agreementversion_publish"),
            path("waiting/<slug:sha256>/", view(self.waiting_view), name="vendors_agreementversion_waiting"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._check(request)
        if request.GET:  # there is nothing to filter
            return redirect("admin:vendors_agreementversion_changelist")
        today = timezone.now().date()
        published = agreements.published()
        drafts = {row.document: row for row in AgreementVersion.objects.filter(state=State.DRAFT)}
        documents = [
            {
                "document": document,
                "title": title,
                "draft": drafts.get(document),
                "versions": [each for each in reversed(published) if each.document == document],
            }
            for document, title in agreements.TITLES.items()
        ]
        return self._render(request, "list", {"title": _("Agreements"), "documents": documents, "today": today})

    def start_view(self, request: HttpRequest, document: str) -> HttpResponse:
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if document not in agreements.TITLES:
            raise Http404
        try:
            draft = versions.start(document, by=cast(User, request.user))
        except versions.DraftThere as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:vendors_agreementversion_changelist")
        return redirect("admin:vendors_agreementversion_draft", draft.pk)

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write it, see it as a vendor will, throw it away."""
        draft = self._draft(request, pk)
        if request.method == "POST" and "_discard" in request.POST:
            return self._discard(request, draft)
        text = agreements.of_row(draft)
        initial = {"seen": draft.revision, "body": text.body, "audience": draft.audience}
        form = DraftForm(
            request.POST or None, initial={**initial, "changed": draft.changed, "grace_days": draft.grace_days}
        )
        page: dict[str, Any] = {"title": self._title(draft), "draft": draft, "form": form}
        if request.method == "POST" and form.is_valid():
            if "_preview" in request.POST:
                page["preview"] = form.cleaned_data
            else:
                seen, by = form.cleaned_data["seen"], cast(User, request.user)
                try:
                    versions.save(draft, seen=seen, by=by, **form.fields_of_draft)
                except versions.ChangedMeanwhile as refusal:
                    form.add_error(None, str(refusal))
                else:
                    messages.success(request, _("Saved as a draft. Vendors cannot see it yet."))
                    next_page = "publish" if "_publish" in request.POST else "draft"
                    return redirect(f"admin:vendors_agreementversion_{next_page}", draft.pk)
        return self._render(request, "draft", page)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From which day; the page says what follows."""
        draft = self._draft(request, pk)
        form = PublishForm(request.POST or None, today=timezone.now().date(), initial={"seen": draft.revision})
        if request.method == "POST" and form.is_valid():
            since, by = form.cleaned_data["since"], cast(User, request.user)
            try:
                versions.publish(draft.pk, seen=form.cleaned_data["seen"], since=since, by=by)
            except (versions.NotNew, versions.TooEarly, versions.ChangedMeanwhile) as refusal:
                form.add_error(None if isinstance(refusal, versions.ChangedMeanwhile) else "since", str(refusal))
            else:
                day = date_format(since, "j F Y")
                text = _("Published. Vendors will be asked to accept it from %(day)s.")
                messages.success(request, text % {"day": ours(day)})
                return redirect("admin:vendors_agreementversion_changelist")
        page = {"title": self._title(draft), "draft": draft, "form": form, "text": agreements.of_row(draft)}
        return self._render(request, "publish", page)

    def waiting_view(self, request: HttpRequest, sha256: str) -> HttpResponse:
        """The vendors who are asked for this version and have not accepted it."""
        self._check(request)
        text = agreements.with_hash(sha256)
        if text is None:
            raise Http404
        paginator = CappedPaginator(versions.not_accepted(text), ON_A_PAGE)
        page = {
            "title": _("Not accepted yet: %(title)s, version %(version)s")
            % {"title": text.title, "version": text.version},
            "text": text,
            "is_overdue": timezone.now().date() >= text.required_from,
            "vendors": paginator.get_page(request.GET.get("page")),
            "is_capped": paginator.is_capped,
        }
        return self._render(request, "waiting", page)

    def _discard(self, request: HttpRequest, draft: AgreementVersion) -> HttpResponse:
        form = PublishForm({**request.POST.dict(), "since": "today"}, today=timezone.now().date())
        try:
            versions.discard(draft.pk, seen=form.cleaned_data["seen"] if form.is_valid() else 0)
        except versions.ChangedMeanwhile as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The draft has been discarded."))
        return redirect("admin:vendors_agreementversion_changelist")

    def _draft(self, request: HttpRequest, pk: int) -> AgreementVersion:
        self._check(request)
        return get_object_or_404(AgreementVersion, pk=pk, state=State.DRAFT)

    def _title(self, draft: AgreementVersion) -> str:
        return _("%(title)s, version %(version)s") % {
            "title": agreements.title(draft.document),
            "version": draft.version,
        }

    def _check(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MAY_CHANGE):
            raise PermissionDenied

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/vendors/agreementversion/{name}.html", context)

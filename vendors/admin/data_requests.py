"""The queue of data requests: recording one, and extending, answering or refusing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.whole_numbers import is_whole_number
from vendors import search
from vendors.admin.filters import WhoseVendorFilter
from vendors.data_requests import lifecycle as requests
from vendors.data_requests.form import AnswerForm, DataRequestForm
from vendors.models import DataRequest, Vendor
from vendors.privacy import locks

REFUSALS = (requests.NotOpen, requests.ExtendedAlready, requests.TooLate)


class Way(NamedTuple):
    """One of the things that can be done with a request."""

    label: str | Promise
    missing: str | Promise
    done: str | Promise
    act: Callable[[DataRequest, str, User], None]


WAYS: dict[str, Way] = {
    "answer": Way(
        gettext_lazy("What was done"),
        gettext_lazy("Say what was done."),
        gettext_lazy("The request has been answered."),
        lambda request, text, by: requests.answer(request, what=text, by=by),
    ),
    "extend": Way(
        gettext_lazy("Why it takes longer"),
        gettext_lazy("Say why it takes longer."),
        gettext_lazy("The deadline has been extended. Tell the vendor, with the reason, before the original deadline."),
        lambda request, text, by: requests.extend(request, why=text, by=by),
    ),
    "refuse": Way(
        gettext_lazy("Why it is refused"),
        gettext_lazy("Say why the request is refused."),
        gettext_lazy(
            "The request has been refused. Tell the vendor why, and that they can complain to the data protection "
            "authority."
        ),
        lambda request, text, by: requests.refuse(request, why=text, by=by),
    ),
}


@admin.register(DataRequest)
class DataRequestAdmin(ReadOnlyAdmin):
    list_display = ["vendor", "kind", "received_on", "shown_due", "shown_state"]
    list_filter = ["state", "kind", WhoseVendorFilter]
    list_select_related = ["vendor"]
    not_shown = search.WORDS_OF_THE_VENDOR
    ordering = ["due_on", "id"]
    search_help_text = gettext_lazy("Anything that identifies the vendor: a name, an address or a number.")

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__")

    @admin.display(description=gettext_lazy("due"))
    def shown_due(self, asked: DataRequest) -> str:
        return due_tag(asked)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, asked: DataRequest) -> str:
        return tag("planned" if asked.is_open else "good", asked.get_state_display())

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.act_view)
        ways = [path(f"<int:pk>/{way}/", view, {"way": way}, name=f"vendors_datarequest_{way}") for way in WAYS]
        return [*ways, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        asked = get_object_or_404(
            DataRequest.objects.select_related("vendor", "by", "closed_by"),
            pk=object_id if is_whole_number(object_id) else 0,
        )
        if not self.has_view_permission(request, asked):
            raise PermissionDenied
        return self._page(request, asked)

    def act_view(self, request: HttpRequest, pk: int, way: str) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(requests.MAY_ANSWER):
            raise PermissionDenied
        asked = get_object_or_404(DataRequest.objects.select_related("vendor"), pk=pk)
        form = _form(way, request)
        if not form.is_valid():
            return self._page(request, asked, **{way: form})
        try:
            WAYS[way].act(asked, form.cleaned_data["text"], cast(User, request.user))
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(WAYS[way].done))
        return redirect("admin:vendors_datarequest_change", asked.pk)

    def _page(self, request: HttpRequest, asked: DataRequest, **forms: AnswerForm) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(vendor)s: data request (%(kind)s)")
            % {"vendor": asked.vendor, "kind": ours(asked.get_kind_display())},
            "asked": asked,
            "due_tag": due_tag(asked),
            "may_answer": asked.is_open and request.user.has_perm(requests.MAY_ANSWER),
            "may_extend": asked.extended_at is None and not asked.is_overdue(today=timezone.localdate()),
            "stays_locked": locks.in_words(locks.plan(asked.vendor)) if asked.kind == DataRequest.Kind.ERASURE else [],
            **{f"{way}_form": forms.get(way) or _form(way) for way in WAYS},
        }
        return TemplateResponse(request, "admin/vendors/datarequest/page.html", context)


def _form(way: str, request: HttpRequest | None = None) -> AnswerForm:
    data = request.POST if request is not None else None
    return AnswerForm(data, label=str(WAYS[way].label), missing=str(WAYS[way].missing), prefix=way)


def due_tag(asked: DataRequest) -> str:
    day = requests.in_words(asked.due_on)
    if asked.is_overdue(today=timezone.localdate()):
        return format_html('{} <span class="tag tag-error">{}</span>', day, _("overdue"))
    return day


# On the vendor's page


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return record_view(request, site, pk)

    return [path("<int:pk>/data-request/", site.admin_view(view), name="vendors_vendor_data_request")]


def about(vendor: Vendor, user: User) -> dict[str, Any]:
    if not user.has_perm(requests.MAY_SEE):
        return {}
    return {
        "data_requests": [(asked, due_tag(asked)) for asked in requests.open_of(vendor)],
        "may_record_data_request": user.has_perm(requests.MAY_ANSWER),
    }


def record_view(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    if not request.user.has_perm(requests.MAY_ANSWER):
        raise PermissionDenied
    vendor = Vendor.objects.select_related("user").filter(pk=pk).first()
    if vendor is None:
        raise Http404
    form = DataRequestForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            asked = requests.record(vendor, **form.cleaned_data, by=cast(User, request.user))
        except requests.AlreadyOpen as refusal:
            form.add_error("kind", str(refusal))
        except requests.NothingHeld as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:vendors_vendor_change", pk)
        else:
            said = _("The request has been recorded. It must be answered by %(day)s.")
            messages.success(request, said % {"day": ours(requests.in_words(asked.due_on))})
            return redirect("admin:vendors_datarequest_change", asked.pk)
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Record a data request: %(vendor)s") % {"vendor": vendor},
        "vendor": vendor,
        "form": form,
    }
    return TemplateResponse(request, "admin/vendors/vendor/data_request.html", context)

"""The page "Find vendors" in the admin."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from identity.models import User
from identity.text_direction import gettext as _
from vendors.bulk import admin as bulk
from vendors.finding import acting, exports_admin, results, saved_views_admin
from vendors.finding.criteria import MAY_SEE_STANDINGS
from vendors.finding.form import GROUP, MAY_FIND, PAGE, FindForm, on_page, page_number
from vendors.models import Vendor


def urls(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest) -> HttpResponse:
        return find_view(request, site)

    return [
        path("find/", site.admin_view(view), name="vendors_vendor_find"),
        *saved_views_admin.urls(site),
        *exports_admin.urls(site),
    ]


def find_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    user = cast(User, request.user)
    if not user.has_perms(MAY_FIND):
        raise PermissionDenied
    page = on_page(user, request.GET or None)
    page |= {**site.each_context(request), "title": _("Find vendors"), "opts": Vendor._meta}
    form = page["form"]
    if form.is_bound and form.is_valid():
        page |= _found(request, form, user)
        if request.method == "POST":
            try:
                return acting.begin(request, page["query"], page["groups"][0].key)
            except acting.NothingChosen as refusal:
                page |= {"refusal": str(refusal), "chosen": request.POST, "ticked": acting.ticked(request)}
    return TemplateResponse(request, "admin/vendors/vendor/find.html", page)


def _found(request: HttpRequest, form: FindForm, user: User) -> dict[str, Any]:
    page = page_number(request.GET.get(PAGE, "1"), most=results.MOST_PAGES)
    group = request.GET.get(GROUP, "")
    if not page or group not in ("", *results.TITLES):
        raise Http404
    query, today = form.query(), timezone.localdate()
    shows_standings = user.has_perm(MAY_SEE_STANDINGS)
    groups = results.find(query, only=group, page=page, today=today, shows_standings=shows_standings)
    if not groups:
        raise Http404
    first, *others = groups
    for other in others:
        other.more_url = f"?{form.address(group=other.key)}"
    is_last = page == results.MOST_PAGES
    only = {GROUP: group} if group else {}
    return {
        "query": query,
        "groups": groups,
        "today": today,
        "shows_standings": shows_standings,
        "page": page,
        "here": f"?{form.address(**only, page=page)}",
        "actions": bulk.possible(user),
        "acted_at_most": acting.AT_MOST,
        "address": form.address(),
        "is_capped": first.has_more and is_last,
        "capped_at": results.LINES * results.MOST_PAGES,
        "next_url": f"?{form.address(**only, page=page + 1)}" if first.has_more and not is_last else "",
        "previous_url": f"?{form.address(**only, page=page - 1)}" if page > 1 else "",
        "all_url": f"?{form.address()}" if group else "",
        "found_any": any(other.lines for other in groups),
    }

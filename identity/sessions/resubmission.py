"""What somebody typed while their session ended: it goes back to their browser and is kept nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from identity.sessions.csrf_tag import TYPED_BY, signature


def is_worth_keeping(request: HttpRequest | None) -> bool:
    """Does the page that was filled in promise that nothing typed is lost, whatever is wrong with it?"""
    match = request.resolver_match if request else None
    view = getattr(match.func, "view_class", None) if match else None
    return getattr(view, "keeps_what_was_typed", False)


def is_handed_back(request: HttpRequest) -> bool:
    """Is what was sent to this page given back when the session has ended? A mere button of the admin is not."""
    return is_worth_keeping(request) or (_is_admin(request) and any(_typed(request)))


def comes_from_our_page(request: HttpRequest) -> bool:
    """By what the browser itself says, which no other site can make it say."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def hand_back(request: HttpRequest) -> HttpResponse:
    """The same form once more, filled in but hidden, with today's token: to be sent again after signing in.

    To whoever filled it in only, as far as the form says who that was.
    """
    typed_by = request.POST.get(TYPED_BY, "")
    if typed_by and request.user.is_authenticated and not constant_time_compare(typed_by, signature(request.user.pk)):
        return render(request, "identity/typed_by_another.html", status=400)
    context = {
        "fields": list(_typed(request)),
        "typed_by": "" if request.user.is_authenticated else typed_by,
        "had_files": bool(request.FILES),
        "sign_in_url": f"{reverse('admin:index') if _is_admin(request) else request.path}?typed=waiting",
    }
    return render(request, "identity/resubmission.html", context, status=400)


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name not in ("csrfmiddlewaretoken", TYPED_BY):
            yield from ((name, str(value)) for value in values)


def _is_admin(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "admin" in request.resolver_match.namespaces

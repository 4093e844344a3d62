"""What somebody typed while their session ended: it goes back to their browser and is kept nowhere else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


def is_worth_keeping(request: HttpRequest | None) -> bool:
    """Does the page that was filled in promise that nothing typed is lost?"""
    match = request.resolver_match if request else None
    view = getattr(match.func, "view_class", None) if match else None
    return getattr(view, "keeps_what_was_typed", False)


def comes_from_our_page(request: HttpRequest) -> bool:
    """By what the browser itself says, which no other site can make it say."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


@never_cache
def hand_back(request: HttpRequest) -> HttpResponse:
    """The same form once more, filled in but hidden, with today's token: to be sent again after signing in."""
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    context = {"fields": fields, "had_files": bool(request.FILES)}
    return render(request, "identity/resubmission.html", context, status=400)

"""Where pages may lead: out to the tenant, and back to our own pages only."""

from __future__ import annotations

from collections.abc import Callable

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponse]

CHECKED = "check"  # in the address of a page that says what is wrong with it


class SeeOther(HttpResponseRedirect):
    """To be asked for with GET, whatever was sent."""

    status_code = 303


# Chromium applies form-action to every hop of the redirects, and the tenant may send people on to their own provider.
leads_to_the_tenant: Callable[[View], View] = csp_replace(  # type: ignore[assignment]
    {"form-action": settings.SIGN_IN_FORM_ACTION}
)


def safe_next(request: HttpRequest, url: str) -> str:
    """The address to go on to if it is one of our own pages, else nothing."""
    is_ours = (
        url.startswith("/")
        and len(url) <= 500
        and url.isprintable()
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None, require_https=request.is_secure())
    )
    return url if is_ours else ""

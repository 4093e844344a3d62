"""Where vendors accept new versions of the texts, and read again what they have accepted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.models import EntraAccount
from identity.redirects import safe_next
from identity.sessions import store
from vendors import correspondence
from vendors.access import vendor_of
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.agreements.acceptances import Outstanding
from vendors.agreements.form import AcceptAgreementsForm

POSTPONED = "agreements_postponed"  # the texts that this session has put off


def must_ask(request: HttpRequest, waiting: list[Outstanding]) -> bool:
    """Are there texts to accept that this session has not put off? Asked on the way in, never before other pages."""
    postponed = request.session.get(POSTPONED, [])
    return any(_put_off(text) not in postponed for text in waiting)


def _put_off(text: Outstanding) -> str:
    """Once it is overdue, it is asked for once more."""
    return f"{text.agreement.sha256} overdue" if text.is_required else text.agreement.sha256


def ask_to_accept(request: HttpRequest) -> HttpResponse:
    """On the way to the page that was asked for."""
    return redirect(f"{reverse('vendors:agreements')}?{urlencode({'next': request.get_full_path()})}")


@require_http_methods(["GET", "HEAD", "POST"])
def accept_agreements(request: HttpRequest) -> HttpResponse:
    """New versions of what the vendor has accepted before. They can be put off; VM sees who has not answered."""
    vendor = vendor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    next_url = safe_next(request, given.get("next", ""))
    if not next_url or next_url.startswith(request.path):
        next_url = reverse("home")
    waiting = acceptances.outstanding(vendor)
    if not waiting:
        return redirect(next_url)
    puts_off = request.method == "POST" and "later" in given
    if puts_off:
        request.session[POSTPONED] = [_put_off(text) for text in waiting]
        return redirect(next_url)
    typed = request.POST if request.method == "POST" else None
    form = AcceptAgreementsForm(typed, asked_for=[text.agreement for text in waiting], audience=waiting[0].audience)
    if form.is_valid():
        account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first()
        acceptances.accept(vendor, form.asked_for, account=account, signatory=form.accepted_by)
        messages.success(request, _("Thank you. We've emailed you a copy."))
        return redirect(next_url)
    texts = [{**shown, "outstanding": text} for shown, text in zip(form.texts, waiting, strict=True)]
    context = {"form": form, "texts": texts, "next": next_url, "is_overdue": any(text.is_required for text in waiting)}
    return render(request, "vendors/agreements.html", context)


@require_safe
def agreement(request: HttpRequest, sha256: str) -> HttpResponse:
    """A text as it was accepted: for whoever accepted it, and for staff who may see acceptances."""
    text = agreements.with_hash(sha256)
    accepted = None
    if not request.user.is_staff:
        accepted = vendor_of(request).acceptances.filter(sha256=sha256).first()
    may_see = accepted is not None or request.user.has_perm("vendors.view_acceptance")
    if text is None or not may_see:
        raise Http404
    context: dict[str, Any] = {"text": text, "accepted": accepted}
    if accepted is not None:
        context["moment"] = correspondence.moment(accepted.accepted_at, vendor_of(request))
    return render(request, "vendors/agreement.html", context)

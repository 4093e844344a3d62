"""Invited as one address, signed in as another: only the person can say whether it is their own account."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from identity import accounts
from identity.failures import cases
from identity.failures.views import problem_page
from identity.invitations import landing
from identity.models import EntraAccount, Failure
from identity.sessions import store
from identity.sign_in import pipeline


@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).select_related("user").first()
    if account is None or not request.session.get(store.MUST_CONFIRM):
        return redirect("home")
    if request.method == "POST" and request.POST.get("own") == "yes":
        return _let_in(request, account)
    if request.method == "POST" and request.POST.get("own") == "no":
        return _shut_out(request, account)
    return render(
        request,
        "identity/different_address.html",
        # Whoever is asked may be a stranger: its owner knows the invited address by its beginning and its domain.
        {"invited_address": landing.masked(account.address), "signed_in_address": account.signed_in_as},
    )


def _let_in(request: HttpRequest, account: EntraAccount) -> HttpResponse:
    if not pipeline.finish(account.pk):
        logout(request)
        return redirect("identity:sign-in")
    del request.session[store.MUST_CONFIRM]
    _report(account, "address_differs")
    next_url = urlencode({"next": reverse("home")})
    return redirect(f"{reverse('identity:stay-signed-in')}?{next_url}")


def _shut_out(request: HttpRequest, account: EntraAccount) -> HttpResponse:
    accounts.revoke(account, why=EntraAccount.Revoked.DISOWNED)
    logout(request)
    failure = _report(account, "not_own_account")
    if failure is None:
        return problem_page(request, "not_own_account", failure=None, vm_told=False)
    return redirect("identity:sign-in-problem", failure.reference)


def _report(account: EntraAccount, reason: str) -> Failure | None:
    return cases.report(
        stage=Failure.Stage.SIGN_IN,
        reason=reason,
        user=account.user,
        address=account.address,
        claimed_address=account.signed_in_as,
    )

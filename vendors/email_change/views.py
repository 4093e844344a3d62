"""The vendor asks for another address; somebody at the old one says that it was not their wish."""

from __future__ import annotations

import contextlib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity import outbound
from identity.invitations.lifecycle import AddressNotInvitable
from identity.models import EntraAccount
from identity.redirects import leads_to_the_tenant
from identity.sessions import store
from identity.sign_in import step_up
from vendors import addresses
from vendors.access import vendor_of
from vendors.email_change import disputes
from vendors.email_change import lifecycle as email_change
from vendors.email_change import requests as email_requests
from vendors.email_change.form import EmailRequestForm
from vendors.models import EmailChange, EmailChangeRequest
from vendors.not_me.views import not_me_page

STEP_UP = step_up.Purpose.EMAIL_CHANGE


@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def change_email(request: HttpRequest) -> HttpResponse:
    """Ask for another address, right after signing in once more: an open browser is not enough to take a profile."""
    vendor = vendor_of(request)
    if not vendor.is_live:
        return redirect("home")
    waiting = email_requests.waiting(vendor)
    form = EmailRequestForm(request.POST or None, label_suffix="")
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdraw_request(request, waiting)
    if request.method == "POST" and not step_up.is_proven(request, STEP_UP):
        messages.warning(request, _("That took more than five minutes, so nothing was sent. Please sign in again."))
        return redirect("vendors:email-change")
    if request.method == "POST" and form.is_valid():
        try:
            email_requests.ask(
                vendor,
                new=form.cleaned_data["new"],
                reason=form.cleaned_data["reason"],
                account=EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first(),
                proven_at=timezone.now(),
            )
        except AddressNotInvitable as refusal:
            form.add_error("new", str(refusal))
        except email_change.SameAddress:
            form.add_error("new", _("That's your current email address. Enter the new one."))
        except email_change.AddressBeforeOpenChange:
            # Undoing the change is VM's to do.
            form.add_error(
                "new", _("This is the address you sign in with now. To keep it, write to Vendor Management.")
            )
        except addresses.AddressTaken:
            # Whose it is remains VM's business.
            form.add_error("new", _("This address can't be used. Ask Vendor Management."))
        except email_requests.AlreadyAsked as refusal:
            form.add_error(None, str(refusal))
        else:
            step_up.use(request, STEP_UP)
            messages.success(request, outbound.told(_("Vendor Management has your request and will reply by email.")))
            return redirect("vendors:email-change")
    context = {
        "vendor": vendor,
        "form": form,
        "waiting": waiting,
        "open_change": EmailChange.objects.filter(vendor=vendor, state=EmailChange.State.OPEN).first(),
        "is_proven": step_up.is_proven(request, STEP_UP),
        "step_up": STEP_UP,
    }
    return render(request, "vendors/email_change.html", context)


def _withdraw_request(request: HttpRequest, waiting: EmailChangeRequest | None) -> HttpResponse:
    if waiting is not None:
        with contextlib.suppress(email_requests.NotWaiting):
            email_requests.withdraw(waiting)
            messages.success(request, _("Your request has been withdrawn. Everything stays as it is."))
    return redirect("vendors:email-change")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody at the old address says that the change was not their wish."""
    change = disputes.disputed_change(token)
    try:
        return not_me_page(
            request,
            None if change is None else disputes.question(change),
            dispute=lambda: change is not None and email_change.dispute(change),
        )
    except email_change.NotOpen:
        return redirect(request.path)  # undone or replaced in this very moment: the page says so

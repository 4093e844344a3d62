"""The way to the tenant and back: signing in, renewing a session without a page, proving once more who one is."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST, require_safe
from social_core.exceptions import AuthCredentialError, AuthUnknownError

from identity import in_app_browsers
from identity.compiled_queries import CompiledUpdate, Given
from identity.invitations import landing, links
from identity.models import EntraAccount, Invitation, SignInAttempt, User
from identity.redirects import leads_to_the_tenant, safe_next
from identity.sessions import browsers, devices, human_presses, store
from identity.sessions.store import SessionStore
from identity.sign_in import failed_sign_in, hints, pipeline, step_up
from identity.sign_in.oidc import Begin, EntraOpenIdConnect

# Who is signed in is looked up on every request: by the plain one of the two backends.
BACKEND = "identity.sign_in.oidc.Permissions"

SUCCEEDED = CompiledUpdate(
    lambda: SignInAttempt.objects.filter(pk=Given("hash")),
    outcome=SignInAttempt.Outcome.SUCCEEDED,
    user=Given("user"),
    says_when=Given("says_when"),
)

View = Callable[..., HttpResponse]


def sign_in_step(view: View) -> View:
    """Everything that goes wrong in `view` becomes one failure and one page with its reference."""

    @login_not_required
    @transaction.non_atomic_requests  # a claimed state and a stored failure must survive
    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        backend = EntraOpenIdConnect.of(request)
        try:
            return view(request, backend, *args, **kwargs)
        except (Http404, SuspiciousOperation):
            raise
        except Exception as error:  # nobody must be left with a blank page, whatever it was
            return failed_sign_in.answer(request, backend, error)

    return wrapper


@login_not_required
@leads_to_the_tenant
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    return landing.sign_in_page(request)


@require_POST
@sign_in_step
def start(request: HttpRequest, backend: EntraOpenIdConnect) -> HttpResponse:
    by_program, in_app = not human_presses.is_a_persons(request), in_app_browsers.app(request)
    return backend.go(dataclasses.replace(_what_to_begin(request), by_program=by_program, in_app=in_app))


def _what_to_begin(request: HttpRequest) -> Begin:
    next_url = safe_next(request, request.POST.get("next", ""))
    if request.POST.get("account") == "other":
        return Begin(prompt="select_account", next_url=next_url)
    token = request.POST.get("invitation", "")
    invitation = links.from_token(token) if token else None
    if invitation is not None and invitation.state != Invitation.State.WITHDRAWN:
        account = invitation.account
        return Begin(
            address=invitation.address,
            login_hint=hints.of(request, invitation, user_id=invitation.user_id),
            next_url=next_url,
            invitation=invitation.pk,
            user_id=invitation.user_id,
            expected_oid=str(account.oid) if account is not None and account.is_live else "",
        )
    device = devices.of(request)
    if device is None:
        return Begin(next_url=next_url)
    account = device.account
    return Begin(address=account.address, login_hint=account.address, next_url=next_url, user_id=account.user_id)


def renew_silently(request: HttpRequest, account: EntraAccount, *, next_url: str) -> HttpResponse:
    """One round trip with prompt=none: when the tenant still knows the person, they notice nothing."""
    backend = EntraOpenIdConnect.of(request)
    begin = Begin(
        address=account.address,
        login_hint=account.address,
        prompt="none",
        next_url=safe_next(request, next_url),
        user_id=account.user_id,
        expected_oid=str(account.oid),
    )
    try:
        return backend.go(begin)
    except Exception as error:
        return failed_sign_in.answer(request, backend, error)


@require_POST
@sign_in_step
def prove(request: HttpRequest, backend: EntraOpenIdConnect) -> HttpResponse:
    """Sign in once more with the same account, for what a forgotten open browser must not be enough for."""
    account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first()
    purpose = request.POST.get("purpose", "")
    if account is None or purpose not in set(step_up.Purpose):
        return redirect("home")
    return backend.go(
        Begin(
            address=account.signed_in_as or account.address,
            login_hint=account.signed_in_as or account.address if hints.is_on_device(request, account) else "",
            prompt="login",
            max_age=0,
            purpose=purpose,
            next_url=safe_next(request, request.POST.get("next", "")),
            user_id=account.user_id,
            expected_oid=str(account.oid),
        )
    )


@require_GET  # response_mode=query; a cross-site POST would come without the Lax cookies anyway
@sign_in_step
def complete(request: HttpRequest, backend: EntraOpenIdConnect) -> HttpResponse:
    backend.strategy.open_session = functools.partial(_open_session, request, backend)
    session_key, user = request.session.session_key, request.user
    try:
        # user=None always: with a user, social-auth would link accounts instead of signing in.
        backend.complete(user=None, request=request)
    except Exception:
        # What was opened is rolled back, and must not be written with the answer: nobody is signed in by half.
        request.session, request.user = SessionStore(session_key), user
        raise
    begun = backend.transaction
    target = begun.get("next") or reverse("home")
    if backend.account.guest and begun.get("prompt") != "none" and not begun.get("purpose"):
        target = f"{reverse('identity:stay-signed-in')}?{urlencode({'next': target})}"
    if backend.strategy.attempt is not None:
        SUCCEEDED(
            hash=backend.strategy.attempt.pk,
            user=backend.account.user_id,
            says_when=pipeline.says_when(backend.id_token),
        )
    return backend.strategy.forget_attempt(HttpResponseRedirect(target))


def _open_session(request: HttpRequest, backend: EntraOpenIdConnect, user: Any) -> None:
    account = backend.account
    if not isinstance(user, User) or not isinstance(account, EntraAccount):
        raise AuthUnknownError(backend, "the pipeline returned no one", stage="pipeline")
    claims = backend.id_token or {}
    begun = backend.transaction
    purpose = begun.get("purpose", "")
    began_at = request.session.get(store.BEGAN_AT) if purpose else None
    stayed, on_device = bool(request.session.get(store.STAYS)), request.session.get(store.DEVICE)
    is_silent = begun.get("prompt") == "none"
    device = devices.of(request) if is_silent else None
    if is_silent and (device is None or device.account_id != account.pk):
        # Ended while this was on its way round.
        raise AuthCredentialError(backend, code="reauthentication_required", stage="pipeline")
    if not is_silent and not purpose:
        devices.end(request)  # it is asked anew, and no answer means No
    now = int(time.time())
    if request.session.session_key:
        request.session.flush()  # Django keeps the key when the same person signs in again
    login(request, user, backend=BACKEND)
    session = request.session
    session[store.ACCOUNT] = account.pk
    session[store.BROWSER] = browsers.in_words(request)
    session[store.SID] = str(claims.get("sid", ""))[:64]
    session[store.LOGOUT_HINT] = str(claims.get("login_hint", ""))[:1000]
    store.limit(session, for_at_most=store.ABSOLUTE, idle=None if account.guest else store.STAFF_IDLE)
    if account.awaits_confirmation:
        session[store.MUST_CONFIRM] = True
    if device is not None:
        session[store.DEVICE] = device.pk
        session[store.INTERACTIVE_AT] = interactive_at = int(device.interactive_at.timestamp())
        store.stay(session, interactive_at=interactive_at)
    else:
        session[store.INTERACTIVE_AT] = now
        session[store.BEGAN_AT] = began_at or now
        if purpose:
            step_up.note(request, purpose)
            if stayed:
                session[store.DEVICE] = on_device
                store.stay(session, interactive_at=now)
    session.save()

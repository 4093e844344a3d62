"""The way in and the way out."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from csp.decorators import csp_exempt
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from social_core.exceptions import AuthUnknownError, SocialAuthBaseException

from identity import accounts
from identity.failures import cases, reasons
from identity.failures.forms import CannotSignInForm, WhichAddressForm
from identity.invitations import lifecycle as invitations
from identity.models import EntraAccount, Failure, Invitation, Session, SignInAttempt, User
from identity.sessions import devices, store
from identity.sessions.store import SessionStore
from identity.sign_in import pipeline, step_up
from identity.sign_in.attempts import AttemptStrategy, PassportStorage
from identity.sign_in.oidc import Begin, EntraOpenIdConnect, claimed_address
from identity.sign_in.redirects import leads_to_the_tenant, safe_next

log = logging.getLogger(__name__)

# Who is signed in is looked up on every request: by the plain one of the two backends.
BACKEND = "identity.sign_in.oidc.Permissions"
CANNOT_SIGN_IN_AN_HOUR = 60

View = Callable[..., HttpResponse]


def entra(request: HttpRequest) -> EntraOpenIdConnect:
    strategy = AttemptStrategy(PassportStorage, request)
    return EntraOpenIdConnect(strategy, redirect_uri=f"{settings.BASE_URL}{reverse('identity:complete')}")


def sign_in_step(view: View) -> View:
    """Everything that goes wrong in `view` becomes one failure and one page with its reference."""

    @never_cache
    @login_not_required
    @transaction.non_atomic_requests  # a claimed state and a stored failure must survive
    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        backend = entra(request)
        try:
            return view(request, backend, *args, **kwargs)
        except (Http404, SuspiciousOperation):
            raise
        except Exception as error:  # nobody must be left with a blank page, whatever it was
            return _failed(request, backend, error)

    return wrapper


@never_cache
@login_not_required
@leads_to_the_tenant
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    return _sign_in_screen(request)


def _sign_in_screen(request: HttpRequest) -> HttpResponse:
    next_url = safe_next(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_url or "home")
    return render(request, "identity/sign_in.html", {"next": next_url})


@never_cache
@login_not_required
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Where the invitation mails lead. Looking at it changes nothing, so mail scanners may."""
    invitation = invitations.from_token(token)
    if invitation is None:
        return redirect("identity:sign-in") if request.method == "POST" else _sign_in_screen(request)
    if request.user.is_authenticated and request.user.pk == invitation.user_id:
        return redirect("home")
    withdrawn = invitation.state == Invitation.State.WITHDRAWN
    told = False
    if request.method == "POST":
        if not withdrawn:
            return redirect(request.path)
        told = _ask_for_invitation(invitation)
    return render(
        request,
        "identity/sign_in.html",
        {
            "invitation_token": "" if withdrawn else token,
            "invited_address": masked(invitation.address),
            "withdrawn": withdrawn,
            "vm_told": told,
        },
    )


def _ask_for_invitation(invitation: Invitation) -> bool:
    stored = cases.report(
        stage=Failure.Stage.SIGN_IN, reason="asks_for_invitation", user=invitation.user, address=invitation.address
    )
    return stored is not None


def masked(address: str) -> str:
    """Enough for its owner to know it by, too little for anybody else: a…@example.com."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


@require_POST
@sign_in_step
def start(request: HttpRequest, backend: EntraOpenIdConnect) -> HttpResponse:
    next_url = safe_next(request, request.POST.get("next", ""))
    if request.POST.get("account") == "other":
        backend.begin = Begin(prompt="select_account", next_url=next_url)
        return _go(backend)
    token = request.POST.get("invitation", "")
    invitation = invitations.from_token(token) if token else None
    if invitation is not None and invitation.state != Invitation.State.WITHDRAWN:
        account = invitation.account
        backend.begin = Begin(
            login_hint=invitation.address,
            next_url=next_url,
            invitation=invitation.pk,
            user_id=invitation.user_id,
            expected_oid=str(account.oid) if account is not None and account.is_live else "",
        )
    else:
        on_device = devices.account_of(request)
        backend.begin = Begin(
            login_hint=on_device.address if on_device else "",
            next_url=next_url,
            user_id=on_device.user_id if on_device else None,
        )
    return _go(backend)


def renew_silently(request: HttpRequest, account: EntraAccount, *, next_url: str) -> HttpResponse:
    """One round trip with prompt=none: when the tenant still knows the person, they notice nothing."""
    backend = entra(request)
    backend.begin = Begin(
        login_hint=account.address,
        prompt="none",
        next_url=safe_next(request, next_url),
        user_id=account.user_id,
        expected_oid=str(account.oid),
    )
    try:
        return _go(backend)
    except Exception as error:
        return _failed(request, backend, error)


PURPOSES = {"email_change", "payment_change"}


@require_POST
@sign_in_step
def prove(request: HttpRequest, backend: EntraOpenIdConnect) -> HttpResponse:
    """Sign in once more with the same account, for what a forgotten open browser must not be enough for."""
    account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).first()
    purpose = request.POST.get("purpose", "")
    if account is None or purpose not in PURPOSES:
        return redirect("home")
    backend.begin = Begin(
        login_hint=account.signed_in_as or account.address,
        prompt="login",
        max_age=0,
        purpose=purpose,
        next_url=safe_next(request, request.POST.get("next", "")),
        user_id=account.user_id,
        expected_oid=str(account.oid),
    )
    return _go(backend)


def _go(backend: EntraOpenIdConnect) -> HttpResponse:
    return backend.strategy.save_attempt(backend.start(), backend.begin)


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
        SignInAttempt.objects.filter(pk=backend.strategy.attempt.pk).update(
            outcome=SignInAttempt.Outcome.SUCCEEDED, user=backend.account.user_id
        )
    return backend.strategy.forget_attempt(redirect(target))


def _open_session(request: HttpRequest, backend: EntraOpenIdConnect, user: Any) -> None:
    account = backend.account
    if not isinstance(user, User) or not isinstance(account, EntraAccount):
        raise AuthUnknownError(backend, "the pipeline returned nobody", stage="pipeline")
    claims = backend.id_token or {}
    begun = backend.transaction
    purpose = begun.get("purpose", "")
    stayed = bool(request.session.get(store.STAYS))
    now = int(time.time())
    if request.session.session_key:
        request.session.flush()  # Django keeps the key when the same person signs in again
    login(request, user, backend=BACKEND)
    session = request.session
    session[store.ACCOUNT] = account.pk
    session[store.SID] = str(claims.get("sid", ""))[:64]
    session[store.LOGOUT_HINT] = str(claims.get("login_hint", ""))[:1000]
    store.limit(session, for_at_most=store.ABSOLUTE)
    if account.awaits_confirmation:
        session[store.MUST_CONFIRM] = True
    if begun.get("prompt") == "none":
        interactive_at = devices.interactive_at(request, account)
        if interactive_at is not None:
            session[store.INTERACTIVE_AT] = interactive_at
            store.stay(session, interactive_at=interactive_at)
    else:
        session[store.INTERACTIVE_AT] = now
        if purpose:
            step_up.note(request, purpose)
            if stayed:
                store.stay(session, interactive_at=now)
    session.save()


def _failed(request: HttpRequest, backend: EntraOpenIdConnect, error: Exception) -> HttpResponse:
    strategy = backend.strategy
    attempt = strategy.attempt
    next_url = backend.transaction.get("next", "") or (attempt.next_url if attempt and strategy.is_ours else "")
    code = error.code if isinstance(error, SocialAuthBaseException) else ""
    lost_state = code in ("state_mismatch", "session_context_missing")
    if lost_state and request.user.is_authenticated:
        return redirect("home")  # a second click or the back button after a finished sign-in
    if attempt is not None and attempt.prompt == "none" and code == "reauthentication_required":
        SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=SignInAttempt.Outcome.NO_SESSION)
        query = f"?{urlencode({'next': next_url})}" if next_url else ""
        return strategy.forget_attempt(redirect(f"{reverse('identity:sign-in')}{query}"))
    if lost_state and attempt is not None and strategy.is_ours and not attempt.again:
        # This browser did begin it but came back twice, or after too long (setting up MFA takes time): go round once
        # more; Microsoft answers at once.
        backend.begin = Begin(
            login_hint=attempt.address,
            next_url=attempt.next_url,
            invitation=attempt.invitation_id,
            user_id=attempt.user_id,
            again=True,
        )
        try:
            return strategy.forget_attempt(_go(backend))
        except Exception as second:
            error = second
    reason = _reason(error)
    if reason == "unexpected_error":
        # Without the exception's text and locals: they may hold a token.
        log.error("Sign-in failed unexpectedly: %s", type(error).__name__, exc_info=error)
    is_callback = request.resolver_match is not None and request.resolver_match.url_name == "complete"
    if attempt is None and is_callback and not isinstance(error, DatabaseError):
        # No attempt of ours: a stranger must not be able to make Passport mail anybody.
        log.warning("A callback that nobody began: %s", reason)
        return _problem(request, reason, failure=None, told=False, status=400)
    failure = cases.report(
        stage=Failure.Stage.SIGN_IN,
        reason=reason,
        user=getattr(error, "user", None) or (attempt.user if attempt else _person(backend)),
        oid=_oid(backend),
        address=attempt.address if attempt else backend.begin.login_hint,
        claimed_address=claimed_address(backend.id_token),
        attempt=attempt,
        detail=_detail(error),
    )
    if failure is None:
        request.user = AnonymousUser()  # the database may be what failed, and the page's header would ask it
        return _problem(request, reason, failure=None, told=False, status=503)
    return strategy.forget_attempt(redirect("identity:sign-in-problem", failure.reference))


def _person(backend: EntraOpenIdConnect) -> User | None:
    return User.objects.filter(pk=backend.begin.user_id).first() if backend.begin.user_id else None


def _oid(backend: EntraOpenIdConnect) -> str:
    return backend.get_user_id({}, {}) if backend.id_token else ""


def _reason(error: Exception) -> str:
    if isinstance(error, pipeline.NotAllowed):
        return error.reason
    if isinstance(error, SocialAuthBaseException):
        by_number = reasons.BY_AADSTS.get(error.context.get("aadsts", ""))
        return by_number or reasons.BY_ERROR_CODE.get(error.code, "unexpected_error")
    return "unexpected_error"


def _detail(error: Exception) -> dict[str, Any]:
    """Codes and ids only. The provider's own words stay out: they may hold anything."""
    if not isinstance(error, SocialAuthBaseException):
        return {"error": type(error).__name__}
    detail = {
        "error": error.code,
        "at": error.stage,
        "claim": error.claim or "",
        "aadsts": error.context.get("aadsts", ""),
        "correlation_id": error.context.get("correlation_id", ""),
    }
    return {name: value for name, value in detail.items() if value}


NO_RETRY = {"vendor_suspended", "vendor_ended", "vendor_declined", "user_inactive", "staff_role_missing"}


def _problem(
    request: HttpRequest,
    reason_code: str,
    *,
    failure: Failure | None,
    told: bool,
    status: int = 200,
    form: WhichAddressForm | None = None,
) -> HttpResponse:
    reason = reasons.get(reason_code)
    retry_url = "" if reason_code in NO_RETRY else reverse("identity:sign-in")
    return render(
        request,
        "identity/problem.html",
        {
            "failure": failure,
            "title": _("You are not signed in"),
            "text": reason.person_text,
            "vm_told": told,
            "retry_url": retry_url,
            "ask_address": failure is not None and not (failure.address or failure.user_id),
            "form": form,
        },
        status=status,
    )


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: HttpRequest, reference: str) -> HttpResponse:
    """What went wrong, for the person. Shows nothing about anybody, so the reference is all it takes."""
    failure = get_object_or_404(Failure, reference=reference.upper())
    form = None
    if request.method == "POST":
        form = WhichAddressForm(request.POST)
        if form.is_valid():
            failure = cases.name_address(failure, form.cleaned_data["address"])
            return redirect("identity:sign-in-problem", failure.reference)
    return _problem(request, failure.reason, failure=failure, told=True, form=form)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def cannot_sign_in(request: HttpRequest) -> HttpResponse:
    form = CannotSignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lately = Failure.objects.filter(
            reason="says_cannot_sign_in", last_seen_at__gt=timezone.now() - dt.timedelta(hours=1)
        ).count()
        if lately >= CANNOT_SIGN_IN_AN_HOUR:
            form.add_error(None, _("We receive too many of these at the moment. Please write to Vendor Management."))
            return render(request, "identity/cannot_sign_in.html", {"form": form}, status=429)
        failure = None
        if not form.is_from_a_machine:
            failure = cases.report(
                stage=Failure.Stage.SIGN_IN,
                reason="says_cannot_sign_in",
                address=form.cleaned_data["address"],
                detail=form.detail(),
            )
        return render(request, "identity/cannot_sign_in_sent.html", {"failure": failure, "vm_told": bool(failure)})
    return render(request, "identity/cannot_sign_in.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Passport's own question: Microsoft never shows guests its "Stay signed in?". Leaving it means No."""
    next_url = safe_next(request, request.GET.get("next", "")) or reverse("home")
    account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0, guest=True).first()
    interactive_at = request.session.get(store.INTERACTIVE_AT)
    if account is None or interactive_at is None:
        return redirect(next_url)
    if request.method != "POST":
        return render(request, "identity/stay_signed_in.html", {"next": next_url})
    response = redirect(next_url)
    if request.POST.get("stay") == "yes":
        store.stay(request.session, interactive_at=interactive_at)
        devices.remember(response, account, interactive_at=interactive_at)
    else:
        store.limit(request.session, for_at_most=store.ABSOLUTE)
        devices.forget(response)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """Invited as one address, signed in as another: only the person can say whether it is their own account."""
    account = EntraAccount.objects.filter(pk=request.session.get(store.ACCOUNT) or 0).select_related("user").first()
    if account is None or not request.session.get(store.MUST_CONFIRM):
        return redirect("home")
    if request.method == "POST" and request.POST.get("own") == "yes":
        account.confirmed_own_at = timezone.now()
        account.save(update_fields=["confirmed_own_at"])
        pipeline.finish(account.user, account)
        del request.session[store.MUST_CONFIRM]
        cases.report(
            stage=Failure.Stage.SIGN_IN,
            reason="address_differs",
            user=account.user,
            address=account.address,
            claimed_address=account.signed_in_as,
        )
        next_url = urlencode({"next": reverse("home")})
        return redirect(f"{reverse('identity:stay-signed-in')}?{next_url}")
    if request.method == "POST" and request.POST.get("own") == "no":
        accounts.revoke(account, why=EntraAccount.Revoked.DISOWNED)
        logout(request)
        failure = cases.report(
            stage=Failure.Stage.SIGN_IN,
            reason="not_own_account",
            user=account.user,
            address=account.address,
            claimed_address=account.signed_in_as,
        )
        if failure is None:
            return _problem(request, "not_own_account", failure=None, told=False)
        return redirect("identity:sign-in-problem", failure.reference)
    return render(
        request,
        "identity/different_address.html",
        {"invited_address": account.address, "signed_in_address": account.signed_in_as},
    )


@never_cache
@login_not_required
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """GET asks, POST does, and ends the session at Entra as well."""
    if not request.user.is_authenticated:
        return redirect("identity:sign-in")
    if request.method != "POST":
        return render(request, "identity/sign_out.html")
    hint = request.session.get(store.LOGOUT_HINT, "")
    through_entra = bool(request.session.get(store.ACCOUNT))
    logout(request)
    response = redirect(entra(request).end_session_url(logout_hint=hint) if through_entra else "identity:sign-in")
    devices.forget(response)
    return response


@never_cache
@login_not_required
@csp_exempt()
@xframe_options_exempt
@require_GET
def front_channel_logout(request: HttpRequest) -> HttpResponse:
    """Entra calls this in a hidden frame when somebody signs out elsewhere. No cookie comes along, only `sid`."""
    sid = request.GET.get("sid", "")
    issuer = request.GET.get("iss", "")
    if sid and len(sid) <= 64 and issuer in ("", EntraOpenIdConnect.tenant_url("v2.0")):
        Session.objects.filter(sid=sid).delete()
    return HttpResponse("", content_type="text/plain")

"""What follows when a sign-in goes wrong: a second round without a word, or a case and a page with its reference."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from social_core.exceptions import SocialAuthBaseException

from identity import in_app_browsers, networks
from identity.failures import cases, reasons
from identity.failures.views import SAID, UNKNOWN, problem_page, too_many, too_many_starts
from identity.microsoft.error_answers import GUID
from identity.models import Failure, SignInAttempt, User
from identity.sessions import human_presses
from identity.sign_in import hints, pipeline
from identity.sign_in.oidc import CALLBACK, Begin, EntraOpenIdConnect, claimed_address

log = logging.getLogger(__name__)

LOST_STATE = ("state_mismatch", "session_context_missing")


def answer(request: HttpRequest, backend: EntraOpenIdConnect, error: Exception) -> HttpResponse:
    attempt = backend.strategy.attempt
    has_lost_state = _code(error) in LOST_STATE
    if has_lost_state and request.user.is_authenticated:
        return redirect("home")  # a second click or the back button after a finished sign-in
    if attempt is not None and _is_silent_without_session(attempt, error):
        return _ask_with_a_page(backend, attempt)
    if attempt is not None and has_lost_state and backend.strategy.is_ours and not attempt.again:
        try:
            return _go_round_once_more(request, backend, attempt)
        except Exception as second:
            error = second
    if isinstance(error, networks.TooManyFromHere):
        return backend.strategy.forget_attempt(too_many_starts(request))
    reason = _reason(error)
    if reason == "unexpected_error":
        # Without the exception's text and locals: they may hold a token.
        log.error("Sign-in failed unexpectedly: %s", type(error).__name__, exc_info=error)
    if attempt is None and _is_callback(request) and not isinstance(error, DatabaseError):
        # No attempt of ours: a stranger must not be able to make Passport mail anybody.
        log.warning("A callback for a sign-in that no one had started: %s", reason)
        return problem_page(request, reason, failure=None, vm_told=False, status=400)
    return _tell(request, backend, error, reason=reason)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, SocialAuthBaseException) else ""


def _is_silent_without_session(attempt: SignInAttempt, error: Exception) -> bool:
    """The tenant does not know them any more, which is what a silent try is there to find out."""
    return attempt.prompt == "none" and _code(error) == "reauthentication_required"


def _ask_with_a_page(backend: EntraOpenIdConnect, attempt: SignInAttempt) -> HttpResponse:
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=SignInAttempt.Outcome.NO_SESSION)
    next_url = backend.transaction.get("next", "") or (attempt.next_url if backend.strategy.is_ours else "")
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return backend.strategy.forget_attempt(redirect(f"{reverse('identity:sign-in')}{query}"))


def _go_round_once_more(request: HttpRequest, backend: EntraOpenIdConnect, attempt: SignInAttempt) -> HttpResponse:
    """This browser did begin it but came back twice, or after too long (setting up MFA takes time).

    Microsoft answers the second round at once.
    """
    begin = Begin(
        address=attempt.address,
        login_hint=hints.of(request, attempt.invitation, user_id=attempt.user_id),
        next_url=attempt.next_url,
        invitation=attempt.invitation_id,
        user_id=attempt.user_id,
        again=True,
        by_program=attempt.by_program and not human_presses.is_a_persons(request),
    )
    return backend.strategy.forget_attempt(backend.go(begin))


def _is_callback(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.view_name == CALLBACK


def _tell(request: HttpRequest, backend: EntraOpenIdConnect, error: Exception, *, reason: str) -> HttpResponse:
    attempt = backend.strategy.attempt
    if attempt is not None and attempt.by_program and not human_presses.is_a_persons(request):
        # A scanner of mail that pressed the button and went on pressing: nobody has seen any of it.
        unfinished = SignInAttempt.objects.filter(pk=attempt.pk).exclude(outcome=SignInAttempt.Outcome.SUCCEEDED)
        unfinished.update(outcome=SignInAttempt.Outcome.FAILED)
        return backend.strategy.forget_attempt(problem_page(request, reason, failure=None, vm_told=False, status=400))
    user = getattr(error, "user", None) or (attempt.user if attempt else _person(backend))
    if user is None and attempt is not None and networks.is_over(request, networks.FAILED_CALLBACK):
        return backend.strategy.forget_attempt(too_many(request))
    address = attempt.address if attempt else backend.begin.address
    failure = cases.report(
        stage=Failure.Stage.SIGN_IN,
        reason=reason,
        user=user,
        oid=_oid(backend),
        address=address,
        claimed_address=claimed_address(backend.id_token or backend.refused_claims),
        attempt=attempt,
        detail={**_detail(error), **({"in_app": app} if (app := in_app_browsers.app(request)) else {})},
    )
    if failure is None:
        request.user = AnonymousUser()  # the database may be what failed, and the page's header would ask it
        return problem_page(request, reason, failure=None, vm_told=False, status=503)
    if attempt is not None and backend.id_token:
        SignInAttempt.objects.filter(pk=attempt.pk).update(says_when=pipeline.says_when(backend.id_token))
    page = reverse("identity:sign-in-problem", args=[failure.reference])
    query = [] if user is not None or address else [UNKNOWN]
    if reason == reasons.UNPROVEN and (said := _said_reason(error)) != reason:
        query.append(urlencode({SAID: said}))
    return backend.strategy.forget_attempt(redirect(f"{page}?{'&'.join(query)}" if query else page))


def _person(backend: EntraOpenIdConnect) -> User | None:
    return User.objects.filter(pk=backend.begin.user_id).first() if backend.begin.user_id else None


def _oid(backend: EntraOpenIdConnect) -> str:
    """Microsoft's word for who it is, also where the token was refused: it is signed."""
    if backend.id_token:
        return backend.get_user_id({}, {})
    oid = backend.refused_claims.get("oid")
    is_ours = backend.refused_claims.get("tid") == settings.ENTRA_TENANT_ID
    return str(uuid.UUID(oid)) if is_ours and isinstance(oid, str) and GUID.fullmatch(oid) else ""


def _reason(error: Exception) -> str:
    if isinstance(error, pipeline.NotAllowed):
        return error.reason
    if isinstance(error, SocialAuthBaseException):
        reason = _said_reason(error)
        # What the browser brought may be anybody's words: operations believe what the tenant says to Passport itself.
        is_unproven = error.stage == "callback" and reasons.get(reason).audience == reasons.OPERATIONS
        return reasons.UNPROVEN if is_unproven else reason
    return "unexpected_error"


def _said_reason(error: Exception) -> str:
    """What it is when what was said is believed."""
    if not isinstance(error, SocialAuthBaseException):
        return ""
    numbers = error.context.get("codes", [])
    if by_number := reasons.by_numbers(numbers):
        return by_number
    if error.context.get("in_app"):
        return "in_app_browser"
    reason = reasons.BY_ERROR_CODE.get(error.code, "unexpected_error")
    if reason == "declined" and numbers and not error.context.get("cancelled"):
        return reasons.UNPROVEN  # a number that nobody knows: they need not have pressed Cancel
    return reason


def _detail(error: Exception) -> dict[str, Any]:
    """Codes and ids only. The provider's own words stay out: they may hold anything."""
    if not isinstance(error, SocialAuthBaseException):
        return {"error": type(error).__name__}
    detail = {
        "error": error.code,
        "at": error.stage,
        "claim": error.claim or "",
        "aadsts": error.context.get("aadsts", ""),
        "codes": error.context.get("codes", [])[1:] and error.context["codes"],
        "correlation_id": error.context.get("correlation_id", ""),
    }
    return {name: value for name, value in detail.items() if value}

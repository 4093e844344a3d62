"""The pages between pressing "Sign in" and coming back: whose account, password or code, second factor,
consent.
"""

import re
import secrets
import uuid
from urllib.parse import parse_qs, urlsplit

from .. import people
from ..directory import Identity
from ..entra_errors import Refusal
from ..grants import Authorization
from ..login import LOGIN_SECONDS, Login
from ..tenant import Tenant
from ..web import Request, Response, page, redirect
from . import browser_sessions
from .admission import admit
from .error_responses import error_page
from .login_page import expired_page, login_page, login_url, other_name
from .redemption import redeem

WRONG_PASSWORD = "wrong"
MAILED_CODE_SECONDS = 30 * 60
# Browsers inside apps, as Google knows them: https://developers.google.com/identity/protocols/oauth2/policies#browsers
EMBEDDED = re.compile(r"; wv\)|FBA[NV]/|Instagram|LinkedInApp|MicroMessenger|\bLine/|BytedanceWebview")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def follow_invitation(tenant: Tenant, request: Request) -> Response:
    """An invitation's link. It never expires and may be opened again."""
    target = parse_qs(urlsplit(request.query.get("rd", "")).query)
    invitation_id = target.get("user", [""])[0]
    ticket = target.get("ticket", [""])[0]
    invitation = tenant.state.invitations.get(invitation_id)
    if invitation is None or not secrets.compare_digest(invitation["ticket"], ticket):
        return error_page(Refusal(90013), now=tenant.state.now(), correlation=str(uuid.uuid4()))
    return begin(tenant, request, invitation_id=invitation_id, hint=invitation["address"])


def begin(
    tenant: Tenant,
    request: Request,
    *,
    authorization: Authorization | None = None,
    invitation_id: str = "",
    hint: str = "",
) -> Response:
    now = tenant.state.now()
    tenant.logins = {key: login for key, login in tenant.logins.items() if now - login.started_at < LOGIN_SECONDS}
    login = Login(host=request.host, started_at=now, authorization=authorization, invitation_id=invitation_id)
    tenant.logins[login.key] = login
    if authorization is not None:
        login.correlation = authorization.correlation
        hint = authorization.hint
    _take_session(tenant, request, login, hint=hint)
    return _show(tenant, request, login)


def _take_session(tenant: Tenant, request: Request, login: Login, *, hint: str) -> None:
    """Decide where to start: already signed in, known address, choice of accounts or empty form."""
    authorization = login.authorization
    prompts = authorization.prompts if authorization else set()
    if "select_account" in prompts:
        login.offer_accounts = True
        return
    if "login" in prompts:
        login.address = hint
        return
    accounts = browser_sessions.accounts(tenant, request)
    if hint:
        account = browser_sessions.account_with(tenant, request, hint)
    else:
        account = accounts[0] if len(accounts) == 1 else None
        login.offer_accounts = len(accounts) > 1
    if account is None:
        login.address = hint
    elif authorization is not None and not authorization.fresh_enough(account, now=tenant.state.now()):
        login.address = account["account"]
    else:
        login.address = account["account"]
        login.identity = Identity(account["provider"], account["account"])


def show(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    login = tenant.logins.get(request.query.get("ctx", ""))
    if login is None:
        return expired_page()
    return _show(tenant, request, login)


def answer(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    login = tenant.logins.get(request.form.get("ctx", ""))
    if login is None:
        return expired_page()
    login.complaint = login.notice = ""
    _take_answer(tenant, request, login)
    return redirect(login_url(tenant, request.host, login), status=303)


def _take_answer(tenant: Tenant, request: Request, login: Login) -> None:
    form = request.form
    if form.get("action") == "other":
        login.start_over()
    elif form.get("action") == "resend":
        login.code = ""
        login.notice = "We sent you a new code."
    elif "loginfmt" in form:
        _take_address(login, form["loginfmt"].strip().lower())
    elif "account" in form:
        _take_account(tenant, request, login, form["account"].lower())
    elif "passwd" in form:
        _take_password(tenant, login, form["passwd"])
    elif "otc" in form:
        _take_code(tenant, login, form["otc"].replace(" ", ""))
    elif "mfa" in form:
        _take_second_factor(tenant, login, form["mfa"])
    elif "consent" in form and login.identity is not None:
        login.consented = form["consent"] == "accept"


def _take_address(login: Login, address: str) -> None:
    if ADDRESS.fullmatch(address):
        login.start_over()
        login.address = address
    else:
        login.complaint = "Enter a valid email address."


def _take_account(tenant: Tenant, request: Request, login: Login, address: str) -> None:
    login.start_over()
    if address == "other":
        login.offer_accounts = False
        return
    account = browser_sessions.account_with(tenant, request, address)
    login.address = address
    authorization = login.authorization
    if account and (authorization is None or authorization.fresh_enough(account, now=tenant.state.now())):
        login.identity = Identity(account["provider"], account["account"])


def _take_password(tenant: Tenant, login: Login, password: str) -> None:
    person = tenant.directory.person(login.address)
    if not password:
        login.complaint = "Please enter your password."
    elif password == WRONG_PASSWORD:
        login.complaint = "Your account or password is incorrect. Try again."
        tenant.log_sign_in(login, account=person["address"], user=None, number=50126)
    else:
        login.password_passed = True
        if not person["mfa"]:
            _authenticated(tenant, login)


def _take_code(tenant: Tenant, login: Login, code: str) -> None:
    too_old = tenant.state.now() - login.code_sent_at > MAILED_CODE_SECONDS
    if login.code and secrets.compare_digest(code.encode(), login.code.encode()) and not too_old:
        login.code = ""
        _authenticated(tenant, login)
    elif too_old:
        login.complaint = "That code has expired. Ask for a new one."
    else:
        login.complaint = "That code didn't work. Check the code and try again."


def _take_second_factor(tenant: Tenant, login: Login, answer: str) -> None:
    if not login.password_passed:
        return
    if answer == "approve":
        _authenticated(tenant, login)
    else:
        login.complaint = "We didn't hear from you. Approve the request to continue."
        tenant.log_sign_in(login, account=login.address, user=None, number=500121)


def _authenticated(tenant: Tenant, login: Login) -> None:
    login.identity = tenant.directory.identity(login.address)
    login.typed = True


def _show(tenant: Tenant, request: Request, login: Login) -> Response:
    if elsewhere := _elsewhere(tenant, request, login):
        return redirect(login_url(tenant, elsewhere, login))
    if login.identity is not None:
        return _settle(tenant, request, login, login.identity)
    if login.address:
        return _credentials_page(tenant, request, login)
    accounts = browser_sessions.accounts(tenant, request)
    if login.offer_accounts and accounts:
        return login_page(tenant, "pick.html", login, accounts=accounts)
    return login_page(tenant, "email.html", login)


def _elsewhere(tenant: Tenant, request: Request, login: Login) -> str:
    """The host to go to first: some companies' pages are on another one, and afterwards it is back to
    where we began.
    """
    away = bool(login.address) and tenant.directory.person(login.address)["other_host"]
    if away and login.identity is not None and request.host != login.host:
        login.been_elsewhere = True
    host = other_name(login.host) if away and not login.been_elsewhere else login.host
    return "" if request.host == host else host


def _credentials_page(tenant: Tenant, request: Request, login: Login) -> Response:
    person = tenant.directory.person(login.address)
    provider = person["provider"]
    if provider == people.GOOGLE and EMBEDDED.search(request.headers.get("User-Agent", "")):
        return page(
            "google_refuses.html", status=403
        )  # on Google's own page: neither tenant nor application hear of it
    if provider == people.MAILED_CODE:
        if not login.code:
            _mail_code(tenant, login)
        return login_page(tenant, "code.html", login)
    template = "mfa.html" if login.password_passed else "password.html"
    return login_page(tenant, template, login, skin=provider, brand=_brand(tenant, person))


def _brand(tenant: Tenant, person: dict) -> str:
    known = {
        people.GOOGLE: "Google",
        people.MICROSOFT: "Microsoft",
        people.HOME: tenant.configuration.organisation,
    }
    return known.get(person["provider"]) or people.company_name(person["address"])


def _mail_code(tenant: Tenant, login: Login) -> None:
    login.code = f"{secrets.randbelow(10**8):08}"
    login.code_sent_at = tenant.state.now()
    organisation = tenant.configuration.organisation
    tenant.mailboxes.deliver(
        login.address,
        sender="Microsoft account team <account-security-noreply@accountprotection.microsoft.com>",
        subject=f"Your {organisation} account verification code",
        text=(
            f"To access {organisation}'s apps and resources, please use the code below for account "
            "verification. The code will only work for 30 minutes.\n\n"
            f"Account verification code:\n{login.code}\n\n"
            "If you did not request this code, you can ignore this email.\n"
        ),
        source="code",
        code=login.code,
    )


def _settle(tenant: Tenant, request: Request, login: Login, identity: Identity) -> Response:
    """Somebody has shown who they are: may they in, and has everything been agreed to?"""
    carrier = Response()
    account = browser_sessions.sign_in(tenant, request, carrier, identity, fresh=login.typed)
    login.typed = False
    if login.authorization is None:
        response = redeem(tenant, login, identity)
    else:
        response = admit(tenant, request, login, login.authorization, identity, account=account)
    response.headers += carrier.headers
    return response

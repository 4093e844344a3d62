"""The pages between pressing "Sign in" and coming back: whose account, password or code, second factor,
consent.
"""

import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from . import authorize, errors, people
from .authorize import Authorization
from .configuration import origin_of
from .directory import Identity
from .errors import Refusal
from .web import Request, Response, page, redirect

if TYPE_CHECKING:
    from .server import Sandbox

WRONG_PASSWORD = "wrong"
MAILED_CODE_SECONDS = 30 * 60
LOGIN_SECONDS = 3600
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass
class Login:
    """One walk through the pages, for the application (`authorization`) or along an invitation's link."""

    host: str
    started_at: float
    authorization: Authorization | None = None
    invitation_id: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    correlation: str = field(default_factory=lambda: str(uuid.uuid4()))
    address: str = ""
    offer_accounts: bool = False
    password_passed: bool = False
    code: str = ""
    code_sent_at: float = 0
    complaint: str = ""
    notice: str = ""
    identity: Identity | None = None
    typed: bool = False
    been_elsewhere: bool = False
    consented: bool | None = None

    def start_over(self) -> None:
        self.address = ""
        self.identity = None
        self.typed = self.password_passed = self.been_elsewhere = False
        self.code = ""
        self.consented = None
        self.offer_accounts = True


class SignIns:
    def __init__(self, sandbox: "Sandbox"):
        self.sandbox = sandbox
        self.logins: dict[str, Login] = {}

    def begin(
        self,
        request: Request,
        *,
        authorization: Authorization | None = None,
        invitation_id: str = "",
        hint: str = "",
    ) -> Response:
        now = self.sandbox.state.now()
        self.logins = {key: one for key, one in self.logins.items() if now - one.started_at < LOGIN_SECONDS}
        login = Login(host=request.host, started_at=now, authorization=authorization, invitation_id=invitation_id)
        self.logins[login.key] = login
        if authorization is not None:
            login.correlation = authorization.correlation
            hint = authorization.hint
        self._take_session(request, login, hint=hint)
        return self._show(request, login)

    def _take_session(self, request: Request, login: Login, *, hint: str) -> None:
        """Decide where to start: already signed in, known address, choice of accounts or empty form."""
        authorization = login.authorization
        prompts = authorization.prompts if authorization else set()
        if "select_account" in prompts:
            login.offer_accounts = True
            return
        browsers = self.sandbox.browsers
        if "login" in prompts:
            login.address = hint
            return
        accounts = browsers.accounts(request)
        if hint:
            account = browsers.account(request, hint)
        else:
            account = accounts[0] if len(accounts) == 1 else None
            login.offer_accounts = len(accounts) > 1
        if account is None:
            login.address = hint
        elif authorization is not None and not authorize.fresh_enough(self.sandbox, authorization, account):
            login.address = account["account"]
        else:
            login.address = account["account"]
            login.identity = Identity(account["provider"], account["account"])

    def show(self, request: Request, tenant: str) -> Response:
        login = self.logins.get(request.query.get("ctx", ""))
        if login is None:
            return _lost()
        return self._show(request, login)

    def answer(self, request: Request, tenant: str) -> Response:
        login = self.logins.get(request.form.get("ctx", ""))
        if login is None:
            return _lost()
        login.complaint = login.notice = ""
        self._take_answer(request, login)
        return redirect(self._url(request.host, login), status=303)

    def _take_answer(self, request: Request, login: Login) -> None:
        form = request.form
        if form.get("action") == "other":
            login.start_over()
        elif form.get("action") == "resend":
            login.code = ""
            login.notice = "We sent you a new code."
        elif "loginfmt" in form:
            self._take_address(login, form["loginfmt"].strip().lower())
        elif "account" in form:
            self._take_account(request, login, form["account"].lower())
        elif "passwd" in form:
            self._take_password(login, form["passwd"])
        elif "otc" in form:
            self._take_code(login, form["otc"].replace(" ", ""))
        elif "mfa" in form:
            self._take_second_factor(login, form["mfa"])
        elif "consent" in form and login.identity is not None:
            login.consented = form["consent"] == "accept"

    def _take_address(self, login: Login, address: str) -> None:
        if ADDRESS.fullmatch(address):
            login.start_over()
            login.address = address
        else:
            login.complaint = "Enter a valid email address."

    def _take_account(self, request: Request, login: Login, address: str) -> None:
        login.start_over()
        if address == "other":
            login.offer_accounts = False
            return
        account = self.sandbox.browsers.account(request, address)
        login.address = address
        authorization = login.authorization
        if account and (authorization is None or authorize.fresh_enough(self.sandbox, authorization, account)):
            login.identity = Identity(account["provider"], account["account"])

    def _take_password(self, login: Login, password: str) -> None:
        person = self.sandbox.directory.person(login.address)
        if not password:
            login.complaint = "Please enter your password."
        elif password == WRONG_PASSWORD:
            login.complaint = "Your account or password is incorrect. Try again."
            self._log(login, account=person["address"], user=None, number=50126)
        else:
            login.password_passed = True
            if not person["mfa"]:
                self._authenticated(login)

    def _take_code(self, login: Login, code: str) -> None:
        too_old = self.sandbox.state.now() - login.code_sent_at > MAILED_CODE_SECONDS
        if login.code and secrets.compare_digest(code.encode(), login.code.encode()) and not too_old:
            login.code = ""
            self._authenticated(login)
        elif too_old:
            login.complaint = "That code has expired. Ask for a new one."
        else:
            login.complaint = "That code didn't work. Check the code and try again."

    def _take_second_factor(self, login: Login, answer: str) -> None:
        if not login.password_passed:
            return
        if answer == "approve":
            self._authenticated(login)
        else:
            login.complaint = "We didn't hear from you. Approve the request to go on."
            self._log(login, account=login.address, user=None, number=500121)

    def _authenticated(self, login: Login) -> None:
        login.identity = self.sandbox.directory.identity(login.address)
        login.typed = True

    def _show(self, request: Request, login: Login) -> Response:
        if elsewhere := self._elsewhere(request, login):
            return redirect(self._url(elsewhere, login))
        if login.identity is not None:
            return self._settle(request, login, login.identity)
        if login.address:
            return self._credentials_page(login)
        accounts = self.sandbox.browsers.accounts(request)
        if login.offer_accounts and accounts:
            return self._page("pick.html", login, accounts=accounts)
        return self._page("email.html", login)

    def _elsewhere(self, request: Request, login: Login) -> str:
        """The host to go to first: some companies' pages are on another one, and afterwards it is back to
        where we began.
        """
        away = bool(login.address) and self.sandbox.directory.person(login.address)["other_host"]
        if away and login.identity is not None and request.host != login.host:
            login.been_elsewhere = True
        host = _other_name(login.host) if away and not login.been_elsewhere else login.host
        return "" if request.host == host else host

    def _credentials_page(self, login: Login) -> Response:
        person = self.sandbox.directory.person(login.address)
        provider = person["provider"]
        if provider == people.MAILED_CODE:
            if not login.code:
                self._mail_code(login)
            return self._page("code.html", login)
        template = "mfa.html" if login.password_passed else "password.html"
        return self._page(template, login, skin=provider, brand=self._brand(person))

    def _brand(self, person: dict) -> str:
        known = {
            people.GOOGLE: "Google",
            people.MICROSOFT: "Microsoft",
            people.HOME: self.sandbox.configuration.organisation,
        }
        return known.get(person["provider"]) or people.company_name(person["address"])

    def _mail_code(self, login: Login) -> None:
        login.code = f"{secrets.randbelow(10**8):08}"
        login.code_sent_at = self.sandbox.state.now()
        organisation = self.sandbox.configuration.organisation
        self.sandbox.mailboxes.deliver(
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

    def _settle(self, request: Request, login: Login, identity: Identity) -> Response:
        """Somebody has shown who they are: may they in, and has everything been agreed to?"""
        carrier = Response()
        account = self.sandbox.browsers.sign_in(request, carrier, identity, fresh=login.typed)
        login.typed = False
        if login.authorization is None:
            response = self._redeem(login, identity)
        else:
            response = self._enter(request, login, login.authorization, identity, account)
        response.headers += carrier.headers
        return response

    def _enter(
        self,
        request: Request,
        login: Login,
        authorization: Authorization,
        identity: Identity,
        account: dict,
    ) -> Response:
        user = self.sandbox.directory.signing_in(identity)
        refusal = self._reason_to_refuse(identity, user)
        if user is None or refusal is not None:
            return self._refused(login, identity, user, refusal or Refusal(50020))
        pending = user["externalUserState"] == "PendingAcceptance"
        if pending or "consent" in authorization.prompts:
            if login.consented is None:
                return self._consent_page(login, identity)
            if not login.consented:
                self._log(login, account=identity.account, user=user, number=65004)
                return authorize.refuse(self.sandbox, authorization, Refusal(65004, "access_denied"), subcode="cancel")
            if pending:
                self.sandbox.directory.redeem(user, identity)
        return authorize.grant(self.sandbox, request, authorization, user=user, account=account)

    def _reason_to_refuse(self, identity: Identity, user: dict | None) -> Refusal | None:
        number = 0
        if user is None:
            number = 50034 if identity.provider == people.HOME else 50020
        elif not user["accountEnabled"]:
            number = 50057
        elif self.sandbox.state.settings["assignment_required"] and not user["assigned"]:
            number = 50105
        elif user["externalUserState"] == "PendingAcceptance" and not self.sandbox.domain_allowed(identity.account):
            number = 500213
        return Refusal(number, **self.sandbox.names(identity)) if number else None

    def _redeem(self, login: Login, identity: Identity) -> Response:
        invitation = self.sandbox.state.invitations[login.invitation_id]
        invited = self.sandbox.state.users.get(invitation["user_id"])
        names = self.sandbox.names(identity)
        current = self.sandbox.directory.signing_in(identity)
        if invited is None:
            return self._refused(login, identity, None, Refusal(50020, **names))
        if not invited["accountEnabled"]:
            return self._refused(login, identity, invited, Refusal(50057, **names))
        if invited["externalUserState"] == "Accepted":
            if current is not invited:
                return self._refused(login, identity, invited, Refusal(50020, **names))
            return redirect(invitation["redirect_url"])
        taken = current is not None and current is not invited and current["externalUserState"] != "PendingAcceptance"
        if taken or not self.sandbox.domain_allowed(identity.account):
            return self._refused(login, identity, invited, Refusal(50020, **names))
        if login.consented is None:
            return self._consent_page(login, identity)
        if not login.consented:
            self._log(login, account=identity.account, user=invited, number=65004)
            return page("declined.html", {"organisation": self.sandbox.configuration.organisation})
        self.sandbox.directory.redeem(invited, identity)
        self._log(login, account=identity.account, user=invited, number=0)
        return redirect(invitation["redirect_url"])

    def _refused(self, login: Login, identity: Identity, user: dict | None, refusal: Refusal) -> Response:
        self._log(login, account=identity.account, user=user, number=refusal.number)
        return errors.error_page(
            refusal,
            now=self.sandbox.state.now(),
            correlation=login.correlation,
            form_targets=self._form_targets(login),
            login=login if refusal.number in (50020, 50034) else None,
            action=f"/{self.sandbox.configuration.tenant_id}/login",
        )

    def _consent_page(self, login: Login, identity: Identity) -> Response:
        person = self.sandbox.directory.person(identity.account)
        return self._page(
            "consent.html",
            login,
            domain=self.sandbox.configuration.initial_domain,
            name=person["name"],
            account=identity.account,
        )

    def _page(self, template: str, login: Login, **context: object) -> Response:
        return page(
            template,
            {
                "login": login,
                "action": f"/{self.sandbox.configuration.tenant_id}/login",
                "organisation": self.sandbox.configuration.organisation,
                **context,
            },
            form_targets=self._form_targets(login),
        )

    def _form_targets(self, login: Login) -> tuple[str, ...]:
        targets = [
            f"http://{login.host}",
            f"http://{_other_name(login.host)}",
            *self.sandbox.application_origins,
        ]
        if login.invitation_id:
            targets.append(origin_of(self.sandbox.state.invitations[login.invitation_id]["redirect_url"]))
        return tuple(targets)

    def _url(self, host: str, login: Login) -> str:
        return f"http://{host}/{self.sandbox.configuration.tenant_id}/login?ctx={login.key}"

    def _log(self, login: Login, *, account: str, user: dict | None, number: int) -> None:
        self.sandbox.log_sign_in(login.authorization, account=account, user=user, number=number, login=login)


def redeem(sandbox: "Sandbox", request: Request) -> Response:
    """An invitation's link. It never expires and may be opened again."""
    target = parse_qs(urlsplit(request.query.get("rd", "")).query)
    invitation_id = target.get("user", [""])[0]
    ticket = target.get("ticket", [""])[0]
    invitation = sandbox.state.invitations.get(invitation_id)
    if invitation is None or not secrets.compare_digest(invitation["ticket"], ticket):
        return errors.error_page(Refusal(90013), now=sandbox.state.now(), correlation=str(uuid.uuid4()))
    return sandbox.sign_ins.begin(request, invitation_id=invitation_id, hint=invitation["address"])


def _other_name(host: str) -> str:
    """The other name of this machine, which makes it another origin to a browser."""
    name, _, port = host.partition(":")
    other = "127.0.0.1" if name == "localhost" else "localhost"
    return f"{other}:{port}" if port else other


def _lost() -> Response:
    return page("lost.html", status=400)

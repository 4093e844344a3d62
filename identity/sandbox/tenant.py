"""The tenant: its users, keys and mail, its application, its faults and what it has issued. It knows no HTTP."""

from . import people
from .app_registration import AppRegistration
from .configuration import STAFF_DOMAIN, Configuration
from .directory import Directory, Identity
from .entra_errors import Refusal
from .faults import Faults
from .grants import AppToken, Authorization, Code, UserToken
from .login import Login
from .mail_server import MailServer
from .mailboxes import Mailboxes
from .signing_keys import KeyRing
from .state import State
from .throttle import Throttle


class Tenant:
    def __init__(self, configuration: Configuration):
        self.configuration = configuration
        self.state = State(configuration.state_directory)
        self.directory = Directory(configuration, self.state)
        self.directory.add_members()
        self.keys = KeyRing(configuration.state_directory)
        self.mailboxes = Mailboxes(self.state)
        self.mail_server = MailServer(self.mailboxes, port=configuration.smtp_port)
        self.application = AppRegistration(configuration)
        self.faults = Faults()
        self._forget()

    def _forget(self) -> None:
        """Drop what does not outlive the process either."""
        self.logins: dict[str, Login] = {}
        self.codes: dict[str, Code] = {}
        self.app_tokens: dict[str, AppToken] = {}
        self.user_tokens: dict[str, UserToken] = {}
        self.graph_requests: list[dict] = []
        self.throttles = {"invitations": Throttle(), "reports": Throttle()}

    def reset(self) -> None:
        self.state.clear()
        self.directory.addresses_changed()
        self.directory.add_members()
        self.clear_faults()
        self._forget()

    def clear_faults(self) -> None:
        self.faults.clear()
        self.mail_server.switches.faults.clear()
        self.mail_server.set_down(False)

    def check_id(self, tenant_id: str) -> None:
        """Refuse a request whose address names another tenant, or none in particular."""
        if tenant_id.lower() in ("common", "organizations", "consumers"):
            raise Refusal(50194, client_id=self.configuration.client_id)
        if tenant_id.lower() != self.configuration.tenant_id:
            raise Refusal(90002, tenant_id=tenant_id)

    def is_own_domain(self, address: str) -> bool:
        return people.domain_of(address) in (STAFF_DOMAIN, self.configuration.initial_domain)

    def domain_allowed(self, address: str) -> bool:
        domain, settings = people.domain_of(address), self.state.settings
        if settings["allowed_domains"] and domain not in settings["allowed_domains"]:
            return False
        return domain not in settings["denied_domains"]

    def names(self, identity: Identity) -> dict[str, str]:
        """What the texts of errors name."""
        provider = {
            people.MICROSOFT: "live.com",
            people.GOOGLE: "google.com",
            people.MAILED_CODE: "mail",
        }.get(identity.provider, f"https://sts.windows.net/{people.home_tenant_id(identity.account)}/")
        return {
            "account": identity.account,
            "provider": provider,
            "organisation": self.configuration.organisation,
            "client_id": self.configuration.client_id,
            "tenant_id": self.configuration.tenant_id,
        }

    def log_sign_in(self, attempt: Authorization | Login, *, account: str, user: dict | None, number: int) -> None:
        """Write a line into the sign-in log; 0 is the number of success."""
        identity = self.directory.identity(account) if account else Identity("", "")
        self.directory.log_sign_in(
            client_id=attempt.client_id,
            account=account,
            user=user or (self.directory.signing_in(identity) if account else None),
            number=number,
            reason=Refusal(number, **self.names(identity)).text() if number else "",
            correlation=attempt.correlation,
        )

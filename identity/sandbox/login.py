"""One walk through the sign-in pages, and how far it has come."""

import secrets
import uuid
from dataclasses import dataclass, field

from .directory import Identity
from .grants import Authorization

LOGIN_SECONDS = 3600
INVITATION_PORTAL = "4660504c-45b3-4674-a709-71951a6b0763"


@dataclass
class Login:
    """For the application (`authorization`) or along an invitation's link."""

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

    @property
    def client_id(self) -> str:
        # Redeeming an invitation by its link is Microsoft's own application, not ours.
        return self.authorization.client_id if self.authorization else INVITATION_PORTAL

    def start_over(self) -> None:
        self.address = ""
        self.identity = None
        self.typed = self.password_passed = self.been_elsewhere = False
        self.code = ""
        self.consented = None
        self.offer_accounts = True

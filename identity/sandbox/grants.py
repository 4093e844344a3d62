"""What the tenant accepts and issues on the way to a sign-in: authorization requests, codes, access tokens."""

import uuid
from dataclasses import dataclass, field

CODE_SECONDS = 600


@dataclass
class Authorization:
    """A valid request to the authorize endpoint."""

    client_id: str
    redirect_uri: str
    response_mode: str
    state: str | None
    nonce: str
    scopes: set[str]
    challenge: str
    challenge_method: str
    prompts: set[str]
    hint: str
    max_age: int | None
    correlation: str = field(default_factory=lambda: str(uuid.uuid4()))

    def fresh_enough(self, account: dict, *, now: float) -> bool:
        """Whether the account's credentials were typed as lately as the application demands."""
        return self.max_age is None or now - account["auth_time"] < self.max_age


@dataclass
class Code:
    authorization: Authorization
    oid: str
    account: str
    sid: str
    auth_time: float
    authority: str
    issued_at: float
    used: bool = False


@dataclass
class AppToken:
    client_id: str
    expires_at: float


@dataclass
class UserToken:
    claims: dict
    expires_at: float

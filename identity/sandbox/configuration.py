from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

STAFF_DOMAIN = "sandberg.example"


class MissingSetting(Exception):
    """A setting that the tenant cannot do without is empty."""


@dataclass(frozen=True)
class Configuration:
    port: int
    smtp_port: int
    state_directory: Path
    tenant_id: str
    client_id: str
    client_secret: str
    client_certificate: str
    graph_client_id: str
    graph_client_secret: str
    base_url: str
    organisation: str
    vm_addresses: tuple[str, ...]
    invitation_sender: str = ""

    @property
    def initial_domain(self) -> str:
        name = "".join(letter for letter in self.organisation.lower() if letter.isascii() and letter.isalnum())
        return f"{name or 'sandbox'}.onmicrosoft.com"


def read(
    environment: Mapping[str, str],
    *,
    port: int | None = None,
    smtp_port: int | None = None,
    state_directory: str | None = None,
) -> Configuration:
    def required(name: str) -> str:
        if value := environment.get(name, "").strip():
            return value
        raise MissingSetting(f"{name} is not set. `make run` writes an .env that has it.")

    def optional(name: str, default: str = "") -> str:
        return environment.get(name, "").strip() or default

    certificate = optional("ENTRA_CLIENT_CERTIFICATE")
    secret = optional("ENTRA_CLIENT_SECRET") if certificate else required("ENTRA_CLIENT_SECRET")
    if port is None:
        port = int(optional("SANDBOX_PORT", "8400"))
    return Configuration(
        port=port,
        smtp_port=smtp_port if smtp_port is not None else (port + 1 if port else 0),
        state_directory=Path(state_directory or ".local/sandbox"),
        tenant_id=required("ENTRA_TENANT_ID").lower(),
        client_id=required("ENTRA_CLIENT_ID"),
        client_secret=secret,
        client_certificate=certificate,
        graph_client_id=optional("GRAPH_CLIENT_ID"),
        graph_client_secret=optional("GRAPH_CLIENT_SECRET"),
        base_url=optional("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        organisation=optional("ORGANISATION_NAME", "Sandberg"),
        vm_addresses=tuple(part.strip() for part in optional("VM_EMAIL").split(",") if part.strip()),
        invitation_sender=optional("INVITATION_SENDER").lower(),
    )


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

"""Who exists outside the tenant: people, their mailboxes and whom they sign in with."""

import uuid

from .configuration import STAFF_DOMAIN

GOOGLE, MICROSOFT, COMPANY, MAILED_CODE, HOME = "google", "microsoft", "company", "code", "home"

COMPANIES = {
    STAFF_DOMAIN: "Sandberg",
    "agency.example": "Agency & Partners",
    "lingua.example": "Lingua",
    "redirect.example": "Redirect Languages",
}
PROVIDER_BY_DOMAIN = {
    "gmail.com": GOOGLE,
    "googlemail.com": GOOGLE,
    "outlook.com": MICROSOFT,
    "hotmail.com": MICROSOFT,
    "live.com": MICROSOFT,
    **dict.fromkeys(COMPANIES, COMPANY),
    STAFF_DOMAIN: HOME,
}
# What Graph's `identities` calls the provider of an accepted guest, and what the token's `idp` calls it.
GRAPH_ISSUER = {
    GOOGLE: "google.com",
    MICROSOFT: "MicrosoftAccount",
    COMPANY: "ExternalAzureAD",
    MAILED_CODE: "mail",
}

STAFF = [
    (
        "vera.vm",
        "Vera Vendor-Manager",
        ["VendorManager"],
        "Vendor Management: invites and reviews vendors in the admin",
    ),
    ("petra.projects", "Petra Projects", ["ProjectManager"], "Project manager: finds vendors to offer work to"),
    ("fred.finance", "Fred Finance", ["Finance"], "Finance: deals with payment details"),
    ("olga.ops", "Olga Operations", ["Operations"], "Operations: keeps the service running"),
    ("audrey.auditor", "Audrey Auditor", ["Auditor"], "Auditor: sees everything, changes nothing"),
    ("adam.admin", "Adam Administrator", ["Administrator"], "Administrator"),
    ("mia.member", "Mia Member", [], "An employee without a role, who is refused"),
]
VENDORS: list[tuple[str, str, str, dict]] = [
    ("sandbox-ana@gmail.com", "Ana Almeida", "Signs in with Google", {}),
    ("sandbox-bruno@outlook.com", "Bruno Bauer", "Signs in with a Microsoft account", {}),
    ("chen@agency.example", "Chen Li", "Signs in on the company's own Microsoft page", {}),
    ("dora@mail.example", "Dora Dimitrova", "Gets a code by email each time", {}),
    ("emil@lingua.example", "Emil Eriksen", "Signs in on the company's own page, with a second factor", {"mfa": True}),
    ("sandbox-farid@hotmail.com", "Farid Fahmi", "Signs in with a Microsoft account", {}),
    ("gita@mail.example", "Gita Gupta", "A new address, for someone whose email changes", {}),
    (
        "hugo@redirect.example",
        "Hugo Hansen",
        "His company's page is on another host, so sign-in goes there and back",
        {"other_host": True},
    ),
]


def cast() -> dict[str, dict]:
    """The people of a fresh sandbox by address."""
    people = {}
    for name, full_name, roles, purpose in STAFF:
        address = f"{name}@{STAFF_DOMAIN}"
        people[address] = person(address, name=full_name, purpose=purpose, roles=roles)
    for address, full_name, purpose, traits in VENDORS:
        people[address] = person(address, name=full_name, purpose=purpose, **traits)
    return people


def person(
    address: str,
    *,
    name: str = "",
    purpose: str = "",
    provider: str = "",
    mfa: bool = False,
    other_host: bool = False,
    roles: list[str] | None = None,
    aliases: list[str] | None = None,
    email_claim: str | None = None,
) -> dict:
    """One person as plain data. `email_claim` is what the home account says the email address is, true or
    not.
    """
    address = address.lower()
    return {
        "address": address,
        "name": name or address.split("@")[0].replace(".", " ").replace("-", " ").title(),
        "purpose": purpose,
        "provider": provider or provider_of(address),
        "mfa": mfa,
        "other_host": other_host,
        "roles": roles,
        "aliases": [alias.lower() for alias in aliases or []],
        "email_claim": email_claim,
    }


def provider_of(address: str) -> str:
    return PROVIDER_BY_DOMAIN.get(domain_of(address), MAILED_CODE)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def company_name(address: str) -> str:
    domain = domain_of(address)
    return COMPANIES.get(domain) or domain.split(".")[0].title()


def home_tenant_id(address: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, domain_of(address)))

"""`manage.py check`: settings that are present but wrong, each with a hint."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import OperationalError, ProgrammingError

from identity.mail import bounce_mailbox, message_ids
from passport.backup import sealed
from passport.loopback import is_loopback
from vendors.answers import key_rotation
from vendors.models import RetentionEntry
from vendors.payment import releases
from vendors.privacy import periods

SOON = dt.timedelta(days=30)
LONGEST_LOCAL_PART = 64  # RFC 5321
SHORTEST_TOKEN = 32  # of METRICS_TOKEN, at which anyone may guess


@register(Tags.security)
def check_addresses(**kwargs: Any) -> Iterable[CheckMessage]:
    for number, name in ((1, "BASE_URL"), (2, "ENTRA_AUTHORITY"), (3, "GRAPH_URL")):
        url = getattr(settings, name)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            yield Error(
                f"{name} is not a web address: {url}",
                hint="Write it like https://passport.example.com.",
                id=f"passport.E00{number}",
            )
        elif parts.scheme == "http" and not is_loopback(url):
            yield Error(
                f"{name} uses plain http.",
                hint="Plain http is only for this machine (127.0.0.1, localhost). Use https.",
                id=f"passport.E00{number}",
            )
    if urlsplit(settings.BASE_URL).path:
        yield Error("BASE_URL has a path.", hint="Passport must be at the root of its host.", id="passport.E004")


@register(Tags.security)
def check_entra(**kwargs: Any) -> Iterable[CheckMessage]:
    for name in ("ENTRA_TENANT_ID", "ENTRA_CLIENT_ID", "GRAPH_CLIENT_ID"):
        try:
            uuid.UUID(getattr(settings, name))
        except ValueError:
            yield Error(
                f"{name} is not a GUID.",
                hint="Copy it from the app registration's overview page. A domain name does not work.",
                id="passport.E005",
            )
    if settings.ENTRA_CLIENT_CERTIFICATE:
        yield from _check_certificate(settings.ENTRA_CLIENT_CERTIFICATE)
    expires = settings.ENTRA_CLIENT_SECRET_EXPIRES
    if expires:
        try:
            left = dt.date.fromisoformat(expires) - dt.datetime.now(dt.UTC).date()
        except ValueError:
            yield Error(
                "ENTRA_CLIENT_SECRET_EXPIRES is not a date.", hint="Write it like 2027-05-31.", id="passport.E007"
            )
        else:
            if left < SOON:
                is_over = left < dt.timedelta()
                yield Warning(
                    f"The client secret expired on {expires}."
                    if is_over
                    else f"The client secret expires in {left.days} days.",
                    hint="Make a new one in the app registration. Once it has expired, no one can sign in.",
                    id="passport.W001",
                )


def _check_certificate(path: str) -> Iterable[CheckMessage]:
    hint = "Use a PEM file that Passport can read and that holds both the certificate and its private key."
    try:
        pem = Path(path).read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        if load_pem_private_key(pem, password=None).public_key() != certificate.public_key():
            raise ValueError("the key belongs to another certificate")
    except (OSError, ValueError, TypeError) as error:
        yield Error(f"ENTRA_CLIENT_CERTIFICATE cannot be used ({type(error).__name__}).", hint=hint, id="passport.E006")
        return
    left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    if left < SOON:
        verb = "expired" if left < dt.timedelta() else "expires"
        yield Warning(
            f"The client certificate {verb} on {certificate.not_valid_after_utc:%Y-%m-%d}.",
            hint="Upload a new one to the app registration. Once it has expired, no one can sign in.",
            id="passport.W002",
        )


@register(Tags.security, deploy=True)
def check_credential_has_not_expired(**kwargs: Any) -> Iterable[CheckMessage]:
    """Only before a release: a worker that did not start because of it could not tell anyone either."""
    now = dt.datetime.now(dt.UTC)
    with contextlib.suppress(ValueError):
        if dt.date.fromisoformat(settings.ENTRA_CLIENT_SECRET_EXPIRES or "9999-12-31") < now.date():
            yield Error(
                f"The client secret expired on {settings.ENTRA_CLIENT_SECRET_EXPIRES}, so no one can sign in.",
                hint="Make a new one in the app registration, and change ENTRA_CLIENT_SECRET_EXPIRES as well.",
                id="passport.E022",
            )
    with contextlib.suppress(OSError, ValueError):
        path = settings.ENTRA_CLIENT_CERTIFICATE
        ends = x509.load_pem_x509_certificate(Path(path).read_bytes()).not_valid_after_utc if path else now
        if ends < now:
            yield Error(
                f"The client certificate expired on {ends:%Y-%m-%d}, so no one can sign in.",
                hint="Upload a new one to the app registration, and replace the file.",
                id="passport.E023",
            )


@register(Tags.security)
def check_keys(**kwargs: Any) -> Iterable[CheckMessage]:
    hint = "Use keys of 32 random bytes in URL-safe base64, separated by commas, with the newest first."
    if not settings.FIELD_ENCRYPTION_KEYS:
        yield Error("FIELD_ENCRYPTION_KEYS is empty.", hint=hint, id="passport.E008")
    for key in settings.FIELD_ENCRYPTION_KEYS:
        if not _is_key(key):
            yield Error(
                "FIELD_ENCRYPTION_KEYS contains something that is not a Fernet key.", hint=hint, id="passport.E008"
            )


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@register(Tags.database)
def check_rows_can_be_read(**kwargs: Any) -> Iterable[CheckMessage]:
    """Reads every encrypted value there is, so only for whoever asks about the database: `check` and `migrate`."""
    keys = settings.FIELD_ENCRYPTION_KEYS
    if not kwargs.get("databases") or not keys or not all(map(_is_key, keys)):
        return
    for column in key_rotation.columns():
        try:
            found = key_rotation.survey(column)
        except ProgrammingError:  # not migrated yet
            continue
        except OperationalError as error:
            yield Info(
                "Passport could not check whether all encrypted values in the database can be read.",
                hint=str(error).splitlines()[0],
                id="passport.I001",
            )
            return
        if found.unreadable:
            yield Error(
                f"{column}: {found.unreadable} of its values need a key that is not in FIELD_ENCRYPTION_KEYS.",
                hint="Put that key back at the end of the list. Without it, no one can ever read them.",
                id="passport.E013",
            )
        if found.outdated:
            yield Error(
                f"{column}: {found.outdated} of its rows cannot be found by number.",
                hint="Run manage.py rotate_field_keys.",
                id="passport.E014",
            )


@register()
def check_mail(**kwargs: Any) -> Iterable[CheckMessage]:
    for name in ("VM_EMAIL", "OPERATIONS_EMAIL"):
        for address in getattr(settings, name):
            try:
                validate_email(address)
            except ValidationError:
                yield Error(
                    f"{name} contains something that is not an email address: {address}",
                    hint="Give one or more addresses, separated by commas.",
                    id="passport.E009",
                )


@register()
def check_bounces(**kwargs: Any) -> Iterable[CheckMessage]:
    address = settings.BOUNCE_ADDRESS
    try:
        if address:
            longest = address.replace("*", "a" * message_ids.TOKEN_LENGTH, 1)
            validate_email(longest)
            if len(longest.rpartition("@")[0]) > LONGEST_LOCAL_PART:
                raise ValidationError("too long")
    except ValidationError:
        yield Error(
            f"BOUNCE_ADDRESS is not an email address: {address}",
            hint="Write it like bounces@example.com, or bounces+*@example.com, where * becomes a code of 32 letters.",
            id="passport.E015",
        )
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        mailbox = bounce_mailbox.parse(settings.BOUNCE_MAILBOX)
    except ValueError:
        yield Error(
            "BOUNCE_MAILBOX is not a mailbox address.",  # without its value, which holds a password
            hint="Write it like imap+ssl://user:password@mail.example.com/INBOX, with %40 for an @ in the user name.",
            id="passport.E016",
        )
        return
    if mailbox.scheme == "imap" and not is_loopback(settings.BOUNCE_MAILBOX):
        yield Error(
            "BOUNCE_MAILBOX uses plain imap, so its password is sent unencrypted.",
            hint="Use imap+ssl:// or imap+tls://. Plain imap is only for this machine.",
            id="passport.E016",
        )
    if not address:
        yield Warning(
            "BOUNCE_MAILBOX is set, but BOUNCE_ADDRESS is empty.",
            hint="Without it, bounces go to the address in DEFAULT_FROM_EMAIL. Set it to the address of that mailbox.",
            id="passport.W004",
        )


@register()
def check_invitation_sender(**kwargs: Any) -> Iterable[CheckMessage]:
    try:
        if settings.INVITATION_SENDER:
            validate_email(settings.INVITATION_SENDER)
    except ValidationError:
        yield Error(
            f"INVITATION_SENDER is not an email address: {settings.INVITATION_SENDER}",
            hint="Give only the address, without a name in front of it, like invites@yourname.onmicrosoft.com.",
            id="passport.E017",
        )


@register(Tags.security)
def check_security_contact(**kwargs: Any) -> Iterable[CheckMessage]:
    contact = settings.SECURITY_CONTACT
    if contact and not re.fullmatch(r"(https://|mailto:|tel:)[^\s]+|[^\s@:]+@[^\s@:]+", contact):
        yield Error(
            f"SECURITY_CONTACT is neither an email address nor a web address: {contact}",
            hint="Write it like security@example.com or https://example.com/security.",
            id="passport.E011",
        )


@register(Tags.security)
def check_metrics_token(**kwargs: Any) -> Iterable[CheckMessage]:
    token = settings.METRICS_TOKEN
    if token and (len(token) < SHORTEST_TOKEN or not re.fullmatch(r"[\w.~+/=-]+", token, re.ASCII)):
        yield Error(
            "METRICS_TOKEN is too short, or contains characters that are not allowed in a header.",
            hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"',
            id="passport.E029",
        )


@register()
def check_virus_scanner(**kwargs: Any) -> Iterable[CheckMessage]:
    host, _colon, port = settings.CLAMD.rpartition(":")
    if settings.CLAMD and not (host and port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        yield Error(
            f"CLAMD is not a host and a port: {settings.CLAMD}",
            hint="Write it like 127.0.0.1:3310, the address on which clamd listens (TCPSocket in clamd.conf).",
            id="passport.E010",
        )


@register(Tags.security)
def check_backup(**kwargs: Any) -> Iterable[CheckMessage]:
    try:
        sealed.recipients(settings.BACKUP_RECIPIENT)
    except sealed.NoKey:
        yield Error(
            "BACKUP_RECIPIENT contains something that is not an age public key.",
            hint="Write it as age-keygen prints it, like age1…; separate several with commas. Never the private key.",
            id="passport.E027",
        )
    if not settings.ERASURES_FILE:
        return
    path = Path(settings.ERASURES_FILE)
    if not path.is_absolute() or path.is_relative_to(settings.MEDIA_ROOT):
        yield Error(
            f"ERASURES_FILE cannot be at this path: {path}",
            hint="Give an absolute path outside MEDIA_ROOT. What is inside MEDIA_ROOT is restored with every backup.",
            id="passport.E028",
        )
    elif not path.parent.is_dir():
        yield Warning(
            f"The folder of ERASURES_FILE does not exist: {path.parent}",
            hint="Create it. Until then, no vendor can be erased on this machine.",
            id="passport.W012",
        )


@register()
def check_outbound(**kwargs: Any) -> Iterable[CheckMessage]:
    if settings.OUTBOUND not in ("send", "hold"):
        yield Error(
            f"OUTBOUND is neither “send” nor “hold”: {settings.OUTBOUND}",
            hint="Anything other than “send” holds back emails and requests to Graph.",
            id="passport.E012",
        )


@register(Tags.security)
def check_payment_release(**kwargs: Any) -> Iterable[CheckMessage]:
    if settings.PAYMENT_RELEASE not in (releases.SECOND_PERSON, releases.THREE_DAYS):
        yield Error(
            f"PAYMENT_RELEASE is neither “second_person” nor “three_days”: {settings.PAYMENT_RELEASE}",
            hint="Anything other than “three_days” means that a second person has to release payment details.",
            id="passport.E018",
        )


@register()
def check_heartbeat(**kwargs: Any) -> Iterable[CheckMessage]:
    try:
        parts = urlsplit(settings.HEARTBEAT_URL)
        is_address = not settings.HEARTBEAT_URL or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        is_address = False
    if not is_address:
        yield Error(
            "HEARTBEAT_URL is not a web address.",  # without its value, which is a secret
            hint="Copy it from your monitoring service. It looks like https://hc-ping.com/ and an ID.",
            id="passport.E024",
        )


@register()
def check_retention(**kwargs: Any) -> Iterable[CheckMessage]:
    names = [*periods.OF_A_VENDOR.values(), *periods.OF_A_SECTION.values()]
    for name in names:
        if not periods.SHORTEST <= periods.months(name) <= periods.LONGEST:
            yield Error(
                f"{name} is {periods.months(name)}.",
                hint=f"Give a number of months from {periods.SHORTEST} to {periods.LONGEST}, which is 30 years.",
                id="passport.E019",
            )
    profile = periods.OF_A_VENDOR[RetentionEntry.What.ENDED]
    for name in periods.OF_A_SECTION.values():
        if periods.months(name) < periods.months(profile):
            yield Error(
                f"{name} is shorter than {profile}.",
                hint="The profile is erased first; what is kept longer is then locked. Keep the profile for less time.",
                id="passport.E020",
            )
    if settings.PURGE_AT_MOST < 1:
        yield Error(
            "PURGE_AT_MOST is 0, so nothing would ever be erased.",
            hint="Give a number of vendors that may be erased in one night, such as 50.",
            id="passport.E021",
        )

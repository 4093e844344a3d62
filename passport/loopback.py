"""What counts as this machine itself, and where on it Passport listens."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Plain http is for this machine alone. Only names that no resolver can send elsewhere count."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or _is_loopback_address(host)


def is_loopback_name(host: str) -> bool:
    """Whether a browser that asks for this host asks its own machine. Browsers take *.localhost there without DNS."""
    return host == "localhost" or host.endswith(".localhost") or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host that names an installation. On loopback its name and port say nothing; elsewhere a usual port does."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback_name(host):
        return "this machine (loopback)"
    return host if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f"{host}:{parts.port}"


def addresses() -> list[str]:
    """Both families, since `localhost` means ::1 first; machines without IPv6 make do with 127.0.0.1."""
    usable = ["127.0.0.1"]
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        usable.append("::1")
    return usable

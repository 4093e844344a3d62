"""STORAGE_URL: where uploaded files are kept if not in a folder. Read without the library that speaks to it."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SCHEMES = {"s3": "https", "s3+http": "http"}
DEFAULT_REGION = "us-east-1"  # what S3-compatible servers call theirs if they know no regions
STYLES = ("path", "virtual")


class StorageUnusable(OSError):
    """It cannot be reached, or refuses. What is said names no key and no file."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EIO, reason)

    def __str__(self) -> str:
        return f"The storage for uploaded files can't be used: {self.strerror}."


@dataclass(frozen=True)
class StorageUrl:
    endpoint: str
    bucket: str
    folder: str
    key: str
    secret: str = field(repr=False)
    region: str = DEFAULT_REGION
    style: str = "path"


def parse(url: str) -> StorageUrl:
    """Raise ValueError with what is wrong, never with what was given: it holds a secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the host or the port cannot be read") from None
    if parts.scheme not in SCHEMES:
        raise ValueError("it begins with neither s3:// nor s3+http://")
    if not parts.hostname or parts.fragment:
        raise ValueError("the host or the port cannot be read")
    bucket, _slash, folder = parts.path.strip("/").partition("/")
    if not bucket:
        raise ValueError("the name of the bucket is missing after the host")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("it has a key without a secret, or a secret without a key")
    options = _options(parts)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return StorageUrl(
        endpoint=f"{SCHEMES[parts.scheme]}://{host}{f':{port}' if port else ''}",
        bucket=bucket,
        folder=unquote(folder),
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        region=options.get("region", DEFAULT_REGION),
        style=options.get("style", STYLES[0]),
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not options.keys() <= {"region", "style"} or "" in options.values():
        raise ValueError("it has options other than region and style")
    if options.get("style", STYLES[0]) not in STYLES:
        raise ValueError("style is neither path nor virtual")
    return options

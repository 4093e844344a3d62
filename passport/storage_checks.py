"""`manage.py check`: STORAGE_URL. With `--deploy` it also keeps a small file there, as an upload is kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import requests
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from passport.loopback import is_loopback
from vendors.documents import storage_url
from vendors.documents.storage_url import StorageUnusable

_HOW = (
    "Write it like s3://KEY:SECRET@s3.example.com/bucket?region=eu-central-1, with %2F for a / and %2B for a + in the "
    "secret."
)


@register(Tags.security)
def check_storage_url(**kwargs: Any) -> Iterable[CheckMessage]:
    """Its value is never shown, because it holds a secret."""
    url = settings.STORAGE_URL
    if not url:
        return
    try:
        place = storage_url.parse(url)
    except ValueError as error:
        yield Error(f"STORAGE_URL cannot be used: {error}.", hint=_HOW, id="passport.E030")
        return
    if place.endpoint.startswith("http://") and not is_loopback(place.endpoint):
        yield Error(
            "STORAGE_URL uses plain http, so files and signatures are sent unencrypted.",
            hint="Use s3:// instead of s3+http://, which is only for this machine.",
            id="passport.E031",
        )


@register(Tags.security, deploy=True)
def check_storage(**kwargs: Any) -> Iterable[CheckMessage]:
    """Whether it takes, gives and removes a file, and gives none to strangers."""
    if not settings.STORAGE_URL or any(check_storage_url()):
        return
    name, content = f"checks/{uuid.uuid4().hex}", b"Passport checks that it can keep files here. Remove this one."
    try:
        default_storage.save(name, ContentFile(content))
        try:
            came_back = default_storage.open(name).read() == content
            # Asked for as a leftover is looked for.
            listed = name.rpartition("/")[2] in default_storage.listdir("checks")[1]
            is_open = _can_stranger_open(name)
        finally:
            default_storage.delete(name)
        is_gone = not default_storage.exists(name)
    except OSError as error:
        reason = (isinstance(error, StorageUnusable) and error.strerror) or type(error).__name__
        yield Error(
            f"The storage at STORAGE_URL cannot be used: {reason}.",
            hint="Check the host, bucket, key and secret, and that the key may get, put, delete and list objects.",
            id="passport.E032",
        )
        return
    if not (came_back and listed and is_gone):
        yield Error(
            "The storage at STORAGE_URL does not keep files as they were sent, or does not remove them.",
            hint="Use a bucket that is read and written directly, without a cache in between.",
            id="passport.E032",
        )
    if is_open:
        yield Error(
            "Anyone can open the files in the bucket set in STORAGE_URL.",
            hint="Block public access to the bucket, and remove policies that allow it.",
            id="passport.E033",
        )
    if _keeps_old_versions():
        yield Warning(
            "The bucket set in STORAGE_URL keeps old versions, so the files of erased vendors stay there.",
            hint="Switch versioning off, or let old versions expire after as many days as you keep backups.",
            id="passport.W030",
        )


def _can_stranger_open(name: str) -> bool:
    storage: Any = default_storage
    client, key = storage.unsigned_connection.meta.client, storage._normalize_name(name)
    address = client.generate_presigned_url("get_object", Params={"Bucket": storage.bucket_name, "Key": key})
    try:
        return requests.get(address, timeout=(3, 10), allow_redirects=False).ok
    except requests.RequestException as error:
        raise StorageUnusable(type(error).__name__) from error


def _keeps_old_versions() -> bool:
    """Unknown to some servers, and to keys that may not ask."""
    storage: Any = default_storage
    try:
        return bool(storage.connection.BucketVersioning(storage.bucket_name).status == "Enabled")
    except Exception:  # whatever it says, it is not that
        return False

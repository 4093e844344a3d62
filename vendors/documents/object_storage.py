"""Uploaded files in S3-compatible storage (`STORAGE_URL`), as the folder keeps them: nobody but Passport opens one."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import copyfileobj
from typing import IO, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from vendors.documents import storage_url
from vendors.documents.storage_url import StorageUnusable

CONNECT_WITHIN = 3  # seconds
ANSWER_WITHIN = 10
TRIES = 2
IN_MEMORY_UP_TO = 2**20
# One PUT, so that a file is there whole or not at all; and in this thread. No upload is as big.
_WHOLE = TransferConfig(multipart_threshold=2**30, use_threads=False)
_MISSING = ("NoSuchKey", "404")


class ObjectStorage(S3Storage):
    """django-storages' own, but every failure is an OSError, as a folder's is, and no file has an address.

    Its settings come from the URL alone, whatever AWS_… says.
    """

    def __init__(self, *, url: str) -> None:
        try:
            place = storage_url.parse(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"STORAGE_URL cannot be used: {error}.") from None
        self._lock = threading.Lock()
        self._connection: Any = None
        super().__init__(
            endpoint_url=place.endpoint,
            region_name=place.region,
            bucket_name=place.bucket,
            location=place.folder,
            access_key=place.key or None,  # without one, those of the machine or the container it runs on
            secret_key=place.secret or None,
            security_token=None,
            session_profile=None,
            object_parameters={},
            default_acl=None,
            file_overwrite=True,  # names are random; looking first would take a request
            gzip=False,
            max_memory_size=IN_MEMORY_UP_TO,
            transfer_config=_WHOLE,
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": place.style},
                connect_timeout=CONNECT_WITHIN,
                read_timeout=ANSWER_WITHIN,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=30,  # of a worker's threads
                # Servers other than Amazon's do not all know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @property
    def connection(self) -> Any:
        """One for all threads: to make one takes longer than to ask for a file, and threads of tasks come and go."""
        with self._lock:
            if self._connection is None:
                self._connection = super().connection
            return self._connection

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        raise ValueError("Files have no address of their own: the page of a document decides who may open it.")

    def download(self, name: str) -> IO[bytes]:
        """All of it, so that nothing can fail once an answer has begun."""
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_UP_TO)  # noqa: SIM115  whoever asked closes it
        with failures_named(missing=FileNotFoundError):
            found = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
            copyfileobj(found["Body"], file)
        file.seek(0)
        return file

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("Files are read as bytes, and written whole.")
        return _Downloaded(self, name)

    def _save(self, name: str, content: File) -> str:
        with failures_named():
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        with failures_named():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with failures_named():
            if super().exists(name):
                return True
            # A bucket that is missing answers in the same way as a file that is.
            self.connection.meta.client.head_bucket(Bucket=self.bucket_name)
        return False

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with failures_named():
            return super().listdir(path)

    def size(self, name: str) -> int:
        with failures_named(missing=FileNotFoundError):
            return super().size(name)

    def get_modified_time(self, name: str) -> Any:
        with failures_named(missing=FileNotFoundError):
            return super().get_modified_time(name)


class _Downloaded(File):
    def __init__(self, storage: ObjectStorage, name: str) -> None:
        super().__init__(storage.download(name), name)
        self._storage = storage

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> _Downloaded:
        """Again, as a file on the disk can be."""
        if self.closed:
            self.file = self._storage.download(str(self.name))
        self.seek(0)
        return self


@contextmanager
def failures_named(*, missing: type[OSError] = StorageUnusable) -> Iterator[None]:
    """The library's exceptions name addresses, and are no OSErrors."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "")) or "ClientError"
        raise (missing if code in _MISSING else StorageUnusable)(code) from error
    except BotoCoreError as error:
        raise StorageUnusable(type(error).__name__) from error

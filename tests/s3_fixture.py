"""An S3 server as a pytest fixture: its own process on a free port, which checks every signature.

`s3` keeps uploads in a new bucket of it for one test.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from django.core.files.storage import default_storage

from tests.waiting import wait_for

MAY_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


@dataclass
class S3Server:
    port: int
    key: str
    secret: str

    def client(self) -> Any:
        return _client("s3", self.port, key=self.key, secret=self.secret)


@dataclass
class Bucket:
    server: S3Server
    name: str

    @property
    def url(self) -> str:
        return self.url_with(secret=self.server.secret)

    def url_with(self, *, secret: str, port: int = 0, bucket: str = "") -> str:
        keys = f"{quote(self.server.key, safe='')}:{quote(secret, safe='')}"
        return f"s3+http://{keys}@127.0.0.1:{port or self.server.port}/{bucket or self.name}/passport?region=eu-west-1"

    def keys(self) -> list[str]:
        """The names of everything in it, in their order."""
        found = self.server.client().list_objects_v2(Bucket=self.name).get("Contents", [])
        return [entry["Key"] for entry in found]


@contextlib.contextmanager
def running_s3_server(*, allowed_without_key: int) -> Iterator[S3Server]:
    """Start one. After as many requests it wants a key that may do it, and checks what is signed with it."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env=os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": str(allowed_without_key)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: _is_listening(port))
        iam = _client("iam", port, key="nobody", secret="nothing")
        iam.create_user(UserName="passport")
        iam.put_user_policy(UserName="passport", PolicyName="files", PolicyDocument=MAY_EVERYTHING)
        made = iam.create_access_key(UserName="passport")["AccessKey"]
        yield S3Server(port, key=made["AccessKeyId"], secret=made["SecretAccessKey"])
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with running_s3_server(allowed_without_key=3) as server:
        yield server


@pytest.fixture
def s3(s3_server: S3Server, settings: Any) -> Bucket:
    """Uploads are kept there, as STORAGE_URL would have it."""
    return new_bucket(s3_server, settings)


def new_bucket(server: S3Server, settings: Any) -> Bucket:
    bucket = Bucket(server, f"files-{uuid.uuid4().hex}")
    server.client().create_bucket(Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    keep_files_at(settings, bucket.url)
    return bucket


def keep_files_at(settings: Any, url: str) -> None:
    settings.STORAGE_URL = url
    backend = {"BACKEND": "vendors.documents.object_storage.ObjectStorage", "OPTIONS": {"url": url}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    assert type(default_storage._wrapped).__name__ != "FileSystemStorage"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _is_listening(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def _client(service: str, port: int, *, key: str, secret: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )

"""What `manage.py check` says of STORAGE_URL, and that it never shows what it holds."""

from __future__ import annotations

import json

import pytest
from django.core.checks import run_checks
from django.core.files.storage import default_storage

from tests.s3_fixture import keep_files_at, new_bucket, running_s3_server
from vendors.documents import storage_url

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY"


def found(*, deploy: bool = False) -> dict[str, str]:
    messages = run_checks(tags=["security"], include_deployment_checks=deploy)
    assert not any(SECRET[:6] in f"{message.msg}{message.hint}" for message in messages)
    numbers = ("passport.E03", "passport.W03")
    return {str(message.id): str(message.msg) for message in messages if str(message.id).startswith(numbers)}


def test_url_is_read():
    read = storage_url.parse(
        "s3://KEY:wJ%2FK7%2Bb@s3.example.com:9000/bucket/a/folder?region=eu-central-1&style=virtual"
    )

    assert (read.endpoint, read.bucket, read.folder) == ("https://s3.example.com:9000", "bucket", "a/folder")
    assert (read.key, read.secret, read.region, read.style) == ("KEY", "wJ/K7+b", "eu-central-1", "virtual")
    assert "wJ" not in repr(read)
    assert storage_url.parse("s3://[::1]/bucket").key == ""
    assert storage_url.parse("s3://s3.example.com/bucket").region == "us-east-1"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", {}),
        ("s3://KEY:wJalrXU@s3.example.com/bucket", {}),
        ("s3+http://KEY:wJalrXU@127.0.0.1:9000/bucket", {}),
        (
            "https://KEY:wJalrXU@s3.example.com/bucket",
            {"passport.E030": "STORAGE_URL cannot be used: it begins with neither s3:// nor s3+http://."},
        ),
        (
            f"s3://KEY:{SECRET}@s3.example.com/bucket",
            {"passport.E030": "STORAGE_URL cannot be used: the host or the port cannot be read."},
        ),
        (
            "s3://KEY:wJalrXU@s3.example.com/",
            {"passport.E030": "STORAGE_URL cannot be used: the name of the bucket is missing after the host."},
        ),
        (
            "s3://wJalrXU@s3.example.com/bucket",
            {"passport.E030": "STORAGE_URL cannot be used: it has a key without a secret, or a secret without a key."},
        ),
        (
            "s3://s3.example.com/bucket?acl=public",
            {"passport.E030": "STORAGE_URL cannot be used: it has options other than region and style."},
        ),
        (
            "s3+http://KEY:wJalrXU@s3.example.com/bucket",
            {"passport.E031": "STORAGE_URL uses plain http, so files and signatures are sent unencrypted."},
        ),
    ],
)
def test_wrong_one_is_told_without_its_secret(settings, url, told):
    settings.STORAGE_URL = url

    assert found() == told


def test_bucket_is_tried_before_a_release(s3):
    assert found(deploy=True) == {}
    assert default_storage.listdir("checks") == ([], [])


def test_bucket_that_is_open_or_keeps_old_versions_is_told(settings):
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    with running_s3_server(allowed_without_key=1000) as server:
        bucket = new_bucket(server, settings)
        client = server.client()
        client.put_bucket_policy(
            Bucket=bucket.name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everyone]})
        )
        client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})

        assert found(deploy=True).keys() == {"passport.E033", "passport.W030"}


def test_storage_that_refuses_is_told(s3, settings):
    keep_files_at(settings, s3.url_with(secret=SECRET))

    assert found(deploy=True) == {"passport.E032": "The storage at STORAGE_URL cannot be used: SignatureDoesNotMatch."}

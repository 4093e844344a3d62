"""Uploads in S3: the same checks and the same privacy as on the disk, and what happens while it can't be reached."""

from __future__ import annotations

import datetime as dt
import io
import socket
import sys
import threading
import zipfile

import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

import manage
from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding import answers
from tests.s3_fixture import free_port, keep_files_at
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.documents.test_virus_scanner import VIRUS, clamd  # noqa: F401  a fixture
from tests.vendors.stored_documents import store
from vendors import lifecycle
from vendors.documents import object_storage
from vendors.documents import storage as document_storage
from vendors.documents.refusals import Refused
from vendors.documents.storage_url import StorageUnusable
from vendors.models import Document, VendorState
from vendors.privacy import erasure, export

pytestmark = pytest.mark.django_db

LATER = timezone.now() + dt.timedelta(days=2)


@pytest.fixture
def vendor():
    return create_vendor(state=VendorState.ONBOARDING)


def key_of(document: Document) -> str:
    return f"passport/documents/{document.pk.hex[:2]}/{document.pk.hex}"


def opened(document: Document, user) -> tuple[int, bytes]:
    response = signed_in(user).get(f"/documents/{document.pk}/")
    return response.status_code, b"".join(response) if response.status_code == 200 else b""


def test_file_chosen_in_the_wizard_is_kept_under_a_random_name_and_comes_back(s3, vendor, media_root):
    browser = signed_in(vendor.user)
    answers.fill_in(browser, up_to="qualifications")
    answers.save(browser, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf()})

    documents = list(Document.objects.all())
    assert s3.keys() == sorted(map(key_of, documents))
    assert not media_root.exists()
    cv = next(document for document in documents if document.slot == "cv")
    response = browser.get(f"/documents/{cv.pk}/")
    assert response.status_code == 200
    assert "Location" not in response
    assert len(b"".join(response.streaming_content)) == cv.size
    assert response["Content-Length"] == str(cv.size)
    assert response["Content-Disposition"] == 'attachment; filename="cv.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_nobody_but_passport_opens_it(s3, vendor):
    cv = store(vendor)

    assert requests.get(f"http://127.0.0.1:{s3.server.port}/{s3.name}/{key_of(cv)}", timeout=10).status_code == 403
    assert opened(cv, create_vendor(state=VendorState.ONBOARDING, primary_email="x@mail.example").user)[0] == 404
    assert opened(cv, vendor.user) == (200, PDF_BYTES)
    assert opened(cv, create_staff()) == (200, PDF_BYTES)
    with pytest.raises(ValueError, match="Files have no address"):
        _ = cv.file.url


def test_virus_is_refused_and_a_clean_file_scanned_before_it_is_opened(s3, vendor, clamd, settings):  # noqa: F811
    with pytest.raises(Refused, match="found “Eicar-Test”"):
        store(vendor, content=VIRUS)
    assert s3.keys() == []

    settings.CLAMD = ""
    unscanned = store(vendor)
    settings.CLAMD = clamd.address
    assert opened(unscanned, vendor.user) == (200, PDF_BYTES)
    assert clamd.scanned == [VIRUS, PDF_BYTES]


def test_replaced_files_and_orphans_are_removed_after_a_day(s3, vendor):
    replaced = store(vendor)
    kept = store(vendor, content=PDF_BYTES + b"%%EOF")
    default_storage.save("documents/ab/abcdef", ContentFile(b"left by a crash"))

    assert document_storage.sweep() == 0
    assert document_storage.sweep(now=LATER) == 2

    assert s3.keys() == [key_of(kept)]
    assert not Document.objects.filter(pk=replaced.pk).exists()
    assert document_storage.sweep(now=LATER) == 0


def test_export_has_the_files_and_erasing_removes_them(s3, vendor):
    others = store(create_vendor(state=VendorState.ONBOARDING, primary_email="other@mail.example"))
    cv = store(vendor)
    archive = io.BytesIO()

    export.write_zip(export.export(vendor, via="export_vendor"), vendor, archive)
    with zipfile.ZipFile(archive) as files:
        assert files.read(f"files/{cv.pk}-{cv.name}") == PDF_BYTES

    lifecycle.erase(vendor, reason="ticket 1", via="erase_vendor")
    erasure.finish(vendor)
    assert s3.keys() == [key_of(others)]


def test_file_that_is_gone_is_not_found(s3, vendor):
    cv = store(vendor)
    default_storage.delete(cv.file.name)

    assert opened(cv, vendor.user)[0] == 404
    assert store(vendor) != cv
    assert not Failure.objects.exists()


# What can't be used


def refused_connection(s3) -> str:
    return s3.url_with(secret=s3.server.secret, port=free_port())


def wrong_secret(s3) -> str:
    return s3.url_with(secret="wrong/one+")


def missing_bucket(s3) -> str:
    return s3.url_with(secret=s3.server.secret, bucket="no-such-bucket")


@pytest.fixture(params=[refused_connection, wrong_secret, missing_bucket])
def unusable(request, s3, vendor, settings):
    """A document of the vendor's is there, and then its storage can't be used."""
    document = store(vendor)
    keep_files_at(settings, request.param(s3))
    return document


def test_upload_is_answered_with_a_sentence_and_nothing_typed_is_lost(s3, vendor, settings):
    browser = signed_in(vendor.user)
    answers.fill_in(browser, up_to="services")
    keep_files_at(settings, wrong_secret(s3))

    page = answers.save(browser, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf()})

    assert page.status_code == 200
    (message,) = page.context["form"].errors["cv"]
    assert "We couldn't save “cv.pdf” because of a problem on our side." in message
    assert s3.server.secret not in page.text
    assert not Document.objects.exists()
    assert Failure.objects.get().reason == "files_unusable"
    assert browser.get("/onboarding/").status_code == 200

    keep_files_at(settings, s3.url)
    again = answers.save(browser, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf()})
    assert again.status_code == 302


def test_file_is_not_lost(s3, unusable, vendor, settings):
    page = signed_in(vendor.user).get(f"/documents/{unusable.pk}/")

    assert (page.status_code, "The file isn't lost." in page.text) == (503, True)
    assert Failure.objects.get().reason == "files_unusable"
    keep_files_at(settings, s3.url)
    assert opened(unusable, vendor.user) == (200, PDF_BYTES)


def test_erasing_waits_for_it_and_then_finishes(s3, vendor, settings):
    document = store(vendor)
    keep_files_at(settings, refused_connection(s3))
    lifecycle.erase(vendor, reason="ticket 1", via="erase_vendor")

    with pytest.raises(StorageUnusable):
        erasure.finish(vendor)
    assert Document.objects.filter(pk=document.pk).exists()

    keep_files_at(settings, s3.url)
    assert erasure.finish_all() == 1
    assert (s3.keys(), Document.objects.count()) == ([], 0)


def test_server_that_never_answers_is_given_up(s3, vendor, settings, monkeypatch):
    assert (object_storage.CONNECT_WITHIN, object_storage.ANSWER_WITHIN, object_storage.TRIES) == (3, 10, 2)
    monkeypatch.setattr(object_storage, "ANSWER_WITHIN", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keep_files_at(settings, s3.url_with(secret="x", port=silent.getsockname()[1]))
        with pytest.raises(StorageUnusable, match="ReadTimeoutError"):
            default_storage.exists("documents/ab/abcdef")


def test_answer_that_breaks_off_is_no_file(s3, vendor, settings):
    document = store(vendor)
    with socket.create_server(("127.0.0.1", 0)) as broken:

        def answer() -> None:
            while True:
                connection, _address = broken.accept()
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n%PDF-1.7 half of i")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        keep_files_at(settings, s3.url_with(secret="x", port=broken.getsockname()[1]))

        assert opened(document, vendor.user)[0] == 503


def test_command_says_it_in_one_line(s3, settings, monkeypatch, capsys):
    keep_files_at(settings, wrong_secret(s3))
    monkeypatch.setattr(sys, "argv", ["manage.py", "purge"])

    with pytest.raises(SystemExit) as caught:
        manage.main()

    assert caught.value.code == 1
    said = capsys.readouterr().err.strip()
    assert said == "The storage for uploaded files can't be used: SignatureDoesNotMatch."

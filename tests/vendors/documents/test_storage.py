import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from tests.clients import signed_in
from tests.factories import create_vendor
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.documents.test_lifecycle import files
from tests.vendors.documents.test_lifecycle import store as store_cv
from tests.vendors.profiles import approved
from tests.vendors.stored_documents import in_force, store
from vendors.documents import storage as document_storage
from vendors.models import Document
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

LATER = timezone.now() + dt.timedelta(days=2)


def test_sweep_removes_replaced_files_and_orphans_after_a_day(media_root):
    vendor = create_vendor()
    replaced = store_cv(vendor)
    kept = store_cv(vendor, PDF_BYTES + b"%%EOF")
    orphan = media_root / "documents" / "ab" / "abcdef"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"left by a crash")

    assert document_storage.sweep() == 0
    assert document_storage.sweep(now=LATER) == 2

    assert files(media_root) == [Path(kept.file.path)]
    assert not Document.objects.filter(pk=replaced.pk).exists()
    assert document_storage.sweep(now=LATER) == 0


def test_sweep_without_any_files_does_nothing():
    assert document_storage.sweep(now=LATER) == 0


def test_served_as_a_download_that_no_browser_opens():
    response = document_storage.serve(store_cv(create_vendor(), name="Życiorys.pdf"))

    assert b"".join(response.streaming_content) == PDF_BYTES
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%C5%BByciorys.pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_file_of_the_profile_stays_until_the_profile_rests_on_another():
    old = in_force(slot="cv")
    new = store(old.vendor, "cv", PDF_BYTES * 2)

    document_storage.sweep(now=timezone.now() + dt.timedelta(days=2))
    assert list(Document.objects.in_force()) == [old]
    assert signed_in(old.vendor.user).get(f"/documents/{old.pk}/").status_code == 200

    approved_profile.adopt(old.vendor, approved(documents=[approved_profile.ApprovedDocument(id=new.pk)]))
    document_storage.sweep(now=timezone.now() + dt.timedelta(days=2))
    assert list(Document.objects.all()) == [new]

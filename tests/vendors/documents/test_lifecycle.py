import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import create_vendor
from tests.vendors.documents.test_inspection import PDF_BYTES
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF

pytestmark = pytest.mark.django_db


def store(vendor, content=PDF_BYTES, name="My CV.pdf", slot="cv"):
    return documents.store(vendor, slot=slot, upload=SimpleUploadedFile(name, content), content_type=PDF)


def files(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


def test_file_is_stored_under_a_name_of_ours(media_root):
    document = store(create_vendor(), name="../../My CV.pdf")

    assert document.name == "My CV.pdf"
    assert files(media_root) == [media_root / "documents" / document.pk.hex[:2] / document.pk.hex]
    assert files(media_root)[0].read_bytes() == PDF_BYTES
    assert files(media_root)[0].stat().st_mode & 0o777 == 0o600
    assert document.sha256 == hashlib.sha256(PDF_BYTES).hexdigest()


def test_same_file_again_changes_nothing(media_root):
    vendor = create_vendor()

    assert store(vendor) == store(vendor, name="Renamed.pdf")
    assert len(files(media_root)) == 1


def test_same_file_is_stored_anew_when_it_was_lost(media_root):
    vendor = create_vendor()
    first = store(vendor)
    files(media_root)[0].unlink()

    second = store(vendor)

    assert second != first
    assert documents.current_documents(vendor) == {"cv": second}


def test_new_file_replaces_the_one_of_its_kind_only():
    vendor = create_vendor()
    degree = store(vendor, slot="degree")
    store(vendor)

    cv = store(vendor, PDF_BYTES + b"%%EOF")

    assert documents.current_documents(vendor) == {"cv": cv, "degree": degree}

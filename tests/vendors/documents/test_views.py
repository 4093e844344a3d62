import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from identity import roles
from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.stored_documents import in_days, in_force, store, upload
from tests.vendors.verified import verify
from vendors.documents import expiry
from vendors.documents import lifecycle as documents
from vendors.documents import storage as document_storage
from vendors.documents.inspection import PDF
from vendors.models import Document, Evidence, VendorState

pytestmark = pytest.mark.django_db


def stored_cv(vendor):
    upload = SimpleUploadedFile("My CV.pdf", PDF_BYTES, PDF)
    return documents.store(vendor, slot="cv", upload=upload, content_type=PDF)


def test_owner_gets_the_file_as_a_download():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)

    response = signed_in(vendor.user).get(f"/documents/{cv.pk}/")

    assert b"".join(response.streaming_content) == PDF_BYTES
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="My CV.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "document_opened" not in events(vendor)


def test_other_vendor_does_not_learn_that_the_file_exists():
    cv = stored_cv(create_vendor(state=VendorState.ONBOARDING))
    stranger = signed_in(create_vendor(state=VendorState.ONBOARDING).user)

    assert stranger.get(f"/documents/{cv.pk}/").status_code == 404
    assert stranger.get(f"/documents/{uuid.uuid4()}/").status_code == 404


def test_nobody_gets_a_file_without_signing_in(client):
    cv = stored_cv(create_vendor(state=VendorState.ONBOARDING))

    assert client.get(f"/documents/{cv.pk}/").url.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.VENDOR_MANAGER, 200),
        (roles.FINANCE, 200),
        (roles.AUDITOR, 200),
        (roles.ADMINISTRATOR, 200),
        (roles.OPERATIONS, 404),
    ],
)
def test_staff_get_a_file_by_their_role_and_each_look_is_recorded(role, status):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)
    staff = create_staff(role=role)

    assert signed_in(staff).get(f"/documents/{cv.pk}/").status_code == status

    opened = list(vendor.events.filter(kind="document_opened").values_list("by", "data"))
    assert opened == ([(staff.pk, {"document": str(cv.pk)})] if status == 200 else [])


def test_file_that_is_gone_from_the_disk_is_not_found():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    cv = stored_cv(vendor)
    cv.file.storage.delete(cv.file.name)

    assert signed_in(vendor.user).get(f"/documents/{cv.pk}/").status_code == 404


def replace(client: Any, paper: Document, **given: Any) -> Any:
    file, expires_on = upload("new.pdf", PDF_BYTES * 2), f"31.12.{in_days(0).year + 2}"
    new = {"file": file, "number": "A 2", "expires_on": expires_on}
    return client.post(f"/documents/{paper.pk}/replace/", {**new, **given})


def test_newer_paper_is_in_force_at_once_and_waits_to_be_verified(vera):
    paper = in_force(ends=in_days(5))
    verify(paper.vendor, "certificate", by=vera)
    expiry.remind()

    response = replace(signed_in(paper.vendor.user), paper)

    assert response.url == "/profile/"
    new = Document.objects.in_force().get()
    assert (new.name, new.number, new.certificate, new.state) == ("new.pdf", "A 2", "membership", "sent")
    assert new.expires_on == dt.date(in_days(0).year + 2, 12, 31)
    assert [row.document for row in Evidence.objects.to_verify().filter(kind="certificate")] == [new]
    assert events(paper.vendor)[-1] == "document_replaced"
    assert expiry.remind() == 0
    assert document_storage.sweep(now=timezone.now() + dt.timedelta(days=2)) == 1
    assert list(Document.objects.all()) == [new]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"file": ""}, "file", "Choose the new file."),
        ({"file": upload("x.txt", b"text")}, "file", "isn't a type of file we can read here"),
        ({"file": upload()}, "file", "is the file we already have"),
        ({"expires_on": ""}, "expires_on", "Enter the date it is valid until."),
        ({"expires_on": "3 March 2020"}, "expires_on", "This one expired on 3 March 2020."),
    ],
)
def test_replacing_is_judged(given, field, said):
    paper = in_force(ends=in_days(5))

    page = replace(signed_in(paper.vendor.user), paper, **given)

    assert page.status_code == 200
    assert said in page.context["form"].errors[field][0]
    assert "<title>Error: " in page.text
    assert Document.objects.get() == paper


def test_only_the_owner_replaces():
    paper = in_force(ends=in_days(5))
    stranger = signed_in(create_vendor(state=VendorState.APPROVED).user)

    assert replace(stranger, paper).status_code == 404
    assert replace(signed_in(create_staff()), paper).status_code == 403


def test_link_of_an_old_mail_says_that_there_is_a_newer_one():
    paper = in_force(ends=in_days(5))
    client = signed_in(paper.vendor.user)
    replace(client, paper)

    page = client.get(f"/documents/{paper.pk}/replace/", follow=True)

    assert page.redirect_chain
    assert 'role="status"' in page.text


@pytest.mark.parametrize(
    ("state", "target"),
    [(VendorState.CHANGES_REQUESTED, "/onboarding/qualifications/"), (VendorState.SUBMITTED, "/")],
)
def test_before_approval_files_are_chosen_in_the_wizard(state, target):
    vendor = create_vendor(state=state)

    assert signed_in(vendor.user).get(f"/documents/{store(vendor).pk}/replace/").url == target


def test_unusable_folder_is_told_when_a_newer_file_is_sent(settings, tmp_path):
    paper = in_force(ends=in_days(5))
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")

    page = replace(signed_in(paper.vendor.user), paper)

    assert "We couldn&#x27;t save “new.pdf” because of a problem on our side." in page.text
    assert list(Document.objects.all()) == [paper]
    assert Failure.objects.get().reason == "files_unusable"


def test_file_that_cannot_be_reached_is_not_lost(settings, tmp_path):
    paper = in_force(ends=in_days(5))
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")

    page = signed_in(paper.vendor.user).get(f"/documents/{paper.pk}/")

    assert (page.status_code, "The file isn't lost." in page.text) == (503, True)
    assert [person.address for person in Failure.objects.get().people.all()] == ["lucja@example.com"]

"""Uploads and a scanner that speaks clamd's INSTREAM."""

import socketserver
import threading

import pytest
from django.core.checks import run_checks

from identity.models import Failure
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.stored_documents import in_days, in_force, store, upload
from vendors.documents.refusals import Refused
from vendors.models import Document, VendorState

pytestmark = pytest.mark.django_db

VIRUS = PDF_BYTES + b"EICAR%%EOF"


class Clamd(socketserver.ThreadingTCPServer):
    """Finds one word, as the real one finds its test file."""

    allow_reuse_address = daemon_threads = True
    answer = b""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.scanned = []
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        self.server.scanned.append(content)
        verdict = b"stream: Eicar-Test FOUND" if b"EICAR" in content else b"stream: OK"
        self.wfile.write((self.server.answer or verdict) + b"\0")


@pytest.fixture
def clamd(settings):
    server = Clamd()
    settings.CLAMD = server.address
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_clamd(settings):
    """Nobody listens there any more."""
    server = Clamd()
    settings.CLAMD = server.address
    server.shutdown()
    server.server_close()


def test_clean_file_is_scanned_once_and_served(clamd):
    vendor = create_vendor(state=VendorState.ONBOARDING)
    document = store(vendor)

    assert b"".join(signed_in(vendor.user).get(f"/documents/{document.pk}/").streaming_content) == PDF_BYTES
    assert clamd.scanned == [PDF_BYTES]


def test_virus_is_refused(clamd):
    with pytest.raises(Refused, match="found “Eicar-Test” in “paper.pdf”"):
        store(create_vendor(state=VendorState.ONBOARDING), content=VIRUS)

    assert not Document.objects.exists()


def test_virus_in_a_newer_file_is_told_on_the_page(clamd):
    old = in_force(ends=in_days(5))
    given = {"file": upload("new.pdf", VIRUS), "number": "A 2", "expires_on": in_days(400).strftime("%d.%m.%Y")}

    page = signed_in(old.vendor.user).post(f"/documents/{old.pk}/replace/", given)

    assert "Our virus scanner found “Eicar-Test” in “new.pdf”" in page.text
    assert list(Document.objects.all()) == [old]


def test_nothing_unscanned_is_served(no_clamd, settings):
    vendor = create_vendor(state=VendorState.ONBOARDING, primary_email="ana@mail.example")
    document = store(vendor)

    for user in (vendor.user, create_staff()):
        page = signed_in(user).get(f"/documents/{document.pk}/")
        assert page.status_code == 503
        assert "hasn't been scanned for viruses yet" in page.text

    case = Failure.objects.get()
    assert case.reason == "virus_scanner_down"
    assert [person.address for person in case.people.all()] == ["ana@mail.example"]


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"stream: what?", b"stream: OK and more"])
def test_answer_that_is_neither_yes_nor_no_is_no_scan(clamd, answer):
    clamd.answer = answer
    vendor = create_vendor(state=VendorState.ONBOARDING)
    document = store(vendor)

    assert signed_in(vendor.user).get(f"/documents/{document.pk}/").status_code == 503


def test_file_from_before_there_was_a_scanner_is_scanned_when_it_is_opened(clamd, settings):
    settings.CLAMD = ""
    vendor = create_vendor(state=VendorState.ONBOARDING)
    clean, infected = store(vendor), store(vendor, slot="cv", content=VIRUS)
    settings.CLAMD = clamd.address
    client = signed_in(vendor.user)

    assert client.get(f"/documents/{clean.pk}/").status_code == 200
    for _look in range(2):
        page = client.get(f"/documents/{infected.pk}/")
        assert page.status_code == 403
        assert "found “Eicar-Test” in “paper.pdf”" in page.text
    assert clamd.scanned == [PDF_BYTES, VIRUS]


@pytest.mark.parametrize("address", ["clamd", ":3310", "host:70000", "host:²"])
def test_check_finds_an_address_that_is_none(settings, address):
    settings.CLAMD = address

    assert "passport.E010" in {message.id for message in run_checks()}


@pytest.mark.parametrize("address", ["", "clamd.example:3310", "[::1]:3310"])
def test_check_finds_nothing_wrong_with_a_good_address(settings, address):
    settings.CLAMD = address

    assert "passport.E010" not in {message.id for message in run_checks()}

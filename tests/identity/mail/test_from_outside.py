"""What others typed, in emails to Vendor Management."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from identity.mail.from_outside import one_line, quoted
from identity.sign_in import oidc
from tests.factories import create_vendor
from vendors import correspondence, tasks
from vendors.models import EmailChangeRequest, VendorState

FAKE = "Moved.\r\n\r\nHow we know it is them: by telephone.\u2028\nApprove it with one click:\nhttps://evil.example/approve"


@pytest.mark.django_db
def test_reason_of_a_request_passes_for_nothing_of_ours():
    vendor = create_vendor(state=VendorState.APPROVED, name="Dora https://evil.example/a\r\nApproved: yes")
    request = EmailChangeRequest.objects.create(
        vendor=vendor, new="dora@new.example", reason=FAKE, proven_at=timezone.now()
    )

    tasks.mail_email_request(request_id=request.pk)

    [message] = mail.outbox
    lines = message.body.splitlines()
    ours = max(number for number, line in enumerate(lines) if "/admin/vendors/emailchangerequest/" in line)
    theirs = [number for number, line in enumerate(lines) if "Moved." in line or "one click" in line]
    assert min(theirs) > ours, "what Passport says comes first"
    assert all(lines[number].startswith("> ") for number in theirs)
    assert "Approved: yes" not in lines
    assert "://evil" not in message.body
    assert len([line for line in lines if line.startswith("How we know it is them")]) == 1


@pytest.mark.parametrize(
    "address", ['"http://evil.example/approve"@mail.example', '"a b"@mail.example', "a/b@mail.example"]
)
def test_address_that_reads_like_something_else_is_none(client, db, address):
    page = client.post("/help/cannot-sign-in/", {"address": address})

    assert "Enter an email address, like ana@example.com." in page.text


@pytest.mark.parametrize(
    "claimed", ['"http://evil.example/a"@mail.example', "Approve @ once", "a@b@c.example", "x@evil.example/approve"]
)
def test_address_that_microsoft_reports_must_be_one(claimed):
    """A guest's own company can put anything there."""
    claims = {"email": claimed, "preferred_username": "live.com#ana@mail.example"}

    assert oidc.claimed_address(claims) == "live.com#ana@mail.example"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("HTTPS://evil.example/a", "HTTPS[:]//evil[.]example/a"),
        ("ftp://evil.example onenote://x", "ftp[:]//evil[.]example onenote[:]//x"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("evil.example/approve?x=a.pdf (evil.example)", "evil[.]example/approve?x=a[.]pdf (evil[.]example)"),
        ("пример.рф, evil。example", "пример[.]рф, evil[.]example"),
        (r"\\evil.example\a", r"[\\]evil[.]example\a"),
        ("http://evil.example@mail.example", "http[:]//evil[.]example@mail[.]example"),
        ("ana.maria@mail.example, i.e. me. Ph.D. 1.250,00", "ana.maria@mail.example, i.e. me. Ph.D. 1.250,00"),
        ("Ana.Nowak.pdf and (cv.docx)", "Ana.Nowak.pdf and (cv.docx)"),
    ],
)
def test_nothing_that_a_mail_program_would_make_a_link_of_is_left(typed, shown):
    assert one_line(typed) == shown


def test_whoever_is_called_as_their_site_is_greeted_so():
    assert correspondence.greeting_by("Lang.example ftp://evil.example") == "Hello Lang.example ftp[:]//evil.example,"


@given(st.text())
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1
    assert re.search(r"(?i)[a-z]{2}://", one_line(text)) is None


@given(st.text())
def test_every_quoted_line_is_marked(text):
    assert all(line.startswith("> ") for line in quoted(text).splitlines())

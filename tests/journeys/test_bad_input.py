"""What no page of ours sends, files that are none, and our own mistakes: a page that helps, and nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from identity.models import Failure
from onboarding.models import Draft
from tests.journeys import wizard
from tests.journeys.database import column_missing
from tests.onboarding.answers import PDF
from tests.person import Page, Person
from vendors.documents.inspection import BODY_LIMIT, DRAIN_LIMIT, FILE_LIMIT
from vendors.models import Document

DORA = "dora@mail.example"


@pytest.fixture
def dora(passport) -> Person:
    """A vendor in the middle of the wizard."""
    passport.invited(DORA, name="Dora Dimitrova")
    person = passport.signed_in(DORA)
    wizard.fill_in(person, "about")
    return person


def post(person: Person, path: str, fields: list[tuple[str, str]], **details: Any) -> Page:
    """Send what no form of ours would."""
    url = f"{person.page.origin}{path}"
    headers = {"Referer": url, "Origin": person.page.origin}
    return person._request("POST", url, data=fields, headers=headers, **details)


def as_filled_in(person: Person, step: str) -> dict[str, str]:
    """What the browser would send for a page as it is."""
    person.go(wizard.url(step))
    return dict(person._pairs(person.form(), {}))


def without(fields: dict[str, str], *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields.items() if name not in names]


def test_csrf_missing(passport, dora):
    whole = as_filled_in(dora, "about") | {"about-full_name": "Mallory"}
    post(dora, wizard.url("about"), without(whole, "csrfmiddlewaretoken"))
    assert (dora.page.status, dora.page.heading_id) == (400, "not-saved")
    assert Draft.objects.get().answers["about"]["about-full_name"] == ["Łucja Nowak-Åberg"]

    stranger = passport.person("chen@agency.example")
    stranger.go(f"{passport.url}/sign-in/")
    post(stranger, "/auth/login/entra/", [("next", "")])
    assert (stranger.page.status, stranger.page.heading_id) == (400, "too-old"), "it has cookies"

    vera = passport.staff()
    post(vera, "/admin/vendors/vendor/add/", [("name", "Mallory"), ("primary_email", "m@mail.example")])
    assert (vera.page.status, vera.page.heading_id) == (400, "not-saved")
    assert not Failure.objects.exists()


@pytest.mark.parametrize(
    ("missing", "changed"),
    [
        pytest.param({"wizard-current_step"}, {}, id="management form"),
        pytest.param({"revision"}, {}, id="revision"),
        pytest.param(set(), {"revision": "²"}, id="revision that is no number"),
        pytest.param(set(), {"wizard-current_step": "nonsense"}, id="step that does not exist"),
        pytest.param(set(), {"wizard-current_step": "check"}, id="another step"),
        pytest.param(set(), {f"more-{number}": "" for number in range(2001)}, id="too many fields"),
    ],
)
def test_form_that_did_not_come_from_its_page(dora, missing, changed):
    fields = as_filled_in(dora, "about") | {"about-full_name": "Mallory"} | changed
    post(dora, wizard.url("about"), without(fields, *missing))

    assert (dora.page.status, dora.page.heading_id) == (400, "bad-request"), dora.page
    assert Draft.objects.get().answers["about"]["about-full_name"] == ["Łucja Nowak-Åberg"]
    assert not Failure.objects.exists()


def test_addresses_that_do_not_exist(passport, dora):
    fields = list(as_filled_in(dora, "about").items())
    for path in ["onboarding/nonsense/", "onboarding/about/more/", "onboarding/N%C3%A4/", "documents/1/", "nothing/"]:
        dora.go(f"/{path}")
        assert dora.page.status == 404, dora.page
        assert dora.page.link("/")
    for path in ["/onboarding/nonsense/", "/documents/00000000-0000-4000-8000-000000000000/"]:
        post(dora, path, fields)
        assert dora.page.status in (404, 405), dora.page

    vera = passport.staff()
    vendor, submission = "vendors/vendor", "onboarding/submission"
    for path in [
        f"{vendor}/abc/change/",
        f"{vendor}/{'9' * 30}/change/",
        f"{vendor}/1/nonsense/",
        f"{submission}/abc/change/",
        f"{submission}/{'9' * 30}/change/",
        "identity/failure/abc/change/",
        "person/999/",
    ]:
        vera.go(f"/admin/{path}")
        assert vera.page.status in (200, 404), vera.page


def test_step_whose_time_has_not_come(dora):
    for step in ["services", "rates", "check"]:
        dora.go(wizard.url(step))
        assert dora.page.path == "/onboarding/", dora.page
        assert "That step comes later" in dora.page.text


def test_vendor_has_no_business_in_the_admin_and_staff_none_in_the_wizard(passport, dora):
    assert dora.go("/admin/vendors/vendor/").status == 403
    vera = passport.staff()
    assert vera.go(wizard.url("about")).status == 403
    assert vera.go("/profile/").status == 403


FILES = {
    "too big": ("cv.pdf", PDF + b"\0" * FILE_LIMIT, "“cv.pdf” is 10.0 MB. It must be smaller than 10 MB."),
    "another kind": ("cv.pdf", b"MZ\x90\0 a program", "“cv.pdf” isn't a type of file we can read here."),
    "empty": ("cv.pdf", b"", "“cv.pdf” is empty."),
    "cut off": ("cv.pdf", PDF[:20], "“cv.pdf” can't be read: it may be damaged or incomplete."),
    "protected": ("cv.pdf", PDF.replace(b"/Root", b"/Encrypt 5 0 R /Root"), "“cv.pdf” is protected with a password."),
    "wrong name": ("cv.docx", PDF, "“cv.docx” has a name ending in .docx, but is really a PDF file."),
}


def test_file_that_cannot_be_taken_says_which_and_why(dora):
    for kind, (name, content, said) in FILES.items():
        dora.go(wizard.url("qualifications"))
        fields = {f"qualifications-{key}": value for key, value in wizard.PAGES["qualifications"].items()}
        dora.submit(button="continue", files={"qualifications-cv": (name, content, "application/pdf")}, **fields)
        assert dora.page.status == 200, kind
        assert "error-summary-title" in dora.page.ids
        assert said in dora.page.text, f"{kind}: {dora.page.text}"
        assert dora.form().field("qualifications-degree_title").value == "MA in Applied Linguistics"
    assert not Document.objects.exists()

    wizard.fill_in(dora, "qualifications")
    assert dora.page.path == wizard.url("contact"), dora.page  # tax comes after it
    assert Document.objects.get().name == wizard.CV_NAME


def test_more_than_a_page_may_send(dora):
    dora.go(wizard.url("qualifications"))
    big = ("scan.pdf", PDF + b"\0" * BODY_LIMIT, "application/pdf")
    dora.submit(files={"qualifications-cv": big}, **{"qualifications-degree_title": "MA in Applied Linguistics"})

    assert (dora.page.status, dora.page.path) == (200, wizard.url("qualifications")), dora.page
    assert "error-summary-title" in dora.page.ids
    assert "“scan.pdf” is 12.0 MB, so it wasn't saved. Everything you typed has been saved." in dora.page.text
    assert dora.form().field("qualifications-degree_title").value == "MA in Applied Linguistics"


def test_far_more_than_a_page_may_send(dora):
    dora.go(wizard.url("qualifications"))
    dora.submit(files={"qualifications-cv": ("scan.pdf", PDF + b"\0" * DRAIN_LIMIT, "application/pdf")})

    assert (dora.page.status, dora.page.heading_id) == (413, "too-big"), dora.page
    assert "up to 10 MB" in dora.page.text
    dora.follow(wizard.url("qualifications"))
    assert dora.page.path == wizard.url("qualifications")


# Our own mistakes


def assert_told(passport, person: Person, *, step: str) -> Failure:
    """The page, the case and the mail to VM agree; nothing of the answers is in any of them."""
    assert (person.page.status, person.page.heading_id) == (500, "step-error"), person.page
    [failure] = Failure.objects.all()
    assert (failure.stage, failure.reason, failure.address) == ("onboarding", "step_error", DORA)
    assert failure.detail["step"] == step
    assert failure.reference in person.page.text
    passport.work()
    [mail] = passport.vm_mail()
    assert {DORA, "step_error"} <= set(mail["text"].splitlines())
    assert failure.reference in mail["text"]
    return failure


def test_database_fails_while_a_step_is_saved(passport, dora):
    dora.go(wizard.url("contact"))
    fields = {f"contact-{name}": value for name, value in wizard.PAGES["contact"].items()}
    with column_missing("vendors_vendorevent", "kind"):
        dora.submit(button="continue", **fields)
    failure = assert_told(passport, dora, step="contact")
    assert "contact" not in Draft.objects.get().answers, "all of the step or nothing"

    with column_missing("vendors_vendorevent", "kind"):
        wizard.fill_in(dora, "contact")
    failure.refresh_from_db()
    assert failure.count == 2
    passport.work()
    assert len(passport.vm_mail(DORA)) == 1

    dora.follow(wizard.url("contact"))
    dora.submit(button="continue", **fields)
    assert dora.page.path == wizard.url("languages"), dora.page
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED


def test_disk_takes_no_file(dora, media_root: Path):
    media_root.mkdir(exist_ok=True)
    (media_root / "documents").write_text("where the folder should be")
    wizard.fill_in(dora, "qualifications")
    assert "qualifications-cv" in dora.page.invalid, dora.page
    assert not Document.objects.exists()

    (media_root / "documents").unlink()
    wizard.fill_in(dora, "qualifications")
    assert dora.page.path == wizard.url("contact"), dora.page  # tax comes after it


def test_page_of_a_step_fails_before_it_is_shown(passport, dora):
    with column_missing("onboarding_draft", "problems"):
        dora.go(wizard.url("about"))
    assert_told(passport, dora, step="about")


def test_list_of_the_steps_fails(passport, dora):
    with column_missing("vendors_document", "replaced_at"):
        dora.go("/")
    failure = assert_told(passport, dora, step="index")

    dora.follow("/onboarding/")
    assert dora.page.path == "/onboarding/"
    wizard.fill_in(dora, "contact")
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED


def test_page_outside_the_onboarding_fails(dora):
    with column_missing("vendors_emailchange", "state"):
        dora.go("/profile/email-change/")

    assert (dora.page.status, dora.page.heading_id) == (500, "server-error")
    assert "vm@sandberg.example" in dora.page.text
    assert "vendors_emailchange" not in dora.page.html

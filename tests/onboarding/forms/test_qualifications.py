"""The page of qualifications through the client: the route, the rows, the files and each refusal."""

import datetime as dt
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from onboarding import forms
from onboarding.models import Draft, Submission
from onboarding.review import decide as review
from tests.factories import create_staff
from tests.onboarding import answers
from vendors.documents import inspection
from vendors.documents import lifecycle as documents
from vendors.documents.word import UNPACKED_LIMIT
from vendors.models import Document, Vendor

FILES = Path(__file__).resolve().parents[2] / "vendors" / "files"
NOTHING = {
    "translation_degree": "no",
    "other_degree": "no",
    "has_worked": "no",
    "work": "1",
    "work-0-since": "",
    "work-0-until": "",
    "certificates": "",
    "notes": "",
}
ABOUT = {"freelancer": {"kind": "freelancer"}, "company": {"kind": "company"}}
TWO_PAIRS = {"pairs": [{"source": "de", "target": "pl"}, {"source": "fr", "target": "pl"}]}


def file(name: str, *, as_name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(as_name or name, (FILES / name).read_bytes())


def form(typed: dict[str, Any], *, slots: tuple[str, ...] = ("cv",), **earlier: Any) -> forms.QualificationsForm:
    data = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in typed.items()})
    there = {slot: Document(slot=slot, name=f"{slot}.pdf") for slot in slots}
    return forms.QualificationsForm(data, vendor=Vendor(name="Łucja"), earlier=earlier, documents=there)


def worked(*rows: dict[str, Any]) -> dict[str, Any]:
    typed = NOTHING | {"has_worked": "yes", "work": str(len(rows))}
    for number, row in enumerate(rows):
        typed |= {f"work-{number}-{part}": value for part, value in row.items()}
    return typed


def stored(name: str) -> list[str]:
    return Draft.objects.get().answers["qualifications"][f"qualifications-{name}"]


def save(client: Any, typed: dict[str, Any], **buttons: str) -> Any:
    return answers.save(client, "qualifications", typed, **buttons)


# The questions


@pytest.mark.parametrize(
    ("typed", "route", "months"),
    [
        (answers.QUALIFICATIONS | {"has_worked": "no"}, "translation_degree", 0),
        (NOTHING, "none", 0),
        (worked({"since": "2015", "until": "2019"}), "experience", 60),
        (worked({"since": "2015", "until": "11/2019"}), "none", 59),
        (worked({"since": "2015", "until": "2019", "share": "50"}), "none", 30),
        (worked({"since": "2015", "until": "2022", "kind": "revision"}), "none", 0),
        (
            worked({"since": "2015", "until": "2016"})
            | {"other_degree": "yes", "other_title": "LL.M.", "other_institution": "UJ"},
            "other_degree",
            24,
        ),
    ],
)
def test_three_questions_find_the_route(typed, route, months):
    judged = form(typed)

    assert judged.is_valid(), judged.errors
    assert (judged.answer()["route"], judged.answer()["experience_months"]) == (route, months)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (NOTHING | {"translation_degree": ""}, {"translation_degree"}),
        (NOTHING | {"other_degree": ""}, {"other_degree"}),
        (answers.QUALIFICATIONS | {"other_degree": ""}, set()),
        (answers.QUALIFICATIONS | {"degree_title": "", "institution": ""}, {"degree_title", "institution"}),
        (NOTHING | {"other_degree": "yes"}, {"other_title", "other_institution"}),
        (answers.QUALIFICATIONS | {"graduated_in": "12"}, {"graduated_in"}),
        (answers.QUALIFICATIONS | {"graduated_in": "2999"}, {"graduated_in"}),
        (answers.QUALIFICATIONS | {"institution_country": "ZZ"}, {"institution_country"}),
        (NOTHING | {"has_worked": ""}, {"has_worked"}),
        (NOTHING | {"has_worked": "yes"}, {"work-0-since"}),
        (answers.QUALIFICATIONS | {"work-0-since": ""}, set()),
        (NOTHING | {"work-0-since": "long ago"}, set()),
    ],
)
def test_questions_are_judged(typed, said):
    assert set(form(typed).errors) == said


def test_nothing_is_wrong_with_what_is_not_asked(as_vendor):
    typed = NOTHING | {"institution_country": "Atlantis", "graduated_in": "x", "work-0-since": "long ago"}

    saved = save(
        as_vendor, typed | {"cv": file("cv.pdf"), "degree": file("iphone.heic"), "other_degree_copy": file("scan.png")}
    )

    assert saved.status_code == 302
    assert stored("institution_country") == ["Atlantis"]
    assert [document.slot for document in Document.objects.all()] == ["cv"]


def test_copy_of_a_degree_that_is_no_longer_claimed_is_not_sent(as_vendor):
    save(as_vendor, answers.QUALIFICATIONS | {"cv": file("cv.pdf"), "degree": file("scan.png")})

    save(as_vendor, answers.QUALIFICATIONS | {"translation_degree": "no"})

    form_shown = as_vendor.get(answers.url("qualifications")).context["form"]
    assert form_shown.is_valid()
    assert set(form_shown.answer()["documents"]) == {"cv"}


# Experience


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"since": "2012"}, ("2012-01", "")),
        ({"since": "3.2012", "until": "still"}, ("2012-03", "")),
        ({"since": "March 2012", "until": "2015"}, ("2012-03", "2015-12")),
        ({"since": "2012-03", "until": "06/2015"}, ("2012-03", "2015-06")),
        ({"since": "2012", "until": f"{timezone.localdate().year}"}, ("2012-01", f"{timezone.localdate():%Y-%m}")),
    ],
)
def test_period_takes_what_people_type(row, kept):
    judged = form(worked(row))

    assert judged.is_valid(), judged.errors
    (period,) = judged.answer()["experience"]
    assert (period["since"], period["until"]) == kept
    assert (period["share"], period["kind"], period["pairs"]) == (100, "translation", [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"since": "long ago"}, "We can't read “long ago”. Enter the month and year, for example 03/2012"),
        ({"since": "", "until": "2012"}, "Enter when period 1 began. A year is enough."),
        ({"since": "1066"}, "January 1066 can't be right."),
        ({"since": "2199"}, "January 2199 can't be right."),
        ({"since": "2012", "until": "2199"}, "December 2199 is in the future."),
        ({"since": "2012", "until": "2011"}, "This period ends in December 2011, before it begins."),
    ],
)
def test_period_that_cannot_be_is_told_so(row, said):
    (messages,) = form(worked(row)).errors.values()

    assert said in messages[0]


def test_period_may_be_in_some_pairs_only():
    judged = form(worked({"since": "2012", "pairs": ["fr.pl", "it.pl"]}), languages=TWO_PAIRS)

    assert judged.is_valid(), judged.errors
    assert judged.answer()["experience"][0]["pairs"] == ["fr.pl", "it.pl"]
    assert "Italian → Polish" in str(judged["work-0-pairs"])


def test_many_pairs_are_written(as_vendor):
    answers.fill_in(as_vendor, up_to="qualifications", languages=answers.languages_of(20))
    row = {"since": "2012", "pairs": "German to Polish; French → English (United Kingdom)"}

    assert save(as_vendor, worked(row) | {"cv": file("cv.pdf")}).status_code == 302

    page = as_vendor.get(answers.url("qualifications"))
    assert page.context["form"].periods_given()[0]["pairs"] == ["de.pl", "fr.en-GB"]
    wrong = save(as_vendor, worked(row | {"pairs": "German"}))
    assert "We can&#x27;t read “German”. Enter pairs like this" in wrong.text


def test_forged_pair_is_refused():
    assert list(form(worked({"since": "2012", "pairs": ["x"]}), languages=TWO_PAIRS).errors) == ["work-0-pairs"]


def test_period_is_added_and_what_was_typed_stays(as_vendor):
    typed = worked({"since": "2012", "until": ""})

    added = save(as_vendor, typed, another="period")

    assert added.url == f"{answers.url('qualifications')}#id_qualifications-work-1-since"
    page = as_vendor.get(answers.url("qualifications"))
    assert [row["since"].value() for row in page.context["form"].periods] == ["2012", ""]
    assert not page.context["form"].errors
    save(as_vendor, typed | {"work": "2", "work-1-since": "2010", "work-0-remove": "on"})
    assert (stored("work"), stored("work-0-since")) == (["1"], ["2010"])


# The route, told at once


def test_route_is_told_when_it_is_asked_for(as_vendor):
    answers.fill_in(as_vendor, up_to="qualifications")

    asked = save(as_vendor, answers.QUALIFICATIONS, another="route")

    assert asked.url == f"{answers.url('qualifications')}#route"
    page = as_vendor.get(answers.url("qualifications")).text
    assert "Your ISO 17100 route: your degree in translation, linguistics or languages." in page
    assert "a CV; a copy of the degree certificate" not in page  # five years of work prove it as well
    assert "Still missing: a CV" in page


def test_route_and_what_is_missing_are_told_after_saving(as_vendor):
    answers.fill_in(as_vendor, up_to="qualifications")
    typed = answers.QUALIFICATIONS | {"has_worked": "no", "cv": answers.pdf()}

    saved = save(as_vendor, typed)

    text = as_vendor.get(saved.url).text
    assert "Your ISO 17100 route: your degree" in text
    assert (
        "Still missing: a copy of the degree certificate in translation or languages; "
        "experience in translating or revising in this subject and pair." in text
    )


def test_check_page_and_submission_show_who_is_qualified_for_what(as_vendor, client):
    answers.fill_in(
        as_vendor,
        services=answers.SERVICES | {"everywhere": ["translation", "interpreting"]},
        rates=answers.RATES | {"usual-interpreting": "60", "unit-interpreting": "hour"},
    )

    lines = as_vendor.get(answers.url("check")).context["finding_lines"]
    assert [(line.service, line.standing) for line in lines] == [("translation", "claimed")]
    answers.send(as_vendor)

    client.force_login(create_staff())
    page = client.get(f"/admin/onboarding/submission/{Submission.objects.get().pk}/change/").text
    assert "What they are qualified for" in page
    assert "No standard applies to: Interpreting." in page
    assert "<td>German → Polish</td>" in page


def test_subjects_of_a_period_are_ticked_or_written_when_there_are_many_rows(as_vendor):
    answers.fill_in(
        as_vendor, up_to="qualifications", services=answers.SERVICES | {"specialisms": ["legal", "patents"]}
    )
    period = {"has_worked": "yes", "work-0-since": "2012", "work-0-share": "100", "work-0-kind": "both"}
    asked = answers.QUALIFICATIONS | period
    later = {f"work-{number}-since": "2013" for number in range(1, 4)}

    save(as_vendor, asked | {"work": "1", "work-0-subjects": ["legal", "patents"]})
    boxes = as_vendor.get(answers.url("qualifications")).context["form"]
    assert boxes["work-0-subjects"].value() == ["legal", "patents"]
    save(as_vendor, asked | later | {"work": "4", "work-0-subjects": "law and contracts; Patents"})
    written = as_vendor.get(answers.url("qualifications")).context["form"]

    assert 'value="law and contracts; Patents"' in str(written["work-0-subjects"])
    assert [row["subjects"] for row in written.periods_given()] == [["legal", "patents"], [], [], []]
    save(as_vendor, asked | {"work": "1", "work-0-subjects": "law and contracts; Patents"})
    boxes = as_vendor.get(answers.url("qualifications")).context["form"]
    assert boxes["work-0-subjects"].value() == ["legal", "patents"]
    refused = save(as_vendor, asked | later | {"work": "4", "work-0-subjects": "Witchcraft"})
    assert "We don't know the subject “Witchcraft”." in refused.text.replace("&#x27;", "'")
    assert "Witchcraft" in str(refused.context["form"]["work-0-subjects"])


# Certificates


def certificate(**parts: Any) -> dict[str, Any]:
    return NOTHING | {"certificates": "3", **{f"certificate-3-{part}": value for part, value in parts.items()}}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"kind": "examination"}, {}),
        ({"kind": "sworn", "number": "TP/12/34"}, {}),
        ({"kind": "membership", "expires_on": "12/2099"}, {}),
        ({"kind": "membership"}, {"expires_on": "Enter the date certificate 1 is valid until."}),
        ({"kind": "insurance"}, {"expires_on": "Enter the date certificate 1 is valid until."}),
        (
            {"kind": "sworn", "expires_on": "3 March 2020"},
            {"expires_on": "This one expired on 3 March 2020. Send the new one, or remove this one."},
        ),
        ({"kind": "sworn", "expires_on": "03/04/2099"}, {"expires_on": "“03/04/2099” can be read in two ways."}),
        ({"kind": "", "number": "1"}, {"kind": "Choose what certificate 1 is."}),
    ],
)
def test_certificates_are_judged(parts, said):
    found = form(certificate(**parts), slots=("cv", "certificate-3"), about=ABOUT["company"]).errors

    assert list(found) == [f"certificate-3-{part}" for part in said]
    assert all(text in found[f"certificate-3-{part}"][0] for part, text in said.items())


def test_certificate_of_which_only_the_number_is_typed_is_kept_and_asked_about():
    judged = form(certificate(kind="", number="TP/1"))

    assert set(judged.errors) == {"certificate-3-kind", "certificate-3"}
    assert judged.typed()["certificate-3-number"] == ["TP/1"]
    assert judged.typed()["certificates"] == ["3"]


def test_certificate_needs_its_file():
    assert form(certificate(kind="sworn")).errors == {"certificate-3": ["Choose the file for certificate 1."]}


@pytest.mark.parametrize(("kind", "offered"), [("freelancer", False), ("company", True)])
def test_insurance_is_asked_of_companies(kind, offered):
    page = str(form(certificate(kind="sworn"), about=ABOUT[kind])["certificate-3-kind"])

    assert ("Professional indemnity insurance" in page) == offered


def test_certificate_renewed_after_approval_is_not_out_of_date():
    judged = form(certificate(kind="membership", expires_on="3 March 2020"), slots=("cv", "certificate-3"))
    judged.documents["certificate-3"].expires_on = dt.date(2099, 1, 1)

    assert judged.is_valid(), judged.errors
    assert judged.answer()["certificates"][0]["expires_on"] == "2099-01-01"


def test_certificate_is_added_kept_and_removed_with_its_file(as_vendor):
    typed = NOTHING | {"cv": file("cv.pdf")}
    added = save(as_vendor, typed, another="certificate")
    assert added.url == f"{answers.url('qualifications')}#id_qualifications-certificate-1-kind"
    one = NOTHING | {"certificates": "1", "certificate-1-kind": "sworn", "certificate-1-number": "TP/1"}

    save(as_vendor, one | {"certificate-1": file("scan.png")}, another="certificate")
    assert stored("certificates") == ["1 2"]
    saved = save(as_vendor, one | {"certificates": "1 2", "certificate-2-kind": ""})

    assert saved.status_code == 302
    assert stored("certificates") == ["1"]
    assert set(documents.current_documents(Vendor.objects.get())) == {"cv", "certificate-1"}
    save(as_vendor, one | {"certificate-1-remove": "on"})
    assert set(documents.current_documents(Vendor.objects.get())) == {"cv"}


def test_submission_and_approval_carry_the_certificate(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")
    paper = {"certificates": "1", "certificate-1-kind": "membership", "certificate-1-expires_on": "12/2099"}
    assert save(as_vendor, answers.QUALIFICATIONS | paper | {"certificate-1": file("scan.png")}).status_code == 302
    answers.save(as_vendor, "payment", answers.PAYMENT)
    answers.save(as_vendor, "agreements", answers.agreed())
    answers.send(as_vendor)

    review.approve(Submission.objects.get(), by=None)

    membership = Document.objects.get(slot="certificate-1")
    assert (membership.certificate, membership.expires_on) == ("membership", dt.date(2099, 12, 31))
    assert membership.approved_at is not None
    page = as_vendor.get("/profile/").text
    assert "Membership of an association" in page
    assert "31 December 2099" in page


# Each refusal of a file, with real bytes


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\x00" * (UNPACKED_LIMIT + 1))
    return packed.getvalue()


def page_in_a_pdf() -> bytes:
    return (FILES / "cv.pdf").read_bytes().replace(b"\n", b"\n%<script>alert(1)</script>\n", 1)


def archive_in_a_picture() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("run.exe", b"MZ")
    return (FILES / "photo.jpg").read_bytes() + packed.getvalue()


def huge_picture() -> bytes:
    content = bytearray((FILES / "scan.png").read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def real(name: str) -> bytes:
    return (FILES / name).read_bytes()


REFUSED = {
    "empty": ("cv.pdf", b"", "is empty"),
    "too big": ("cv.pdf", b"%PDF-" + b"x" * inspection.FILE_LIMIT, "is 10.0 MB. It must be smaller than 10 MB"),
    "wrong kind": ("cv.txt", b"My life", "isn't a type of file we can read here"),
    "old Word": ("cv.doc", real("old.doc"), "is an old-style Word file (.doc). Save it as .docx"),
    "iPhone": (
        "IMG_0001.HEIC",
        real("iphone.heic"),
        "go to Settings, then Camera, then Formats, choose Most Compatible",
    ),
    "encrypted PDF": ("cv.pdf", real("password.pdf"), "is protected with a password"),
    "encrypted Word": ("cv.docx", real("password.docx"), "is protected with a password"),
    "truncated PDF": ("cv.pdf", real("cv.pdf")[:-20], "can't be read"),
    "truncated PNG": ("cv.png", real("scan.png")[:-30], "can't be read"),
    "damaged PNG": ("cv.png", real("scan.png").replace(b"IDAT", b"IDAX"), "can't be read"),
    "truncated JPEG": ("cv.jpg", real("photo.jpg")[:-20], "can't be read"),
    "truncated Word": ("cv.docx", real("cv.docx")[:-20], "can't be read"),
    "zip bomb": ("cv.docx", bomb(), "is too big once it is unpacked"),
    "pixel bomb": ("cv.png", huge_picture(), "60000 × 60000"),
    "web page in a PDF": ("cv.pdf", page_in_a_pdf(), "contains a program"),
    "archive in a picture": ("cv.jpg", archive_in_a_picture(), "contains a program"),
    "script in a PDF": ("cv.pdf", real("cv.pdf").replace(b"%%EOF", b"/J#61vaScript %%EOF"), "contains a program"),
    "another ending": ("cv.pdf.exe", real("cv.pdf"), "ending in .exe, but is really a PDF file"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_file_is_told_why_and_nothing_typed_is_lost(as_vendor, why):
    name, content, said = REFUSED[why]

    page = save(as_vendor, answers.QUALIFICATIONS | {"cv": SimpleUploadedFile(name, content)})

    (message,) = page.context["form"].errors["cv"]
    assert f"“{name}”" in message
    assert said in message
    assert f"<title>Error: {page.context['step'].title}" in page.text
    assert 'value="Uniwersytet Warszawski"' in page.text
    assert stored("institution") == ["Uniwersytet Warszawski"]
    assert not Document.objects.exists()


@pytest.mark.parametrize("name", ["cv.pdf", "cv.docx", "photo.jpg", "scan.png"])
def test_real_files_are_taken(as_vendor, name):
    assert save(as_vendor, answers.QUALIFICATIONS | {"cv": file(name)}).status_code == 302
    assert Document.objects.get().name == name


def test_too_many_files_are_refused_with_a_sentence(as_vendor, vendor):
    for number in range(documents.FILES_AT_MOST):
        sent = answers.pdf("cv.pdf", answers.PDF + str(number).encode() + b"%%EOF")
        documents.store(vendor, slot="cv", upload=sent, content_type=inspection.PDF)

    page = save(as_vendor, answers.QUALIFICATIONS | {"cv": file("cv.pdf")})

    assert page.context["form"].errors["cv"] == [
        "“cv.pdf” wasn't saved: you have sent 60 files, which is the most we can keep for now. Try again tomorrow."
    ]
    assert Document.objects.count() == documents.FILES_AT_MOST


def test_file_that_was_not_accepted_shows_why_and_is_asked_for_again(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="payment")
    documents.refuse(Document.objects.get(), by=create_staff(), reason="It is somebody else's CV.")

    page = save(as_vendor, answers.QUALIFICATIONS)

    assert "Vendor Management couldn&#x27;t accept “My CV.pdf”: It is somebody else&#x27;s CV." in page.text
    assert as_vendor.get("/onboarding/").context["steps"][5]["state"] == "problem"
    assert save(as_vendor, answers.QUALIFICATIONS | {"cv": file("cv.pdf")}).status_code == 302


# Speed and size


def test_saving_takes_the_same_statements_whatever_the_page_holds(as_vendor, django_assert_num_queries):
    answers.fill_in(as_vendor, up_to="payment")
    rows = {
        f"work-{number}-{part}": value
        for number in range(8)
        for part, value in {"since": "2012", "until": "2013", "share": "50", "kind": "both", "pairs": ["de.pl"]}.items()
    }
    papers = {"certificates": " ".join(map(str, range(1, 7)))}
    for number in range(1, 7):
        papers |= {f"certificate-{number}-kind": "sworn", f"certificate-{number}-number": str(number)}
        papers[f"certificate-{number}"] = answers.pdf(f"{number}.pdf", answers.PDF + str(number).encode() + b"%%EOF")
    full = answers.QUALIFICATIONS | {"work": "8"} | rows
    assert save(as_vendor, full | papers).status_code == 302

    papers = {name: value for name, value in papers.items() if isinstance(value, str)}
    for typed in (answers.QUALIFICATIONS | papers, full | papers):
        revision = answers.revision_shown(as_vendor.get(answers.url("qualifications")))
        with django_assert_num_queries(9):
            as_vendor.post(answers.url("qualifications"), answers.body("qualifications", typed, revision=revision))


@pytest.mark.parametrize("pairs", [1, 5, 6, 50])
def test_fullest_page_is_under_60_kb(as_vendor, pairs):
    answers.fill_in(as_vendor, up_to="qualifications", languages=answers.languages_of(pairs))
    rows = {f"work-{number}-since": "2012" for number in range(8)}
    papers = {"certificates": " ".join(map(str, range(1, 7)))}
    papers |= {f"certificate-{number}-kind": "sworn" for number in range(1, 7)}
    save(as_vendor, answers.QUALIFICATIONS | {"work": "8"} | rows | papers, exit="yes")

    page = as_vendor.get(answers.url("qualifications"))

    assert len(page.context["form"].periods) == 8
    assert len(page.content) < 60_000


# Any input at all

TEXTS = st.text(max_size=30)
NAMES = [*answers.QUALIFICATIONS, "certificate-1-kind", "certificate-1-expires_on", "work-0-pairs"]


@given(st.fixed_dictionaries({name: TEXTS for name in NAMES}), st.sampled_from(["", "period", "certificate", "route"]))
def test_any_qualifications_are_judged_without_an_exception(typed, another):
    judged = form(typed | {"another": another, "certificates": "1"}, languages=TWO_PAIRS)

    judged.is_valid()
    kept = judged.typed(another_row=True)
    assert judged.last_row_id(kept)
    assert judged.findings == []

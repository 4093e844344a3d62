"""Who is, or was, qualified: on that day's evidence, also for what has been revoked or replaced since."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from identity import roles
from identity.models import protected_rows
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.evidence.profile import offers, profile
from tests.vendors.stored_documents import in_days, store
from tests.vendors.verified import verify
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.evidence import exceptions, report, verification
from vendors.evidence.report import Question
from vendors.models import Document, IsoException, QualificationExport, Vendor, VendorState, Verification

pytestmark = pytest.mark.django_db

HISTORIES = ["Vendor", "Profile", "LanguagePair", "Qualification", "CompanyDetails", "Document"]
URL = "/admin/vendors/vendor/qualified/"


def earlier(days: int) -> None:
    """Everything so far happened some days earlier than now."""
    shift = dt.timedelta(days=days)
    with protected_rows.lifted():
        for name in HISTORIES:
            history = apps.get_model("vendors", f"{name}History")
            for row in history.objects.all():
                history.objects.filter(pk=row.pk).update(pgh_created_at=row.pgh_created_at - shift)
        for row in Verification.objects.all():
            revoked = row.revoked_at - shift if row.revoked_at else None
            Verification.objects.filter(pk=row.pk).update(at=row.at - shift, revoked_at=revoked)
        for exception in IsoException.objects.all():
            IsoException.objects.filter(pk=exception.pk).update(granted_at=exception.granted_at - shift)


def asked(day: int = 0, **changed: Any) -> list[report.Line]:
    values = {"source": "de", "target": "pl", "service": "translation", "day": in_days(day)}
    return report.answer(Question(**values | changed)).lines


def states(day: int = 0, **changed: Any) -> list[str]:
    return [line.standing.value for line in asked(day, **changed)]


def test_it_answers_on_the_evidence_of_that_day(lucja, vera):
    earlier(30)
    verify(lucja, "degree", by=vera)
    earlier(10)
    verification.revoke(Verification.objects.get(), by=vera, why="It was somebody else's.")
    earlier(5)
    documents.refuse(Document.objects.get(slot="degree"), by=vera, reason="It was somebody else's.")
    profile(lucja, degrees=[], experience=[])

    # From now backwards: 45 days ago approved, 15 days ago verified, 5 days ago revoked, refused and replaced today.
    assert states(0) == ["none"]
    assert states(-1) == ["documented"]
    assert states(-5) == ["documented"]
    assert states(-6) == ["verified"]
    assert states(-15) == ["verified"]
    assert states(-16) == ["documented"]
    assert states(-45) == ["documented"]
    assert states(-46) == []
    [then] = asked(-10)
    assert then.verified == [
        f"degree in translation or languages: vera.vm@sandberg.example, {verified_on()}. Saw the original."
    ]


def verified_on() -> str:
    at = timezone.localtime(Verification.objects.get().at)
    return f"{at.day} {at:%B %Y}"


def test_documents_have_to_be_valid_that_day(lucja, vera):
    entry = {"sworn_authority": "Ministry", "sworn_number": "TP/1", "sworn_until": in_days(-10)}
    profile(lucja, pairs=[offers("sworn_translation")], **entry)
    verify(lucja, "register", by=vera)
    earlier(30)

    assert states(-10, service="sworn_translation") == ["verified"]
    assert states(-9, service="sworn_translation") == ["none"]


def test_only_who_was_approved_that_day_and_offered_it(lucja):
    earlier(30)
    lifecycle.suspend(lucja)
    earlier(10)
    lifecycle.reinstate(Vendor.objects.get(pk=lucja.pk))
    profile(lucja, pairs=[offers("translation", source="fr")])

    assert states(-20) == ["documented"]
    assert states(-5) == []
    assert states(0) == []
    assert states(0, source="fr") == ["documented"]


def test_exceptions_of_that_day_are_told_apart(vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    profile(vendor, degrees=[], experience=[])
    exceptions.grant(
        vendor, source="de", target="pl", service="translation", reason="The only one.", until=in_days(5), by=vera
    )
    earlier(10)
    exceptions.withdraw(IsoException.objects.get(), reason="Not needed.", by=vera)

    then, now = asked(-10), asked(0)

    assert (then[0].standing.value, then[0].exception) == ("none", IsoException.objects.get())
    assert (now[0].standing.value, now[0].exception) == ("none", None)
    assert asked(-11) == []


def test_reviser_is_asked_about_by_subject(lucja, vera):
    profile(lucja, pairs=[offers("revision", "translation")], specialisms=["legal", "medical"])
    for kind in ("degree", "experience"):
        verify(lucja, kind, by=vera)

    assert states(service="revision", specialism="legal") == ["verified"]
    assert states(service="revision", specialism="medical") == ["none"]
    assert states(service="revision", specialism="patents") == []
    assert states(service="revision") == ["verified"]
    assert [line.subject for line in asked(specialism="legal")] == ["experience in this subject: verified"]
    assert [line.subject for line in asked(specialism="medical")] == ["no experience given in this subject"]
    assert asked(specialism="patents") == []


def test_language_without_a_country_means_all_of_its_varieties(lucja):
    profile(lucja, pairs=[offers("translation", source="de-AT"), offers("translation", source="fr")])

    assert [line.pair for line in asked()] == ["German (Austria) → Polish"]
    assert asked(source="de-CH") == []


# The page


def test_page_says_on_what_ground_and_verified_by_whom(lucja, as_vera, vera):
    verify(lucja, "degree", by=vera)

    page = as_vera.get(URL, {"source": "de", "target": "pl", "service": "translation", "specialism": "legal"}).text

    assert "German → Polish, Translation, Law and contracts" in page
    assert "Degree in translation, linguistics or languages" in page
    assert "vera.vm@sandberg.example" in page
    assert "Verified (1)" in page
    assert "Claimed only (0)" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": ""}, "Choose the language to translate from."),
        ({"target": "de"}, "Choose two different languages."),
        ({"service": "interpreting"}, "Choose one from the list."),
        ({"day": f"{in_days(1):%d.%m.%Y}"}, "Choose today or a day in the past"),
        ({"day": "long ago"}, "long ago"),
    ],
)
def test_question_that_cannot_be_answered_is_explained(as_vera, changed, said):
    page = as_vera.get(URL, {"source": "de", "target": "pl", "service": "translation", **changed})

    assert page.status_code == 200
    assert said in page.text
    assert "answer" not in page.context


def test_it_takes_as_many_statements_for_ten_as_for_one(lucja, as_vera, django_assert_num_queries):
    question = {"source": "de", "target": "pl", "service": "translation"}
    as_vera.get(URL, question)
    with django_assert_num_queries(14):
        as_vera.get(URL, question)
    for number in range(9):
        vendor = create_vendor(state=VendorState.APPROVED, primary_email=f"v{number}@example.com")
        store(vendor, "degree")
        profile(vendor)

    with django_assert_num_queries(14):
        assert len(as_vera.get(URL, question).context["answer"].lines) == 10


def test_what_is_capped_says_so_and_the_export_has_all(as_vera, monkeypatch):
    monkeypatch.setattr(report, "SHOWN_AT_MOST", 2)
    monkeypatch.setattr(report, "AT_ONCE", 2)
    for number in range(3):
        profile(create_vendor(state=VendorState.APPROVED, primary_email=f"v{number}@example.com"))

    page = as_vera.get(URL, {"source": "de", "target": "pl", "service": "translation"})

    assert "Only the first 2 vendors who offer this were checked" in page.text
    assert len(rows(export(as_vera))) == 4


# The file


def export(client: Any, **changed: str) -> Any:
    values = {"source": "de", "target": "pl", "service": "translation", "specialism": "", "day": ""}
    return client.post(f"{URL}export/", values | {"export-reason": "Audit 2027"} | changed)


def rows(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_export_is_recorded_and_safe_for_programs_for_tables(lucja, as_vera, vera):
    Vendor.objects.filter(pk=lucja.pk).update(name="=cmd|'/C calc'!A0")
    verify(lucja, "degree", by=vera, note="-1+1")

    response = export(as_vera)

    head, row = rows(response)
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in response.headers["Content-Disposition"]
    assert row[0] == "'=cmd|'/C calc'!A0"
    assert row[head.index("Status")] == "verified"
    assert row[head.index("Assessed against")] == "ISO 17100"
    assert "vera.vm@sandberg.example" in row[head.index("Verified by")]
    kept = QualificationExport.objects.get()
    assert (kept.by, kept.source, kept.service, kept.day, kept.reason) == (
        vera,
        "de",
        "translation",
        in_days(0),
        "Audit 2027",
    )
    assert "Audit 2027" in as_vera.get(URL).text


def test_export_without_a_reason_is_refused(lucja, as_vera):
    refused = export(as_vera, **{"export-reason": " "})

    assert refused.status_code == 200
    assert "Say what the export is for." in refused.text
    assert refused.context["answer"].lines
    assert not QualificationExport.objects.exists()
    assert as_vera.get(f"{URL}export/").status_code == 405


@pytest.mark.parametrize("role", list(roles.PERMISSIONS))
def test_every_role_that_sees_qualifications_sees_the_report(lucja, role):
    expected = 403 if role == roles.PROJECT_MANAGER else 200

    assert signed_in(create_staff(role=role)).get(URL).status_code == expected


def test_vendors_have_no_place_there(lucja):
    assert signed_in(lucja.user).get(URL).status_code in (302, 403)

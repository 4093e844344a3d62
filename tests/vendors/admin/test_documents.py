"""Papers after they were sent: judged, in force, ending, replaced."""

import pytest

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events, jobs
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profiles import approved, pair
from tests.vendors.stored_documents import in_days, in_force, store
from tests.vendors.verified import judged
from vendors import tasks
from vendors.documents import lifecycle as documents
from vendors.models import Document, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

GIVEN = {"subject": "translation", "title": "MA", "institution": "Poznań", "country": "PL", "year": 2010}


# Judging


def test_vendor_reads_why_a_paper_is_not_accepted(as_vera, mailoutbox):
    paper = in_force()

    as_vera.post(f"/admin/vendors/document/{paper.pk}/refuse/", {"refuse-verdict": "The second page is missing."})

    tasks.mail_document_refused(**jobs("vendors.tasks.mail_document_refused")[0])
    [mail] = mailoutbox
    assert mail.to == ["lucja@example.com"]
    assert "The second page is missing." in mail.body
    assert f"/documents/{paper.pk}/replace/" in mail.body
    assert "The second page is missing." in signed_in(paper.vendor.user).get("/profile/").text
    event = paper.vendor.events.get(kind="document_refused")
    assert "page" not in f"{event.reason}{event.data}"


def test_verdict_needs_words(as_vera):
    paper = in_force()

    page = as_vera.post(f"/admin/vendors/document/{paper.pk}/refuse/", {"refuse-verdict": " "})

    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.text
    paper.refresh_from_db()
    assert paper.state == "sent"


def test_domain_refuses_a_verdict_without_words(vera):
    with pytest.raises(documents.VerdictMissing):
        documents.refuse(in_force(), by=vera, reason="\n")


def test_paper_that_was_replaced_is_not_judged(vera):
    paper = store(create_vendor(state=VendorState.ONBOARDING))
    store(paper.vendor, content=PDF_BYTES + b"%%EOF")

    with pytest.raises(documents.NotCurrent):
        documents.refuse(paper, by=vera, reason="Looked at it.")

    assert "document_refused" not in events(paper.vendor)


@pytest.mark.parametrize(
    ("role", "may_look", "may_judge"),
    [
        (roles.VENDOR_MANAGER, True, True),
        (roles.ADMINISTRATOR, True, True),
        (roles.FINANCE, True, False),
        (roles.AUDITOR, True, False),
        (roles.OPERATIONS, False, False),
    ],
)
def test_role_decides_who_looks_and_who_judges(role, may_look, may_judge):
    paper = in_force()
    client = signed_in(create_staff(role=role))

    for path in ("/admin/vendors/document/", f"/admin/vendors/document/{paper.pk}/change/"):
        assert client.get(path).status_code == (200 if may_look else 403)
    judged = client.post(f"/admin/vendors/document/{paper.pk}/refuse/", {"refuse-verdict": "I know."})
    assert judged.status_code == (302 if may_judge else 403)
    paper.refresh_from_db()
    assert (paper.state == "refused") == may_judge


def test_vendor_has_no_place_in_the_admin():
    paper = in_force()

    assert signed_in(paper.vendor.user).get(f"/admin/vendors/document/{paper.pk}/change/").status_code in (302, 403)


# VM's lists


def test_list_takes_a_constant_number_of_statements(as_vera, django_assert_num_queries):
    for _number in range(3):
        in_force(ends=in_days(3), vendor=create_vendor(state=VendorState.APPROVED))

    with django_assert_num_queries(5):
        as_vera.get("/admin/vendors/document/")


def test_vendors_page_shows_who_is_qualified_on_what(as_vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    cv = store(vendor, "cv")
    qualification = approved_profile.ApprovedQualification(
        route="experience",
        experience=[{"since": "2012-01", "until": "2018-12", "share": 100, "kind": "both", "pairs": ["de.pl"]}],
    )
    given = approved(qualification=qualification, documents=[approved_profile.ApprovedDocument(id=cv.pk)])
    approved_profile.adopt(vendor, given)

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text

    assert "<td>German → Polish</td>" in page
    assert "7 years of full-time translation work" in page
    assert "another 5 years of full-time translation work (0 months of five years so far), or a degree" in page


@pytest.mark.parametrize(
    ("state", "ends", "missing"), [("refused", None, 1), ("sent", in_days(-1), 1), ("sent", None, 0)]
)
def test_paper_that_is_refused_or_over_proves_nothing(state, ends, missing):
    degree = approved_profile.ApprovedQualification(route="translation_degree", degrees=[GIVEN])
    vendor = create_vendor(state=VendorState.APPROVED)
    papers = [approved_profile.ApprovedDocument(id=store(vendor, "cv").pk)]
    copy = store(vendor, "degree")
    papers.append(approved_profile.ApprovedDocument(id=copy.pk))
    approved_profile.adopt(vendor, approved(qualification=degree, documents=papers, pairs=[pair("de", "pl", "1")]))
    Document.objects.filter(pk=copy.pk).update(state=state, expires_on=ends)

    (finding,) = judged(vendor)

    assert len(finding.missing) == missing

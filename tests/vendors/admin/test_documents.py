"""Papers after they were sent: judged, in force, ending, replaced."""

from typing import Any

import pytest

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events, jobs
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profiles import approved, pair
from tests.vendors.stored_documents import in_days, in_force, store
from vendors import tasks
from vendors.documents import lifecycle as documents
from vendors.models import Document, Vendor, VendorState
from vendors.profile import approved_profile
from vendors.qualifications import wording

pytestmark = pytest.mark.django_db


# Judging


def test_vm_verifies_with_how_it_is_known(vera, as_vera):
    paper = in_force()

    response = as_vera.post(f"/admin/vendors/document/{paper.pk}/verify/", {"verify-verdict": "Called the office."})

    assert response.url == f"/admin/vendors/document/{paper.pk}/change/"
    paper.refresh_from_db()
    assert (paper.state, paper.judged_by, paper.verdict) == ("verified", vera, "Called the office.")
    assert paper.judged_at is not None
    event = paper.vendor.events.get(kind="document_verified")
    assert (event.by, event.reason, event.data) == (vera, "", {"document": str(paper.pk), "kind": "membership"})


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


@pytest.mark.parametrize("name", ["verify", "refuse"])
def test_verdict_needs_words(as_vera, name):
    paper = in_force()

    page = as_vera.post(f"/admin/vendors/document/{paper.pk}/{name}/", {f"{name}-verdict": " "})

    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.text
    paper.refresh_from_db()
    assert paper.state == "sent"


@pytest.mark.parametrize("judge", [documents.verify, documents.refuse])
def test_domain_refuses_a_verdict_without_words(vera, judge):
    with pytest.raises(documents.VerdictMissing):
        judge(in_force(), **{"by": vera, "how" if judge is documents.verify else "reason": "\n"})


def test_paper_that_was_replaced_is_not_judged(vera):
    paper = store(create_vendor(state=VendorState.ONBOARDING))
    store(paper.vendor, content=PDF_BYTES + b"%%EOF")

    with pytest.raises(documents.NotCurrent):
        documents.verify(paper, by=vera, how="Looked at it.")

    assert "document_verified" not in events(paper.vendor)


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
    judged = client.post(f"/admin/vendors/document/{paper.pk}/verify/", {"verify-verdict": "I know."})
    assert judged.status_code == (302 if may_judge else 403)
    paper.refresh_from_db()
    assert (paper.state == "verified") == may_judge


def test_vendor_has_no_place_in_the_admin():
    paper = in_force()

    assert signed_in(paper.vendor.user).get(f"/admin/vendors/document/{paper.pk}/change/").status_code in (302, 403)


# VM's lists


def listed(client: Any, work: str) -> list[str]:
    return [
        document.name for document in client.get("/admin/vendors/document/", {"work": work}).context["cl"].result_list
    ]


def test_queue_of_what_ends_has_the_soonest_first(as_vera):
    for name, ends in [("later", in_days(61)), ("soon", in_days(60)), ("over", in_days(-1)), ("never", None)]:
        paper = in_force(ends=ends, vendor=create_vendor(state=VendorState.APPROVED))
        Document.objects.filter(pk=paper.pk).update(name=name)

    assert listed(as_vera, "expiring") == ["over", "soon"]


def test_queue_of_what_is_to_be_verified_leaves_out_cvs_and_what_was_judged(as_vera, vera):
    first, second = (in_force(vendor=create_vendor(state=VendorState.APPROVED)) for _number in range(2))
    in_force(slot="cv", vendor=create_vendor(state=VendorState.APPROVED))
    store(create_vendor(state=VendorState.ONBOARDING))
    documents.verify(second, by=vera, how="I know.")

    assert list(Document.objects.to_verify()) == [first]
    assert len(listed(as_vera, "verify")) == 1
    assert len(listed(as_vera, "")) == 3


def test_list_takes_a_constant_number_of_statements(as_vera, django_assert_num_queries):
    for _number in range(3):
        in_force(ends=in_days(3), vendor=create_vendor(state=VendorState.APPROVED))

    with django_assert_num_queries(5):
        as_vera.get("/admin/vendors/document/", {"work": "expiring"})


def test_first_page_counts_both_queues(as_vera):
    in_force(ends=in_days(3))

    page = as_vera.get("/admin/").text

    assert "/admin/vendors/document/?work=verify" in page
    assert "/admin/vendors/document/?work=expiring" in page


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
    degree = approved_profile.ApprovedQualification(route="translation_degree", degrees=[{"subject": "translation"}])
    vendor = create_vendor(state=VendorState.APPROVED)
    papers = [approved_profile.ApprovedDocument(id=store(vendor, "cv").pk)]
    copy = store(vendor, "degree")
    papers.append(approved_profile.ApprovedDocument(id=copy.pk))
    approved_profile.adopt(vendor, approved(qualification=degree, documents=papers, pairs=[pair("de", "pl", "1")]))
    Document.objects.filter(pk=copy.pk).update(state=state, expires_on=ends)

    (finding,) = wording.of_vendor(Vendor.objects.get(pk=vendor.pk), today=in_days(0))

    assert len(finding.missing) == missing

"""Papers after they were sent: judged, in force, ending, replaced."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events, jobs
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profile.test_approved_profile import approved, pair
from vendors import tasks
from vendors.documents import expiry
from vendors.documents import lifecycle as documents
from vendors.documents.inspection import PDF
from vendors.models import Document, Vendor, VendorState
from vendors.profile import approved_profile
from vendors.qualifications import wording

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
EXPIRING = "vendors.tasks.mail_document_expiring"
YEAR = dt.timedelta(days=365)


def upload(name: str = "paper.pdf", content: bytes = PDF_BYTES) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=PDF)


def store(vendor: Vendor, slot: str = "certificate-1", content: bytes = PDF_BYTES) -> Document:
    return documents.store(vendor, slot=slot, upload=upload(content=content), content_type=PDF)


def in_force(*, ends: dt.date | None = None, slot: str = "certificate-1", vendor: Vendor | None = None) -> Document:
    vendor = vendor or create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com")
    paper = store(vendor, slot)
    kind = "membership" if slot.startswith("certificate") else ""
    given = approved_profile.ApprovedDocument(id=paper.pk, certificate=kind, number="A 1", expires_on=ends)
    approved_profile.adopt(vendor, approved(documents=[given]))
    paper.refresh_from_db()
    return paper


def in_days(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


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
    assert "Please fill in:" in page.text
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

    with django_assert_num_queries(4):
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
    assert "7 years of translating full time" in page
    assert "5 years more of translating full time (0 months of five years), or a degree" in page


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

    (finding,) = wording.of_vendor(Vendor.objects.get(pk=vendor.pk), today=TODAY)

    assert len(finding.missing) == missing


# Reminders


def test_vendor_is_reminded_three_times(mailoutbox):
    paper = in_force(ends=TODAY + YEAR)

    told = []
    for days_before in range(90, -3, -1):
        if expiry.remind(today=paper.expires_on - dt.timedelta(days=days_before)):
            told.append(days_before)
        assert expiry.remind(today=paper.expires_on - dt.timedelta(days=days_before)) == 0

    assert told == [60, 30, 7]
    assert [job["days"] for job in jobs(EXPIRING)] == [60, 30, 7]
    for job in jobs(EXPIRING):
        tasks.mail_document_expiring(**job)
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == 3
    assert f"{paper.expires_on:%-d %B %Y}" in mailoutbox[0].subject
    assert f"/documents/{paper.pk}/replace/" in mailoutbox[0].body


@pytest.mark.parametrize(("days", "told"), [(40, 60), (20, 30), (5, 7), (0, 7)])
def test_reminders_that_were_missed_come_as_one(days, told):
    in_force(ends=in_days(days))

    assert expiry.remind() == 1
    assert [job["days"] for job in jobs(EXPIRING)] == [told]


@pytest.mark.parametrize("state", [VendorState.ENDED, VendorState.SUSPENDED])
def test_who_does_not_get_in_is_not_reminded(state):
    Vendor.objects.filter(pk=in_force(ends=in_days(5)).vendor_id).update(state=state)

    assert expiry.remind() == 0


def test_what_is_over_or_not_in_force_is_not_reminded_of():
    in_force(ends=in_days(-1))
    loose = store(create_vendor(state=VendorState.APPROVED))
    Document.objects.filter(pk=loose.pk).update(expires_on=in_days(5))

    assert expiry.remind() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once():
    in_force(ends=in_days(5))
    barrier = threading.Barrier(2)

    def run() -> None:
        try:
            barrier.wait()
            expiry.remind()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(jobs(EXPIRING)) == 1


def test_mail_is_not_sent_for_a_paper_that_was_replaced(mailoutbox):
    paper = in_force(ends=in_days(5))
    expiry.remind()
    documents.replace(paper, upload=upload(content=PDF_BYTES * 2), number="", expires_on=in_days(400))

    tasks.mail_document_expiring(**jobs(EXPIRING)[0])

    assert mailoutbox == []


# Replacing


def replace(client: Any, paper: Document, **given: Any) -> Any:
    new = {"file": upload("new.pdf", PDF_BYTES * 2), "number": "A 2", "expires_on": f"31.12.{TODAY.year + 2}"}
    return client.post(f"/documents/{paper.pk}/replace/", {**new, **given})


def test_newer_paper_is_in_force_at_once_and_waits_to_be_verified(vera):
    paper = in_force(ends=in_days(5))
    documents.verify(paper, by=vera, how="I know.")
    expiry.remind()

    response = replace(signed_in(paper.vendor.user), paper)

    assert response.url == "/profile/"
    new = Document.objects.in_force().get()
    assert (new.name, new.number, new.certificate, new.state) == ("new.pdf", "A 2", "membership", "sent")
    assert new.expires_on == dt.date(TODAY.year + 2, 12, 31)
    assert list(Document.objects.to_verify()) == [new]
    assert events(paper.vendor)[-1] == "document_replaced"
    assert expiry.remind() == 0
    assert documents.sweep(now=timezone.now() + dt.timedelta(days=2)) == 1
    assert list(Document.objects.all()) == [new]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"file": ""}, "file", "Please choose the new file."),
        ({"file": upload("x.txt", b"text")}, "file", "is not of a kind we can read here"),
        ({"file": upload()}, "file", "is the file that we have already"),
        ({"expires_on": ""}, "expires_on", "Please say until when it is valid."),
        ({"expires_on": "3 March 2020"}, "expires_on", "This one ended on 3 March 2020."),
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

    assert "We have a newer one already" in page.text


@pytest.mark.parametrize(
    ("state", "target"),
    [(VendorState.CHANGES_REQUESTED, "/onboarding/qualifications/"), (VendorState.SUBMITTED, "/")],
)
def test_before_approval_files_are_chosen_in_the_wizard(state, target):
    vendor = create_vendor(state=state)

    assert signed_in(vendor.user).get(f"/documents/{store(vendor).pk}/replace/").url == target


# What the profile rests on


def test_file_of_the_profile_stays_until_the_profile_rests_on_another():
    old = in_force(slot="cv")
    new = store(old.vendor, "cv", PDF_BYTES * 2)

    documents.sweep(now=timezone.now() + dt.timedelta(days=2))
    assert list(Document.objects.in_force()) == [old]
    assert signed_in(old.vendor.user).get(f"/documents/{old.pk}/").status_code == 200

    approved_profile.adopt(old.vendor, approved(documents=[approved_profile.ApprovedDocument(id=new.pk)]))
    documents.sweep(now=timezone.now() + dt.timedelta(days=2))
    assert list(Document.objects.all()) == [new]


def test_answers_from_before_a_renewal_do_not_undo_it():
    old = in_force(ends=in_days(5))
    new = documents.replace(old, upload=upload(content=PDF_BYTES * 2), number="A 2", expires_on=in_days(400))

    given = approved_profile.ApprovedDocument(id=old.pk, certificate="membership", number="A 1", expires_on=in_days(5))
    approved_profile.adopt(old.vendor, approved(documents=[given]))

    assert list(Document.objects.in_force().values_list("pk", "number")) == [(new.pk, "A 2")]

import datetime as dt
import threading

import pytest
from django.db import connections

from tests.factories import create_vendor
from tests.records import jobs
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.stored_documents import in_days, in_force, store, upload
from vendors import tasks
from vendors.documents import expiry
from vendors.documents import lifecycle as documents
from vendors.models import Document, Vendor, VendorState

pytestmark = pytest.mark.django_db

EXPIRING = "vendors.tasks.mail_document_expiring"
YEAR = dt.timedelta(days=365)


def test_vendor_is_reminded_three_times(mailoutbox):
    paper = in_force(ends=in_days(0) + YEAR)

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
    Document.objects.filter(pk=paper.pk).update(expires_on=paper.expires_on + YEAR)
    tasks.mail_document_expiring(**jobs(EXPIRING)[0])
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == 4, "the date was corrected"
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
